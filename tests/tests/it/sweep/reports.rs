//! What somebody should know of: contradictions, and what is stuck.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use shared::operation::{Claiming, Event, Operation, Trigger, next};
use shared::ports::{Change, Fence, Store as _, Written};
use shared::request::{Kind, Origin, Request};
use steward_tests::scope;
use steward_tests::sweeping::{SWEEP, hence, sweeping, text};
use steward_tests::world::World;

use super::edited::edited;

/// A termination of this end that came to that, then.
async fn terminated(world: &World, id: &str, at: DateTime<Utc>, event: Event, then: DateTime<Utc>) {
    let request = json!({ "provisionedProductId": id, "expiresAt": text(at) });
    let operation = Operation::claimed(
        Request::parse(Kind::Terminate, Origin::Expiry, request).unwrap(),
        Claiming {
            scope: &scope(),
            trigger: &Trigger::Expiry(at),
            sender_account: None,
            requested_at: then,
            now: then,
            nonce: "n".to_owned(),
            lease_until: then,
            retry_at: then,
        },
    );
    assert_eq!(operation.id, world.termination(id, at), "the sweep looks for this one");
    world.cloud.store.claim(&operation).await.unwrap();
    let change = Change::to(next(operation.standing, event).unwrap(), then);
    let written = world.cloud.store.write(&operation.id, &Fence::of(&operation), &change).await.unwrap();
    assert_eq!(written, Written::Applied);
}

// Hazard B9: somebody's "not found" may hide a product that lives.
#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_outlives_its_termination_is_a_contradiction_and_is_left_to_people() {
    let world = World::of(sweeping()).await;
    let at = hence(-TimeDelta::hours(5));
    for (id, minutes) in [("pp-there", 61), ("pp-lagging", 59)] {
        world.warned(id, at).await;
        terminated(&world, id, at, Event::NothingToDo, hence(-TimeDelta::minutes(minutes))).await;
    }
    world.warned("pp-failed", at).await;
    terminated(&world, "pp-failed", at, Event::Denied, hence(-TimeDelta::hours(1))).await;
    let counts = world.swept().await;
    assert_eq!([&counts["contradiction"], &counts["inHand"], &counts["failed"]], [1, 1, 1], "{counts}");
    let [completed] = &world.published("Sweep Completed", None)[..] else { panic!("told once") };
    let named: Vec<(&str, &str)> = completed["sample"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["provisionedProductId"].as_str().unwrap(), line["what"].as_str().unwrap()))
        .collect();
    assert!(named.contains(&("pp-there", "contradiction")) && named.contains(&("pp-failed", "failed")), "{named:?}");
    assert!(world.logs().contains("\"TerminationsContradicted\":1"), "somebody is alarmed");
    for id in ["pp-there", "pp-lagging", "pp-failed"] {
        world.untouched(id).await;
    }
    world.cloud.stop().await;
}

/// What was never sent is judged anew: a skipped termination is in nobody's way.
#[tokio::test(flavor = "multi_thread")]
async fn a_skipped_termination_is_judged_anew() {
    let world = World::of(sweeping()).await;
    let at = hence(-TimeDelta::hours(5));
    world.warned("pp-skipped", at).await;
    terminated(&world, "pp-skipped", at, Event::Skipped, hence(-TimeDelta::hours(1))).await;
    assert_eq!(world.swept().await["expired"], 1);
    world.until("pp-skipped", |row| row.state == "succeeded").await;
    world.ended_once("pp-skipped").await;
    world.cloud.stop().await;
}

// Hazard B19: since when, only the record says; it is asked once.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_change_for_too_long_is_reported_with_the_service_s_words() {
    let world = World::of(sweeping().with("StalledAfter", "1s")).await;
    world.cloud.catalog.add(world.product("pp-stuck"));
    world.cloud.catalog.configure(|settings| settings.update = std::time::Duration::from_hours(24));
    world.cloud.catalog.update("pp-stuck", None).unwrap();
    let began = hence(TimeDelta::zero());
    let words = |body: &mut Value, _: &mut Vec<(String, String)>| {
        body["ProvisionedProducts"][0]["StatusMessage"] = "the stack waits for a person".into();
    };
    edited(&world, Box::new(words));
    let counts = world.swept().await;
    assert!(counts["stuck"].is_null(), "not yet: {counts}");
    while hence(-TimeDelta::milliseconds(1_500)) < began {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    for _ in 0..2 {
        assert_eq!(world.swept().await["stuck"], 1);
    }
    let completed = world.published("Sweep Completed", None).pop().unwrap();
    let line = completed["sample"].as_array().unwrap().iter().find(|line| line["what"] == "stuck").unwrap().clone();
    let why = line["why"].as_str().unwrap();
    assert!(why.starts_with("UNDER_CHANGE since ") && why.ends_with("the stack waits for a person"), "{why}");
    assert_eq!(world.calls(SWEEP, "servicecatalog:DescribeRecord"), 1, "asked once, and kept");
    assert!(world.item("pp-stuck").await.changing.is_some());
    world.cloud.stop().await;
}

/// Both are written in one: of two writes the second would find that the first has moved `dueAt`.
#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_ends_soon_and_is_under_change_is_noted_with_both() {
    let world = World::of(sweeping()).await;
    let at = hence(TimeDelta::minutes(90));
    world.warned("pp-both", at).await;
    world.cloud.catalog.configure(|settings| settings.update = std::time::Duration::from_hours(24));
    world.cloud.catalog.update("pp-both", None).unwrap();
    world.swept().await;
    let item = world.item("pp-both").await;
    assert!(item.changing.is_some() && item.judgement.is_some() && item.due_at.is_some(), "{item:?}");
    world.swept().await;
    assert_eq!(world.calls(SWEEP, "servicecatalog:DescribeRecord"), 1);
    world.cloud.stop().await;
}
