//! A standard SQS queue: delays, visibility, receive counts. At least once, in no order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use super::message::{Attribute, Message, is_receipt};
use crate::clock::Clock;
use crate::template::resources;

/// A queue. Clones share it.
#[derive(Clone, Debug)]
pub struct Queue {
    name: String,
    properties: resources::Queue,
    created_at: DateTime<Utc>,
    delay: Duration,
    visibility: Duration,
    retention: TimeDelta,
    redrive: Option<(String, u32)>,
    clock: Clock,
    state: Arc<Mutex<State>>,
    /// Tells whoever waits for messages that there may be something to receive.
    pub(crate) arrived: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    messages: Vec<Message>,
    is_read: bool,
    delivers_twice: bool,
}

/// What a queue gave.
#[derive(Debug, Default)]
pub(super) struct Received {
    /// The messages, each received once more now.
    pub(super) messages: Vec<Message>,
    /// Those that were received too often before: they are in the queue no longer.
    pub(super) dead: Vec<Message>,
    /// When there will be something to receive, if nobody sends before.
    pub(super) next: Option<DateTime<Utc>>,
}

/// How many messages are in a queue, by what can be done with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// They can be received.
    pub visible: usize,
    /// They are received, and neither deleted nor visible again.
    pub in_flight: usize,
    /// They cannot be received yet.
    pub delayed: usize,
}

/// Why a message stays hidden as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotHidden {
    /// No receipt looks like that.
    NoReceipt,
    /// Nobody has it.
    NotInFlight,
}

impl Queue {
    pub(super) fn new(name: &str, queue: &resources::Queue, clock: Clock) -> Self {
        let redrive = queue.redrive_policy.as_ref();
        Self {
            name: name.to_owned(),
            properties: queue.clone(),
            created_at: clock.now(),
            delay: Duration::from_secs(queue.delay_seconds),
            visibility: Duration::from_secs(queue.visibility_timeout),
            // Not scaled: days are days, whatever else goes faster, or an hour here would lose what waits.
            retention: i64::try_from(queue.message_retention_period)
                .ok()
                .and_then(TimeDelta::try_seconds)
                .unwrap_or(TimeDelta::MAX),
            redrive: redrive
                .map(|r| (crate::template::id_of(&r.dead_letter_target_arn).to_owned(), r.max_receive_count)),
            clock,
            state: Arc::default(),
            arrived: Arc::default(),
        }
    }

    /// Sends a message.
    pub fn send(&self, body: String) {
        self.send_with(body, BTreeMap::new(), None);
    }

    /// Sends a message with attributes, and perhaps a delay of its own; the message as it was sent.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn send_with(&self, body: String, attributes: BTreeMap<String, Attribute>, delay: Option<Duration>) -> Message {
        let now = self.clock.now();
        let visible_at =
            now + TimeDelta::from_std(delay.unwrap_or_else(|| self.clock.scaled(self.delay))).unwrap_or_default();
        let message = Message {
            id: random_id(),
            body,
            attributes,
            sent_at: now,
            first_received_at: None,
            receives: 0,
            came_from: None,
            copy: 0,
            visible_at,
        };
        let mut state = self.state();
        if state.delivers_twice {
            state.messages.push(Message { copy: 1, ..message.clone() });
        }
        state.messages.push(message.clone());
        drop(state);
        self.arrived.notify_waiters();
        message
    }

    /// The logical id.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the template says of it.
    #[must_use]
    pub fn properties(&self) -> &resources::Queue {
        &self.properties
    }

    /// When it was made.
    #[must_use]
    pub fn created_at(&self) -> DateTime<Utc> {
        self.created_at
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
        self.counts().in_flight
    }

    /// How many messages there are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let now = self.clock.now();
        let mut state = self.state();
        self.forget(&mut state, now);
        state.messages.iter().fold(Counts::default(), |mut counts, message| {
            match (message.visible_at <= now, message.receives) {
                (true, _) => counts.visible += 1,
                (false, 0) => counts.delayed += 1,
                (false, _) => counts.in_flight += 1,
            }
            counts
        })
    }

    pub(super) fn deliver_twice(&self, twice: bool) {
        self.state().delivers_twice = twice;
    }

    pub(super) fn read_by_a_function(&self) {
        self.state().is_read = true;
    }

    /// Receives up to `most` visible messages and hides them, for as long as the queue says unless `hidden` does; and tells
    /// which were received too often before.
    pub(super) fn receive(&self, most: usize, hidden: Option<Duration>) -> Received {
        let now = self.clock.now();
        let hidden_until =
            now + TimeDelta::from_std(hidden.unwrap_or_else(|| self.clock.scaled(self.visibility))).unwrap_or_default();
        let receives_max = self.redrive.as_ref().map_or(u32::MAX, |(_, most)| *most);
        let mut state = self.state();
        self.forget(&mut state, now);
        let mut dead = Vec::new();
        state.messages.retain(|message| {
            let is_dead = message.visible_at <= now && message.receives >= receives_max;
            if is_dead {
                dead.push(Message { came_from: Some(self.name.clone()), ..message.clone() });
            }
            !is_dead
        });
        let mut messages = Vec::new();
        for message in state.messages.iter_mut().filter(|message| message.visible_at <= now).take(most) {
            message.receives += 1;
            message.first_received_at.get_or_insert(now);
            message.visible_at = hidden_until;
            messages.push(message.clone());
        }
        let next = state.messages.iter().map(|message| message.visible_at).min();
        Received { messages, dead, next }
    }

    /// Where messages go that are received too often.
    pub(super) fn dead_letter_queue(&self) -> Option<&str> {
        self.redrive.as_ref().map(|(queue, _)| queue.as_str())
    }

    /// Takes a message that moves here; it keeps its age.
    pub(super) fn take(&self, message: Message) {
        self.state().messages.push(message);
        self.arrived.notify_waiters();
    }

    /// Takes messages that were in it before.
    pub(super) fn put_back(&self, messages: Vec<Message>) {
        self.state().messages.extend(messages);
        self.arrived.notify_waiters();
    }

    /// Deletes a message. Another copy of it stays, and comes again: that is what at least once means.
    pub(super) fn delete(&self, deleted: &Message) {
        self.state().messages.retain(|message| (message.id.as_str(), message.copy) != (&deleted.id, deleted.copy));
    }

    /// Deletes the message of a receipt; `false`: no receipt looks like that. A receipt that is not the last of its message
    /// deletes nothing.
    #[must_use]
    pub fn delete_by_receipt(&self, receipt: &str) -> bool {
        if is_receipt(receipt) {
            self.state().messages.retain(|message| message.receives == 0 || message.receipt() != receipt);
        }
        is_receipt(receipt)
    }

    /// Hides a message for so long from now on.
    ///
    /// # Errors
    /// If nobody has a message by that receipt.
    pub fn hide(&self, receipt: &str, hidden: Duration) -> Result<(), NotHidden> {
        if !is_receipt(receipt) {
            return Err(NotHidden::NoReceipt);
        }
        let now = self.clock.now();
        let mut state = self.state();
        let mut held = state.messages.iter_mut().filter(|message| message.receives > 0 && message.visible_at > now);
        let message = held.find(|message| message.receipt() == receipt).ok_or(NotHidden::NotInFlight)?;
        message.visible_at = now + TimeDelta::from_std(hidden).unwrap_or_default();
        drop(state);
        self.arrived.notify_waiters();
        Ok(())
    }

    /// Deletes all messages.
    pub fn purge(&self) {
        self.state().messages.clear();
    }

    /// Drops what is older than messages may be.
    fn forget(&self, state: &mut State, now: DateTime<Utc>) {
        state.messages.retain(|message| now - message.sent_at <= self.retention);
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
