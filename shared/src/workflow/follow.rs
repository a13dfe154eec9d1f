//! Following: records to their end, what is due on its way again, outcomes to the bus.

mod poll;
mod settle;
pub(super) mod tell;
mod wake;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::StreamExt as _;
use futures_util::stream;
use tracing::{info, warn};

use super::{Edges, Trouble};
use crate::clock::Time;
use crate::config::{Following, Telling};
use crate::operation::State;
use crate::outcome;
use crate::ports::{Bus, Catalog, Due, Fence, Products, Store};
use crate::request::Kind;
use crate::retry::after;

use settle::Settled;
pub use wake::Woken;

/// How many operations are read from an index at once, and followed side by side before the next are read.
const PAGE: u32 = 100;
/// How many records are described at the same time: the service throttles at modest concurrency.
const SIDE_BY_SIDE: usize = 8;
/// How many times an operation's way to its queue doubles.
const REDRIVE_DOUBLINGS: u32 = 3;

/// The workflow of `reconcile`.
#[derive(Debug)]
pub struct Follower<C, S, B> {
    /// The edges.
    pub edges: Arc<Edges<C, S, B>>,
    /// The parameters.
    pub settings: Following,
    /// Those by which it tells of ends.
    pub telling: Telling,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Operations looked at.
    pub seen: u32,
    /// Operations that came to an end.
    pub settled: u32,
    /// Operations sent on their way again.
    pub redriven: u32,
    /// Products whose end was told, or its coming.
    pub told: u32,
    /// Operations that could not be followed this time.
    pub troubled: u32,
}

/// What following one operation came to.
enum Step {
    /// It is written already, or is nobody's business now.
    Done,
    /// The time was up before it was looked at.
    Left,
    /// It ends: to be published, then written.
    Ends(Box<Settled>),
    /// It is to be sent on its way again; its `dueAt` is moved already.
    Again(Box<Due>),
}

impl<C: Catalog, S: Store + Products, B: Bus> Follower<C, S, B> {
    /// Looks at everything that is due, oldest first, until nothing is or the time is up.
    ///
    /// # Errors
    /// If the table cannot be read at all.
    pub async fn tick(&self, until: Time) -> Result<Tally, Trouble> {
        let paused = self.edges.store.paused().await?.is_some();
        let mut tally = Tally::default();
        let mut seen = HashSet::new();
        let mut products_seen = HashSet::new();
        while self.edges.clock.now() < until {
            let mut due = self.edges.store.due(self.edges.clock.now(), PAGE).await?;
            let last_page = due.len() < PAGE as usize;
            // An index lags: what this run has touched may still stand at its head, and is not touched twice.
            due.operations.retain(|operation| seen.insert(operation.id.clone()));
            due.products.retain(|product| products_seen.insert(product.id.clone()));
            let nothing_new = due.is_empty();
            take_turns(&mut due.operations);
            self.follow(due.operations, paused, until, &mut tally).await;
            self.tell(due.products, paused, &mut tally).await?;
            if last_page || nothing_new {
                break;
            }
        }
        Ok(tally)
    }

    async fn follow(&self, operations: Vec<Due>, paused: bool, until: Time, tally: &mut Tally) {
        let steps: Vec<(Due, Result<Step, Trouble>)> = stream::iter(operations)
            .map(|operation| async move {
                // Asked for each one: a page of slow answers must not outlast the function, or nothing of it would ever be
                // settled. What is left keeps its `dueAt` and is the next run's.
                let in_time = self.edges.clock.now() < until;
                let step = if in_time { self.one(&operation, paused).await } else { Ok(Step::Left) };
                (operation, step)
            })
            .buffer_unordered(SIDE_BY_SIDE)
            .collect()
            .await;
        let (mut ends, mut again) = (Vec::new(), Vec::new());
        for (operation, step) in steps {
            tally.seen += u32::from(!matches!(step, Ok(Step::Left)));
            match step {
                Ok(Step::Done | Step::Left) => {}
                Ok(Step::Ends(settled)) => ends.push(*settled),
                Ok(Step::Again(due)) => again.push(*due),
                Err(error) => {
                    tally.troubled += 1;
                    self.set_back(&operation, &error).await;
                }
            }
        }
        self.settle(ends, tally).await;
        self.redrive(again, tally).await;
    }

    async fn one(&self, operation: &Due, paused: bool) -> Result<Step, Trouble> {
        match operation.standing.state {
            State::Submitted => self.poll(operation).await,
            State::Waiting | State::Submitting if paused => {
                let again = after(self.edges.clock.now(), self.settings.poll_base);
                self.edges.store.postpone(&operation.id, &fence(operation), again, operation.retry_at).await?;
                Ok(Step::Done)
            }
            State::Waiting | State::Submitting => self.again(operation).await,
            // An index may still show what has ended.
            _ => Ok(Step::Done),
        }
    }

    /// Moves `dueAt` before the event is published: a crash in between delays, it loses nothing; and a queue that is
    /// behind is not filled with repetitions.
    async fn again(&self, operation: &Due) -> Result<Step, Trouble> {
        let now = self.edges.clock.now();
        let waited = match (operation.due_at, operation.retry_at) {
            (Some(due), Some(retry)) => (due - retry).max(TimeDelta::zero()).to_std().unwrap_or_default(),
            _ => std::time::Duration::ZERO,
        };
        let pause =
            (waited * 2).clamp(self.settings.redrive_after, self.settings.redrive_after * (1 << REDRIVE_DOUBLINGS));
        // A wake-up brings the instant forward at which a send is allowed; nothing else changes it.
        let retry_at = operation.retry_at.map_or(now, |retry| retry.min(now));
        let due_at = after(now, pause);
        match self.edges.store.postpone(&operation.id, &fence(operation), due_at, Some(retry_at)).await? {
            crate::ports::Written::Applied => Ok(Step::Again(Box::new(operation.clone()))),
            crate::ports::Written::Fenced => Ok(Step::Done),
        }
    }

    async fn redrive(&self, operations: Vec<Due>, tally: &mut Tally) {
        let events: Vec<_> = operations.iter().map(|due| outcome::due(&due.id, due.kind)).collect();
        if events.is_empty() {
            return;
        }
        for (operation, answer) in operations.iter().zip(self.edges.bus.publish(&events).await) {
            match answer {
                Ok(()) => {
                    tally.redriven += 1;
                    info!(operation = %operation.id, "sent {} on its way again", operation.subject);
                }
                Err(error) => {
                    tally.troubled += 1;
                    self.set_back(operation, &error.into()).await;
                }
            }
        }
    }

    /// Whatever was touched gets a new `dueAt`, so that a bad head never blocks the line.
    async fn set_back(&self, operation: &Due, error: &Trouble) {
        warn!(operation = %operation.id, "could not follow {}: {error}", operation.subject);
        let again = after(self.edges.clock.now(), self.settings.poll_base);
        let set_back = self.edges.store.postpone(&operation.id, &fence(operation), again, operation.retry_at).await;
        if let Err(error) = set_back {
            warn!(operation = %operation.id, "could not set {} back either: {error}", operation.subject);
        }
    }
}

/// Kinds by turns: a herd of one kind that is due first must not use the time of all.
fn take_turns(due: &mut [Due]) {
    let mut before: HashMap<Kind, u32> = HashMap::new();
    due.sort_by_cached_key(|operation| {
        let turn = before.entry(operation.kind).or_default();
        *turn += 1;
        *turn
    });
}

/// What was read is what must still be there.
fn fence(operation: &Due) -> Fence {
    Fence {
        nonce: Some(operation.nonce.clone()),
        states: vec![operation.standing.state],
        attempt: operation.standing.attempt,
    }
}
