//! The state machine: one pure function says what may follow what.
//!
//! It guards the promises that no caller may break: a terminal state is left by an operator's retry of a failure alone, the
//! attempt's number is never lowered and grows only after a FAILED record was read or after a certain refusal of the
//! attempt's first transmission, what was once sent is never `skipped` or `rejected`, and an open attempt is settled by no
//! refusal.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where an operation is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Claimed: a worker holds a lease and may send.
    Submitting,
    /// The service accepted; the record is followed.
    Submitted,
    /// A send is allowed again at a time.
    Waiting,
    /// Done.
    Succeeded,
    /// Ended without success.
    Failed,
    /// Never sent: the request is not acceptable. Holds no place.
    Rejected,
    /// Never sent: there was no need. Holds no place.
    Skipped,
    /// Ended by an operator before it was sent.
    Cancelled,
}

impl State {
    /// All states.
    pub const ALL: [Self; 8] = [
        Self::Submitting,
        Self::Submitted,
        Self::Waiting,
        Self::Succeeded,
        Self::Failed,
        Self::Rejected,
        Self::Skipped,
        Self::Cancelled,
    ];

    /// The word in the table, in events and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitting => "submitting",
            Self::Submitted => "submitted",
            Self::Waiting => "waiting",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether work is left: a live operation has a `dueAt` and no end of storage.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Submitting | Self::Submitted | Self::Waiting)
    }
}

/// State and counters: what the machine decides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// Where it is.
    pub state: State,
    /// The attempt's number, from 1: it makes the token.
    pub attempt: u32,
    /// How many records of this operation FAILED.
    pub failures: u32,
    /// How many claims have tried to get this operation through: spaces the backoff.
    pub tries: u32,
    /// Whether a call of the present attempt may have left of which no answer is known.
    pub open: bool,
    /// Whether any call may ever have left.
    pub sent: bool,
    /// Whether what was skipped holds its place: the same trigger, delivered again, is not judged anew.
    #[serde(default)]
    pub kept: bool,
}

/// What happened to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// Another claim takes it over: it is due again, or its worker is dead.
    Reclaimed,
    /// Nothing was sent, and it must wait: paused, busy, a read failed.
    Held,
    /// Nothing was ever sent, and there is no need.
    Skipped,
    /// The same, and there will be none when the trigger comes again: by then its cause is another one's work.
    SkippedForGood,
    /// Nothing was ever sent, and nothing may be.
    Rejected,
    /// It may not be sent (again), for good.
    Denied,
    /// The service accepted the call.
    Accepted,
    /// The record of an open attempt was found.
    Found,
    /// Nothing is left to do: the subject is gone, or is as it should be.
    NothingToDo,
    /// Refused because something else is going on.
    RefusedBusy,
    /// Refused without a look at the request: throttled, credentials, clock.
    RefusedUnseen,
    /// Refused for good.
    RefusedFinally,
    /// No answer: the call may have been carried out.
    Lost,
    /// The record is still running.
    Running,
    /// The record SUCCEEDED.
    RecordSucceeded,
    /// The record FAILED, and another attempt is allowed.
    RecordFailed,
    /// The record FAILED, and no attempt is left.
    RecordFailedFinally,
    /// Too old: waited, asked or followed for as long as is allowed.
    GivenUp,
    /// An operator ends it.
    Cancelled,
    /// An operator lets what has failed be tried once more.
    Retried,
}

impl Event {
    /// All events.
    pub const ALL: [Self; 20] = [
        Self::Reclaimed,
        Self::Held,
        Self::Skipped,
        Self::SkippedForGood,
        Self::Rejected,
        Self::Denied,
        Self::Accepted,
        Self::Found,
        Self::NothingToDo,
        Self::RefusedBusy,
        Self::RefusedUnseen,
        Self::RefusedFinally,
        Self::Lost,
        Self::Running,
        Self::RecordSucceeded,
        Self::RecordFailed,
        Self::RecordFailedFinally,
        Self::GivenUp,
        Self::Cancelled,
        Self::Retried,
    ];
}

/// What happened may not happen to an operation that stands there.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("{event:?} is not legal for an operation that stands at {from:?}")]
pub struct Illegal {
    /// Where it stood.
    pub from: Standing,
    /// What happened.
    pub event: Event,
}

impl Standing {
    /// Just claimed for the first time.
    #[must_use]
    pub const fn first() -> Self {
        Self { state: State::Submitting, attempt: 1, failures: 0, tries: 1, open: false, sent: false, kept: false }
    }

    /// Whether the same trigger, delivered again, is judged anew.
    #[must_use]
    pub const fn holds_no_place(self) -> bool {
        matches!(self.state, State::Rejected | State::Skipped) && !self.kept
    }

    const fn to(self, state: State) -> Self {
        Self { state, ..self }
    }

    const fn sent(self) -> Self {
        Self { sent: true, ..self }
    }

    const fn closed(self) -> Self {
        Self { open: false, ..self }
    }

    const fn renewed(self) -> Self {
        Self { attempt: self.attempt.saturating_add(1), open: false, ..self }
    }

    const fn failed_once_more(self) -> Self {
        Self { failures: self.failures.saturating_add(1), ..self }
    }
}

/// Where an operation stands after `event`.
///
/// # Errors
/// [`Illegal`] if the event may not happen to it.
#[expect(clippy::match_same_arms, reason = "grouped by what happened, not by where it leads")]
pub fn next(from: Standing, event: Event) -> Result<Standing, Illegal> {
    use State::{Cancelled, Failed, Rejected, Skipped, Submitted, Submitting, Succeeded, Waiting};
    let to = match (from.state, event) {
        (Waiting, Event::Reclaimed) => Standing { tries: from.tries.saturating_add(1), ..from.to(Submitting) },
        // The worker is dead, and nobody knows how far it came: its call may have left.
        (Submitting, Event::Reclaimed) => {
            Standing { tries: from.tries.saturating_add(1), open: true, ..from.to(Submitting) }.sent()
        }

        (Submitting, Event::Held) => from.to(Waiting),
        (Submitting, Event::Skipped) if !from.sent => from.to(Skipped),
        (Submitting, Event::SkippedForGood) if !from.sent => Standing { kept: true, ..from.to(Skipped) },
        (Submitting, Event::Rejected) if !from.sent => from.to(Rejected),
        (Submitting, Event::Denied) => from.to(Failed),
        (Submitting, Event::NothingToDo) => from.to(Succeeded),

        // A fact, however late the worker that brings it: `Waiting` is a claim whose lease ran out before its answer.
        (Submitting | Waiting, Event::Accepted) => from.to(Submitted).closed().sent(),
        (Submitting, Event::Found) if from.open => from.to(Submitted).closed(),

        (Submitting, Event::RefusedBusy | Event::RefusedUnseen | Event::RefusedFinally) if from.open => {
            from.to(Waiting).sent()
        }
        (Submitting, Event::RefusedBusy) => from.to(Waiting).sent().renewed(),
        (Submitting, Event::RefusedUnseen) => from.to(Waiting).sent(),
        (Submitting, Event::RefusedFinally) => from.to(Failed).sent(),
        (Submitting, Event::Lost) => Standing { open: true, ..from.to(Waiting).sent() },

        (Submitted, Event::Running) => from,
        (Submitted, Event::RecordSucceeded) => from.to(Succeeded),
        (Submitted, Event::RecordFailed) => from.to(Waiting).failed_once_more().renewed(),
        (Submitted, Event::RecordFailedFinally) => from.to(Failed).failed_once_more(),

        (Submitting | Waiting, Event::GivenUp) => from.to(Failed),
        // Accepted, and nobody could read how it went on: whoever tries it again must look for its record first.
        (Submitted, Event::GivenUp) => Standing { open: true, ..from.to(Failed) },
        (Waiting, Event::Cancelled) if !from.open => from.to(Cancelled),

        // What failed and is not open was refused for certain, or its record FAILED: a new attempt, if any call ever left.
        (Failed, Event::Retried) if from.sent && !from.open => from.to(Waiting).renewed(),
        (Failed, Event::Retried) => from.to(Waiting),

        _ => return Err(Illegal { from, event }),
    };
    Ok(to)
}

#[cfg(test)]
mod tests;
