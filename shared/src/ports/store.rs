//! The table, as the workflow asks it: claims, fenced writes, reads.

use std::future::Future;

use thiserror::Error;

use super::product::{Guard, Protection};
use super::rows::{Due, DueNow, Rejection};
use crate::clock::Time;
use crate::operation::{Ending, Notice, Operation, OperationId, Remedy, StableRefusal, Standing, State, Try};
use crate::remediation::Slot;

/// The table did not answer, or refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the table: {0}")]
pub struct StoreError(pub String);

/// What became of a claim.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// It is ours.
    Won,
    /// It is ours, and with it the slot in which imports run, one at a time.
    WonWithSlot,
    /// It was there before, live or done.
    Held(Box<Operation>),
}

/// What a later write is conditional on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The claim's nonce; `None` for a fact, which is written on the attempt alone, unless it was decided that it fails.
    pub nonce: Option<String>,
    /// One of the states that the writer read or may find.
    pub states: Vec<State>,
    /// The attempt that the writer read.
    pub attempt: u32,
}

impl Fence {
    /// What was read of an operation is what must still be there.
    #[must_use]
    pub fn of(operation: &Operation) -> Self {
        Self {
            nonce: Some(operation.nonce.clone()),
            states: vec![operation.standing.state],
            attempt: operation.standing.attempt,
        }
    }
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
    /// The version that a plan changes it to.
    pub artifact_id: Option<String>,
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
    /// That it is about to fail, and why.
    pub ending: Option<Ending>,
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
    /// What a remediation has been found to be.
    pub remedy: Option<Remedy>,
    /// A protection of the product, unless it has one: written together with the change or not at all.
    pub protection: Option<Protection>,
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
            artifact_id: None,
            record_id: None,
            record_product_type: None,
            polled: None,
            stalled: None,
            why: None,
            refusal: None,
            ending: None,
            notice: None,
            token: None,
            restart_trying: false,
            history: None,
            errors: Vec::new(),
            remedy: None,
            protection: None,
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

/// What became of adopting a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopted {
    /// It is the operation's own, and the change is written.
    Applied,
    /// The operation is somebody else's by now, or has moved on.
    Fenced,
    /// Another operation has adopted the record before.
    Others,
}

/// What became of taking the slot in which a product's drift is repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemediationSlot {
    /// It is ours, and the change is written.
    Taken,
    /// The operation is somebody else's by now; nothing is written.
    Fenced,
    /// It is another one's; nothing is written.
    Held(Slot),
}

/// What became of taking the slot in which imports run, one at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportSlot {
    /// It is ours.
    Ours,
    /// It is another operation's; ours has its place in the line behind it.
    Line(OperationId),
    /// It is another operation's, and the line is full.
    Full(OperationId),
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

/// What became of taking places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Places {
    /// All of them are ours.
    Taken,
    /// So many were left, and none is ours.
    Left(u32),
}

/// The pause switch: all that a sweep needs of the table beside products.
pub trait PauseSwitch: Send + Sync + 'static {
    /// Whether Steward is paused, and why, consistently.
    fn paused(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;
}

/// The table.
pub trait Store: PauseSwitch {
    /// Claims a new operation, or one that holds no place. One conditional put; for an import, if the slot in which imports
    /// run is free, one transaction that takes it too.
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
    ) -> impl Future<Output = Result<Adopted, StoreError>> + Send;

    /// Stores what a remediation is, in one transaction with taking its product's slot: from nobody, or from
    /// `taken_from` if that still is its owner.
    fn take_remediation_slot(
        &self,
        id: &OperationId,
        fence: &Fence,
        change: &Change,
        slot: &Slot,
        taken_from: Option<&OperationId>,
    ) -> impl Future<Output = Result<RemediationSlot, StoreError>> + Send;

    /// Leaves a product's drift alone until a person says otherwise, if the slot is still the one that was read.
    fn leave_alone(&self, product_id: &str, slot: &Slot) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes the slot in which imports run, or a place in the line behind it.
    fn take_import_slot(&self, id: &OperationId) -> impl Future<Output = Result<ImportSlot, StoreError>> + Send;

    /// Passes the slot on to the next in line, if it is `id`'s; gives who that is.
    fn pass_import_slot(
        &self,
        id: &OperationId,
    ) -> impl Future<Output = Result<Option<OperationId>, StoreError>> + Send;

    /// An operation, whole and consistently; `None`: it is not there (any more).
    fn operation(&self, id: &OperationId) -> impl Future<Output = Result<Option<Operation>, StoreError>> + Send;

    /// Where an operation stands, and since when; `None`: it is not there (any more). Consistent.
    fn standing(&self, id: &OperationId) -> impl Future<Output = Result<Option<(State, Time)>, StoreError>> + Send;

    /// Moves only when `reconcile` looks at it next.
    fn postpone(
        &self,
        id: &OperationId,
        fence: &Fence,
        due_at: Time,
        retry_at: Option<Time>,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;

    /// Takes it upon the caller to look at a record that was last described at `before`; should the caller die, it is due at
    /// `due_at`. Fenced, of several who are woken at the same time, for all but one.
    fn take_look(
        &self,
        id: &OperationId,
        fence: &Fence,
        before: Option<Time>,
        now: Time,
        due_at: Time,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;

    /// The switch and a product's item, consistently.
    fn guard(&self, product_id: &str) -> impl Future<Output = Result<Guard, StoreError>> + Send;

    /// Live operations, whenever they are due, at most `limit`.
    fn live(&self, limit: u32) -> impl Future<Output = Result<Vec<Due>, StoreError>> + Send;

    /// Live operations, and products whose end is to be looked at, due by `now`, oldest first, at most `limit` together.
    fn due(&self, now: Time, limit: u32) -> impl Future<Output = Result<DueNow, StoreError>> + Send;

    /// Operations of a product, newest first, at most `limit`.
    fn of_product(&self, product_id: &str, limit: u32) -> impl Future<Output = Result<Vec<Due>, StoreError>> + Send;

    /// Takes places for terminations of a window of time, all or none; each window has `max`, and is forgotten at `until`.
    fn take_places(
        &self,
        window: &str,
        count: u32,
        max: u32,
        until: Time,
    ) -> impl Future<Output = Result<Places, StoreError>> + Send;

    /// Keeps a rejected request.
    fn reject(&self, rejection: &Rejection) -> impl Future<Output = Result<(), StoreError>> + Send;
}
