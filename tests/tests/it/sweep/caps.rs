//! How many may go at once: by number, by percent, over several sweeps, and what does not count.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use steward_local::catalog::Script;
use steward_tests::sweeping::{hence, now, sweeping};
use steward_tests::world::World;

const EXPIRED: &str = "Provisioned Product Expired";

fn named(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|number| format!("pp-cap{number}")).collect()
}

/// Products that have expired, the first one first, and were warned of in time.
async fn expired(world: &World, ids: &[String]) {
    for (minutes, id) in (0_i64..).zip(ids) {
        world.warned(id, hence(TimeDelta::minutes(minutes - 100))).await;
    }
}

/// Products that have no end.
fn others(world: &World, count: usize) {
    for number in 0..count {
        world.cloud.catalog.add(world.product(&format!("pp-other{number}")));
    }
}

async fn nothing_noted(world: &World, ids: &[String]) {
    for id in ids {
        let item = world.item(id).await;
        assert_eq!((item.judgement, item.due_at), (None, None), "{id}");
        world.untouched(id).await;
    }
}

/// Waits until so many are told to end, and says that no more are.
async fn told(world: &World, count: usize) -> Vec<Value> {
    while world.published(EXPIRED, None).len() < count {
        world.tick().await;
    }
    world.tick().await;
    let told = world.published(EXPIRED, None);
    assert_eq!(told.len(), count, "{told:?}");
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_number_halts_the_sweep_which_does_nothing() {
    let world = World::of(sweeping().with("MaxTerminationsPerSweep", "2")).await;
    let ids = named(0..3);
    expired(&world, &ids).await;
    world.cloud.catalog.add(world.ending("pp-warn", hence(TimeDelta::minutes(90))));
    others(&world, 20);
    let why = world.halted().await;
    assert!(why.contains("3 provisioned products would end") && why.contains("2 may"), "{why}");
    nothing_noted(&world, &ids).await;
    nothing_noted(&world, &["pp-warn".to_owned()]).await;
    assert!(world.published("Provisioned Product Expiring", None).is_empty());
    assert!(world.published("Sweep Completed", None).is_empty());
    let [halted] = &world.published("Sweep Halted", None)[..] else { panic!("told once") };
    assert_eq!(halted["sample"].as_array().unwrap().len(), 3, "{halted}");
    world.cloud.stop().await;
}

// Hazard A7: the percentage is of those inside the filter.
#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_percent_of_those_inside_the_filter_halts_the_sweep() {
    let world = World::of(sweeping().with("IncludeTag", "team")).await;
    let ids = named(0..6);
    for id in &ids {
        world.cloud.catalog.add(world.ending(id, hence(-TimeDelta::hours(1))).tag("team", "a"));
    }
    // They must not count, however many there are.
    others(&world, 90);
    // First seen in the past: warned of, and not ending before the next sweep.
    assert_eq!(world.swept().await["expiring"], 6);
    let world_of_six = world;
    for (minutes, id) in (0_i64..).zip(&ids) {
        world_of_six.cloud.catalog.remove(id);
        let (id, at) = (format!("{id}w"), hence(TimeDelta::minutes(minutes - 100)));
        world_of_six.cloud.catalog.add(world_of_six.ending(&id, at).tag("team", "a"));
        world_of_six.warn(&id, at).await;
    }
    let why = world_of_six.halted().await;
    assert!(why.contains("6 provisioned products would end") && why.contains("20 percent of 6"), "{why}");
    let ids: Vec<String> = ids.iter().map(|id| format!("{id}w")).collect();
    nothing_noted(&world_of_six, &ids).await;
    world_of_six.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oldest_first_ends_those_that_have_been_due_for_longest() {
    let options = sweeping().with("MaxTerminationsPerSweep", "2").with("OnTooMany", "oldest-first");
    let world = World::of(options.with("SweepInterval", "30d")).await;
    let ids = named(0..5);
    expired(&world, &ids).await;
    others(&world, 20);
    let counts = world.swept().await;
    assert_eq!((&counts["expired"], &counts["capped"]), (&2.into(), &3.into()), "{counts}");
    let told = told(&world, 2).await;
    let mut ended: Vec<&str> = told.iter().map(|told| told["provisionedProductId"].as_str().unwrap()).collect();
    ended.sort_unstable();
    assert_eq!(ended, ["pp-cap0", "pp-cap1"]);
    nothing_noted(&world, &ids[2..]).await;
    world.cloud.stop().await;
}

/// What an earlier sweep has noted is not told to end if by then it is one of too many: no way around the caps (A7).
#[tokio::test(flavor = "multi_thread")]
async fn a_halt_takes_back_what_earlier_sweeps_have_noted() {
    let world = World::of(sweeping()).await;
    let at = hence(TimeDelta::seconds(6));
    let ids = named(0..6);
    for id in &ids[..5] {
        world.warned(id, at).await;
    }
    assert_eq!(world.swept().await["expiring"], 5);
    assert_eq!(world.item("pp-cap0").await.due_at, Some(at));
    world.warned(&ids[5], at).await;
    let why = world.halted().await;
    assert!(why.contains("6 provisioned products would end"), "{why}");
    assert!(now() < at, "the machine is too slow for this scenario");
    for id in &ids {
        assert_eq!(world.item(id).await.due_at, None, "{id}");
    }
    while now() < at {
        world.tick().await;
    }
    for id in &ids {
        world.untouched(id).await;
    }
    world.cloud.stop().await;
}

/// Ends beyond the next sweep are noted in case that one fails, but not more of them than may go.
#[tokio::test(flavor = "multi_thread")]
async fn ends_that_the_next_sweep_rules_on_are_noted_only_as_far_as_they_may_come() {
    let world = World::of(sweeping().with("WarnBefore", "2h")).await;
    let at: DateTime<Utc> = hence(TimeDelta::minutes(90));
    let ids = named(0..6);
    for id in &ids[..5] {
        world.warned(id, at).await;
    }
    assert_eq!(world.swept().await["expiring"], 5);
    for id in &ids[..5] {
        assert_eq!(world.item(id).await.due_at, Some(at), "{id}");
    }
    world.warned(&ids[5], at).await;
    assert_eq!(world.swept().await["later"], 6);
    for id in &ids {
        assert_eq!(world.item(id).await.due_at, None, "{id}");
    }
    world.cloud.stop().await;
}

/// Several sweeps of one window add up: whoever tells takes places (A7).
// Hazard A7: sweeps do not add up.
#[tokio::test(flavor = "multi_thread")]
async fn no_more_go_in_a_window_than_may_however_often_is_swept() {
    let options = sweeping().with("MaxTerminationsPerSweep", "3").with("SweepInterval", "30d");
    let world = World::of(options).await;
    others(&world, 40);
    let ids = named(0..6);
    for (round, two) in ids.chunks(2).enumerate() {
        expired(&world, two).await;
        world.swept().await;
        told(&world, [2, 3, 3][round]).await;
    }
    let halted = world.published("Sweep Halted", None);
    assert!(halted.iter().any(|halted| halted["why"].as_str().unwrap().contains("1 of 3 may still go")), "{halted:?}");
    let executed: usize = ids.iter().map(|id| world.executions(id).len()).sum();
    assert_eq!(executed, 3);
    world.cloud.stop().await;
}

/// Terminations that have failed for good are reported, and take nobody's place (A8).
// Hazard A8: only what would newly go counts.
#[tokio::test(flavor = "multi_thread")]
async fn failed_terminations_do_not_count() {
    let options = sweeping().with("AttemptsMax", "1").with("OnTooMany", "oldest-first").with("SweepInterval", "30d");
    let world = World::of(options).await;
    others(&world, 4);
    let failing = named(0..5);
    let fails = || Script::Fail(vec![("DELETE_FAILED".to_owned(), "a bucket is not empty".to_owned())]);
    for (minutes, id) in (0_i64..).zip(&failing) {
        let at = hence(TimeDelta::minutes(minutes - 500));
        world.cloud.catalog.add(world.ending(id, at).scripts([fails()]));
        world.warn(id, at).await;
    }
    world.swept().await;
    told(&world, 5).await;
    for id in &failing {
        assert_eq!(world.ended(id).await.state, "failed");
    }
    let more = named(5..10);
    expired(&world, &more).await;
    let counts = world.swept().await;
    assert_eq!((&counts["failed"], &counts["expired"]), (&5.into(), &5.into()), "{counts}");
    told(&world, 10).await;
    for id in &more {
        world.ended_once(id).await;
    }
    for id in &failing {
        assert_eq!(world.executions(id).len(), 1, "never restarted");
    }
    let completed = world.published("Sweep Completed", None).pop().unwrap();
    assert!(completed["sample"].to_string().contains("its termination failed"), "{completed}");
    world.cloud.stop().await;
}
