//! What has changed since a product was judged: its tags, its parameters, the product itself.

use std::time::Duration;

use chrono::TimeDelta;
use shared::ports::{Judgement, LookAt, Mark, Products as _};
use steward_local::catalog::{NewProduct, Settings};
use steward_tests::sweeping::{hence, now, sweeping, text};
use steward_tests::world::World;

const EXPIRED: &str = "Provisioned Product Expired";

/// The search shows what was before, and by that the product has expired: whoever terminates sees that it has changed (A4).
// Hazard A4: nor do tags of an older one.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_stale_search_shows_as_expired_is_not_terminated() {
    let mut options = sweeping();
    // An hour at AWS: thirty seconds here. An update takes half a second.
    options.settings =
        Settings { search_lag: Duration::from_hours(1), update: Duration::from_mins(1), ..options.settings };
    let world = World::of(options).await;
    let at = hence(-TimeDelta::hours(1));
    world.warned("pp-stale", at).await;
    let later = vec![("expires-at".to_owned(), text(hence(TimeDelta::days(9))))];
    world.cloud.catalog.update("pp-stale", Some(later));
    while world.cloud.catalog.products()[0].status != "AVAILABLE" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for _ in 0..2 {
        assert_eq!(world.swept().await["expired"], 1, "as the search shows it");
        world.until_published(EXPIRED, "pp-stale").await;
        let skipped = world.ended("pp-stale").await;
        assert_eq!(skipped.state, "skipped", "{skipped:?}");
        assert!(skipped.reason.unwrap().contains("changed since it was judged"));
    }
    world.cloud.catalog.configure(|settings| settings.search_lag = Duration::ZERO);
    assert_eq!(world.swept().await["later"], 1);
    assert!(world.executions("pp-stale").is_empty());
    world.cloud.stop().await;
}

/// Its owner, warned in time, moves its end: the worst moment is between the sweep and its minute (A3).
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_moves_the_end_after_the_warning_keeps_the_product() {
    for takes in [Duration::from_secs(1), Duration::from_mins(20)] {
        let mut options = sweeping();
        options.settings = Settings { update: takes, ..options.settings };
        let world = World::of(options).await;
        let at = hence(TimeDelta::seconds(3));
        world.warned("pp-moved", at).await;
        assert_eq!(world.swept().await["expiring"], 1);
        let later = vec![("expires-at".to_owned(), text(hence(TimeDelta::days(9))))];
        world.cloud.catalog.update("pp-moved", Some(later));
        world.until_published(EXPIRED, "pp-moved").await;
        let skipped = world.ended("pp-moved").await;
        assert_eq!(skipped.state, "skipped", "{skipped:?}");
        while world.cloud.catalog.products()[0].status != "AVAILABLE" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(world.swept().await["later"], 1);
        world.tick().await;
        assert!(world.executions("pp-moved").is_empty());
        assert_eq!(world.published(EXPIRED, None).len(), 1, "and nothing is told of it any more");
        world.cloud.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_is_made_again_under_the_same_name_is_another_one() {
    let world = World::of(sweeping()).await;
    let at = hence(TimeDelta::seconds(3));
    world.warned("pp-gone", at).await;
    assert_eq!(world.swept().await["expiring"], 1);
    world.cloud.catalog.remove("pp-gone");
    let again = NewProduct { name: "name-of-pp-gone".to_owned(), ..world.ending("pp-again", at) };
    world.cloud.catalog.add(again);
    world.until_published(EXPIRED, "pp-gone").await;
    let ended = world.ended("pp-gone").await;
    assert!(ended.reason.as_ref().is_some_and(|why| why.contains("the product is gone")), "{ended:?}");
    world.swept().await;
    world.untouched("pp-again").await;
    assert!(world.executions("pp-gone").is_empty());
    world.until_published("Provisioned Product Expiring", "pp-again").await;
    world.cloud.stop().await;
}

/// A mistaken default has warned everybody. It is taken away: what it has noted must not come, swept since or not.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_parameter_has_noted_does_not_come_once_the_parameter_is_put_right() {
    for is_swept in [false, true] {
        let world = World::of(sweeping()).await;
        let (id, at) = ("pp-spared", hence(TimeDelta::seconds(2)));
        let last_provisioning_record_id = world.cloud.catalog.add(world.product(id));
        world.warn(id, at).await;
        let judgement = Judgement {
            expires_at: at,
            judged_at: now(),
            last_provisioning_record_id,
            why: Some("the default time to live".to_owned()),
            parameters: Some("others".to_owned()),
            ..Judgement::default()
        };
        let mark = Mark { judgement: Some(judgement), look_at: LookAt::Then(at), ..Mark::default() };
        world.cloud.store.mark(id, None, &mark).await.unwrap();
        if is_swept {
            assert_eq!(world.swept().await["never"], 1);
        }
        while now() < at {
            world.tick().await;
        }
        world.untouched(id).await;
        assert_eq!(world.item(id).await.due_at, None);
        // Told just before, and still on its way.
        let expired = serde_json::json!({ "provisionedProductId": id, "expiresAt": text(at) });
        world.put(&steward_tests::world::event("steward", EXPIRED, &expired)).await;
        let skipped = world.ended(id).await;
        assert_eq!(skipped.state, "skipped", "{skipped:?}");
        assert!(skipped.reason.unwrap().contains("the parameters are others"));
        assert!(world.executions(id).is_empty());
        world.cloud.stop().await;
    }
}

/// A lease that was granted before the ceiling came down is no way around it, nor a reason to forget the product.
#[tokio::test(flavor = "multi_thread")]
async fn a_ceiling_below_a_lease_is_told_and_comes() {
    let world = World::of(sweeping().with("MaxTtl", "1h").with("MinNotice", "1s")).await;
    world.cloud.catalog.add(world.product("pp-ceiling").tag("ttl", "30m"));
    world.extend("pp-ceiling", hence(TimeDelta::days(9))).await;
    world.swept().await;
    world.until_published("Provisioned Product Expiring", "pp-ceiling").await;
    world.until_published(EXPIRED, "pp-ceiling").await;
    world.ended_once("pp-ceiling").await;
    world.cloud.stop().await;
}

/// Judged, and extended right after: the judgement does not count, however long ago the extension has ended by now.
#[tokio::test(flavor = "multi_thread")]
async fn an_extension_that_is_over_when_the_message_comes_is_judged_anew() {
    let world = World::of(sweeping()).await;
    let (id, at) = ("pp-over", hence(-TimeDelta::hours(1)));
    world.warned(id, at).await;
    world.cloud.store.pause("an incident").await.unwrap();
    let judgement = Judgement {
        expires_at: at,
        judged_at: now(),
        last_provisioning_record_id: world.cloud.catalog.products()[0].last_provisioning_record_id.clone(),
        ..Judgement::default()
    };
    let mark = Mark { judgement: Some(judgement), ..Mark::default() };
    world.cloud.store.mark(id, None, &mark).await.unwrap();
    let expired = serde_json::json!({ "provisionedProductId": id, "expiresAt": text(at) });
    world.put(&steward_tests::world::event("steward", EXPIRED, &expired)).await;
    world.until(id, |row| row.state == "waiting").await;
    world.extend(id, hence(-TimeDelta::minutes(10))).await;
    world.cloud.store.resume("a test").await.unwrap();
    let skipped = world.ended(id).await;
    assert_eq!(skipped.state, "skipped", "{skipped:?}");
    assert!(world.executions(id).is_empty());
    world.cloud.stop().await;
}
