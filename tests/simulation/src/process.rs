//! Functions, their processes, and the tasks in them.

use std::cell::Cell;
use std::time::Duration;

use chrono::TimeDelta;
use shared::clock::{Clock, Time};
use shared::request::Kind;

/// A process of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ProcessId(pub(crate) u32);

/// One message being handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TaskId(pub(crate) u32);

/// A function, as the template declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Function {
    Terminate,
    ExecuteAction,
    ExecutePlan,
    Import,
    Reconcile,
    Sweep,
    /// No function: a person with the operator's command.
    Operator,
}

impl Function {
    pub(crate) const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Terminate => Self::Terminate,
            Kind::ExecuteAction => Self::ExecuteAction,
            Kind::ExecutePlan => Self::ExecutePlan,
            Kind::Import => Self::Import,
        }
    }

    /// When Lambda stops it.
    pub(crate) const fn time_out(self) -> Duration {
        Duration::from_secs(match self {
            Self::Terminate | Self::ExecuteAction | Self::Import => 30,
            Self::ExecutePlan | Self::Operator => 60,
            Self::Reconcile => 55,
            Self::Sweep => 300,
        })
    }

    /// How long before that it begins nothing any more.
    pub(crate) const fn margin(self) -> Duration {
        Duration::from_secs(if matches!(self, Self::Reconcile) { 10 } else { 20 })
    }

    /// When a message of its queue that was not deleted comes again.
    pub(crate) const fn visibility(self) -> Duration {
        Duration::from_secs(if matches!(self, Self::Sweep) { 1_800 } else { 900 })
    }
}

/// What the scheduler knows of a process.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) function: Function,
    /// How far its clock is off.
    pub(crate) skew: TimeDelta,
    pub(crate) is_busy: bool,
}

/// Which task runs, and what its process's clock shows.
#[derive(Clone, Copy)]
pub(crate) struct Here {
    pub(crate) process: ProcessId,
    pub(crate) task: TaskId,
    pub(crate) clock: Time,
}

thread_local! {
    static HERE: Cell<Here> = const {
        Cell::new(Here { process: ProcessId(0), task: TaskId(0), clock: Time::UNIX_EPOCH })
    };
}

impl Here {
    pub(crate) fn enter(self) {
        HERE.set(self);
    }

    pub(crate) fn now() -> Self {
        HERE.get()
    }
}

/// The clock of whichever process runs.
pub(crate) fn clock() -> Clock {
    Clock::from_fn(|| Here::now().clock)
}
