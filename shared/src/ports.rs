//! The edges: what the workflow asks of Service Catalog, of the table and of the event bus.

use std::future::Future;

use chrono::serde::{ts_milliseconds, ts_milliseconds_option};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::clock::Time;
use crate::operation::{Notice, Operation, OperationId, StableRefusal, Standing, State, Try};
use crate::outcome::Outgoing;
use crate::request::{Kind, ProductRef, Terminate};

// ---------------------------------------------------------------------------------------------------------------------
// Service Catalog

/// A provisioned product, as `DescribeProvisionedProduct` knows it. It has no tags: those come only from the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// `pp-...`.
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// `CFN_STACK`, `CONTROL_TOWER_ACCOUNT` ...: an open list.
    pub product_type: Option<String>,
    /// `AVAILABLE`, `UNDER_CHANGE`, `TAINTED`, `ERROR`, `PLAN_IN_PROGRESS`.
    pub status: String,
    /// The service's words on the status.
    pub status_message: Option<String>,
    /// When it was provisioned first.
    pub created_at: Option<Time>,
    /// The latest record of any kind.
    pub last_record_id: Option<String>,
    /// The latest record that could change tags: provision, update, plan, terminate.
    pub last_provisioning_record_id: Option<String>,
}

impl Described {
    /// Whether nothing is going on: the service is ready to act on it.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        matches!(self.status.as_str(), "AVAILABLE" | "TAINTED" | "ERROR")
    }
}

/// A row of the search: what only the search knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchRow {
    /// Key and value.
    pub tags: Vec<(String, String)>,
    /// The provisioning record that the row was built from: the tags count only if the product has no later one.
    pub last_provisioning_record_id: Option<String>,
    /// Whether that record was still running then: the tags may be those of before it.
    pub is_under_change: bool,
    /// The product's name.
    pub product_name: Option<String>,
    /// The ARN of the user who owns it.
    pub owner: Option<String>,
}

/// A record: one operation of the service, followed to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// `rec-...`.
    pub id: String,
    /// `CREATED`, `IN_PROGRESS`, `IN_PROGRESS_IN_ERROR`, `SUCCEEDED`, `FAILED`, or one nobody knows yet.
    pub status: String,
    /// `TERMINATE_PROVISIONED_PRODUCT` ...: an open list.
    pub record_type: Option<String>,
    /// `CFN_STACK` ...: an open list.
    pub product_type: Option<String>,
    /// `pp-...`.
    pub product_id: Option<String>,
    /// The provisioned product's name.
    pub product_name: Option<String>,
    /// When the service accepted it.
    pub created_at: Option<Time>,
    /// Code and description.
    pub errors: Vec<(String, String)>,
}

/// Why the service did not do what it was asked. Decided by the error's code, in one match of the adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// There is no such thing, or we may not see it.
    NotFound,
    /// We may not.
    Denied,
    /// The request itself is not acceptable.
    Invalid,
    /// Too many calls.
    Throttled,
    /// Credentials, signature or clock: not a word about the request.
    Credentials,
    /// Something else is going on, or a code that nobody knows.
    Busy,
}

/// A call without success.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CallError {
    /// Nothing left this process.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The service answered, and did nothing.
    #[error("{code}: {message}")]
    Refused {
        /// What it means.
        refusal: Refusal,
        /// The service's code.
        code: String,
        /// The service's words.
        message: String,
    },
    /// No answer, or a failure of the service's own: it may have acted.
    #[error("no answer: {0}")]
    Unknown(String),
}

/// Service Catalog.
pub trait Catalog: Send + Sync + 'static {
    /// Sends a termination. `send_until`: no transmission, retries included, leaves after it.
    fn terminate(
        &self,
        product_id: &str,
        request: &Terminate,
        token: &str,
        send_until: Time,
    ) -> impl Future<Output = Result<Record, CallError>> + Send;

    /// Describes a provisioned product; `None`: not found.
    fn describe(&self, product: &ProductRef) -> impl Future<Output = Result<Option<Described>, CallError>> + Send;

    /// Looks a provisioned product up in the search index; `None`: not in it (yet).
    fn search(&self, product_id: &str) -> impl Future<Output = Result<Option<SearchRow>, CallError>> + Send;

    /// Reads a record; `None`: not found.
    fn record(&self, record_id: &str) -> impl Future<Output = Result<Option<Record>, CallError>> + Send;

    /// Finds a record in the account's record history of a product; `None`: not in it.
    fn history(
        &self,
        product_id: &str,
        record_id: &str,
    ) -> impl Future<Output = Result<Option<Record>, CallError>> + Send;
}

// ---------------------------------------------------------------------------------------------------------------------
// The table

/// The table did not answer, or refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the table: {0}")]
pub struct StoreError(pub String);

/// What became of a claim.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// It is ours.
    Won,
    /// It was there before, live or done.
    Held(Box<Operation>),
}

/// What a later write is conditional on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The claim's nonce; `None` for a fact, which is written on the attempt alone.
    pub nonce: Option<String>,
    /// One of the states that the writer read or may find.
    pub states: Vec<State>,
    /// The attempt that the writer read.
    pub attempt: u32,
}

/// A write to the history of tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum History {
    /// By a writer that has not read it: at most one for each FAILED record.
    Append(Try),
    /// By a writer that has: cut to what may be kept.
    Whole(Vec<Try>),
}

/// A write to a claimed operation. `None` members of a live state leave the attribute as it is; `due_at` and `retry_at` are
/// always written, or removed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where the operation stands now.
    pub standing: Standing,
    /// Now.
    pub at: Time,
    /// From when a send is allowed.
    pub retry_at: Option<Time>,
    /// When `reconcile` looks at it.
    pub due_at: Option<Time>,
    /// The provisioned product.
    pub product_id: Option<String>,
    /// The record.
    pub record_id: Option<String>,
    /// The product's type by the record: what wakes it.
    pub record_product_type: Option<String>,
    /// When the record was described last, and how often.
    pub polled: Option<(Time, u32)>,
    /// Whether it was said that the record is stalled.
    pub stalled: Option<bool>,
    /// Why it stands where it stands.
    pub why: Option<String>,
    /// A refusal to compare the next one with.
    pub refusal: Option<StableRefusal>,
    /// What is known of the product.
    pub notice: Option<Notice>,
    /// The token of the attempt, if it is a new one: then it begins now.
    pub token: Option<String>,
    /// Whether the time for which the attempt may try starts anew.
    pub restart_trying: bool,
    /// What the service answered.
    pub history: Option<History>,
    /// The errors of the record.
    pub errors: Vec<(String, String)>,
}

impl Change {
    /// A change to `standing` and nothing else.
    #[must_use]
    pub fn to(standing: Standing, at: Time) -> Self {
        Self {
            standing,
            at,
            retry_at: None,
            due_at: None,
            product_id: None,
            record_id: None,
            record_product_type: None,
            polled: None,
            stalled: None,
            why: None,
            refusal: None,
            notice: None,
            token: None,
            restart_trying: false,
            history: None,
            errors: Vec::new(),
        }
    }
}

/// Whether a fenced write was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was.
    Applied,
    /// The operation is somebody else's by now, or has moved on.
    Fenced,
}

/// What a takeover of a due operation needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// Fresh random bits.
    pub nonce: String,
    /// Now: the operation must be due by it.
    pub now: Time,
    /// Until when this claim may send.
    pub lease_until: Time,
    /// From when the next claim may send, should this one die.
    pub retry_at: Time,
}

/// What was judged of a product's expiry by whoever published it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    /// When the product expires, without grace.
    #[serde(with = "ts_milliseconds")]
    pub expires_at: Time,
    /// When that was judged.
    #[serde(with = "ts_milliseconds")]
    pub judged_at: Time,
    /// The provisioning record whose tags were judged.
    pub last_provisioning_record_id: String,
}

/// A protection in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Protection {
    /// Who protected it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Until when; absent: for good.
    #[serde(with = "ts_milliseconds_option", default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

/// What the table says of a product: written attribute by attribute, never whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductItem {
    /// Set while nobody may terminate it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protection: Option<Protection>,
    /// Extended until.
    #[serde(with = "ts_milliseconds_option", default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Time>,
    /// The latest judgement of its expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judgement: Option<Judgement>,
    /// What a person needs to know of it.
    #[serde(default, skip_serializing_if = "Notice::is_empty")]
    pub notice: Notice,
}

/// What guards a send: read in one consistent call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// Whether Steward is paused, and why.
    pub paused: Option<String>,
    /// The product's item.
    pub product: Option<ProductItem>,
}

/// What an index knows of an operation: enough to follow it. The index only proposes; conditions on the item decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Due {
    /// The identity.
    #[serde(rename = "operation")]
    pub id: OperationId,
    /// What kind of work.
    pub kind: Kind,
    /// What it is done to.
    pub subject: String,
    /// What triggered it.
    pub trigger: String,
    /// Where it stands.
    #[serde(flatten)]
    pub standing: Standing,
    /// The fence.
    pub nonce: String,
    /// When `reconcile` is to look at it, if that is what it was found by.
    #[serde(with = "ts_milliseconds_option", default)]
    pub due_at: Option<Time>,
    /// From when a send is allowed.
    #[serde(with = "ts_milliseconds_option", default)]
    pub retry_at: Option<Time>,
    /// Since when the present attempt has been trying.
    #[serde(with = "ts_milliseconds")]
    pub trying_since: Time,
    /// When its record was described last.
    #[serde(with = "ts_milliseconds_option", default)]
    pub polled_at: Option<Time>,
    /// How often.
    #[serde(default)]
    pub polls: u32,
    /// Whether it was said that its record is stalled.
    #[serde(default)]
    pub stalled: bool,
    /// The record.
    #[serde(default)]
    pub record_id: Option<String>,
    /// The provisioned product.
    #[serde(default)]
    pub product_id: Option<String>,
    /// Who asked.
    #[serde(default)]
    pub requested_by: Option<String>,
    /// Why it was asked.
    #[serde(default)]
    pub reason: Option<String>,
    /// Why it stands where it stands.
    #[serde(default)]
    pub why: Option<String>,
    /// What is known of the product.
    #[serde(default)]
    pub notice: Notice,
}

impl From<&Operation> for Due {
    fn from(operation: &Operation) -> Self {
        let operation = operation.clone();
        Self {
            id: operation.id,
            kind: operation.kind,
            subject: operation.subject,
            trigger: operation.trigger,
            standing: operation.standing,
            nonce: operation.nonce,
            due_at: operation.due_at,
            retry_at: operation.retry_at,
            trying_since: operation.trying_since,
            polled_at: None,
            polls: 0,
            stalled: false,
            record_id: operation.record_id,
            product_id: operation.product_id,
            requested_by: operation.requested_by,
            reason: operation.reason,
            why: operation.why,
            notice: operation.notice,
        }
    }
}

/// A request that never became an operation, kept for people to look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rejection {
    /// Deterministic: the same message rejected twice is one item.
    pub id: String,
    /// When.
    #[serde(with = "ts_milliseconds")]
    pub at: Time,
    /// What is wrong, and what is accepted.
    pub error: String,
    /// The operation beside which it was put, if it named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationId>,
    /// The message, cut at 64 KiB.
    pub body: String,
    /// Its full length in bytes.
    pub body_bytes: u64,
    /// Its SHA-256.
    pub body_sha256: String,
}

/// The table.
pub trait Store: Send + Sync + 'static {
    /// Claims a new operation, or one that holds no place. One conditional put.
    fn claim(&self, operation: &Operation) -> impl Future<Output = Result<Claim, StoreError>> + Send;

    /// Takes a due operation over; `None`: it is not due, or gone. Returns it as it is after the takeover.
    fn take_over(
        &self,
        id: &OperationId,
        takeover: Takeover,
    ) -> impl Future<Output = Result<Option<Operation>, StoreError>> + Send;

    /// Applies a change if the fence holds.
    fn write(
        &self,
        id: &OperationId,
        fence: &Fence,
        change: &Change,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;

    /// Applies a change that adopts `record_id`, in one transaction with the item that lets only one operation do so.
    fn adopt(
        &self,
        id: &OperationId,
        fence: &Fence,
        change: &Change,
        record_id: &str,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;

    /// Moves only when `reconcile` looks at it next.
    fn postpone(
        &self,
        id: &OperationId,
        fence: &Fence,
        due_at: Time,
        retry_at: Option<Time>,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;

    /// The switch and a product's item, consistently.
    fn guard(&self, product_id: &str) -> impl Future<Output = Result<Guard, StoreError>> + Send;

    /// Whether Steward is paused, and why, consistently.
    fn paused(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// Live operations due by `now`, oldest first, at most `limit`.
    fn due(&self, now: Time, limit: u32) -> impl Future<Output = Result<Vec<Due>, StoreError>> + Send;

    /// Operations of a product, newest first, at most `limit`.
    fn of_product(&self, product_id: &str, limit: u32) -> impl Future<Output = Result<Vec<Due>, StoreError>> + Send;

    /// Keeps a rejected request.
    fn reject(&self, rejection: &Rejection) -> impl Future<Output = Result<(), StoreError>> + Send;
}

// ---------------------------------------------------------------------------------------------------------------------
// The bus

/// Why an event was not taken.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the bus: {0}")]
pub struct BusError(pub String);

/// The event bus.
pub trait Bus: Send + Sync + 'static {
    /// Publishes events; one answer for each, in order. Batches are cut by entries and by bytes.
    fn publish(&self, events: &[Outgoing]) -> impl Future<Output = Vec<Result<(), BusError>>> + Send;
}
