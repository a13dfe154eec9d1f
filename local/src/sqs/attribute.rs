//! What messages carry beside their bodies, as requests and answers write it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Refusal;
use crate::wiring::{Attribute, AttributeValue};

/// No message has more attributes.
const ATTRIBUTES_MAX: usize = 10;

/// An attribute as a request writes it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Written {
    #[serde(default)]
    data_type: String,
    #[serde(default)]
    string_value: Option<String>,
    #[serde(default)]
    binary_value: Option<String>,
}

/// The attributes of a message that is sent.
pub(super) fn read(written: &BTreeMap<String, Written>) -> Result<BTreeMap<String, Attribute>, Refusal> {
    if written.len() > ATTRIBUTES_MAX {
        let message =
            format!("Number of message attributes [{}] exceeds the allowed maximum [{ATTRIBUTES_MAX}].", written.len());
        return Err(Refusal::new("InvalidParameterValue", message));
    }
    written.iter().map(|(name, one)| Ok((name.clone(), one.read(name)?))).collect()
}

impl Written {
    fn read(&self, name: &str) -> Result<Attribute, Refusal> {
        let wrong =
            |problem: &str| Refusal::new("InvalidParameterValue", format!("The message attribute '{name}' {problem}"));
        let good = |c: u8| c.is_ascii_alphanumeric() || b"_-.".contains(&c);
        if name.is_empty() || name.len() > 256 || !name.bytes().all(good) {
            return Err(wrong("has an invalid name: 1 to 256 letters, digits, underscores, hyphens and periods."));
        }
        let value = match self.data_type.split('.').next().unwrap_or_default() {
            "String" | "Number" => {
                let text = self.string_value.as_ref().filter(|text| !text.is_empty());
                let text = text.ok_or_else(|| wrong("must contain a non-empty StringValue."))?;
                if self.data_type.starts_with("Number") && text.parse::<f64>().is_err() {
                    return Err(wrong("is no number."));
                }
                AttributeValue::Text(text.clone())
            }
            "Binary" => {
                let bytes = self.binary_value.as_ref().and_then(|text| BASE64_STANDARD.decode(text).ok());
                let bytes = bytes.filter(|bytes| !bytes.is_empty());
                AttributeValue::Bytes(bytes.ok_or_else(|| wrong("must contain a non-empty BinaryValue."))?)
            }
            _ => return Err(wrong("has an invalid type; accepted: String, Number, Binary.")),
        };
        Ok(Attribute { data_type: self.data_type.clone(), value })
    }
}

/// An attribute as an answer writes it.
pub(super) fn shown(attribute: &Attribute) -> Value {
    match &attribute.value {
        AttributeValue::Text(text) => json!({ "DataType": attribute.data_type, "StringValue": text }),
        AttributeValue::Bytes(bytes) => {
            json!({ "DataType": attribute.data_type, "BinaryValue": BASE64_STANDARD.encode(bytes) })
        }
    }
}

/// Whether a receiver asked for an attribute: by its name, the beginning of it, or with all others.
pub(super) fn is_wanted(name: &str, wanted: &[String]) -> bool {
    wanted.iter().any(|one| match one.as_str() {
        "All" | ".*" => true,
        one => one == name || one.strip_suffix(".*").is_some_and(|start| name.starts_with(start)),
    })
}

/// Those of the named values that are asked for, by name or all of them. What is not known is refused.
pub(super) fn chosen(
    all: Map<String, Value>,
    wanted: &[String],
    known: &[&str],
) -> Result<Map<String, Value>, Refusal> {
    if let Some(unknown) = wanted.iter().find(|one| *one != "All" && !known.contains(&one.as_str())) {
        return Err(Refusal::new("InvalidAttributeName", format!("Unknown Attribute {unknown}.")));
    }
    let is_wanted = |name: &String| wanted.iter().any(|one| one == "All" || one == name);
    Ok(all.into_iter().filter(|(name, _)| is_wanted(name)).collect())
}
