//! What must never be. The checks know everything: what the service has carried out, what the table holds, what was told, and
//! what those who sent something had seen before.

mod ends;
mod sends;
mod told;
mod writes;

use std::collections::{BTreeMap, BTreeSet};

use shared::clock::Time;
use shared::operation::{OperationId, State};

use crate::process::TaskId;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub rule: &'static str,
    /// How.
    pub words: String,
}

/// The transmissions of a token.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent {
    /// How many have left.
    pub(crate) count: u32,
    /// How many of them were refused, and the caller knows.
    pub(crate) refused: u32,
}

/// What guarded a product when it was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Guarded {
    pub(crate) is_protected: bool,
    pub(crate) lease_until: Option<Time>,
    pub(crate) is_paused: bool,
}

/// What a product was like when it was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    pub(crate) expires_at: Option<Time>,
    pub(crate) is_protected: bool,
}

/// What a plan was like when it was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) status: String,
    pub(crate) digest: String,
    pub(crate) destroys: bool,
}

/// What happened, as far as the checks need it.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) calls: u64,
    /// Every token that was ever stored.
    tokens: BTreeSet<String>,
    pub(crate) sent: BTreeMap<String, Sent>,
    /// Ends that were told, with the ids of the events.
    ends: BTreeMap<(String, String), BTreeSet<String>>,
    /// When people were first warned of the end of a product.
    warned: BTreeMap<(String, i64), Time>,
    /// Answers to people's words on a product.
    pub(crate) answered: u64,
    guarded: BTreeMap<(TaskId, String), Guarded>,
    described: BTreeMap<(TaskId, String), Described>,
    planned: BTreeMap<(TaskId, String), Planned>,
    /// The operations that must have ended.
    pub(crate) wanted: BTreeSet<OperationId>,
    /// How many words on products there must be answers to.
    pub(crate) words: u64,
    /// Products whose end was judged before the schedule began: nobody was warned of it here.
    pub(crate) judged_before: BTreeSet<String>,
    /// How often an operator had an operation tried once more after it had failed.
    retried: BTreeMap<OperationId, usize>,
    /// When each operation ended.
    ended_at: BTreeMap<OperationId, (State, Time)>,
    /// Whether the last call that acts was refused.
    pub(crate) last_was_refused: bool,
    /// How many executions were looked at.
    executions_seen: usize,
}

/// The operation of a token, and the attempt.
fn operation_of(token: &str) -> Option<(OperationId, u32)> {
    let (id, attempt) = token.rsplit_once("-a")?;
    Some((OperationId::parse(id)?, attempt.parse().ok()?))
}
