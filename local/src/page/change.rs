//! What has changed between two looks.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::view::{CallRow, EventRow, FaultRow, Omitted, Operation, Product, QueueRow, Rejected, Settings, View};

/// The members of a [`View`] that have changed. Rows by id are those that are new or other; `gone` names those that are no
/// longer shown. Calls and events are the new ones.
#[derive(Debug, Serialize)]
pub(super) struct Change<'a> {
    pub(super) at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<&'a Settings>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sweep: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    products: BTreeMap<&'a str, &'a Product>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    operations: BTreeMap<&'a str, &'a Operation>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    rejected: BTreeMap<&'a str, &'a Rejected>,
    #[serde(skip_serializing_if = "Gone::is_empty")]
    gone: Gone<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    queues: BTreeMap<&'a str, &'a QueueRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    faults: Option<&'a [FaultRow]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<&'a CallRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<&'a EventRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    omitted: Option<Omitted>,
}

/// The ids of rows that are no longer shown.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Gone<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    products: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    operations: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rejected: Vec<&'a str>,
}

impl Gone<'_> {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl<'a> Change<'a> {
    /// What has changed; `None`: nothing but the time.
    pub(super) fn between(before: &'a View, after: &'a View) -> Option<Self> {
        let last_call = before.calls.last().map_or(0, |call| call.n);
        let last_event = before.events.last().map_or(0, |event| event.n);
        let change = Self {
            at: after.at,
            settings: (before.settings != after.settings).then_some(&after.settings),
            sweep: after.sweep.as_deref().filter(|sweep| before.sweep.as_deref() != Some(sweep)),
            products: changed(&before.products, &after.products),
            operations: changed(&before.operations, &after.operations),
            rejected: changed(&before.rejected, &after.rejected),
            gone: Gone {
                products: gone(&before.products, &after.products),
                operations: gone(&before.operations, &after.operations),
                rejected: gone(&before.rejected, &after.rejected),
            },
            queues: changed(&before.queues, &after.queues),
            faults: (before.faults != after.faults).then_some(&after.faults),
            calls: after.calls.iter().filter(|call| call.n > last_call).collect(),
            events: after.events.iter().filter(|event| event.n > last_event).collect(),
            omitted: (before.omitted != after.omitted).then_some(after.omitted),
        };
        (!change.is_empty()).then_some(change)
    }

    fn is_empty(&self) -> bool {
        self.settings.is_none()
            && self.sweep.is_none()
            && self.products.is_empty()
            && self.operations.is_empty()
            && self.rejected.is_empty()
            && self.gone.is_empty()
            && self.queues.is_empty()
            && self.faults.is_none()
            && self.calls.is_empty()
            && self.events.is_empty()
            && self.omitted.is_none()
    }
}

fn changed<'a, T: PartialEq>(before: &BTreeMap<String, T>, after: &'a BTreeMap<String, T>) -> BTreeMap<&'a str, &'a T> {
    let is_new = |(id, row): &(&String, &T)| before.get(*id) != Some(*row);
    after.iter().filter(is_new).map(|(id, row)| (id.as_str(), row)).collect()
}

fn gone<'a, T>(before: &'a BTreeMap<String, T>, after: &BTreeMap<String, T>) -> Vec<&'a str> {
    before.keys().filter(|id| !after.contains_key(*id)).map(String::as_str).collect()
}
