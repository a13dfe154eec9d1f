//! A message, as a queue keeps it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id; new with every send.
    pub id: String,
    /// What was sent.
    pub body: String,
    /// What was sent beside it, by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// When.
    pub sent_at: DateTime<Utc>,
    /// When it was received first.
    pub first_received_at: Option<DateTime<Utc>>,
    /// How often it was received.
    pub receives: u32,
    /// The logical id of the queue in which it was received too often.
    pub came_from: Option<String>,
    /// Which copy it is, where messages are delivered twice.
    pub(super) copy: u8,
    /// From when it can be received (again).
    pub(super) visible_at: DateTime<Utc>,
}

/// What a message says beside its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// `String`, `Number` or `Binary`, perhaps with a word of the sender's after a dot.
    pub data_type: String,
    /// What it says.
    pub value: AttributeValue,
}

/// What an attribute says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttributeValue {
    /// A text, or a number as text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Attribute {
    /// A text.
    #[must_use]
    pub fn text(value: &str) -> Self {
        Self { data_type: "String".to_owned(), value: AttributeValue::Text(value.to_owned()) }
    }
}

impl Message {
    /// What its receiver names it by: another one with each receive.
    #[must_use]
    pub fn receipt(&self) -> String {
        match self.copy {
            0 => format!("{}#{}", self.id, self.receives),
            copy => format!("{}#{}#{copy}", self.id, self.receives),
        }
    }
}

/// Whether a text can be the receipt of some message: `<id>#<receives>`.
pub(super) fn is_receipt(text: &str) -> bool {
    let mut parts = text.split('#');
    let id = parts.next().is_some_and(|id| id.len() == 36 && id.bytes().all(|c| c.is_ascii_hexdigit() || c == b'-'));
    let counts: Vec<bool> = parts.map(|count| count.parse::<u32>().is_ok()).collect();
    id && (1..=2).contains(&counts.len()) && counts.into_iter().all(|good| good)
}

/// The digest of attributes that SQS tells, and that clients check: names, types and values with their lengths, by name.
#[must_use]
pub fn digest<'a>(attributes: impl IntoIterator<Item = (&'a String, &'a Attribute)>) -> String {
    let mut sorted: Vec<_> = attributes.into_iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let mut bytes = Vec::new();
    let mut part = |kind: Option<u8>, text: &[u8]| {
        bytes.extend(kind);
        bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(text);
    };
    for (name, attribute) in sorted {
        part(None, name.as_bytes());
        part(None, attribute.data_type.as_bytes());
        match &attribute.value {
            AttributeValue::Text(text) => part(Some(1), text.as_bytes()),
            AttributeValue::Bytes(value) => part(Some(2), value),
        }
    }
    format!("{:x}", md5::compute(bytes))
}
