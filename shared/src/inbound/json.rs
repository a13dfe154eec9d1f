//! The JSON of a message, read so that it has one meaning.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::request::{Invalid, REQUEST_BYTES_MAX, quoted};

/// What a message is.
pub(crate) const ACCEPTED: &str = "an event or a request as JSON text";

/// Reads a text; `what` says in an error whose it is.
///
/// # Errors
/// If it is too long, no JSON, deeper than 127 levels, holds what is no character, or gives one member twice: which of the
/// two was meant, nobody can say.
pub fn read(what: &str, text: &str) -> Result<Value, Invalid> {
    if text.len() > REQUEST_BYTES_MAX {
        let bytes = text.len();
        return Err(Invalid::new(format!("{what} is {bytes} bytes long; accepted: at most {REQUEST_BYTES_MAX}")));
    }
    let read = serde_json::from_str(text).map(|Plain(value)| value);
    read.map_err(|error| Invalid::new(format!("{what} {}; accepted: {ACCEPTED}", wrong(text, &error))))
}

/// What is wrong, in the words of somebody who has to mend the sender.
pub(crate) fn wrong(text: &str, error: &serde_json::Error) -> String {
    let words = error.to_string();
    if text.trim().is_empty() {
        "is empty".to_owned()
    } else if text.starts_with('\u{feff}') {
        "begins with a byte order mark".to_owned()
    } else if text.contains('\0') {
        "is no JSON: it holds NUL characters, as UTF-16 does".to_owned()
    } else if words.starts_with("recursion limit") {
        format!("is nested deeper than 127 levels{}", place(error))
    } else if words.contains("hex escape") {
        format!("escapes half a character, a surrogate without the other{}", place(error))
    } else if error.is_data() || words.starts_with("number out of range") {
        format!("cannot be read: {words}")
    } else {
        format!("is no JSON: {words}")
    }
}

fn place(error: &serde_json::Error) -> String {
    format!(" at line {} column {}", error.line(), error.column())
}

/// A value in which no object gives a member twice.
struct Plain(Value);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PlainVisitor).map(Self)
    }
}

struct PlainVisitor;

impl<'de> Visitor<'de> for PlainVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Plain(item)) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Plain(value))) = object.next_entry::<String, Plain>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the member {} is given twice", quoted(&name))));
            }
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_one_meaning_is_read_as_it_is() {
        for text in
            ["null", "true", "-1", "18446744073709551615", "1.5", r#""\ud83d\ude00""#, r#"[1,{"a":[{}],"b":"é"}]"#]
        {
            assert_eq!(read("it", text), Ok(serde_json::from_str(text).unwrap()), "{text}");
        }
        assert!(read("it", &format!("{}{}", "[".repeat(127), "]".repeat(127))).is_ok());
    }

    #[test]
    fn what_has_none_or_two_is_refused() {
        for (text, wanted) in [
            (r#"{"a":{"b":1,"c":2,"b":1}}"#, r#"it cannot be read: the member "b" is given twice at line 1 "#),
            (r#"{"id":"pp-a","\u0069d":"pp-b"}"#, r#"it cannot be read: the member "id" is given twice"#),
            (r#""\ud800""#, "it escapes half a character, a surrogate without the other at line 1 column 8"),
            ("1e999", "it cannot be read: number out of range"),
            (&"[".repeat(128), "it is nested deeper than 127 levels at line 1 column 128"),
            ("\u{feff}{}", "it begins with a byte order mark"),
            ("{\0}\0", "it is no JSON: it holds NUL characters, as UTF-16 does"),
            ("", "it is empty"),
            ("pp-a", "it is no JSON: expected value at line 1 column 1"),
            (&" ".repeat(65_537), "it is 65537 bytes long; accepted: at most 65536"),
        ] {
            let error = read("it", text).unwrap_err().to_string();
            assert!(error.starts_with(wanted) && error.contains("; accepted: "), "{error}");
        }
    }
}
