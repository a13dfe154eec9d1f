//! Tags.

use serde_json::{Value, json};

use super::input::{Input, Refused};

/// Key and value.
pub(super) type Tags = Vec<(String, String)>;

/// The tags of a provisioned product in a request.
pub(super) fn read(input: &Input) -> Result<Tags, Refused> {
    let tags = input.tags("Tags", 50)?;
    for (at, (key, _)) in tags.iter().enumerate() {
        if key.starts_with("aws:") {
            return Err(Refused::invalid(format!("Tag keys beginning with aws: are reserved: {key}")));
        }
        if tags.iter().skip(at + 1).any(|(other, _)| other == key) {
            return Err(Refused::invalid(format!("Duplicate tag key: {key}")));
        }
    }
    Ok(tags)
}

/// Tags, and others whose keys are not among them.
pub(super) fn with(mut tags: Tags, others: &[(String, String)]) -> Tags {
    for (key, value) in others {
        if !tags.iter().any(|(known, _)| known == key) {
            tags.push((key.clone(), value.clone()));
        }
    }
    tags
}

/// A list of tags.
pub(super) fn shown(tags: &[(String, String)]) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}
