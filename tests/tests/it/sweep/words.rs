//! A person's word: extensions and protections, granted, bounded, refused, delivered twice, two at once.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use steward_tests::sweeping::{hence, sweeping, text};
use steward_tests::world::{World, event};

const GRANTED: &str = "Extension Granted";
const CHANGED: &str = "Protection Changed";

fn asked(detail_type: &str, id: &str, more: &Value) -> Value {
    let mut detail = json!({ "provisionedProductId": id, "requestedBy": "jo", "reason": "the demo is on Friday" });
    detail.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event("platform.portal", detail_type, &detail)
}

fn extension(id: &str, more: &Value) -> Value {
    asked("Extension Requested", id, more)
}

fn protection(id: &str, more: &Value) -> Value {
    asked("Protection Requested", id, more)
}

fn until(detail: &Value) -> DateTime<Utc> {
    detail["until"].as_str().unwrap().parse().unwrap()
}

/// Waits until so many answers of a type are out.
async fn answers(world: &World, detail_type: &str, count: usize) -> Vec<Value> {
    for _ in 0..1_000 {
        let told = world.published(detail_type, None);
        if told.len() >= count {
            assert_eq!(told.len(), count, "{told:?}");
            return told;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("not {count} of {detail_type}: {:?}\n{}", world.published(detail_type, None), world.logs())
}

async fn refused(world: &World, event: &Value, why: &str) {
    let before = world.report().await.rejected.len();
    world.put(event).await;
    world.quiet().await;
    let rejected = world.report().await.rejected;
    assert_eq!(rejected.len(), before + 1, "{rejected:?}");
    assert!(rejected.iter().any(|rejected| rejected.error.contains(why)), "{why}: {rejected:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_is_granted_counted_from_the_end_and_keeps_the_product() {
    let world = World::of(sweeping()).await;
    let at = hence(TimeDelta::hours(3));
    world.warned("pp-a", at).await;
    world.put(&extension("pp-a", &json!({ "for": "2d" }))).await;
    let told = world.until_published(GRANTED, "pp-a").await;
    assert_eq!(until(&told), at + TimeDelta::days(2));
    assert_eq!(
        (told["requestedBy"].as_str(), told["provisionedProductName"].as_str()),
        (Some("jo"), Some("name-of-pp-a"))
    );
    let item = world.item("pp-a").await;
    assert_eq!(item.lease_until, Some(at + TimeDelta::days(2)));
    assert_eq!((item.extensions.len(), item.extensions[0].reason.as_str()), (1, "the demo is on Friday"));
    assert!(item.noticed.is_some(), "nothing else of it is touched");
    world.put(&extension("pp-a", &json!({ "until": text(hence(TimeDelta::days(9))) }))).await;
    answers(&world, GRANTED, 2).await;
    assert_eq!(world.swept().await["later"], 1);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_is_cut_at_the_ceiling() {
    let world = World::of(sweeping().with("MaxTtl", "3d")).await;
    world.cloud.catalog.add(world.product("pp-a").tag("ttl", "26h"));
    world.put(&extension("pp-a", &json!({ "for": "2w" }))).await;
    let told = world.until_published(GRANTED, "pp-a").await;
    let created = world.cloud.catalog.products()[0].created_at;
    let ceiling = created + TimeDelta::days(3);
    assert!((until(&told) - ceiling).abs() < TimeDelta::milliseconds(2), "{told}");
    refused(&world, &extension("pp-a", &json!({ "for": "1h" })), "nothing lives longer than the ceiling").await;
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_extended_is_refused_and_says_why() {
    let world = World::of(sweeping()).await;
    let at = hence(TimeDelta::days(2));
    world.cloud.catalog.add(world.ending("pp-a", at));
    world.cloud.catalog.add(world.product("pp-never").tag("ttl", "never"));
    world.cloud.catalog.add(world.product("pp-soon").tag("ttl", "soon"));
    refused(&world, &extension("pp-a", &json!({ "until": text(hence(TimeDelta::days(1))) })), "it lives until").await;
    refused(&world, &extension("pp-a", &json!({ "until": "2020-01-01" })), "is over").await;
    refused(&world, &extension("pp-never", &json!({ "for": "2d" })), "there is nothing to extend").await;
    refused(&world, &extension("pp-soon", &json!({ "for": "2d" })), "unreadable").await;
    refused(&world, &extension("pp-nobody", &json!({ "for": "2d" })), "no provisioned product pp-nobody").await;
    refused(&world, &extension("pp-a", &json!({ "for": "a while" })), "`for` is").await;
    refused(&world, &protection("pp-a", &json!({ "until": "2020-01-01" })), "is over").await;
    assert!(world.published(GRANTED, None).is_empty() && world.published(CHANGED, None).is_empty());
    assert_eq!(world.item("pp-a").await.lease_until, None);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_that_is_delivered_twice_extends_once() {
    let world = World::of(sweeping()).await;
    let at = hence(TimeDelta::hours(3));
    world.warned("pp-a", at).await;
    let event = extension("pp-a", &json!({ "for": "2d" }));
    world.put(&event).await;
    answers(&world, GRANTED, 1).await;
    world.put(&event).await;
    let told = answers(&world, GRANTED, 2).await;
    assert_eq!(told[0], told[1], "one answer, twice");
    let item = world.item("pp-a").await;
    assert_eq!((item.lease_until, item.extensions.len()), (Some(at + TimeDelta::days(2)), 1));
    world.cloud.stop().await;
}

/// An item may have 400 KB: who extends every hour must not fill it, or nothing could be written of the product any more.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_extensions_the_latest_are_kept() {
    let world = World::of(sweeping()).await;
    let at = hence(TimeDelta::hours(3));
    world.cloud.catalog.add(world.ending("pp-a", at));
    for count in 1..=23 {
        world.put(&extension("pp-a", &json!({ "for": "1h" }))).await;
        answers(&world, GRANTED, count).await;
    }
    let item = world.item("pp-a").await;
    assert_eq!((item.lease_until, item.extensions.len()), (Some(at + TimeDelta::hours(23)), 20));
    let kept: Vec<_> = item.extensions.iter().map(|kept| kept.until).collect();
    assert_eq!((kept[0], kept[19]), (at + TimeDelta::hours(4), at + TimeDelta::hours(23)), "oldest first");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_deliveries_at_once_extend_once() {
    let world = World::of(sweeping()).await;
    // Its end is past: each delivery would count from its own now.
    world.warned("pp-a", hence(-TimeDelta::hours(3))).await;
    let event = extension("pp-a", &json!({ "for": "2d" }));
    for _ in 0..10 {
        world.put(&event).await;
    }
    let told = answers(&world, GRANTED, 10).await;
    assert!(told.iter().all(|answer| *answer == told[0]), "{told:?}");
    assert_eq!(world.item("pp-a").await.extensions.len(), 1);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_extensions_at_once_both_count() {
    let world = World::of(sweeping()).await;
    let at = hence(TimeDelta::hours(3));
    world.warned("pp-a", at).await;
    for _ in 0..2 {
        world.put(&extension("pp-a", &json!({ "for": "2d" }))).await;
    }
    answers(&world, GRANTED, 2).await;
    let item = world.item("pp-a").await;
    assert_eq!((item.lease_until, item.extensions.len()), (Some(at + TimeDelta::days(4)), 2));
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protection_is_set_and_ended_and_an_older_word_does_not_undo_a_newer_one() {
    let world = World::of(sweeping()).await;
    world.warned("pp-a", hence(-TimeDelta::hours(3))).await;
    let timed = |mut event: Value, seconds: i64| {
        event["time"] = text(hence(TimeDelta::seconds(seconds))).into();
        event
    };
    let (older, newer) = (protection("pp-a", &json!({ "protect": false })), protection("pp-a", &json!({})));
    let (older, newer) = (timed(older, -60), timed(newer, -30));
    world.put(&newer).await;
    let told = answers(&world, CHANGED, 1).await;
    assert_eq!((&told[0]["protected"], &told[0]["until"]), (&json!(true), &Value::Null));
    refused(&world, &older, "a later word on its protection holds").await;
    assert_eq!(world.swept().await["protected"], 1);
    world.untouched("pp-a").await;
    world.put(&newer).await;
    let told = answers(&world, CHANGED, 2).await;
    assert_eq!(told[0], told[1], "delivered twice, answered twice");
    world.put(&timed(protection("pp-a", &json!({ "protect": false })), -10)).await;
    answers(&world, CHANGED, 3).await;
    assert_eq!(world.swept().await["expired"], 1);
    world.until_published("Provisioned Product Expired", "pp-a").await;
    world.ended_once("pp-a").await;
    world.cloud.stop().await;
}

// Hazard B11: what has its time is judged by that, not by being there.
#[tokio::test(flavor = "multi_thread")]
async fn a_protection_for_a_while_ends_by_itself() {
    let world = World::of(sweeping()).await;
    world.warned("pp-a", hence(-TimeDelta::hours(3))).await;
    let ends_at = hence(TimeDelta::seconds(4));
    world.put(&protection("pp-a", &json!({ "until": text(ends_at) }))).await;
    let told = world.until_published(CHANGED, "pp-a").await;
    assert_eq!(until(&told), ends_at);
    assert_eq!(world.swept().await["protected"], 1);
    while hence(TimeDelta::zero()) <= ends_at {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(world.swept().await["expired"], 1);
    world.until_published("Provisioned Product Expired", "pp-a").await;
    world.ended_once("pp-a").await;
    world.cloud.stop().await;
}
