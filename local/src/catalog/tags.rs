//! Tags on the wire.

use serde_json::{Value, json};

/// A list of tags.
pub(super) fn shown(tags: &[(String, String)]) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}
