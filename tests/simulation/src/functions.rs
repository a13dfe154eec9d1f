//! Invocations: messages are taken from queues and handed to processes; what is not done comes again.

use std::time::Duration;

use chrono::TimeDelta;
use shared::clock::Time;
use shared::outcome::Outgoing;
use shared::retry::after;

use crate::agenda::Event;
use crate::process::{Function, Process, ProcessId};
use crate::queue::{Body, Invocation, InvocationId, Message, Told};
use crate::world::{Command, World};

/// How many messages an invocation takes.
const BATCH: usize = 10;
/// How many processes take from a queue at the same time.
const SIDE_BY_SIDE: usize = 2;
/// How often the schedule wakes `reconcile`.
const TICK: Duration = Duration::from_mins(1);
/// How far it looks ahead when there is nothing to do: only so that a schedule of days takes no hours.
const NOTHING_FOR: TimeDelta = TimeDelta::minutes(10);

impl World {
    /// A message is sent to a function's queue.
    pub(crate) fn send(&mut self, function: Function, body: &Body, pause: Duration) {
        let copies = 1 + usize::from(self.chance.is(self.weather.doubled));
        for _ in 0..copies {
            let late = if self.chance.is(self.weather.late) { Duration::from_mins(40) } else { Duration::from_secs(2) };
            let pause = pause + self.chance.between(Duration::ZERO, late);
            self.messages += 1;
            self.plan(pause, Event::Deliver(Message { function, body: body.clone() }));
        }
    }

    /// Messages that were not deleted come again.
    pub(crate) fn come_again(&mut self, began_at: Time, messages: Vec<Message>) {
        for message in messages {
            if matches!(message.body, Body::Schedule) {
                // The next one comes by itself.
                self.messages -= 1;
                continue;
            }
            self.plan_at(after(began_at, message.function.visibility()), Event::Deliver(message));
        }
    }

    pub(crate) fn deliver(&mut self, message: Message) {
        let function = message.function;
        let is_waited_for = matches!(message.body, Body::Schedule);
        self.queues.entry(function).or_default().push(message);
        let pause = if is_waited_for || self.chance.is(0.5) { 0 } else { self.chance.below(1_000) };
        self.plan(Duration::from_millis(pause), Event::Dispatch(function));
    }

    /// A function takes what is in its queue, if it may.
    pub(crate) fn dispatch(&mut self, function: Function) {
        let busy = self.processes.values().filter(|process| process.function == function && process.is_busy).count();
        let Some(queue) = self.queues.get_mut(&function).filter(|queue| !queue.is_empty()) else { return };
        // A schedule invokes; it asks no queue.
        let messages: Vec<Message> = match queue.iter().position(|message| matches!(message.body, Body::Schedule)) {
            Some(place) => vec![queue.remove(place)],
            None if busy >= SIDE_BY_SIDE => return,
            None => {
                let take = queue.len().min(BATCH);
                queue.drain(..take).collect()
            }
        };
        let process = self.process(function);
        let invocation = InvocationId(self.number(2));
        self.say(|| format!("{} is {function:?}, with {} of its messages", process.0, messages.len()));
        let left = messages.len();
        self.invocations.insert(
            invocation,
            Invocation {
                process,
                began_at: self.now,
                stops_at: after(self.now, function.time_out()),
                messages,
                left,
                again: Vec::new(),
            },
        );
        self.plan(function.time_out(), Event::TimeUp(invocation));
        self.commands.push(Command::Start(invocation));
    }

    /// A process that has nothing to do, or a new one.
    fn process(&mut self, function: Function) -> ProcessId {
        let idle: Vec<ProcessId> = self
            .processes
            .iter()
            .filter(|(_, process)| process.function == function && !process.is_busy)
            .map(|(id, _)| *id)
            .collect();
        let warm = idle.first().copied().filter(|_| self.chance.is(0.9));
        let id = warm.unwrap_or_else(|| {
            let (id, skew) = (ProcessId(self.number(0)), self.skew());
            self.processes.insert(id, Process { function, skew, is_busy: false });
            self.plan(Duration::from_hours(1), Event::Recycle(id));
            id
        });
        if let Some(process) = self.processes.get_mut(&id) {
            process.is_busy = true;
        }
        id
    }

    /// One message of an invocation is done, or has to come again.
    pub(crate) fn done(&mut self, id: InvocationId, message: usize, trouble: Option<&str>) {
        let Some(invocation) = self.invocations.get_mut(&id) else { return };
        invocation.left -= 1;
        if let Some(trouble) = trouble {
            if let Some(message) = invocation.messages.get(message) {
                invocation.again.push(message.clone());
            }
            let words = trouble.to_owned();
            self.say(|| format!("it comes again: {words}"));
        }
        if self.invocations.get(&id).is_some_and(|invocation| invocation.left == 0)
            && let Some(invocation) = self.invocations.remove(&id)
        {
            let Invocation { process, began_at, messages, again, .. } = invocation;
            self.messages -= messages.len() - again.len();
            self.come_again(began_at, again);
            if let Some(process) = self.processes.get_mut(&process) {
                process.is_busy = false;
                let function = process.function;
                self.plan(Duration::ZERO, Event::Dispatch(function));
            }
        }
    }

    /// A sandbox stands still: so does the time of what it does, and the lease runs out.
    pub(crate) fn freeze(&mut self, process: ProcessId, pause: Duration) {
        for invocation in self.invocations.values_mut().filter(|invocation| invocation.process == process) {
            invocation.stops_at = after(invocation.stops_at, pause);
        }
    }

    /// Lambda stops whoever takes too long.
    pub(crate) fn time_up(&mut self, id: InvocationId) {
        let Some(invocation) = self.invocations.get(&id) else { return };
        let (process, stops_at) = (invocation.process, invocation.stops_at);
        if stops_at > self.now {
            return self.plan_at(stops_at, Event::TimeUp(id));
        }
        self.say(|| format!("{} is stopped: its time is up", process.0));
        self.kill(process);
    }

    /// Lambda takes an idle process away.
    pub(crate) fn recycle(&mut self, id: ProcessId) {
        match self.processes.get(&id).map(|process| process.is_busy) {
            Some(true) => self.plan(Duration::from_mins(5), Event::Recycle(id)),
            Some(false) => self.kill(id),
            None => {}
        }
    }

    /// The schedule of `reconcile`: without need it would look, and find nothing.
    pub(crate) fn tick(&mut self) {
        let due = self.table.next_due();
        let horizon = self.now + TimeDelta::from_std(self.weather.skew).unwrap_or_default();
        if due.is_some_and(|due| due <= horizon) {
            self.messages += 1;
            self.deliver(Message { function: Function::Reconcile, body: Body::Schedule });
        }
        let next = after(self.now, TICK);
        let wanted = due.unwrap_or(Time::MAX_UTC).min(self.now + NOTHING_FOR).max(next);
        self.plan_at(wanted, Event::Tick);
    }

    /// The schedule of `sweep`.
    pub(crate) fn sweep(&mut self) {
        let Some(until) = self.sweeps_until.filter(|until| self.now < *until) else { return };
        self.messages += 1;
        self.deliver(Message { function: Function::Sweep, body: Body::Schedule });
        self.plan_at(after(self.now, Duration::from_hours(1)).min(until), Event::Sweep);
    }

    /// The bus has taken an event: it is told, and goes where its rules say.
    pub(crate) fn told(&mut self, event: &Outgoing) {
        let (id, now) = (format!("event-{}", self.number(3)), self.now);
        self.say(|| format!("    told: {} {}", event.detail_type, event.detail));
        self.check_told(event);
        let told = Told {
            source: "steward".to_owned(),
            detail_type: event.detail_type.to_owned(),
            detail: event.detail.clone(),
            id,
            at: now,
        };
        let function = match event.detail_type {
            "Provisioned Product Expired" => Function::Terminate,
            "Sweep Due" => Function::Sweep,
            "Operation Due" => {
                let kind = event.detail.get("kind").cloned().and_then(|kind| serde_json::from_value(kind).ok());
                let Some(kind) = kind else { return };
                Function::of(kind)
            }
            _ => return,
        };
        let body = if function == Function::Sweep { Body::Schedule } else { Body::Event(told) };
        self.send(function, &body, Duration::ZERO);
    }
}
