//! An operation's way through the ports: claim, look, judge, call, record ([`submit`], and what is its own to each kind of
//! work); follow, settle, send on its way again ([`follow`]); and what never becomes an operation ([`reject`]).

pub mod execute_action;
pub mod execute_plan;
pub mod follow;
pub mod import;
pub mod keep;
pub mod operate;
pub mod reject;
pub mod submit;
pub mod sweep;
pub mod switch;
pub mod terminate;

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::clock::{Clock, Dice, Time};
use crate::operation::{Illegal, OperationId, State};
use crate::ports::{BusError, CallError, PauseSwitch, StoreError};
use crate::scope::Scope;
use switch::Switch;

/// The edges and the place: what every workflow needs.
#[derive(Debug)]
pub struct Edges<C, S, B> {
    /// Service Catalog.
    pub catalog: C,
    /// The table.
    pub store: S,
    /// The event bus.
    pub bus: B,
    /// The time.
    pub clock: Clock,
    /// Chance.
    pub dice: Dice,
    /// What is known of the pause switch.
    pub switch: Arc<Switch>,
    /// Account and region.
    pub scope: Scope,
}

impl<C, S: PauseSwitch, B> Edges<C, S, B> {
    /// Whether Steward is paused, and why: known for at most half a minute.
    async fn paused(&self) -> Result<Option<String>, StoreError> {
        self.switch.paused(&self.store, self.clock).await
    }
}

/// Something that the workflow cannot get around: the message has to come again.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Trouble {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bus.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The search over all products.
    #[error("the search: {0}")]
    Search(CallError),
    /// A step that the state machine forbids: a defect, never acted upon.
    #[error(transparent)]
    Illegal(#[from] Illegal),
}

/// The window of time that an instant lies in: its name, and when it is over.
fn window(now: Time, interval: Duration) -> (String, Time) {
    let millis = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1);
    let number = now.timestamp_millis().div_euclid(millis);
    let until = Time::from_timestamp_millis(number.saturating_add(1).saturating_mul(millis)).unwrap_or(Time::MAX_UTC);
    (format!("{millis}-{number}"), until)
}

/// How the handling of a message ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The operation, if it became or met one.
    pub operation: Option<OperationId>,
    /// Where the operation stands.
    pub state: State,
    /// Why, in words.
    pub why: Option<String>,
    /// Whether the operation was there before, and this message only repeated it.
    pub duplicate: bool,
}

/// The names of the metrics. Each costs by the month, so there are ten at the most, and none by product or kind: what differs by
/// these is in the logs. Their only dimension is the bus, which tells stacks apart.
pub mod metric {
    /// Calls that Service Catalog accepted.
    pub const ACCEPTED: &str = "OperationsAccepted";
    /// Operations that succeeded.
    pub const SUCCEEDED: &str = "OperationsSucceeded";
    /// Operations that failed.
    pub const FAILED: &str = "OperationsFailed";
    /// Requests that were rejected.
    pub const REJECTED: &str = "RequestsRejected";
    /// Times that an operation had to wait.
    pub const WAITING: &str = "OperationsWaiting";
    /// Records that run for longer than they should.
    pub const STALLED: &str = "OperationsStalled";
    /// Times that ends were held back: too many at once, or a sweep in which something was not as it should be.
    pub const HELD_BACK: &str = "EndsHeldBack";
    /// Products whose tags cannot be read.
    pub const UNREADABLE: &str = "UnreadableTags";
    /// Products that are there long after their termination has succeeded.
    pub const CONTRADICTIONS: &str = "TerminationsContradicted";
    /// Sweeps that came to their end.
    pub const SWEEPS: &str = "SweepsCompleted";

    /// All of them.
    pub const ALL: [&str; 10] =
        [ACCEPTED, SUCCEEDED, FAILED, REJECTED, WAITING, STALLED, HELD_BACK, UNREADABLE, CONTRADICTIONS, SWEEPS];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_follow_each_other_without_a_gap() {
        let at = |seconds| Time::from_timestamp(seconds, 0).unwrap();
        let hour = Duration::from_hours(1);
        assert_eq!(window(at(3_599), hour), ("3600000-0".to_owned(), at(3_600)));
        assert_eq!(window(at(3_600), hour), ("3600000-1".to_owned(), at(7_200)));
        assert_ne!(window(at(0), hour).0, window(at(0), Duration::from_mins(1)).0, "another interval, another window");
    }
}
