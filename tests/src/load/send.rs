//! The requests sent, some twice or three times, never more than the functions have in hand at once.

use std::time::Instant;

use chrono::{DateTime, Utc};

use super::chance::Chances;
use super::memory::Memory;
use super::mix::{Sort, draw};
use super::prepare::prepare;
use super::watch::Watch;
use super::{LOOK_EVERY, Load, PATIENCE};
use crate::sweeping::now;
use crate::world::World;

/// How many requests are on their way at once. Imports do not count: they wait for each other.
const WINDOW: usize = 300;
/// Of a hundred events, how many come twice or three times.
const REPEATED: u32 = 10;
/// When so many of a hundred requests are sent, nothing is killed any more: memory is compared in one process.
const SPARED_FROM: usize = 40;
/// When so many of a hundred have ended, nothing goes wrong any more: the rest heals.
const HEALED_FROM: usize = 90;

/// A request that was sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) sort: Sort,
    pub(super) at: DateTime<Utc>,
}

/// The sending of a load.
pub(super) struct Sending<'a> {
    load: Load,
    world: &'a World,
    chances: &'a Chances,
    random: fastrand::Rng,
    requests: Vec<Sent>,
    /// How many of them wait for an import, or are not told of.
    apart: usize,
    events: usize,
    began: Instant,
    took: std::time::Duration,
}

impl<'a> Sending<'a> {
    pub(super) fn new(load: Load, world: &'a World, chances: &'a Chances) -> Self {
        let random = fastrand::Rng::with_seed(load.seed);
        let began = Instant::now();
        let (requests, apart, events, took) = Default::default();
        Self { load, world, chances, random, requests, apart, events, began, took }
    }

    /// Sends them all; memory is looked at on the way.
    pub(super) async fn all(&mut self, watch: &mut Watch, memory: &mut Memory) {
        let sorts = draw(self.load.requests, &mut self.random);
        for (number, sort) in sorts.into_iter().enumerate() {
            self.wait_for_room(watch).await;
            let message = prepare(self.world, sort, number).await;
            let again = self.random.u32(..100);
            let copies = if again >= REPEATED || sort.is_refused_again() { 1 } else { 2 + again % 2 };
            self.apart += usize::from(sort == Sort::Import || !sort.is_told());
            self.requests.push(Sent { sort, at: now() });
            for _ in 0..copies {
                message.send(self.world).await;
                self.events += 1;
            }
            self.note(number + 1, memory).await;
        }
    }

    async fn wait_for_room(&self, watch: &mut Watch) {
        let began = Instant::now();
        loop {
            watch.look(self.world);
            let settled = watch.ended() + self.apart;
            if self.requests.len() < settled + WINDOW || began.elapsed() > PATIENCE {
                return;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// What is to be done when so many are sent.
    async fn note(&self, sent: usize, memory: &mut Memory) {
        let percent = |count: usize| count * 100 / self.load.requests.max(1);
        let (before, now) = (percent(sent - 1), percent(sent));
        if before < SPARED_FROM && now >= SPARED_FROM {
            self.chances.spare();
        }
        if before / 10 < now / 10 {
            memory.look(self.world, now).await;
            (self.load.say)(&format!("{now} % sent after {:.0?}", self.began.elapsed()));
        }
    }

    /// Waits for the rest, and takes the faults away when little is left.
    pub(super) async fn rest(&mut self, watch: &mut Watch) {
        let told = self.requests.iter().filter(|request| request.sort.is_told()).count();
        let (mut ended, mut since, mut is_healed) = (0, Instant::now(), false);
        while ended < told && since.elapsed() < PATIENCE {
            watch.look(self.world);
            if watch.ended() > ended {
                (ended, since) = (watch.ended(), Instant::now());
            }
            if !is_healed && ended * 100 >= told * HEALED_FROM {
                is_healed = true;
                self.world.cloud.gateway.faults().clear();
                (self.load.say)(&format!("nothing goes wrong any more after {:.0?}", self.began.elapsed()));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        self.world.cloud.gateway.faults().clear();
        self.took = self.began.elapsed();
        // An end is told before it is written, and a message comes again for a while.
        let began = Instant::now();
        while !self.world.cloud.wiring.is_idle() && began.elapsed() < PATIENCE {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        (self.load.say)(&format!("all queues are empty after {:.0?}", self.began.elapsed()));
        watch.look(self.world);
    }

    pub(super) fn requests(&self) -> &[Sent] {
        &self.requests
    }

    /// How many messages came, repetitions and all.
    pub(super) fn events(&self) -> usize {
        self.events
    }

    /// How long it took from the first request to the last end.
    pub(super) fn took(&self) -> std::time::Duration {
        self.took
    }
}
