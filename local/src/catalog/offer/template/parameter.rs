//! A template's parameters.

use regex_lite::Regex;
use serde_json::{Map, Value, json};

/// A parameter.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::catalog) struct Parameter {
    pub(in crate::catalog) key: String,
    /// None: a value must be given.
    pub(in crate::catalog) default: Option<String>,
    is_no_echo: bool,
    about: Map<String, Value>,
}

/// The constraints of a parameter, as templates and the service name them.
const CONSTRAINTS: [&str; 6] =
    ["AllowedPattern", "ConstraintDescription", "MaxLength", "MinLength", "MaxValue", "MinValue"];

impl Parameter {
    pub(super) fn read(key: &str, value: &Value) -> Result<Self, String> {
        let about = value.as_object().filter(|about| about.get("Type").is_some_and(Value::is_string));
        let about = about.ok_or_else(|| {
            format!("Template format error: Every Parameters object must contain a Type member: {key}")
        })?;
        let default = about.get("Default").map(text);
        let is_no_echo = about.get("NoEcho").is_some_and(|flag| text(flag) == "true");
        Ok(Self { key: key.to_owned(), default, is_no_echo, about: about.clone() })
    }

    /// What is wrong with a value, in the words of `CloudFormation`.
    pub(in crate::catalog) fn fault(&self, value: &str) -> Option<String> {
        let key = &self.key;
        let allowed = self.allowed();
        if !allowed.is_empty() && !allowed.iter().any(|one| one == value) {
            let set = allowed.join(", ");
            return Some(format!("Parameter '{key}' must be one of AllowedValues: [{set}]"));
        }
        let pattern = self.about.get("AllowedPattern").and_then(Value::as_str);
        // A pattern that the matcher here does not know forbids nothing.
        let whole = pattern.and_then(|pattern| Regex::new(&format!("^(?:{pattern})$")).ok());
        if whole.is_some_and(|whole| !whole.is_match(value)) {
            return Some(format!("Parameter '{key}' must match pattern {}", pattern.unwrap_or_default()));
        }
        if self.number_type() && value.parse::<f64>().is_err() {
            return Some(format!("Parameter '{key}' must be a number."));
        }
        let (length, number) = (u32::try_from(value.chars().count()).map_or(f64::MAX, f64::from), value.parse().ok());
        let is_beyond = |name: &str, found: Option<f64>, above: bool| {
            let limit: Option<f64> = self.about.get(name).and_then(|limit| text(limit).parse().ok());
            limit.zip(found).is_some_and(|(limit, found)| if above { found > limit } else { found < limit })
        };
        if is_beyond("MinLength", Some(length), false) {
            return Some(format!(
                "Parameter '{key}' must contain at least {} characters",
                text(&self.about["MinLength"])
            ));
        }
        if is_beyond("MaxLength", Some(length), true) {
            return Some(format!(
                "Parameter '{key}' must contain at most {} characters",
                text(&self.about["MaxLength"])
            ));
        }
        let is_number = self.number_type();
        if is_number && is_beyond("MinValue", number, false) {
            return Some(format!("Parameter '{key}' must be a number not less than {}", text(&self.about["MinValue"])));
        }
        if is_number && is_beyond("MaxValue", number, true) {
            return Some(format!(
                "Parameter '{key}' must be a number not greater than {}",
                text(&self.about["MaxValue"])
            ));
        }
        None
    }

    /// How the service shows it.
    pub(in crate::catalog) fn shown(&self) -> Value {
        let mut constraints = Map::from_iter([("AllowedValues".to_owned(), json!(self.allowed()))]);
        for name in CONSTRAINTS {
            constraints.extend(self.about.get(name).map(|value| (name.to_owned(), json!(text(value)))));
        }
        let mut shown = Map::from_iter([
            ("ParameterKey".to_owned(), json!(self.key)),
            ("ParameterType".to_owned(), self.about.get("Type").cloned().unwrap_or_default()),
            ("IsNoEcho".to_owned(), json!(self.is_no_echo)),
            ("ParameterConstraints".to_owned(), Value::Object(constraints)),
        ]);
        shown.extend(self.default.as_ref().map(|default| ("DefaultValue".to_owned(), json!(default))));
        shown.extend(self.about.get("Description").map(|words| ("Description".to_owned(), words.clone())));
        Value::Object(shown)
    }

    fn number_type(&self) -> bool {
        self.about.get("Type").and_then(Value::as_str) == Some("Number")
    }

    fn allowed(&self) -> Vec<String> {
        self.about.get("AllowedValues").and_then(Value::as_array).into_iter().flatten().map(text).collect()
    }
}

/// A plain value as text: numbers and flags need no quotes in a template.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
