//! A search that is not to be believed (C11), and a clock that is not (C9).

use chrono::TimeDelta;
use serde_json::Value;
use steward_local::gateway::faults::Effect;
use steward_tests::sweeping::{hence, sweeping};
use steward_tests::world::World;

use super::edited::edited;

/// A world with a product that ends, and others that do not.
async fn world(others: usize) -> World {
    let world = World::of(sweeping()).await;
    world.warned("pp-ends", hence(-TimeDelta::hours(1))).await;
    for number in 0..others {
        world.cloud.catalog.add(world.product(&format!("pp-other{number}")));
    }
    world
}

async fn nothing_is_done(world: &World) {
    assert_eq!(world.item("pp-ends").await.judgement, None);
    world.untouched("pp-ends").await;
    assert!(world.published("Sweep Completed", None).is_empty());
}

// Hazard C11: less than was announced is reported.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_shows_less_than_it_announces_is_believed_when_it_says_so_again() {
    let world = world(3).await;
    let hide = |body: &mut Value, _: &mut Vec<(String, String)>| {
        body["ProvisionedProducts"].as_array_mut().unwrap().retain(|row| row["Id"] != "pp-other1");
    };
    edited(&world, Box::new(hide));
    let why = world.halted().await;
    assert_eq!(why, "the search shows 3 provisioned products and announces 4");
    nothing_is_done(&world).await;
    assert_eq!(world.published("Sweep Halted", None).len(), 1);
    assert_eq!(world.swept().await["expired"], 1, "two sweeps agree");
    world.until_published("Provisioned Product Expired", "pp-ends").await;
    world.ended_once("pp-ends").await;
    world.cloud.stop().await;
}

// Hazard C11: and so is less than half of the last.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_shows_less_than_half_of_the_last_is_believed_when_it_says_so_again() {
    let world = World::of(sweeping()).await;
    for number in 0..10 {
        world.cloud.catalog.add(world.product(&format!("pp-other{number}")));
    }
    world.swept().await;
    let before = world.published("Sweep Completed", None).len();
    world.warned("pp-ends", hence(-TimeDelta::hours(1))).await;
    for number in 0..7 {
        world.cloud.catalog.remove(&format!("pp-other{number}"));
    }
    let why = world.halted().await;
    assert_eq!(why, "the search shows 4 provisioned products, and showed 10 before");
    world.untouched("pp-ends").await;
    assert_eq!(world.published("Sweep Completed", None).len(), before);
    assert_eq!(world.swept().await["expired"], 1);
    world.until_published("Provisioned Product Expired", "pp-ends").await;
    world.ended_once("pp-ends").await;
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_shows_another_number_each_time_is_never_believed() {
    let world = world(40).await;
    world.swept().await;
    world.ended_once("pp-ends").await;
    for (from, to) in [(0, 25), (25, 33), (33, 38)] {
        for number in from..to {
            world.cloud.catalog.remove(&format!("pp-other{number}"));
        }
        world.halted().await;
    }
    world.cloud.stop().await;
}

/// What is launched while the pages are read comes too late for them, and is no reason to doubt.
#[tokio::test(flavor = "multi_thread")]
async fn a_launch_in_the_middle_of_a_sweep_is_no_reason_to_halt() {
    let world = world(150).await;
    let launched = |body: &mut Value, _: &mut Vec<(String, String)>| {
        if body["NextPageToken"].is_null() {
            body["TotalResultsCount"] = 152.into();
        }
    };
    edited(&world, Box::new(launched));
    let counts = world.swept().await;
    assert_eq!(counts["seen"], 151);
    assert_eq!(counts["expired"], 1, "{counts}");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_not_answer_leaves_everything_as_it_is() {
    let world = world(3).await;
    let down = Effect::Answer { status: 400, code: "AccessDeniedException".to_owned(), message: "no".to_owned() };
    world.fault("servicecatalog", "SearchProvisionedProducts", 1, down);
    assert!(world.try_sweep().await.is_err());
    nothing_is_done(&world).await;
    assert_eq!(world.swept().await["expired"], 1, "the lease is free again");
    world.cloud.stop().await;
}

// Hazard C9: a sweep that is not of the service's time halts.
#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_are_apart_end_nothing() {
    for (minutes, is_halted) in [(-10, true), (10, true), (-4, false), (4, false)] {
        let world = world(3).await;
        let date = move |_: &mut Value, headers: &mut Vec<(String, String)>| {
            let at = hence(TimeDelta::minutes(minutes));
            headers.push(("date".to_owned(), at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()));
        };
        edited(&world, Box::new(date));
        if is_halted {
            let why = world.halted().await;
            assert!(why.contains("seconds apart"), "{why}");
            nothing_is_done(&world).await;
        } else {
            assert_eq!(world.swept().await["expired"], 1, "{minutes} minutes");
        }
        world.cloud.stop().await;
    }
}

// Hazard A4: tags of no known record end nothing.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_say_not_of_which_record_their_tags_are_end_nothing() {
    let world = world(3).await;
    let forget = |body: &mut Value, _: &mut Vec<(String, String)>| {
        for row in body["ProvisionedProducts"].as_array_mut().unwrap() {
            row.as_object_mut().unwrap().remove("LastProvisioningRecordId");
        }
    };
    edited(&world, Box::new(forget));
    assert_eq!(world.swept().await["unreadable"], 1);
    world.untouched("pp-ends").await;
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_cannot_be_read_is_no_licence_and_hides_nobody() {
    let world = World::of(sweeping()).await;
    for id in ["pp-ends", "pp-broken"] {
        world.warned(id, hence(-TimeDelta::hours(1))).await;
    }
    // Somebody has written a protection by hand, in words.
    world.scribble("pp-broken", "protection").await;
    assert_eq!(world.swept().await["unreadable"], 1);
    world.until_published("Provisioned Product Expired", "pp-ends").await;
    world.ended_once("pp-ends").await;
    world.tick().await;
    assert!(world.published("Provisioned Product Expired", Some("pp-broken")).is_empty());
    assert!(world.executions("pp-broken").is_empty());
    world.cloud.stop().await;
}
