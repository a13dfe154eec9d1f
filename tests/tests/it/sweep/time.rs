//! A sweep that runs out of time goes on at once from where it was, and judges at its end only (A7).

use std::time::Duration;

use chrono::TimeDelta;
use steward_local::gateway::faults::{Effect, Fault};
use steward_tests::sweeping::{SWEEP, hence, hurried, sweeping};
use steward_tests::world::World;

const SEARCH: &str = "servicecatalog:SearchProvisionedProducts";

/// So many products, the first of which have expired; a sweep has two seconds, and each page takes more than half of them.
async fn slow(count: usize, expired: usize) -> World {
    slow_every("1h", count, expired).await
}

async fn slow_every(interval: &str, count: usize, expired: usize) -> World {
    let options = sweeping().with("MaxTerminationsPerSweep", "60").with("SweepInterval", interval);
    let world = World::of(hurried(options, 22)).await;
    for number in 0..count {
        let id = format!("pp-{number:03}");
        if number < expired {
            world.warned(&id, hence(-TimeDelta::hours(1))).await;
        } else {
            world.cloud.catalog.add(world.product(&id));
        }
    }
    let _ = world.cloud.gateway.faults().add(Fault {
        caller: Some(SWEEP.to_owned()),
        service: Some("servicecatalog".to_owned()),
        operation: Some("SearchProvisionedProducts".to_owned()),
        skip: 0,
        times: 3,
        effect: Effect::DelayAnswer(Duration::from_millis(1_200)),
    });
    world
}

/// Waits until something of this type is published.
async fn until(world: &World, detail_type: &str) -> serde_json::Value {
    for _ in 0..1_000 {
        if let Some(detail) = world.published(detail_type, None).pop() {
            return detail;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no {detail_type}\n{}", world.logs())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_where_it_was_and_reads_no_page_twice() {
    // Thirty of the first hundred would be too many, and twelve percent of all are not.
    let world = slow(250, 30).await;
    let answer = world.sweep().await;
    assert_eq!(answer["swept"], "continues", "{answer}");
    let completed = until(&world, "Sweep Completed").await;
    assert_eq!((&completed["counts"]["seen"], &completed["counts"]["expired"]), (&250.into(), &30.into()));
    assert_eq!(world.calls(SWEEP, SEARCH), 3, "no page twice");
    let due = world.published("Sweep Due", None);
    assert!(!due.is_empty() && due.iter().all(|due| due["beganAt"] == completed["beganAt"]), "{due:?} {completed}");
    assert!(world.published("Sweep Halted", None).is_empty());
    for number in 0..30 {
        world.until_published("Provisioned Product Expired", &format!("pp-{number:03}")).await;
    }
    world.cloud.stop().await;
}

// Hazard A7: parts of a pass are not judged by themselves.
#[tokio::test(flavor = "multi_thread")]
async fn it_judges_the_whole_at_its_end() {
    // Five of the first hundred alone would pass.
    let world = slow(250, 61).await;
    assert_eq!(world.sweep().await["swept"], "continues");
    let halted = until(&world, "Sweep Halted").await;
    assert_eq!(halted["counts"]["seen"], 250, "{halted}");
    for number in 0..61 {
        assert_eq!(world.item(&format!("pp-{number:03}")).await.judgement, None, "nothing is noted before the end");
    }
    assert!(world.published("Provisioned Product Expired", None).is_empty());
    world.cloud.stop().await;
}

/// It would begin anew each time, and never come to judge.
#[tokio::test(flavor = "multi_thread")]
async fn a_pass_that_takes_longer_than_it_is_to_the_next_is_given_up_and_says_so() {
    let world = slow_every("1s", 250, 30).await;
    let answer = world.sweep().await;
    assert_eq!(answer["swept"], "halted", "{answer}");
    let halted = until(&world, "Sweep Halted").await;
    assert!(halted["why"].as_str().unwrap().ends_with("takes longer than SweepInterval"), "{halted}");
    assert!(world.published("Sweep Due", None).is_empty(), "nothing wakes it again but its schedule");
    assert_eq!(world.item("pp-000").await.judgement, None);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_that_died_on_its_way_begins_anew() {
    let world = slow(250, 30).await;
    world.fault_of(SWEEP, ("events", Some("PutEvents")), 0, Effect::KillBefore);
    assert!(world.try_sweep().await.is_err(), "killed before it could say that it goes on");
    world.lease_over().await;
    world.sweep().await;
    let completed = until(&world, "Sweep Completed").await;
    assert_eq!((&completed["counts"]["seen"], &completed["counts"]["expired"]), (&250.into(), &30.into()));
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_fails_is_asked_for_again_by_the_next_sweep() {
    let world = slow(250, 30).await;
    world.cloud.gateway.faults().clear();
    let down = Effect::Answer { status: 400, code: "AccessDeniedException".to_owned(), message: "no".to_owned() };
    world.fault_of(SWEEP, ("servicecatalog", Some("SearchProvisionedProducts")), 1, down);
    assert!(world.try_sweep().await.is_err());
    let counts = world.swept().await;
    assert_eq!((&counts["seen"], &counts["expired"]), (&250.into(), &30.into()), "{counts}");
    assert_eq!(world.calls(SWEEP, SEARCH), 4, "the first page once, the second twice, the third");
    world.cloud.stop().await;
}

/// The token of a page is no good any more: the pass begins anew, and counts nothing twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_not_known_any_more_begins_the_pass_anew() {
    let world = slow(250, 30).await;
    world.cloud.gateway.faults().clear();
    let stale = Effect::Answer {
        status: 400,
        code: "InvalidParametersException".to_owned(),
        message: "The page token is not valid.".to_owned(),
    };
    world.fault_of(SWEEP, ("servicecatalog", Some("SearchProvisionedProducts")), 1, stale);
    let counts = world.swept().await;
    assert_eq!((&counts["seen"], &counts["expired"]), (&250.into(), &30.into()), "{counts}");
    world.cloud.stop().await;
}
