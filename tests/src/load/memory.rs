//! What the functions' processes have in memory, as the run goes on.

use std::collections::BTreeMap;

use crate::world::World;

/// A process that has less to do than this until half of the requests are sent has only begun.
const WARM: u64 = 50;
/// A load that is smaller than this warms nothing up.
const LOAD_MIN: usize = 2_000;
/// What a process may have more at the end than at half, of a hundred: the allocator's own ups and downs.
const GROWTH_MAX: u64 = 10;
/// When the comparison begins.
const HALF: usize = 50;
/// When it ends.
const END: usize = 100;

/// A process at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resident {
    pub(super) function: String,
    pub(super) kib: u64,
    invocations: u64,
}

/// By percent of the requests, by process id.
#[derive(Debug, Default)]
pub(super) struct Memory {
    looks: BTreeMap<usize, BTreeMap<u32, Resident>>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Looks at all living processes.
    pub(super) async fn look(&mut self, world: &World, percent: usize) {
        let living = world.cloud.functions.processes().await.into_iter().filter(|process| process.ended.is_none());
        let resident = living.filter_map(|process| {
            let kib = resident(process.pid)?;
            Some((process.pid, Resident { function: process.function, kib, invocations: process.invocations }))
        });
        let resident = resident.collect();
        self.looks.insert(percent, resident);
    }

    /// By function: how much the greatest process had then, and how many there were.
    pub(super) fn at(&self, percent: usize) -> BTreeMap<String, (u64, usize)> {
        let mut greatest: BTreeMap<String, (u64, usize)> = BTreeMap::new();
        for process in self.looks.get(&percent).into_iter().flat_map(BTreeMap::values) {
            let known = greatest.entry(process.function.clone()).or_default();
            *known = (known.0.max(process.kib), known.1 + 1);
        }
        greatest
    }

    /// By function: of a process that lived at half and at the end, what it had then. The one that has grown most.
    pub(super) fn growth(&self) -> BTreeMap<String, (u64, u64)> {
        let mut most: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let (Some(half), Some(end)) = (self.looks.get(&HALF), self.looks.get(&END)) else { return most };
        for (pid, before) in half {
            let Some(after) = end.get(pid).filter(|_| before.invocations >= WARM) else { continue };
            let known = most.entry(before.function.clone()).or_insert((before.kib, after.kib));
            if after.kib * known.0 > known.1 * before.kib {
                *known = (before.kib, after.kib);
            }
        }
        most
    }

    /// Whose memory is not flat.
    pub(super) fn wrong(&self, requests: usize) -> Vec<String> {
        if requests < LOAD_MIN {
            return Vec::new();
        }
        let grown = self.growth().into_iter();
        let grown = grown.filter(|(_, (before, after))| after * 100 > before * (100 + GROWTH_MAX));
        let words = |(function, (before, after))| format!("{function} grew from {before} to {after} KiB");
        grown.map(words).collect()
    }
}

/// What the kernel says that a process has resident; nothing where it does not say.
fn resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    resident.trim().strip_suffix("kB")?.trim().parse().ok()
}
