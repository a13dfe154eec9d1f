//! Batches: up to ten of the same at once, each with an outcome of its own.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Outcome, Refusal};

/// No batch has more entries.
const ENTRIES_MAX: usize = 10;

/// A batch as a request writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Batch<T> {
    #[serde(default)]
    pub(super) queue_url: Option<String>,
    #[serde(default = "Vec::new")]
    pub(super) entries: Vec<Entry<T>>,
}

/// One of a batch.
#[derive(Debug, Deserialize)]
pub(super) struct Entry<T> {
    #[serde(default, rename = "Id")]
    id: String,
    #[serde(flatten)]
    pub(super) of: T,
}

impl<T> Batch<T> {
    /// Does each entry, and tells what became of it.
    pub(super) fn each(self, mut carry: impl FnMut(T) -> Outcome) -> Outcome {
        if self.entries.is_empty() {
            return Err(Refusal::new("EmptyBatchRequest", "There should be at least one entry in the request."));
        }
        if self.entries.len() > ENTRIES_MAX {
            let message =
                format!("Maximum number of entries per request are 10. You have sent {}.", self.entries.len());
            return Err(Refusal::new("TooManyEntriesInBatchRequest", message));
        }
        let good = |c: u8| c.is_ascii_alphanumeric() || b"_-".contains(&c);
        let is_id = |id: &str| (1..=80).contains(&id.len()) && id.bytes().all(good);
        if self.entries.iter().any(|entry| !is_id(&entry.id)) {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
            return Err(Refusal::new("InvalidBatchEntryId", message));
        }
        let mut ids = BTreeSet::new();
        if let Some(twice) = self.entries.iter().find(|entry| !ids.insert(entry.id.clone())) {
            return Err(Refusal::new("BatchEntryIdsNotDistinct", format!("Id {} repeated.", twice.id)));
        }
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for Entry { id, of } in self.entries {
            match carry(of) {
                Ok(mut answer) => {
                    answer["Id"] = json!(id);
                    successful.push(answer);
                }
                Err(Refusal { code, message }) => {
                    failed.push(json!({ "Id": id, "SenderFault": true, "Code": code, "Message": message }));
                }
            }
        }
        // A list of none is left out.
        let lists = [("Successful", successful), ("Failed", failed)];
        let lists = lists.into_iter().filter(|(_, rows)| !rows.is_empty());
        Ok(Value::Object(lists.map(|(name, rows)| (name.to_owned(), Value::Array(rows))).collect::<Map<_, _>>()))
    }
}
