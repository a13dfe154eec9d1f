//! The sweep: one pass over all provisioned products, which finds what ends soon and notes it in the table.
//!
//! It tells nobody of a product: `reconcile` does, at the minute that is noted, so that one alone publishes warnings and ends.
//! It judges only at the end of a complete pass, and does nothing at all if that looks wrong.

mod find;
mod list;
mod note;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tracing::{info, warn};

use super::{Edges, Trouble};
use crate::clock::Time;
use crate::config::Sweeping;
use crate::expiry::{Ruling, rule};
use crate::outcome::{self, Line, Outgoing};
use crate::ports::{Bus, Catalog, Memory, Pass, PauseSwitch, Products, SearchRow};
use crate::retry::after;

use find::Findings;
use list::Listed;

/// How much longer than a run the lease on the sweep lasts: nobody else begins while one may still write.
const LEASE_MARGIN: Duration = Duration::from_secs(30);
/// How far the service's clock and ours may be apart: beyond that, nobody knows what has expired.
const CLOCKS_APART_MAX: TimeDelta = TimeDelta::minutes(5);

/// The workflow of `sweep`.
#[derive(Debug)]
pub struct Sweeper<C, S, B> {
    /// The edges.
    pub edges: Arc<Edges<C, S, B>>,
    /// The parameters.
    pub settings: Arc<Sweeping>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swept {
    /// Another run is at work.
    Busy,
    /// Steward is paused, for the reason.
    Paused(String),
    /// The time was up; it goes on at once.
    Continues,
    /// Nothing was done, for the reason.
    Halted(String),
    /// A whole pass.
    Completed(BTreeMap<String, u64>),
}

/// A pass under way in this run.
struct Run {
    now: Time,
    until: Time,
    pass: Pass,
    /// What is not kept in the table yet.
    candidates: Vec<SearchRow>,
}

/// What a run comes to, and what the sweep remembers of it.
struct End {
    swept: Result<Swept, Trouble>,
    memory: Memory,
    told: Option<Outgoing>,
}

impl<C: Catalog, S: PauseSwitch + Products, B: Bus> Sweeper<C, S, B> {
    /// Sweeps, or goes on with a sweep that ran out of time; stops at `until`.
    ///
    /// # Errors
    /// If the table, the bus or the search does not answer: what was done counts, and the next run goes on from there.
    pub async fn run(&self, until: Time) -> Result<Swept, Trouble> {
        let (now, nonce) = (self.edges.clock.now(), self.edges.dice.nonce());
        let Some(memory) = self.edges.store.begin_sweep(&nonce, now, after(until, LEASE_MARGIN)).await? else {
            info!("another sweep is at work");
            return Ok(Swept::Busy);
        };
        // What was listed is lost, and nothing else: the next run begins anew.
        let unchanged = Memory { pass: None, ..memory.clone() };
        let (memory, answer) = match self.swept(memory, now, until).await {
            // Whoever goes on must find the lease free.
            Ok(End { swept: Ok(Swept::Continues), memory, told }) => {
                self.edges.store.end_sweep(&nonce, &memory).await?;
                self.edges.publish(told.as_slice()).await?;
                return Ok(Swept::Continues);
            }
            // A doubt that nobody was told of is none: said again, it would be believed.
            Ok(end) => match self.edges.publish(end.told.as_slice()).await {
                Ok(()) => (end.memory, end.swept),
                Err(error) => (unchanged, Err(error)),
            },
            Err(trouble) => (unchanged, Err(trouble)),
        };
        self.edges.store.end_sweep(&nonce, &memory).await?;
        answer
    }

    async fn swept(&self, memory: Memory, now: Time, until: Time) -> Result<End, Trouble> {
        if let Some(reason) = self.edges.store.paused().await? {
            info!("paused: {reason}");
            return Ok(End { swept: Ok(Swept::Paused(reason)), memory: Memory { pass: None, ..memory }, told: None });
        }
        // A pass from before the last sweep tells of another time.
        let begun = memory.pass.clone().filter(|pass| after(pass.began_at, self.settings.interval) > now);
        let mut run = Run { now, until, pass: begun.unwrap_or_else(|| Pass::new(now)), candidates: Vec::new() };
        match self.list(&mut run).await? {
            Listed::All => {}
            Listed::OutOfTime => return self.goes_on(run, memory).await,
            Listed::Failed(error) => {
                self.keep(&mut run).await?;
                let memory = Memory { pass: Some(run.pass), ..memory };
                return Ok(End { swept: Err(Trouble::Search(error)), memory, told: None });
            }
            Listed::ClockApart(why) => return Ok(self.halted(&run, &memory, &why, &[])),
        }
        let (memory, doubt) = believed(&run.pass, memory);
        if let Some(why) = doubt {
            return Ok(self.halted(&run, &memory, &why, &[]));
        }
        let Some(mut found) = self.find(&mut run).await? else { return self.goes_on(run, memory).await };
        let halt = self.within_caps(&run, &mut found);
        if self.settings.dry_run {
            found.show_endings();
        } else {
            // What earlier sweeps have noted is no more to be told than what this one would.
            let in_time = if halt.is_some() { self.hold(&run, &found).await? } else { self.note(&run, &found).await? };
            if !in_time {
                return self.goes_on(run, memory).await;
            }
        }
        Ok(match halt {
            Some((why, lines)) => self.halted(&run, &memory, &why, &lines),
            None => self.completed(&run, &memory, &found),
        })
    }

    /// Rules on what ends before the next sweep. What ends between the next and the one after it is noted, too, in case that
    /// one is late or fails; but if it is too much, it is left to it.
    fn within_caps(&self, run: &Run, found: &mut Findings) -> Option<(String, Vec<Line>)> {
        let (caps, interval) = (&self.settings.caps, self.settings.interval);
        let next = after(run.now, interval);
        let mut halt = None;
        match rule(caps, found.ending(..=next), run.pass.included) {
            Ruling::All => {}
            Ruling::Halt(why) => {
                halt = Some((why, found.ending_lines(next)));
                found.hold_all(next);
            }
            Ruling::Oldest(most, why) => {
                warn!("{why}: the oldest go first");
                found.keep_oldest(most, next);
            }
        }
        let beyond = (Bound::Excluded(next), Bound::Included(after(next, interval)));
        if rule(caps, found.ending(beyond), run.pass.included) != Ruling::All {
            found.leave(beyond, run.now);
        }
        halt
    }

    /// The time is up: what was found so far is kept, and the bus wakes the next run at once. But a pass that takes longer than
    /// it is to the next one would never end: it would begin anew each time, without a word.
    async fn goes_on(&self, mut run: Run, memory: Memory) -> Result<End, Trouble> {
        let now = self.edges.clock.now();
        if after(run.pass.began_at, self.settings.interval) <= now {
            let (began, seen) = (run.pass.began_at, run.pass.seen);
            let why =
                format!("the pass that began at {began} has seen {seen} products, and takes longer than SweepInterval");
            return Ok(self.halted(&run, &memory, &why, &[]));
        }
        self.keep(&mut run).await?;
        info!(seen = run.pass.seen, "the time is up: the sweep goes on at once");
        let told = Some(outcome::sweep_due(run.pass.began_at));
        Ok(End { swept: Ok(Swept::Continues), memory: Memory { pass: Some(run.pass), ..memory }, told })
    }

    fn halted(&self, run: &Run, memory: &Memory, why: &str, lines: &[Line]) -> End {
        warn!(seen = run.pass.seen, included = run.pass.included, "the sweep is halted: {why}");
        metrics::counter!(super::metric::HELD_BACK).increment(1);
        let told = Some(outcome::halted(&self.edges.scope, run.pass.began_at, why, &counts(&run.pass, None), lines));
        End { swept: Ok(Swept::Halted(why.to_owned())), memory: self.ended(memory), told }
    }

    fn completed(&self, run: &Run, memory: &Memory, found: &Findings) -> End {
        let counts = counts(&run.pass, Some(found));
        for Line { product_id, what, why } in &found.lines {
            info!(product = product_id, what, "{product_id}: {why}");
        }
        info!(dryRun = self.settings.dry_run, "swept: {}", in_words(&counts));
        metrics::counter!(super::metric::SWEEPS).increment(1);
        for (what, metric) in
            [("unreadable", super::metric::UNREADABLE), ("contradiction", super::metric::CONTRADICTIONS)]
        {
            if let Some(count) = counts.get(what) {
                metrics::counter!(metric).increment(*count);
            }
        }
        let (began, ended) = (run.pass.began_at, self.edges.clock.now());
        let dry = self.settings.dry_run;
        let told = Some(outcome::completed(&self.edges.scope, began, ended, dry, &counts, &found.lines));
        End { swept: Ok(Swept::Completed(counts)), memory: self.ended(memory), told }
    }

    fn ended(&self, memory: &Memory) -> Memory {
        Memory { pass: None, swept_at: Some(self.edges.clock.now()), ..memory.clone() }
    }
}

/// Whether the search is believed: one that shows less than it announces, or less than half of the last, may be a role that
/// sees too little, and is believed only when it says the same again.
fn believed(pass: &Pass, memory: Memory) -> (Memory, Option<String>) {
    let seen = pass.seen;
    let doubt = match (pass.announced, memory.believed) {
        (Some(announced), _) if seen < announced => {
            Some(format!("the search shows {seen} provisioned products and announces {announced}"))
        }
        (_, Some(before)) if seen < before.div_ceil(2) => {
            Some(format!("the search shows {seen} provisioned products, and showed {before} before"))
        }
        _ => None,
    };
    let again = memory.doubted.is_some_and(|doubted| seen.abs_diff(doubted) <= doubted / 10);
    match doubt {
        Some(why) if !again => (Memory { doubted: Some(seen), ..memory }, Some(why)),
        _ => (Memory { believed: Some(seen), doubted: None, ..memory }, None),
    }
}

fn counts(pass: &Pass, found: Option<&Findings>) -> BTreeMap<String, u64> {
    let mut counts = pass.counts.clone();
    counts.insert("seen".to_owned(), pass.seen);
    counts.insert("included".to_owned(), pass.included);
    for (what, count) in found.into_iter().flat_map(Findings::counts) {
        *counts.entry(what.to_owned()).or_default() += count;
    }
    counts
}

fn in_words(counts: &BTreeMap<String, u64>) -> String {
    counts.iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(seen: u64, announced: u64) -> Pass {
        Pass { seen, announced: Some(announced), ..Pass::new(Time::UNIX_EPOCH) }
    }

    // Hazard C11: twice the same is believed.
    #[test]
    fn a_search_that_shows_too_little_is_believed_when_it_says_so_again() {
        let (memory, doubt) = believed(&pass(100, 100), Memory::default());
        assert_eq!((memory.believed, doubt), (Some(100), None));
        let (memory, doubt) = believed(&pass(49, 49), memory);
        assert!(doubt.is_some_and(|why| why.contains("showed 100 before")));
        assert_eq!((memory.believed, memory.doubted), (Some(100), Some(49)));
        assert_eq!(believed(&pass(51, 51), memory.clone()).1, None, "plausible at once");
        assert!(believed(&pass(10, 10), memory.clone()).1.is_some(), "another doubt");
        let (memory, doubt) = believed(&pass(48, 48), memory);
        assert_eq!((memory.believed, memory.doubted, doubt), (Some(48), None, None));
        assert!(believed(&pass(0, 0), memory.clone()).1.is_some(), "zero products: a role that sees nothing");
        assert!(believed(&pass(47, 48), memory).1.is_some_and(|why| why.contains("announces 48")));
    }
}
