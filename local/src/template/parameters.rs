//! Parameters: their defaults, and the values given for a run, checked as CloudFormation checks them.

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde::Deserialize;
use serde_json::Value;

use super::TemplateError;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Parameter {
    r#type: String,
    #[serde(default)]
    default: Option<Value>,
    #[serde(default)]
    allowed_pattern: Option<String>,
    #[serde(default)]
    allowed_values: Option<Vec<Value>>,
    #[serde(default)]
    min_value: Option<f64>,
    #[serde(default)]
    max_value: Option<f64>,
    #[serde(default, rename = "Description")]
    _description: Option<String>,
}

/// The value of each parameter: text, a number, or a list of texts.
pub(super) fn read(
    section: Option<&yaml_serde::Value>,
    overrides: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Value>, TemplateError> {
    let error = |place: &str, problem: String| TemplateError::new(format!("Parameters.{place}"), problem);
    let parameters: BTreeMap<String, Parameter> = match section {
        Some(section) => yaml_serde::from_value(section.clone()).map_err(|e| error("", e.to_string()))?,
        None => BTreeMap::new(),
    };
    if let Some(unknown) = overrides.keys().find(|name| !parameters.contains_key(*name)) {
        let known: Vec<&str> = parameters.keys().map(String::as_str).collect();
        return Err(error(unknown, format!("is no parameter; accepted: {}", known.join(", "))));
    }
    let mut values = BTreeMap::new();
    for (name, parameter) in parameters {
        let value = match (overrides.get(&name), &parameter.default) {
            (Some(given), _) => given.clone(),
            (None, Some(default)) => text(default),
            (None, None) => return Err(error(&name, "has no default and was not given".to_owned())),
        };
        check(&parameter, &value).map_err(|problem| error(&name, problem))?;
        let value = match parameter.r#type.as_str() {
            "CommaDelimitedList" => value.split(',').map(|part| Value::String(part.trim().to_owned())).collect(),
            "Number" => serde_json::from_str(&value).map_err(|_| error(&name, format!("{value:?} is no number")))?,
            _ => Value::String(value),
        };
        values.insert(name, value);
    }
    Ok(values)
}

fn check(parameter: &Parameter, value: &str) -> Result<(), String> {
    match parameter.r#type.as_str() {
        "String" | "CommaDelimitedList" => {}
        "Number" => {
            let number: f64 = value.parse().map_err(|_| format!("{value:?} is no number"))?;
            if parameter.min_value.is_some_and(|min| number < min)
                || parameter.max_value.is_some_and(|max| number > max)
            {
                return Err(format!("{value} is not within {:?} and {:?}", parameter.min_value, parameter.max_value));
            }
        }
        other => return Err(format!("the type {other} is not known to the local cloud")),
    }
    if let Some(pattern) = &parameter.allowed_pattern {
        let whole = Regex::new(&format!("^(?:{pattern})$")).map_err(|error| error.to_string())?;
        // Of a list, each member is checked by itself.
        let parts: Vec<&str> = match parameter.r#type.as_str() {
            "CommaDelimitedList" => value.split(',').map(str::trim).collect(),
            _ => vec![value],
        };
        if let Some(part) = parts.into_iter().find(|part| !whole.is_match(part)) {
            return Err(format!("{part:?} does not match {pattern}"));
        }
    }
    match &parameter.allowed_values {
        Some(allowed) if !allowed.iter().any(|one| text(one) == value) => {
            let allowed: Vec<String> = allowed.iter().map(text).collect();
            Err(format!("{value:?} is not among {}", allowed.join(", ")))
        }
        _ => Ok(()),
    }
}

/// A parameter's value as CloudFormation shows it.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Array(parts) => parts.iter().map(text).collect::<Vec<_>>().join(","),
        one => text(one),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requesters(given: &str) -> Result<Value, TemplateError> {
        let section = "
Requesters:
  Type: CommaDelimitedList
  Default: ''
  AllowedPattern: ^(arn:\\S+)?$
";
        let section: yaml_serde::Value = yaml_serde::from_str(section).unwrap();
        let overrides = BTreeMap::from([("Requesters".to_owned(), given.to_owned())]);
        read(Some(&section), &overrides).map(|mut values| values.remove("Requesters").unwrap())
    }

    #[test]
    fn each_member_of_a_list_must_match() {
        assert_eq!(requesters("arn:a, arn:b").unwrap(), serde_json::json!(["arn:a", "arn:b"]));
        assert_eq!(requesters("").unwrap(), serde_json::json!([""]));
        let error = requesters("arn:a, *").unwrap_err();
        assert_eq!(error.place, "Parameters.Requesters");
        assert!(error.problem.starts_with("\"*\" does not match"), "{error}");
    }
}
