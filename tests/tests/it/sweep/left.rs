//! Each way in which a product must not be terminated, tried beside one that must.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use shared::ports::Protection;
use steward_local::catalog::NewProduct;
use steward_local::cloud::Options;
use steward_tests::sweeping::{hence, sweeping, text};
use steward_tests::world::World;

const LEFT: &str = "pp-left";
const ENDS: &str = "pp-ends";

/// Two products that have expired and whose owners were warned in time, edited.
async fn two(options: Options, edit: impl Fn(NewProduct) -> NewProduct) -> World {
    let world = World::of(options).await;
    let at = expired();
    for id in [LEFT, ENDS] {
        world.cloud.catalog.add(edit(world.ending(id, at)));
        world.warn(id, at).await;
    }
    world
}

/// The same instant for all that a test says of it.
fn expired() -> DateTime<Utc> {
    let hour = TimeDelta::hours(1);
    hence(-hour) - TimeDelta::milliseconds(hence(-hour).timestamp_millis() % 60_000)
}

/// A product, if it is the one that is to be left.
fn left(new: NewProduct, edit: impl FnOnce(NewProduct) -> NewProduct) -> NewProduct {
    if new.id.as_deref() == Some(LEFT) { edit(new) } else { new }
}

/// Says that one is left for that reason, and the other one ends.
async fn is_left(world: &World, what: &str) {
    let counts = world.swept().await;
    assert_eq!(counts[what], 1, "{counts}");
    world.until_published("Provisioned Product Expired", ENDS).await;
    world.ended_once(ENDS).await;
    world.swept().await;
    world.untouched(LEFT).await;
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn protected_by_its_tag() {
    let world = two(sweeping(), |new| left(new, |new| new.tag("steward:protect", "yes"))).await;
    is_left(&world, "protected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_says_false_protects_nothing() {
    let world = two(sweeping(), |new| new.tag("steward:protect", "False")).await;
    world.swept().await;
    for id in [LEFT, ENDS] {
        world.until_published("Provisioned Product Expired", id).await;
        world.ended_once(id).await;
    }
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn protected_in_the_table() {
    let world = two(sweeping(), |new| new).await;
    let protection = Protection { by: "ops".into(), reason: "an audit".into(), until: Some(hence(TimeDelta::days(1))) };
    world.protect(LEFT, Some(&protection)).await;
    is_left(&world, "protected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leased() {
    let world = two(sweeping(), |new| new).await;
    world.extend(LEFT, hence(TimeDelta::days(9))).await;
    is_left(&world, "later").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn inside_its_grace_period() {
    let world = World::of(sweeping().with("GracePeriod", "30m")).await;
    world.warned(LEFT, hence(-TimeDelta::minutes(29))).await;
    world.warned(ENDS, hence(-TimeDelta::minutes(31))).await;
    is_left(&world, "expiring").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_tag_that_cannot_be_read() {
    for (key, value) in [("ttl", "soon"), ("expires-at", "20/11/2026")] {
        let at = expired();
        let world = World::of(sweeping()).await;
        world.warned(ENDS, at).await;
        world.cloud.catalog.add(world.product(LEFT).tag(key, value));
        world.warn(LEFT, at).await;
        is_left(&world, "unreadable").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_type_that_is_not_touched() {
    let account = |new: NewProduct| NewProduct { product_type: "CONTROL_TOWER_ACCOUNT".to_owned(), ..new };
    let world = two(sweeping(), |new| left(new, account)).await;
    is_left(&world, "outside").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_tag_that_is_looked_for() {
    let tagged = |new: NewProduct| {
        let value = if new.id.as_deref() == Some(LEFT) { "prod" } else { "sandbox" };
        new.tag("stage", value)
    };
    let world = two(sweeping().with("IncludeTag", "stage=sandbox"), tagged).await;
    is_left(&world, "outside").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_product_that_is_not_included() {
    let options = sweeping().with("IncludeProducts", "prod-sandbox000001");
    let world = two(options, |new| left(new, |new| new.of("prod-another00001", "pa-another000001"))).await;
    is_left(&world, "outside").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_something_else_going_on() {
    for status in ["UNDER_CHANGE", "PLAN_IN_PROGRESS"] {
        let world = two(sweeping(), |new| new).await;
        world.cloud.catalog.set_status(LEFT, status);
        is_left(&world, "underChange").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_end() {
    let world = World::of(sweeping().with("DefaultTtl", "1h")).await;
    let at = expired();
    world.warned(ENDS, at).await;
    world.cloud.catalog.add(world.product(LEFT).tag("ttl", "never"));
    world.warn(LEFT, at).await;
    is_left(&world, "never").await;
}

// Hazard B10: a pause sends nothing.
#[tokio::test(flavor = "multi_thread")]
async fn while_steward_is_paused() {
    let world = two(sweeping(), |new| new).await;
    world.cloud.store.pause("an incident").await.unwrap();
    assert_eq!(world.sweep().await, json!({ "swept": "paused", "why": "an incident" }));
    world.cloud.store.resume("a test").await.unwrap();
    world.cloud.catalog.add(world.product("pp-more"));
    // Noted, and paused before it is told.
    let at = hence(TimeDelta::seconds(3));
    world.warned("pp-noted", at).await;
    world.swept().await;
    for id in [LEFT, ENDS] {
        world.until_published("Provisioned Product Expired", id).await;
        world.ended_once(id).await;
    }
    world.cloud.store.pause("an incident").await.unwrap();
    while hence(TimeDelta::zero()) <= at {
        world.tick().await;
    }
    world.untouched("pp-noted").await;
    world.cloud.store.resume("a test").await.unwrap();
    world.until_published("Provisioned Product Expired", "pp-noted").await;
    world.ended_once("pp-noted").await;
    world.cloud.stop().await;
}

// Hazard A9: a dry run counts for no warning.
#[tokio::test(flavor = "multi_thread")]
async fn in_a_dry_run_and_first_of_all_warned_once_it_is_armed() {
    let world = World::of(sweeping().with("DryRun", "true")).await;
    world.cloud.catalog.add(world.ending(LEFT, expired()));
    assert_eq!(world.swept().await["expiring"], 1);
    world.untouched(LEFT).await;
    assert!(world.published("Provisioned Product Expiring", None).is_empty());
    assert_eq!(world.item(LEFT).await, shared::ports::ProductItem::default(), "nothing is marked");
    let completed = world.published("Sweep Completed", None);
    assert_eq!((completed.len(), &completed[0]["dryRun"]), (1, &json!(true)));
    let shown = &completed[0]["sample"][0];
    assert_eq!((shown["provisionedProductId"].as_str(), shown["what"].as_str()), (Some(LEFT), Some("ending")));
    assert!(
        shown["why"].as_str().is_some_and(|why| why.starts_with("it ends at ")),
        "whoever arms it sees what ends: {shown}"
    );
    world.cloud.stop().await;
    // Armed, the table is as the dry run has left it.
    let world = World::of(sweeping()).await;
    let at = expired();
    world.cloud.catalog.add(world.ending(LEFT, at));
    assert_eq!(world.swept().await["expiring"], 1);
    let told = world.until_published("Provisioned Product Expiring", LEFT).await;
    assert_eq!((told["expiresAt"].as_str(), told["lead"].as_str()), (Some(text(at).as_str()), Some("0")));
    world.swept().await;
    world.untouched(LEFT).await;
    world.cloud.stop().await;
}

// Hazard A9: what was past when it was first seen is told, and ends when people have had their notice.
#[tokio::test(flavor = "multi_thread")]
async fn past_when_it_is_first_seen_until_people_have_had_their_notice() {
    let world = World::of(sweeping().with("MinNotice", "2s")).await;
    world.cloud.catalog.add(world.ending(LEFT, expired()));
    world.swept().await;
    world.until_published("Provisioned Product Expiring", LEFT).await;
    let warned_at = hence(TimeDelta::zero());
    assert!(world.published("Provisioned Product Expired", None).is_empty());
    world.until_published("Provisioned Product Expired", LEFT).await;
    assert!(hence(TimeDelta::zero()) - warned_at > TimeDelta::milliseconds(1_000));
    world.ended_once(LEFT).await;
    assert_eq!(world.published("Provisioned Product Expiring", Some(LEFT)).len(), 1);
    world.cloud.stop().await;
}
