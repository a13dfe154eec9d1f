//! A standard SQS queue: delays, visibility, receive counts. At least once, in no order.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::template::resources;

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id; new with every send.
    pub id: String,
    /// What was sent.
    pub body: String,
    /// When.
    pub sent_at: DateTime<Utc>,
    /// When it was received first.
    pub first_received_at: Option<DateTime<Utc>>,
    /// How often it was received.
    pub receives: u32,
    /// Which copy it is, where messages are delivered twice.
    copy: u8,
    /// From when it can be received (again).
    visible_at: DateTime<Utc>,
}

/// A queue. Clones share it.
#[derive(Clone, Debug)]
pub struct Queue {
    name: String,
    delay: Duration,
    visibility: Duration,
    redrive: Option<(String, u32)>,
    clock: Clock,
    state: Arc<Mutex<State>>,
    /// Tells the mapping that reads the queue that there may be something to receive.
    pub(super) arrived: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    messages: Vec<Message>,
    is_read: bool,
    delivers_twice: bool,
}

impl Queue {
    pub(super) fn new(name: &str, queue: &resources::Queue, clock: Clock) -> Self {
        let redrive = queue.redrive_policy.as_ref();
        Self {
            name: name.to_owned(),
            delay: clock.scaled(Duration::from_secs(queue.delay_seconds)),
            visibility: clock.scaled(Duration::from_secs(queue.visibility_timeout)),
            redrive: redrive
                .map(|r| (crate::template::id_of(&r.dead_letter_target_arn).to_owned(), r.max_receive_count)),
            clock,
            state: Arc::default(),
            arrived: Arc::default(),
        }
    }

    /// Sends a message.
    pub fn send(&self, body: String) {
        let now = self.clock.now();
        let visible_at = now + TimeDelta::from_std(self.delay).unwrap_or_default();
        let (id, sent_at, first_received_at, receives) = (random_id(), now, None, 0);
        let message = Message { id, body, sent_at, first_received_at, receives, copy: 0, visible_at };
        let mut state = self.state();
        if state.delivers_twice {
            state.messages.push(Message { copy: 1, ..message.clone() });
        }
        state.messages.push(message);
        drop(state);
        self.arrived.notify_waiters();
    }

    /// The logical id.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a function reads it.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.state().is_read
    }

    /// Whether nothing is in it, visible or not.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state().messages.is_empty()
    }

    /// How many messages are in it, visible or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state().messages.len()
    }

    /// All its messages, visible or not.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.state().messages.clone()
    }

    /// Makes every hidden message visible, as if its time had come.
    pub fn show_all(&self) {
        let now = self.clock.now();
        self.state().messages.iter_mut().for_each(|message| message.visible_at = now);
        self.arrived.notify_waiters();
    }

    /// How many messages are received and not yet deleted or visible again.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        let now = self.clock.now();
        self.state().messages.iter().filter(|message| message.receives > 0 && message.visible_at > now).count()
    }

    pub(super) fn deliver_twice(&self, twice: bool) {
        self.state().delivers_twice = twice;
    }

    pub(super) fn read_by_a_function(&self) {
        self.state().is_read = true;
    }

    /// Receives up to `most` visible messages, and tells which were received too often before. `None`: nothing is visible;
    /// the instant says when something will be.
    pub(super) fn receive(&self, most: usize) -> (Vec<Message>, Vec<Message>, Option<DateTime<Utc>>) {
        let now = self.clock.now();
        let hidden_until = now + TimeDelta::from_std(self.visibility).unwrap_or_default();
        let receives_max = self.redrive.as_ref().map_or(u32::MAX, |(_, most)| *most);
        let mut state = self.state();
        let mut dead = Vec::new();
        state.messages.retain(|message| {
            let is_dead = message.visible_at <= now && message.receives >= receives_max;
            if is_dead {
                dead.push(message.clone());
            }
            !is_dead
        });
        let mut received = Vec::new();
        for message in state.messages.iter_mut().filter(|message| message.visible_at <= now).take(most) {
            message.receives += 1;
            message.first_received_at.get_or_insert(now);
            message.visible_at = hidden_until;
            received.push(message.clone());
        }
        let next = state.messages.iter().map(|message| message.visible_at).min();
        (received, dead, next)
    }

    /// Where messages go that are received too often.
    pub(super) fn dead_letter_queue(&self) -> Option<&str> {
        self.redrive.as_ref().map(|(queue, _)| queue.as_str())
    }

    /// Takes a message that moves here; it keeps its age.
    pub(super) fn take(&self, message: Message) {
        self.state().messages.push(message);
    }

    /// Deletes a message. Another copy of it stays, and comes again: that is what at least once means.
    pub(super) fn delete(&self, deleted: &Message) {
        self.state().messages.retain(|message| (message.id.as_str(), message.copy) != (&deleted.id, deleted.copy));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A random id in the form of a UUID.
pub(super) fn random_id() -> String {
    let bits = format!("{:032x}", fastrand::u128(..));
    format!("{}-{}-4{}-a{}-{}", &bits[..8], &bits[8..12], &bits[13..16], &bits[17..20], &bits[20..])
}
