//! The figures of a run, for people.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::account::Ended;
use super::chance::Chances;
use super::memory::Memory;
use super::mix::{End, Sort};
use super::send::Sending;
use super::watch::Watch;
use crate::world::World;

/// When memory is shown, in percent of the requests.
const MOMENTS: [usize; 3] = [10, 50, 100];

/// The figures.
#[derive(Debug)]
pub struct Figures {
    requests: usize,
    events: usize,
    took: Duration,
    /// Percent of the calls of the functions, and how many there were.
    faults: BTreeMap<&'static str, u64>,
    calls: BTreeMap<String, BTreeMap<String, u64>>,
    /// How long the answers to them took, all together.
    answering: BTreeMap<String, BTreeMap<String, Duration>>,
    starts: BTreeMap<String, u64>,
    /// By what they are, in milliseconds, in order.
    times: BTreeMap<&'static str, Vec<i64>>,
    resident: BTreeMap<String, [Option<(u64, usize)>; 3]>,
    growth: BTreeMap<String, (u64, u64)>,
    ended: Ended,
}

impl Figures {
    pub(super) fn of(
        world: &World,
        sending: &Sending<'_>,
        watch: &Watch,
        chances: &Chances,
        memory: &Memory,
        ended: Ended,
    ) -> Self {
        let functions = world.cloud.functions.starts();
        let at = MOMENTS.map(|percent| memory.at(percent));
        let resident = functions.keys().map(|name| (name.clone(), [0, 1, 2].map(|i: usize| at[i].get(name).copied())));
        let calls = world.cloud.gateway.counts().into_iter().filter(|(caller, _)| functions.contains_key(caller));
        Self {
            requests: sending.requests().len(),
            events: sending.events(),
            took: sending.took(),
            faults: chances.met(),
            calls: calls.collect(),
            answering: world.cloud.gateway.times(),
            resident: resident.collect(),
            starts: functions,
            times: times(sending, watch, &ended),
            growth: memory.growth(),
            ended,
        }
    }

    /// How many operations (or words on a product's life) a function had to do with.
    fn share(&self, function: &str) -> usize {
        let of = |kind: &str| self.ended.operations.get(kind).copied().unwrap_or_default();
        match function {
            "TerminateFunction" => of("terminate"),
            "ExecuteActionFunction" => of("execute-action"),
            "ExecutePlanFunction" => of("execute-plan"),
            "ImportFunction" => of("import"),
            "SweepFunction" => self.times.get("word").map_or(0, Vec::len),
            _ => self.ended.operations.values().sum(),
        }
    }
}

/// From the event to the first word of its end.
fn times(sending: &Sending<'_>, watch: &Watch, ended: &Ended) -> BTreeMap<&'static str, Vec<i64>> {
    let mut times: BTreeMap<&'static str, Vec<i64>> = BTreeMap::new();
    for (number, request) in sending.requests().iter().enumerate() {
        let rejection = || watch.rejection(ended.digests.get(&number)?);
        let told = if request.sort.end() == End::Rejection { rejection() } else { watch.end(number) };
        let began = if request.sort == Sort::Expiring { watch.expired(number) } else { Some(request.at) };
        if let (Some(at), Some(began)) = (told.and_then(|told| told.at), began) {
            let took = (at - began).num_milliseconds();
            times.entry(name(request.sort)).or_default().push(took);
            times.entry("all").or_default().push(took);
        }
    }
    for times in times.values_mut() {
        times.sort_unstable();
    }
    times
}

fn name(sort: Sort) -> &'static str {
    match sort {
        Sort::Termination | Sort::TerminationByName | Sort::Expired | Sort::Expiring => "termination",
        Sort::Action => "action",
        Sort::Drift => "drift",
        Sort::Plan => "plan",
        Sort::Import => "import",
        Sort::Extension | Sort::Protection => "word",
        Sort::TerminationFailsOnce
        | Sort::TerminationFails
        | Sort::ActionFails
        | Sort::DriftFailsOnce
        | Sort::PlanFails => "record FAILED",
        _ => "refused",
    }
}

/// The value below which so many of a hundred are; in seconds.
fn percentile(sorted: &[i64], percent: usize) -> f64 {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    Duration::from_millis(sorted.get(place).copied().unwrap_or_default().unsigned_abs()).as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "counts fit a double")]
fn per(count: u64, of: usize) -> f64 {
    count as f64 / of.max(1) as f64
}

fn mebibytes(kib: u64) -> String {
    format!("{}.{} MiB", kib / 1024, kib % 1024 * 10 / 1024)
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operations: usize = self.ended.operations.values().sum();
        let rate = per(self.requests as u64, 1) / self.took.as_secs_f64();
        writeln!(f, "{} requests ({} messages) in {:.1?}: {rate:.1} a second", self.requests, self.events, self.took)?;
        writeln!(f, "{operations} operations: {:?} {:?}", self.ended.operations, self.ended.states)?;
        writeln!(f, "{} executions, {} rejected messages", self.ended.executions, self.ended.rejected)?;
        writeln!(f, "{} refused when a call might have left: failed, not rejected", self.ended.refused_late)?;
        let calls: u64 = self.calls.values().flat_map(BTreeMap::values).sum();
        let faults: u64 = self.faults.values().sum();
        writeln!(
            f,
            "{calls} calls, {faults} faults ({:.1} %):",
            per(faults * 100, usize::try_from(calls).unwrap_or(usize::MAX))
        )?;
        for (kind, count) in &self.faults {
            writeln!(f, "  {kind:<18} {count:>7}")?;
        }
        writeln!(f, "from event to end         count      p50      p95      max")?;
        for (what, times) in &self.times {
            let [p50, p95, max] = [50, 95, 100].map(|percent| percentile(times, percent));
            writeln!(f, "  {what:<20} {:>8} {p50:>6.2} s {p95:>6.2} s {max:>6.2} s", times.len())?;
        }
        for (function, calls) in &self.calls {
            let share = self.share(function);
            writeln!(
                f,
                "{function}: {} processes started; calls, calls for each of {share}, and how long an answer took",
                self.starts.get(function).copied().unwrap_or_default()
            )?;
            for (call, count) in calls {
                let all = self.answering.get(function).and_then(|times| times.get(call)).copied().unwrap_or_default();
                let one = all / u32::try_from(*count).unwrap_or(u32::MAX).max(1);
                writeln!(f, "  {call:<58} {count:>8} {:>7.2} {one:>9.1?}", per(*count, share))?;
            }
        }
        writeln!(f, "resident, the greatest process (how many), when so many % were sent")?;
        for (function, at) in &self.resident {
            let shown =
                at.map(|at| at.map_or("unknown".to_owned(), |(kib, count)| format!("{} ({count})", mebibytes(kib))));
            let growth = self.growth.get(function).map_or("unknown".to_owned(), |(before, after)| {
                format!("{:.3} x", per(*after, usize::try_from(*before).unwrap_or(usize::MAX)))
            });
            writeln!(
                f,
                "  {function:<22} 10: {:<14} 50: {:<14} 100: {:<14} 50 to 100 in one process: {growth}",
                shown[0], shown[1], shown[2]
            )?;
        }
        Ok(())
    }
}
