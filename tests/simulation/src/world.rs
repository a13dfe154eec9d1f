//! The whole world of a schedule, and its one clock.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use shared::clock::Time;
use shared::ports::Refusal;
use shared::retry::after;
use shared::scope::Scope;

use crate::agenda::{Agenda, Event};
use crate::call::{Call, Edge};
use crate::chance::Chance;
use crate::check::{Ledger, Violation};
use crate::history::History;
use crate::mutant::Mutant;
use crate::process::{Function, Process, ProcessId, TaskId};
use crate::queue::{Invocation, InvocationId, Message};
use crate::service::{ACCOUNT, Fortune, REGION, Service, Settings};
use crate::table::{Index, Table};
use crate::weather::{TokenMemory, Weather};

/// What the scheduler is to do outside of the world.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Command {
    Start(InvocationId),
    Poll(ProcessId, TaskId),
    Kill(ProcessId),
}

/// All there is.
pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) chance: Chance,
    pub(crate) weather: Weather,
    pub(crate) table: Table,
    pub(crate) service: Service,
    pub(crate) history: History,
    pub(crate) ledger: Ledger,
    pub(crate) mutant: Option<Mutant>,
    pub(crate) violation: Option<Violation>,
    pub(crate) commands: Vec<Command>,
    pub(crate) agenda: Agenda,
    pub(crate) calls: BTreeMap<u64, Call>,
    pub(crate) processes: BTreeMap<ProcessId, Process>,
    pub(crate) queues: BTreeMap<Function, Vec<Message>>,
    pub(crate) invocations: BTreeMap<InvocationId, Invocation>,
    /// When an edge does not answer.
    pub(crate) outages: Vec<(Edge, Time, Time)>,
    /// When all that goes wrong stops.
    pub(crate) heals_at: Time,
    /// Until when the sweep's schedule runs; `None`: there is none.
    pub(crate) sweeps_until: Option<Time>,
    /// Messages that are on their way, waiting or being handled.
    pub(crate) messages: usize,
    /// What has been carried out: calls, by count.
    pub(crate) events: u64,
    counts: [u32; 4],
}

/// When every schedule begins.
pub(crate) fn beginning() -> Time {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default()
}

/// Account and region.
pub(crate) fn scope() -> Scope {
    Scope::new(ACCOUNT, REGION)
}

impl World {
    pub(crate) fn new(seed: u64, mutant: Option<Mutant>, history: History) -> Self {
        let mut chance = Chance::seeded(seed);
        let weather = Weather::drawn(&mut chance);
        let settings = Settings {
            memory: weather.token_memory,
            state_first: weather.state_first,
            busy: if weather.busy_looks_invalid { Refusal::Invalid } else { Refusal::Busy },
            search_lag: weather.search_lag,
            history_lag: weather.history_lag,
            status_lag: weather.status_lag,
        };
        Self {
            now: beginning(),
            chance,
            table: Table::lagging(Index::lagging(weather.index_lag)),
            service: Service::new(settings),
            weather,
            history,
            ledger: Ledger::default(),
            mutant,
            violation: None,
            commands: Vec::new(),
            agenda: Agenda::default(),
            calls: BTreeMap::new(),
            processes: BTreeMap::new(),
            queues: BTreeMap::new(),
            invocations: BTreeMap::new(),
            outages: Vec::new(),
            heals_at: beginning(),
            sweeps_until: None,
            messages: 0,
            events: 0,
            counts: [0; 4],
        }
    }

    /// Lets something happen after a while.
    pub(crate) fn plan(&mut self, pause: Duration, event: Event) {
        self.plan_at(after(self.now, pause), event);
    }

    /// Lets something happen then.
    pub(crate) fn plan_at(&mut self, at: Time, event: Event) {
        let chance = self.chance.seed();
        self.agenda.add(at.max(self.now), chance, event);
    }

    pub(crate) fn say(&mut self, words: impl FnOnce() -> String) {
        self.history.say(self.now, words);
    }

    pub(crate) fn is_healed(&self) -> bool {
        self.now >= self.heals_at
    }

    pub(crate) fn is_alive(&self, process: ProcessId) -> bool {
        self.processes.contains_key(&process)
    }

    /// What the clock of a process shows.
    pub(crate) fn clock_of(&self, process: ProcessId) -> Time {
        self.now + self.processes.get(&process).map_or(TimeDelta::zero(), |process| process.skew)
    }

    /// The next number of its own kind.
    pub(crate) fn number(&mut self, of: usize) -> u32 {
        self.counts[of] += 1;
        self.counts[of]
    }

    /// A clock's error.
    pub(crate) fn skew(&mut self) -> TimeDelta {
        let (skew, zero) = (self.weather.skew, Duration::ZERO);
        let off = TimeDelta::from_std(self.chance.between(zero, skew)).unwrap_or_default();
        if self.chance.is(0.5) { off } else { -off }
    }

    /// How a record will go.
    pub(crate) fn fortune(&mut self) -> Fortune {
        let weather = &self.weather;
        let (hangs, fails) = (self.chance.is(weather.record_hangs), self.chance.is(weather.record_fails));
        let is_unreadable = self.chance.is(weather.record_unreadable);
        let lasts = if hangs {
            (self.heals_at - self.now).to_std().unwrap_or_default()
                + self.chance.between(Duration::ZERO, Duration::from_hours(2))
        } else {
            let most = self.chance.one_of([10, 300, 300, 1_200, 7_200]);
            self.chance.between(Duration::from_secs(1), Duration::from_secs(most))
        };
        let unreadable_until = is_unreadable.then(|| {
            let forever = self.chance.is(0.3);
            let hours = if forever { 10_000 } else { 3 };
            after(self.now, self.chance.between(Duration::from_mins(1), Duration::from_hours(hours)))
        });
        Fortune {
            lasts,
            fails,
            running: self.chance.one_of(["IN_PROGRESS", "IN_PROGRESS", "CREATED", "IN_PROGRESS_IN_ERROR", "PUZZLED"]),
            unreadable_until,
            // Where tokens are forgotten, what the history does not show in time is lost to everybody.
            is_hidden: weather.token_memory == TokenMemory::ForEver && self.chance.is(0.3),
            status_after: self.chance.one_of(["AVAILABLE", "TAINTED", "ERROR"]),
        }
    }

    /// The record ends when its time has come.
    pub(crate) fn follow(&mut self, record_id: &str) {
        if let Some(record) = self.service.records.get(record_id) {
            self.plan_at(record.ends_at, Event::RecordEnds(record_id.to_owned()));
        }
    }

    /// Whether an edge does not answer now.
    pub(crate) fn is_down(&self, edge: Edge) -> bool {
        self.outages.iter().any(|(of, from, until)| *of == edge && *from <= self.now && self.now < *until)
    }

    /// Something that must never be has happened.
    pub(crate) fn violated(&mut self, rule: &'static str, words: String) {
        self.say(|| format!("VIOLATED {rule}: {words}"));
        self.violation.get_or_insert(Violation { rule, words });
    }
}
