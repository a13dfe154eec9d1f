//! What is read of an operation without reading it whole, and what is kept of a request that never became one.

use chrono::serde::{ts_milliseconds, ts_milliseconds_option};
use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::operation::{Notice, Operation, OperationId, Standing};
use crate::request::Kind;

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

impl Due {
    /// Whether it repairs drift: then its subject is a stack, not a provisioned product.
    #[must_use]
    pub fn is_remediation(&self) -> bool {
        self.kind == Kind::ExecuteAction && self.subject.starts_with("arn:")
    }
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

/// What somebody is to look at by now. The index only proposes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DueNow {
    /// Operations.
    pub operations: Vec<Due>,
    /// Products.
    pub products: Vec<DueProduct>,
}

impl DueNow {
    /// How many of both.
    #[must_use]
    pub fn len(&self) -> usize {
        self.operations.len() + self.products.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A product whose end is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueProduct {
    /// `pp-...`.
    pub id: String,
    /// Since when.
    pub due_at: Option<Time>,
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
