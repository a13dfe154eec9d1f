//! What happens when. Of what happens in the same millisecond, chance says what is first.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use shared::clock::Time;

use crate::process::{Function, ProcessId};
use crate::queue::{InvocationId, Message};
use crate::script::Act;

/// Something that happens.
#[derive(Debug)]
pub(crate) enum Event {
    /// A call leaves its process.
    Leave(u64),
    /// A call is carried out.
    Arrive(u64),
    /// What was carried out is carried out once more.
    Again(u64),
    /// A call is answered, or nobody waits for it any more.
    Answer(u64),
    /// A message is to be had from its queue.
    Deliver(Message),
    /// A function takes messages from its queue.
    Dispatch(Function),
    /// An invocation's time is up.
    TimeUp(InvocationId),
    /// A record ends.
    RecordEnds(String),
    /// The schedule of `reconcile`.
    Tick,
    /// The schedule of `sweep`.
    Sweep,
    /// Somebody does something.
    Act(Act),
    /// A process is recycled.
    Recycle(ProcessId),
}

/// The order of events.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    heap: BinaryHeap<Reverse<Entry>>,
    count: u64,
}

#[derive(Debug)]
struct Entry {
    at: Time,
    chance: u64,
    count: u64,
    event: Event,
}

impl Agenda {
    pub(crate) fn add(&mut self, at: Time, chance: u64, event: Event) {
        self.count += 1;
        self.heap.push(Reverse(Entry { at, chance, count: self.count, event }));
    }

    pub(crate) fn next(&mut self) -> Option<(Time, Event)> {
        self.heap.pop().map(|Reverse(entry)| (entry.at, entry.event))
    }
}

impl Entry {
    fn key(&self) -> (Time, u64, u64) {
        (self.at, self.chance, self.count)
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}
