//! The way that works: an end comes at its minute, once, to whoever was warned of it in time.

use chrono::TimeDelta;
use serde_json::json;
use shared::clock::Time;
use shared::ports::Protection;
use steward_local::catalog::NewProduct;
use steward_tests::sweeping::{hence, sweeping, text};
use steward_tests::world::{World, event};

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_was_warned_of_in_time_ends_once_at_its_minute() {
    let world = World::of(sweeping()).await;
    let ends_at = hence(TimeDelta::seconds(3));
    world.cloud.catalog.add(world.product("pp-stays"));
    world.warned("pp-ends", ends_at).await;
    let counts = world.swept().await;
    assert_eq!((&counts["seen"], &counts["expiring"], &counts["never"]), (&json!(2), &json!(1), &json!(1)), "{counts}");
    let item = world.item("pp-ends").await;
    assert_eq!(item.due_at, Some(ends_at), "noted for its minute");
    world.tick().await;
    assert!(world.published("Provisioned Product Expired", None).is_empty(), "not before it");

    let told = world.until_published("Provisioned Product Expired", "pp-ends").await;
    assert!(hence(TimeDelta::zero()) >= ends_at);
    assert_eq!(told["expiresAt"].as_str(), Some(text(ends_at).as_str()));
    world.ended_once("pp-ends").await;
    for _ in 0..2 {
        world.swept().await;
        world.tick().await;
    }
    world.ended_once("pp-ends").await;
    assert_eq!(world.published("Provisioned Product Expired", Some("pp-ends")).len(), 1);
    assert_eq!(world.report().await.operations.len(), 1);
    assert_eq!(world.published("Sweep Completed", None).len(), 3);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_has_expired_between_two_sweeps_is_found_by_the_next() {
    let world = World::of(sweeping().with("TtlTag", "life")).await;
    world.swept().await;
    let created_at = whole(hence(-TimeDelta::days(1)));
    world.cloud.catalog.add(NewProduct { created_at, ..world.product("pp-ttl").tag("life", "3h") });
    world.warn("pp-ttl", created_at + TimeDelta::hours(3)).await;
    assert_eq!(world.swept().await["expired"], 1);
    world.until_published("Provisioned Product Expired", "pp-ttl").await;
    world.ended_once("pp-ttl").await;
    world.cloud.stop().await;
}

/// The service says seconds, with a fraction that is not exact.
fn whole(at: Time) -> Time {
    Time::from_timestamp(at.timestamp(), 0).unwrap()
}

// Hazard B19: what is noted is looked at again at its minute.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_extended_or_protected_between_the_sweep_and_its_minute_is_not_told_to_end() {
    let world = World::of(sweeping()).await;
    let ends_at = hence(TimeDelta::seconds(4));
    for id in ["pp-extended", "pp-protected", "pp-ends"] {
        world.warned(id, ends_at).await;
    }
    assert_eq!(world.swept().await["expiring"], 3);
    let extension = json!({
        "provisionedProductId": "pp-extended", "for": "7d", "requestedBy": "jo", "reason": "the demo is next week",
    });
    world.put(&event("platform.portal", "Extension Requested", &extension)).await;
    world.until_published("Extension Granted", "pp-extended").await;
    let protection = Protection { by: "ops".into(), reason: "an audit".into(), until: None };
    world.protect("pp-protected", Some(&protection)).await;
    world.until_published("Provisioned Product Expired", "pp-ends").await;
    world.ended_once("pp-ends").await;
    for id in ["pp-extended", "pp-protected"] {
        world.untouched(id).await;
        assert_eq!(world.item(id).await.due_at, None, "{id}: the next sweep looks at it anew");
    }
    let counts = world.swept().await;
    assert_eq!((&counts["protected"], &counts["later"]), (&json!(1), &json!(1)), "{counts}");
    world.cloud.stop().await;
}
