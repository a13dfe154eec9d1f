//! Requests, checked as the service model says, before anything else looks at them.

mod parts;

use std::ops::Range;

use regex_lite::Regex;
use serde_json::{Map, Value};

use crate::api::Answer;

pub(super) use parts::{some, up_to};

/// A refusal: HTTP 400, a code, and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) code: String,
    pub(super) message: String,
}

impl Refused {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }

    pub(super) fn not_found(what: &str, id: &str) -> Self {
        Self::new("ResourceNotFoundException", format!("{what} with id {id} not found"))
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParametersException", message)
    }

    pub(super) fn state(message: impl Into<String>) -> Self {
        Self::new("InvalidStateException", message)
    }

    pub(super) fn answer(&self) -> Answer {
        Answer::error(400, &self.code, &self.message)
    }
}

/// A constraint on a text member: lengths, and a pattern that is matched whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule(pub(super) usize, pub(super) usize, pub(super) &'static str);

impl Rule {
    /// Whether a text keeps to it.
    pub(super) fn is_met(self, text: &str) -> bool {
        let Self(least, most, pattern) = self;
        let whole = Regex::new(&format!("^(?:{pattern})$"));
        (least..=most).contains(&text.chars().count()) && whole.is_ok_and(|whole| whole.is_match(text))
    }
}

/// Identifiers.
pub(super) const ID: Rule = Rule(1, 100, "[a-zA-Z0-9_\\-]*");
/// Tokens.
pub(super) const TOKEN: Rule = Rule(1, 128, "[a-zA-Z0-9][a-zA-Z0-9_-]*");
/// Names of provisioned products.
pub(super) const NAME: Rule = Rule(1, 128, "[a-zA-Z0-9][a-zA-Z0-9._-]*");
/// Names or ARNs of provisioned products.
pub(super) const NAME_OR_ARN: Rule = Rule(
    1,
    1224,
    "[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}|arn:[a-z0-9-\\.]{1,63}:[a-z0-9-\\.]{0,63}:[a-z0-9-\\.]{0,63}:[a-z0-9-\\.]{0,63}:[^/].{0,1023}",
);
/// ARNs.
pub(super) const ARN: Rule =
    Rule(1, 1224, "arn:[a-z0-9-\\.]{1,63}:[a-z0-9-\\.]{0,63}:[a-z0-9-\\.]{0,63}:[a-z0-9-\\.]{0,63}:[^/].{0,1023}");
/// Languages.
pub(super) const LANGUAGE: Rule = Rule(0, 100, "[\\s\\S]*");
/// Tokens of pages.
const PAGE_TOKEN: Rule = Rule(0, 2024, "[\\u0009\\u000a\\u000d\\u0020-\\uD7FF\\uE000-\\uFFFD]*");
/// Texts that are not limited.
pub(super) const TEXT: Rule = Rule(0, usize::MAX, "[\\s\\S]*");

/// The members of a request.
#[derive(Debug)]
pub(super) struct Input(Map<String, Value>);

impl Input {
    pub(super) fn read(body: &[u8]) -> Result<Self, Refused> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(Refused::new("SerializationException", "Start of structure or map found where not expected.")),
            Err(_) => Err(Refused::new("SerializationException", "Could not parse the request body as JSON.")),
        }
    }

    pub(super) fn text(&self, name: &str, rule: Rule) -> Result<Option<String>, Refused> {
        let text = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text,
            Some(other) => return Err(wrong_type(name, other, "a string")),
        };
        let Rule(least, most, pattern) = rule;
        let chars = text.chars().count();
        if chars < least {
            return Err(constraint(name, text, &format!("Member must have length greater than or equal to {least}")));
        }
        if chars > most {
            return Err(constraint(name, text, &format!("Member must have length less than or equal to {most}")));
        }
        let whole = Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|whole| whole.is_match(text));
        if !whole {
            return Err(constraint(name, text, &format!("Member must satisfy regular expression pattern: {pattern}")));
        }
        Ok(Some(text.clone()))
    }

    pub(super) fn required(&self, name: &str, rule: Rule) -> Result<String, Refused> {
        self.text(name, rule)?.ok_or_else(|| missing(name))
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Refused> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(wrong_type(name, other, "a boolean")),
        }
    }

    /// A page's size: `0` and absent mean the most.
    pub(super) fn page_size(&self, most: usize) -> Result<usize, Refused> {
        let given = match self.0.get("PageSize") {
            None | Some(Value::Null) => return Ok(most),
            Some(given) => given,
        };
        if !given.is_i64() && !given.is_u64() {
            return Err(wrong_type("PageSize", given, "an integer"));
        }
        match given.as_u64().map(|size| usize::try_from(size).unwrap_or(usize::MAX)) {
            Some(0) => Ok(most),
            Some(size) if size <= most => Ok(size),
            size => {
                let limit = if size.is_some() {
                    format!("less than or equal to {most}")
                } else {
                    "greater than or equal to 0".to_owned()
                };
                Err(constraint("PageSize", &given.to_string(), &format!("Member must have value {limit}")))
            }
        }
    }

    /// Where a page begins: the token is the number of what was before, as this service writes it.
    pub(super) fn page_start(&self) -> Result<usize, Refused> {
        match self.text("PageToken", PAGE_TOKEN)? {
            None => Ok(0),
            Some(token) => token
                .strip_prefix("page-")
                .and_then(|start| start.parse().ok())
                .ok_or_else(|| Refused::invalid("Invalid page token.")),
        }
    }

    pub(super) fn object(&self, name: &str) -> Result<Option<&Map<String, Value>>, Refused> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(members)) => Ok(Some(members)),
            Some(other) => Err(wrong_type(name, other, "a structure")),
        }
    }

    /// What a call asks for, without its token: to compare a repeated call with.
    pub(super) fn asked(&self, token: &str) -> Value {
        let members =
            self.0.iter().filter(|(name, value)| *name != token && !value.is_null() && **value != Value::Bool(false));
        Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}

/// A page of `items` and, if there are more, the token of the next.
pub(super) fn page<T: Clone>(items: &[T], input: &Input, most: usize) -> Result<(Vec<T>, Option<String>), Refused> {
    let (places, next) = places(items.len(), input, most)?;
    Ok((items.get(places).unwrap_or_default().to_vec(), next))
}

/// Which of `total` items a page shows and, if there are more, the token of the next.
pub(super) fn places(total: usize, input: &Input, most: usize) -> Result<(Range<usize>, Option<String>), Refused> {
    let (size, start) = (input.page_size(most)?, input.page_start()?);
    // Whoever makes a token up may write any number into it.
    let end = start.saturating_add(size).min(total);
    Ok((start..end, (end < total).then(|| format!("page-{end}"))))
}

/// A member that its constraint does not allow.
pub(super) fn constraint(name: &str, value: &str, text: &str) -> Refused {
    let place = lower_first(name);
    Refused::new(
        "ValidationException",
        format!("1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: {text}"),
    )
}

fn missing(name: &str) -> Refused {
    let place = lower_first(name);
    Refused::new(
        "ValidationException",
        format!(
            "1 validation error detected: Value null at '{place}' failed to satisfy constraint: Member must not be null"
        ),
    )
}

/// A member that is something else.
pub(super) fn wrong_type(name: &str, value: &Value, wanted: &str) -> Refused {
    Refused::new("SerializationException", format!("{name}: {value} can not be converted to {wanted}"))
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
