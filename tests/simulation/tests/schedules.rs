//! Some schedules of every run of the tests; `cargo simulate` runs as many as one likes.

use steward_simulation::{Mutant, Trial, run};

/// How many are run here: an unoptimised build takes some ten milliseconds for each.
const SCHEDULES: u64 = 400;
/// How many it may take to find a mutant. A call after its lease does harm too seldom for that: `cargo simulate` finds it.
const PATIENCE: u64 = 400;

/// Schedules in which something broke a promise once. What each does has changed with the simulation since; what it found is
/// a scenario of its own among the others.
const FOUND: [u64; 15] =
    [2, 75, 95, 107, 191, 717, 1_865, 3_365, 3_810, 29_957, 42_674, 88_760, 208_389, 216_512, 511_148];

fn outcome(seed: u64, mutant: Option<Mutant>) -> steward_simulation::Outcome {
    run(Trial { seed, mutant, with_history: false })
}

#[test]
fn no_promise_is_broken() {
    for seed in (1..=SCHEDULES).chain(FOUND) {
        let outcome = outcome(seed, None);
        assert_eq!(outcome.violation, None, "cargo simulate --seed {seed}");
        assert!(outcome.calls > 0, "seed {seed}: nothing happens in it");
    }
}

#[test]
fn a_seed_is_a_schedule() {
    for seed in [7, 77, 777] {
        let [one, other] = [(); 2].map(|()| run(Trial { seed, mutant: None, with_history: true }));
        assert!(one.history.len() > 20, "seed {seed}");
        assert_eq!(one.history, other.history, "seed {seed}");
        assert_eq!(one.calls, outcome(seed, None).calls, "seed {seed}: as it goes without a history");
    }
}

/// The test of the test.
#[test]
fn every_mutant_is_found() {
    for mutant in Mutant::ALL.into_iter().filter(|mutant| *mutant != Mutant::SenderLease) {
        let found = (1..=PATIENCE).find(|seed| outcome(*seed, Some(mutant)).violation.is_some());
        assert!(found.is_some(), "{mutant:?} is not found by {PATIENCE} schedules");
    }
}
