//! Taking a request apart, member by member, with one clear error for the first thing that is wrong.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Map, Value};
use thiserror::Error;

use super::rules::Rule;
use crate::clock::Time;

/// Why a request is not accepted. The text names the member, what it was and what is accepted.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Invalid(pub String);

impl Invalid {
    /// An error of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// What an instant looks like.
pub(super) const INSTANT: &str = "an instant as RFC 3339, like 2026-11-30T18:00:00Z";

/// The members that are left of a request, and those that were asked for.
#[derive(Debug)]
pub(crate) struct Members {
    left: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Members {
    /// The members of a JSON object; `what` it is, in words.
    ///
    /// # Errors
    /// If it is anything but an object.
    pub(crate) fn of(what: &str, value: Value) -> Result<Self, Invalid> {
        match value {
            Value::Object(left) => Ok(Self { left, known: Vec::new() }),
            other => Err(Invalid(format!("{what} is {}; accepted: a JSON object", kind_of(&other)))),
        }
    }

    /// Takes a text member that keeps `rule`; absent and `null` are the same.
    ///
    /// # Errors
    /// If it is no text, or breaks the rule.
    pub(crate) fn text(&mut self, name: &'static str, rule: &Rule) -> Result<Option<String>, Invalid> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) if rule.holds(&text) => Ok(Some(text)),
            Some(Value::String(text)) => {
                Err(Invalid(format!("`{name}` is {}; accepted: {}", quoted(&text), rule.accepted())))
            }
            Some(other) => Err(Invalid(format!("`{name}` is {}; accepted: {}", kind_of(&other), rule.accepted()))),
        }
    }

    /// Takes a text member that must be there.
    ///
    /// # Errors
    /// If it is absent, no text, or breaks the rule.
    pub(crate) fn required(&mut self, name: &'static str, rule: &Rule) -> Result<String, Invalid> {
        self.text(name, rule)?.ok_or_else(|| Invalid(format!("`{name}` is missing; accepted: {}", rule.accepted())))
    }

    /// Takes a Boolean member.
    ///
    /// # Errors
    /// If it is anything but `true` or `false`.
    pub(super) fn flag(&mut self, name: &'static str, absent: bool) -> Result<bool, Invalid> {
        match self.take(name) {
            None => Ok(absent),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(other) => Err(Invalid(format!("`{name}` is {}; accepted: true or false", kind_of(&other)))),
        }
    }

    /// Takes an instant, written as RFC 3339.
    ///
    /// # Errors
    /// If it is no such text.
    pub(crate) fn time(&mut self, name: &'static str) -> Result<Option<Time>, Invalid> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => DateTime::parse_from_rfc3339(&text)
                .map(|time| Some(time.to_utc()))
                .map_err(|_| Invalid(format!("`{name}` is {}; accepted: {INSTANT}", quoted(&text)))),
            Some(other) => Err(Invalid(format!("`{name}` is {}; accepted: {INSTANT}", kind_of(&other)))),
        }
    }

    /// Takes a service action's parameters: at most 200 names, each with at most 25 values of at most 512 characters.
    /// Values may be secrets, so no error repeats one.
    ///
    /// # Errors
    /// If the shape or a limit is not kept.
    pub(super) fn parameters(
        &mut self,
        name: &'static str,
        rule: &Rule,
    ) -> Result<BTreeMap<String, Vec<String>>, Invalid> {
        let wrong = |what: String| {
            Invalid(format!(
                "`{name}` {what}; accepted: {{name: [values]}}, 1 to 200 names of 1 to 50 characters, each with at most \
                 25 values of at most 512 characters"
            ))
        };
        let given = match self.take(name) {
            None => return Ok(BTreeMap::new()),
            Some(Value::Object(given)) => given,
            Some(other) => return Err(wrong(format!("is {}", kind_of(&other)))),
        };
        if !(1..=200).contains(&given.len()) {
            return Err(wrong(format!("has {} names", given.len())));
        }
        let mut parameters = BTreeMap::new();
        for (key, value) in given {
            let Value::Array(values) = value else {
                return Err(wrong(format!("has {} under {}", kind_of(&value), quoted(&key))));
            };
            if !rule.holds(&key) {
                return Err(wrong(format!("has the name {}", quoted(&key))));
            }
            if values.len() > 25 {
                return Err(wrong(format!("has {} values under {}", values.len(), quoted(&key))));
            }
            let text = |value| match value {
                Value::String(text) => match text.chars().count() {
                    ..=512 => Ok(text),
                    chars => Err(wrong(format!("has a value of {chars} characters under {}", quoted(&key)))),
                },
                other => Err(wrong(format!("has {} among the values under {}", kind_of(&other), quoted(&key)))),
            };
            let texts = values.into_iter().map(text).collect::<Result<_, _>>()?;
            parameters.insert(key, texts);
        }
        Ok(parameters)
    }

    /// Ends the taking apart.
    ///
    /// # Errors
    /// If a member is left that nobody asked for: it is named, with those that are accepted.
    pub(super) fn finish(self) -> Result<(), Invalid> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(unknown) => {
                Err(Invalid(format!("unknown member {}; accepted: {}", quoted(unknown), self.known.join(", "))))
            }
        }
    }

    /// Takes a member that is an object with members of its own.
    ///
    /// # Errors
    /// If it is anything else.
    pub(crate) fn object(&mut self, name: &'static str) -> Result<Self, Invalid> {
        match self.take(name) {
            Some(value) => Self::of(&format!("`{name}`"), value),
            None => Err(Invalid(format!("`{name}` is missing; accepted: a JSON object"))),
        }
    }

    /// Takes a member, whatever it is.
    pub(crate) fn value(&mut self, name: &'static str) -> Option<Value> {
        self.take(name)
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.left.remove(name).filter(|value| !value.is_null())
    }
}

/// A value of a sender in an error message: quoted, escaped, and cut as it is shown. Only ASCII is shown as it is: what looks
/// like a letter may be another one, or turn the line around.
pub(crate) fn quoted(text: &str) -> String {
    const CHARS_MAX: usize = 80;
    let mut shown = String::from('"');
    for c in text.chars() {
        let escaped = if c == '\'' { c.to_string() } else { c.escape_default().to_string() };
        if shown.len() + escaped.len() > CHARS_MAX + 1 {
            return format!("{shown}\"... ({} characters)", text.chars().count());
        }
        shown.push_str(&escaped);
    }
    shown + "\""
}

/// What a value is, in words.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a Boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_s_value_is_shown_as_it_is_and_no_longer_than_a_line() {
        assert_eq!(quoted("it's \"a\""), r#""it's \"a\"""#);
        assert_eq!(quoted("рр-\u{202e}\n"), r#""\u{440}\u{440}-\u{202e}\n""#);
        assert_eq!(quoted(&"a".repeat(80)), format!("\"{}\"", "a".repeat(80)));
        assert_eq!(quoted(&"a".repeat(81)), format!("\"{}\"... (81 characters)", "a".repeat(80)));
        assert_eq!(quoted(&"\u{10ffff}".repeat(9)), format!("\"{}\"... (9 characters)", "\\u{10ffff}".repeat(8)));
    }
}
