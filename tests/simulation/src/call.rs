//! A call over an edge: it leaves, is on its way, is carried out, and is answered; each of these may go wrong.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use shared::clock::Time;

use crate::process::{ProcessId, TaskId};
use crate::world::World;

/// What the SDK's client waits for an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Which edge a call crosses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    Table,
    Service,
    Bus,
}

/// What kind of call it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    /// It changes nothing.
    Read,
    /// It is repeated by the client if no answer comes.
    Write,
    /// The same, but carried out once however often it is repeated.
    Transaction,
    /// It acts on Service Catalog, with this token. It is never repeated, and does not leave after the instant.
    Send { token: String, until: Time },
}

/// Why there is no answer, as the caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    TimedOut,
    Unavailable,
    Throttled,
    Credentials,
    TooLate,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Carried out and answered.
    Done,
    /// Carried out; nobody hears of it.
    Lost,
    /// Not carried out.
    Undone(Failure),
    /// Carried out twice, and the second answer counts.
    Twice,
    /// Carried out and answered, and carried out again when nobody thinks of it any more.
    Again(Duration),
}

/// When its process dies, if it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crash {
    /// Before the call leaves.
    Before,
    /// Right after it was carried out.
    After,
}

/// How a call will go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    pub(crate) deed: Deed,
    pub(crate) crash: Option<Crash>,
    /// How long the sandbox is frozen before it leaves.
    pub(crate) frozen: Duration,
    /// How long it is on its way.
    pub(crate) way: Duration,
    /// How long the answer is.
    pub(crate) back: Duration,
}

pub(crate) type Answer = Box<dyn FnOnce() + Send>;

/// A call under way.
pub(crate) struct Call {
    pub(crate) process: ProcessId,
    pub(crate) task: TaskId,
    pub(crate) edge: Edge,
    pub(crate) nature: Nature,
    /// For the history.
    pub(crate) words: String,
    pub(crate) course: Course,
    /// Carries it out.
    pub(crate) act: Box<dyn FnMut(&mut World) -> Answer + Send>,
    /// Answers without success.
    pub(crate) fail: Option<Box<dyn FnOnce(Failure) + Send>>,
    /// What it is answered, on its way back.
    pub(crate) answer: Option<Answer>,
    /// Why it is not answered.
    pub(crate) failure: Option<Failure>,
    /// How much is still planned for it.
    pub(crate) planned: u8,
}

/// What the caller waits for.
pub(crate) struct Reply<T>(Arc<Mutex<Slot<T>>>);

struct Slot<T> {
    answer: Option<T>,
    waker: Option<Waker>,
}

impl<T> Reply<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Slot { answer: None, waker: None })))
    }

    /// Another hand on the same reply.
    pub(crate) fn hand(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// Answers; whoever waits is woken.
    pub(crate) fn put(&self, answer: T) {
        let mut slot = self.slot();
        slot.answer = Some(answer);
        if let Some(waker) = slot.waker.take() {
            waker.wake();
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Future for Reply<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut slot = self.slot();
        if let Some(answer) = slot.answer.take() {
            return Poll::Ready(answer);
        }
        slot.waker = Some(context.waker().clone());
        Poll::Pending
    }
}
