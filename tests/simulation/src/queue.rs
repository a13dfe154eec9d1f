//! Messages on their way to functions: at least once, in no order, again if they were not done.

use serde_json::Value;
use shared::clock::Time;
use shared::operation::OperationId;
use shared::workflow::follow::Woken;

use crate::process::{Function, ProcessId};

/// An event, as a bus delivers it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) source: String,
    pub(crate) detail_type: String,
    pub(crate) detail: Value,
    pub(crate) id: String,
    pub(crate) at: Time,
}

/// What a person does to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mend {
    /// Lets it be tried once more, or now.
    Retry,
    /// Gives it up.
    Cancel,
}

/// What a function is given.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// An event by its queue.
    Event(Told),
    /// A wake-up by its queue.
    WakeUp(Woken),
    /// The schedule, which nobody repeats.
    Schedule,
    /// What a person does to an operation: again if it is not known to be done.
    Mend(OperationId, Mend),
}

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) function: Function,
    pub(crate) body: Body,
}

/// An invocation of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InvocationId(pub(crate) u32);

/// What is known of one.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) process: ProcessId,
    pub(crate) began_at: Time,
    /// When Lambda stops it. A sandbox that is frozen has no time.
    pub(crate) stops_at: Time,
    /// What was taken from the queue: deleted when the invocation is answered, and not before.
    pub(crate) messages: Vec<Message>,
    /// How many of them are still being handled.
    pub(crate) left: usize,
    /// Those that have to come again.
    pub(crate) again: Vec<Message>,
}
