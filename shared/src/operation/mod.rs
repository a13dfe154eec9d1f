//! An operation: one request's life, from the claim to its end.

pub mod identity;
pub mod machine;
pub mod token;

use std::collections::BTreeMap;

use chrono::serde::{ts_milliseconds, ts_milliseconds_option};
use serde::{Deserialize, Serialize};

pub use identity::{OperationId, Trigger};
pub use machine::{Event, Illegal, Standing, State, next};

use crate::clock::Time;
use crate::request::{Kind, Origin, Request, Target};
use crate::scope::Scope;

/// Version of the item's layout. A newer one is left alone by older code.
pub const SCHEMA: u32 = 1;

/// An operation as it is stored. Only the claim writes it whole; everything later is a [`Change`](crate::ports::Change).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// The layout's version, [`SCHEMA`].
    pub schema: u32,
    /// Where.
    #[serde(flatten)]
    pub scope: Scope,
    /// The identity, derived from kind, subject and trigger.
    #[serde(rename = "operation")]
    pub id: OperationId,
    /// What kind of work.
    pub kind: Kind,
    /// What it is done to.
    pub subject: String,
    /// What made two deliveries the same request, in words.
    pub trigger: String,
    /// Whether somebody asked or Steward's own expiry event came.
    pub origin: Origin,
    /// The members that reach the call.
    pub target: Target,
    /// When the product expired, by the expiry event.
    #[serde(with = "ts_milliseconds_option", default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
    /// Who asked: a claim of the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
    /// Why it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The account in the event's envelope, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_account: Option<String>,
    /// When it was asked: the event's time, or when the message was sent.
    #[serde(with = "ts_milliseconds")]
    pub requested_at: Time,
    /// When it was first claimed.
    #[serde(with = "ts_milliseconds")]
    pub created_at: Time,
    /// Where in its life the operation stands.
    #[serde(flatten)]
    pub standing: Standing,
    /// Since when the present attempt has been trying to get through; a pause starts it anew.
    #[serde(with = "ts_milliseconds")]
    pub trying_since: Time,
    /// Random per claim: the fence of every write.
    pub nonce: String,
    /// The token of the present attempt, as the service gets it.
    pub token: String,
    /// Until when the claim may send.
    #[serde(with = "ts_milliseconds")]
    pub lease_until: Time,
    /// From when another claim may send.
    #[serde(with = "ts_milliseconds_option", default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Time>,
    /// When `reconcile` looks at it. Every live item has one.
    #[serde(with = "ts_milliseconds_option", default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Time>,
    /// Since when there is the present attempt: none of its transmissions left before.
    #[serde(with = "ts_milliseconds")]
    pub attempt_since: Time,
    /// The provisioned product, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// The version that a plan changes it to, once it is known: its record is told from others' by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_id: Option<String>,
    /// The record of the latest accepted attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    /// Why it stands where it stands, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What a remediation has been found to be: stored before the call, so that no later try can find another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
    /// The last refusal that may pass, to tell a standing one from a passing one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<StableRefusal>,
    /// That it fails, and why: decided before it is told, so that whoever takes over from a worker that died in between comes to
    /// the same end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
    /// What a person needs to act on a notice.
    #[serde(default, skip_serializing_if = "Notice::is_empty")]
    pub notice: Notice,
    /// What the service answered, oldest first, at most [`HISTORY_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Try>,
}

/// What a remediation has been found to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remedy {
    /// The provisioned product whose stack has drifted.
    pub provisioned_product_id: String,
    /// Its provisioning artifact, if the action was found by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioning_artifact_id: Option<String>,
    /// The action.
    pub service_action_id: String,
}

/// A refusal of a product (or plan) that was stable when it was described right after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StableRefusal {
    /// The service's code.
    pub code: String,
    /// The product's last record then: the same again means that nothing has changed in between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_record_id: Option<String>,
}

/// How an operation ends without success, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ending {
    /// What ends it: `Denied`, `Rejected`, or a skip that is told.
    #[serde(default = "denied")]
    pub event: Event,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The service's code and words, if it was the service that refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<(String, String)>,
}

/// What was decided before the event was kept was a failure.
const fn denied() -> Event {
    Event::Denied
}

/// What a person needs to know of a product to act on a notice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// The provisioned product's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The product's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_name: Option<String>,
    /// The ARN of the user who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Those of its tags that people want to see.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl Notice {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// This notice, its gaps filled from `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            name: self.name.or(other.name),
            product_name: self.product_name.or(other.product_name),
            owner: self.owner.or(other.owner),
            tags: if self.tags.is_empty() { other.tags } else { self.tags },
        }
    }
}

/// How many tries the history keeps.
pub const HISTORY_MAX: usize = 20;

/// How long a message of the service may be in the table and in events, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 1024;

/// One answer of the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Try {
    /// When.
    #[serde(with = "ts_milliseconds")]
    pub at: Time,
    /// Of which attempt.
    pub attempt: u32,
    /// What came, in a word: `accepted`, `refused`, `unknown`, `failed`, `succeeded` ...
    pub what: String,
    /// The record, if one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    /// The service's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The service's words, cut at [`MESSAGE_BYTES_MAX`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// `text`, cut at `bytes_max` on a character's edge.
#[must_use]
pub fn cut(text: &str, bytes_max: usize) -> String {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// What a claim brings beside the request.
#[derive(Clone, Debug)]
pub struct Claiming<'a> {
    /// Where.
    pub scope: &'a Scope,
    /// What makes two deliveries the same request.
    pub trigger: &'a Trigger,
    /// The account in the event's envelope.
    pub sender_account: Option<&'a str>,
    /// When it was asked.
    pub requested_at: Time,
    /// Now.
    pub now: Time,
    /// Fresh random bits.
    pub nonce: String,
    /// Until when this claim may send.
    pub lease_until: Time,
    /// From when another claim may send, should this one die.
    pub retry_at: Time,
}

impl Operation {
    /// How it stands once another claim has taken it over. Whoever has decided how it ends has sent nothing since.
    ///
    /// # Errors
    /// [`Illegal`] if it cannot be taken over.
    pub fn taken_over(&self) -> Result<Standing, Illegal> {
        let standing = next(self.standing, Event::Reclaimed)?;
        Ok(match self.ending {
            Some(_) => Standing { open: self.standing.open, sent: self.standing.sent, ..standing },
            None => standing,
        })
    }

    /// A new operation, claimed by its first worker.
    #[must_use]
    pub fn claimed(request: Request, claim: Claiming<'_>) -> Self {
        let kind = request.target.kind();
        let subject = request.target.subject();
        let id = OperationId::derive(claim.scope, kind, &subject, claim.trigger);
        let standing = Standing::first();
        let product_id = match &request.target {
            Target::Terminate(terminate) => match &terminate.product {
                crate::request::ProductRef::Id(id) => Some(id.clone()),
                crate::request::ProductRef::Name(_) => None,
            },
            Target::ExecuteAction(action) => Some(action.provisioned_product_id.clone()),
            Target::Remediate(_) | Target::ExecutePlan(_) | Target::Import(_) => None,
        };
        Self {
            schema: SCHEMA,
            scope: claim.scope.clone(),
            token: token::derive(&id, standing.attempt),
            id,
            kind,
            subject,
            trigger: claim.trigger.to_string(),
            origin: request.origin,
            target: request.target,
            expires_at: request.asked.expires_at,
            requested_by: request.asked.requested_by,
            reason: request.asked.reason,
            sender_account: claim.sender_account.map(str::to_owned),
            requested_at: claim.requested_at,
            created_at: claim.now,
            standing,
            trying_since: claim.now,
            nonce: claim.nonce,
            lease_until: claim.lease_until,
            retry_at: Some(claim.retry_at),
            due_at: Some(claim.retry_at),
            attempt_since: claim.now,
            product_id,
            artifact_id: None,
            record_id: None,
            why: None,
            remedy: None,
            refusal: None,
            ending: None,
            notice: Notice::default(),
            history: Vec::new(),
        }
    }

    /// The history with one more try, the oldest ones cut off.
    #[must_use]
    pub fn history_with(&self, one_more: Try) -> Vec<Try> {
        let kept = self.history.len().saturating_sub(HISTORY_MAX - 1);
        self.history[kept..].iter().cloned().chain([one_more]).collect()
    }
}
