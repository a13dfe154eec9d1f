//! What can be seen of a cloud, as JSON. Instants are RFC 3339, in UTC.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use super::fault::FaultRow;

/// All of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// This cloud: another one has another text.
    pub run: String,
    /// Counts up with each change.
    pub number: u64,
    /// When it was looked at.
    pub at: DateTime<Utc>,
    /// Account id.
    pub account: String,
    /// Region.
    pub region: String,
    /// What can be switched, and what for.
    pub switches: Switchable,
    /// What people have set.
    pub settings: Settings,
    /// How the last sweep ended, in words.
    pub sweep: Option<String>,
    /// Provisioned products, living and gone, by id.
    pub products: BTreeMap<String, Product>,
    /// Operations, by id.
    pub operations: BTreeMap<String, Operation>,
    /// Messages that never became an operation, by id.
    pub rejected: BTreeMap<String, Rejected>,
    /// Queues, by logical id.
    pub queues: BTreeMap<String, QueueRow>,
    /// Faults that stand.
    pub faults: Vec<FaultRow>,
    /// The last calls, oldest first.
    pub calls: Vec<CallRow>,
    /// The last events, oldest first.
    pub events: Vec<EventRow>,
    /// How many are not shown.
    pub omitted: Omitted,
}

/// What can be switched, and what for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Switchable {
    /// Effects of faults: how they are written, and what they mean.
    pub effects: Vec<(&'static str, &'static str)>,
    /// Who calls.
    pub callers: Vec<String>,
    /// What is called.
    pub services: Vec<String>,
}

/// What people have set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// How many times faster than at AWS records and schedules pass.
    pub speed: f64,
    /// Why Steward is paused, if it is.
    pub paused: Option<String>,
}

/// A provisioned product.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// `pp-...`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `CFN_STACK` ...
    #[serde(rename = "type")]
    pub product_type: String,
    /// The product's name.
    pub product: String,
    /// Its status, or `TERMINATED`.
    pub status: String,
    /// Words on the status.
    pub status_message: Option<String>,
    /// When it was provisioned.
    pub created_at: DateTime<Utc>,
    /// Who owns it.
    pub owner: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// `ends`, `never`, `protected`, `unreadable`, `outside`; nothing if there are no rules that say.
    pub end: Option<&'static str>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// Why it ends, or why not.
    pub why: Option<String>,
    /// Who protects it and why, in words.
    pub protected: Option<String>,
    /// When its owner was warned first of this end.
    pub warned_at: Option<DateTime<Utc>>,
    /// Until when somebody has extended it.
    pub extended_until: Option<DateTime<Utc>>,
    /// Whether its stack is no longer what the template says.
    pub drifted: bool,
    /// Whether it is gone.
    pub gone: bool,
}

/// An operation, as the table has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// `op-...`.
    pub id: String,
    /// `terminate`, `execute-action`, `execute-plan`, `import`.
    pub kind: String,
    /// What it is done to.
    pub subject: String,
    /// What made two deliveries the same request.
    pub trigger: String,
    /// `submitting`, `submitted`, `waiting`, or its end.
    pub state: String,
    /// The number of the latest attempt.
    pub attempts: u64,
    /// The token of the latest attempt.
    pub token: String,
    /// The latest record.
    pub record_id: Option<String>,
    /// The provisioned product.
    pub product_id: Option<String>,
    /// The provisioned product's name.
    pub product_name: Option<String>,
    /// Who asked.
    pub requested_by: Option<String>,
    /// Why it was asked.
    pub reason: Option<String>,
    /// Why it stands where it stands.
    pub why: Option<String>,
    /// When it was asked.
    pub requested_at: Option<DateTime<Utc>>,
    /// When it was first claimed.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was written last.
    pub updated_at: Option<DateTime<Utc>>,
    /// When it is looked at next.
    pub due_at: Option<DateTime<Utc>>,
    /// What the service answered, oldest first.
    pub history: Vec<Try>,
}

/// One answer of the service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Try {
    /// When.
    pub at: DateTime<Utc>,
    /// Of which attempt.
    pub attempt: u32,
    /// What came, in a word.
    pub what: String,
    /// The record.
    pub record_id: Option<String>,
    /// The service's code.
    pub code: Option<String>,
    /// The service's words.
    pub message: Option<String>,
}

/// A message that never became an operation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rejected {
    /// Its id.
    pub id: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// What is wrong with it.
    pub error: String,
    /// The message, cut.
    pub body: String,
    /// The operation that it contradicts.
    pub operation: Option<String>,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueRow {
    /// How many messages are in it, visible or not.
    pub messages: usize,
    /// How many of them a function has.
    pub in_flight: usize,
    /// Whether no function reads it: what is in it stays.
    pub dead_letters: bool,
}

/// A call of a service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRow {
    /// Its number, from 1.
    pub n: usize,
    /// When.
    pub at: DateTime<Utc>,
    /// Who called.
    pub caller: String,
    /// `service:Operation`.
    pub call: String,
    /// The HTTP status; nothing: the connection was closed instead.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// What went wrong with it on purpose.
    pub fault: Option<String>,
}

/// An event on a bus.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventRow {
    /// Its number, from 1.
    pub n: usize,
    /// When.
    pub at: DateTime<Utc>,
    /// Which bus.
    pub bus: String,
    /// Who says so.
    pub source: String,
    /// What it is.
    pub detail_type: String,
    /// Its detail as JSON, cut.
    pub detail: String,
    /// The rules that it matched.
    pub rules: Vec<String>,
}

/// How many are not shown: the oldest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Omitted {
    /// Products, of those that are gone first.
    pub products: usize,
    /// Operations.
    pub operations: usize,
    /// Rejected messages.
    pub rejected: usize,
}
