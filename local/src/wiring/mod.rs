//! Buses, rules, queues, mappings and schedules, as the template wires them.

mod access;
mod bus;
mod bus_policy;
mod check;
mod kept;
mod mapping;
mod message;
mod notice;
mod put_events;
mod queue;
mod queue_policy;
mod rule;
mod schedule;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use serde_json::Value;
use thiserror::Error;
use tokio::task::JoinSet;

use crate::api::Invoke;
use crate::clock::Clock;
use crate::gateway::Place;
use crate::template::resources::Target;
use crate::template::{Template, id_of};

use bus::Matcher;
use bus_policy::Deny;
pub use kept::Kept;
use mapping::Switch;
pub use message::{Attribute, AttributeValue, Message, digest};
pub use notice::Notice;
pub use queue::{Counts, NotHidden, Queue};
use queue_policy::QueuePolicy;
pub(crate) use queue_policy::{By, Decision};
use rule::RuleState;

/// The name of the bus that every account has.
pub const DEFAULT_BUS: &str = "default";

/// The template cannot be wired.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("wiring: {0}")]
pub struct WiringError(String);

/// Everything that moves events, running.
#[derive(Clone)]
pub struct Wiring {
    inner: Arc<Inner>,
    tasks: Arc<std::sync::Mutex<JoinSet<()>>>,
}

/// What the tasks share.
struct Inner {
    place: Place,
    clock: Clock,
    invoke: Arc<dyn Invoke>,
    /// By bus name.
    buses: BTreeMap<String, Vec<Matcher>>,
    /// By logical id.
    queues: BTreeMap<String, Queue>,
    /// The logical ids of the topics.
    topics: BTreeSet<String>,
    /// What they got, oldest first.
    notices: std::sync::Mutex<VecDeque<Notice>>,
    /// By logical id of the queue: its policy, as it is written and as it is decided.
    queue_policies: std::sync::RwLock<BTreeMap<String, (Value, QueuePolicy)>>,
    /// What the policies of the buses deny.
    denies: Vec<Deny>,
    /// By logical id.
    rules: BTreeMap<String, RuleState>,
    /// What mappings are switched on and off by, by logical id.
    mappings: BTreeMap<String, Switch>,
    /// The targets of each rule that fires by time, by logical id.
    schedules: BTreeMap<String, Vec<Target>>,
    /// Whether they let their time pass.
    held: AtomicBool,
    /// How many entries of `PutEvents` are still to be refused.
    refusals: AtomicUsize,
    /// The events that a bus took last, with the rules that matched.
    seen: std::sync::Mutex<Memory>,
}

/// An event that a bus took.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// When.
    pub at: DateTime<Utc>,
    /// The bus.
    pub bus: String,
    /// The whole event.
    pub event: Value,
    /// The rules that it matched.
    pub rules: Vec<String>,
}

/// How many events are remembered, and how many notices.
const SEEN_MAX: usize = 50_000;

#[derive(Default)]
struct Memory {
    events: VecDeque<Seen>,
    forgotten: usize,
}

impl Wiring {
    /// Wires a template and lets it run.
    ///
    /// # Errors
    /// If a rule, target or mapping is not one that the local cloud can carry out.
    pub fn start(
        template: &Template,
        clock: Clock,
        place: Place,
        invoke: Arc<dyn Invoke>,
    ) -> Result<Self, WiringError> {
        let mut buses: BTreeMap<String, Vec<Matcher>> =
            template.buses.values().map(|name| (name.clone(), Vec::new())).collect();
        buses.insert(DEFAULT_BUS.to_owned(), Vec::new());
        for (id, rule) in &template.rules {
            let Some(pattern) = &rule.event_pattern else { continue };
            let bus = rule.event_bus_name.as_deref().map_or(DEFAULT_BUS, id_of);
            let matchers = buses.get_mut(bus).ok_or_else(|| WiringError(format!("{id}: there is no bus {bus}")))?;
            matchers.push(Matcher::new(id, pattern, rule.targets.clone())?);
        }
        let queues =
            template.queues.iter().map(|(id, queue)| (id.clone(), Queue::new(id, queue, clock.clone()))).collect();
        let denies = template.policies.iter().filter_map(|(id, policy)| Deny::read(id, policy).transpose());
        let denies = denies.collect::<Result<_, _>>()?;
        let timed = template.rules.iter().filter(|(_, rule)| rule.schedule_expression.is_some());
        let schedules = timed.map(|(id, rule)| (id.clone(), rule.targets.clone())).collect();
        let topics = template.topics.clone();
        let (held, refusals, seen, notices) = Default::default();
        let rules = template.rules.iter().map(|(id, rule)| (id.clone(), RuleState::new(rule))).collect();
        let started = clock.now();
        let mappings = template.mappings.keys().map(|id| (id.clone(), Switch::new(started))).collect();
        let queue_policies = std::sync::RwLock::new(access::queue_policies(template)?);
        let inner = Inner {
            place,
            clock,
            invoke,
            buses,
            queues,
            topics,
            notices,
            queue_policies,
            denies,
            rules,
            mappings,
            schedules,
            held,
            refusals,
            seen,
        };
        let wiring = Self { inner: Arc::new(inner), tasks: Arc::default() };
        check::targets(template)?;
        for (id, mapping) in &template.mappings {
            let switch = wiring.inner.mappings.get(id).cloned().unwrap_or_else(|| Switch::new(started));
            wiring.spawn(mapping::run(
                Arc::clone(&wiring.inner),
                mapping::Mapping::new(id, mapping, &wiring.inner.queues, switch)?,
            ));
        }
        for (id, rule) in &template.rules {
            if let Some(expression) = &rule.schedule_expression {
                let every = schedule::interval(expression)
                    .ok_or_else(|| WiringError(format!("{id}: the schedule {expression} is not known")))?;
                wiring.spawn(schedule::run(Arc::clone(&wiring.inner), id.clone(), every));
            }
        }
        Ok(wiring)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).spawn(task);
    }

    /// Stops moving events.
    pub fn stop(&self) {
        self.tasks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).abort_all();
    }

    /// Puts a whole event on a bus, as AWS itself would.
    pub async fn put(&self, bus: &str, event: Value) {
        self.inner.put(bus, event).await;
    }

    /// Fires a rule that fires by time, now, and waits until its targets have answered; `false`: there is none, or it
    /// is disabled.
    pub async fn fire(&self, rule: &str) -> bool {
        schedule::fire(&self.inner, rule).await
    }

    /// Whether rules that fire by time let their time pass. [`Wiring::fire`] fires them all the same.
    pub fn hold_schedules(&self, held: bool) {
        self.inner.held.store(held, Ordering::SeqCst);
    }

    /// Refuses the next entries of `PutEvents`, whatever they are, each with an error of its own (`InternalFailure`).
    pub fn refuse_entries(&self, count: usize) {
        self.inner.refusals.store(count, Ordering::SeqCst);
    }

    /// Whether every message sent from now on is delivered twice, as a standard queue may.
    pub fn deliver_twice(&self, twice: bool) {
        self.inner.queues.values().for_each(|queue| queue.deliver_twice(twice));
    }

    /// Sends a message to a queue, by its logical id; `false`: there is none.
    #[must_use]
    pub fn send(&self, queue: &str, body: String) -> bool {
        self.inner.queues.get(queue).map(|queue| queue.send(body)).is_some()
    }

    /// The mappings, by logical id: whether each reads its queue, and since when that is so.
    #[must_use]
    pub fn mappings(&self) -> BTreeMap<String, (bool, DateTime<Utc>)> {
        self.inner.mappings.iter().map(|(id, switch)| (id.clone(), switch.state())).collect()
    }

    /// Lets a mapping read its queue, or not; `false`: there is none of that logical id. What it has received it still carries
    /// to its end.
    #[must_use]
    pub fn enable_mapping(&self, id: &str, enabled: bool) -> bool {
        self.inner.mappings.get(id).map(|switch| switch.set(enabled, self.inner.now())).is_some()
    }

    /// A queue, by its logical id.
    #[must_use]
    pub fn queue(&self, id: &str) -> Option<&Queue> {
        self.inner.queues.get(id)
    }

    /// All queues, by logical id.
    #[must_use]
    pub fn queues(&self) -> &BTreeMap<String, Queue> {
        &self.inner.queues
    }

    /// What topics got, oldest first; the last 50,000.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        self.inner.notices.lock().unwrap_or_else(std::sync::PoisonError::into_inner).iter().cloned().collect()
    }

    /// Whether no message is in a queue that a function reads. What is in a dead-letter queue stays there.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.inner.queues.values().filter(|queue| queue.is_read()).all(Queue::is_empty)
    }

    /// The events that a bus took, oldest first; the last 50,000.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.seen_after(0)
    }

    /// Those of them that came after the first `count` of all: who looks often need not look at all of them each time.
    #[must_use]
    pub fn seen_after(&self, count: usize) -> Vec<Seen> {
        let memory = self.inner.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        memory.events.iter().skip(count.saturating_sub(memory.forgotten)).cloned().collect()
    }

    /// The events after the first `count` of all, the last `most` of them, and how many there have been.
    #[must_use]
    pub fn seen_last(&self, count: usize, most: usize) -> (usize, Vec<Seen>) {
        let memory = self.inner.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let total = memory.forgotten + memory.events.len();
        let wanted = total.saturating_sub(count).min(most).min(memory.events.len());
        (total, memory.events.iter().skip(memory.events.len() - wanted).cloned().collect())
    }
}

impl Inner {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn remember(&self, seen: Seen) {
        let mut memory = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if memory.events.len() == SEEN_MAX {
            memory.events.pop_front();
            memory.forgotten += 1;
        }
        memory.events.push_back(seen);
    }
}
