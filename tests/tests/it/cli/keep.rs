//! Lives: what ends soon, longer ones, and those that do not end.

use chrono::TimeDelta;
use steward_local::gateway::VIEWER;
use steward_tests::sweeping::{hence, sweeping};
use steward_tests::world::World;

use super::{assert_shown, operate};

async fn world() -> World {
    World::of(sweeping().with("MaxTtl", "30d").with("MinNotice", "0s")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_soon_is_shown_and_let_live_longer() {
    let world = world().await;
    for (id, days) in [("pp-last", 9), ("pp-second", 3), ("pp-first", 2)] {
        world.cloud.catalog.add(world.ending(id, hence(TimeDelta::days(days))));
    }
    world.cloud.catalog.add(world.product("pp-unreadable").tag("ttl", "two weeks"));
    let soon = world.steward_as(VIEWER, &["expiring", "--json"]).await.document();
    let ids = |document: &serde_json::Value| {
        let rows = document["expiring"].as_array().cloned().unwrap_or_default();
        rows.iter().map(|row| row["provisionedProductId"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&soon), ["pp-first", "pp-second"], "soonest first");
    assert_eq!(soon["unreadable"][0]["provisionedProductId"], "pp-unreadable");
    assert_shown!("expiring", operate(&world, &["expiring", "--within", "60h"]).await);

    let extended = operate(&world, &["extend", "pp-first", "--for", "4d", "--reason", "the demo was put off"]).await;
    assert_shown!("extend", extended);
    assert_eq!(ids(&operate(&world, &["expiring", "--json"]).await.document()), ["pp-second", "pp-first"]);
    // The ceiling holds, whatever is asked.
    let capped = operate(&world, &["extend", "pp-last", "--for", "365d", "--reason", "x", "--json"]).await.document();
    let ceiling = hence(TimeDelta::days(29));
    let until: chrono::DateTime<chrono::Utc> = capped["extendedUntil"].as_str().unwrap().parse().unwrap();
    assert!((until - ceiling).abs() < TimeDelta::minutes(5), "{capped:#}");
    let refused = operate(&world, &["extend", "pp-last", "--for", "1d", "--reason", "x"]).await;
    assert_eq!((refused.code, refused.err.contains("ceiling")), (4, true), "{refused:?}");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_protected_is_shown_so_until_it_is_let_go() {
    let world = world().await;
    world.cloud.catalog.add(world.ending("pp-evidence", hence(TimeDelta::days(1))));
    let protect = ["protect", "pp-evidence", "--for", "2d", "--reason", "the audit", "--by", "jo"];
    assert_shown!("protect", operate(&world, &protect).await);
    assert_shown!("show_protected", operate(&world, &["show", "pp-evidence"]).await);
    let asked = operate(&world, &["request", "terminate", "pp-evidence", "--yes", "--wait"]).await;
    assert_eq!((asked.code, asked.out.contains("protected in the table by jo: the audit")), (6, true), "{asked:?}");
    let unasked = operate(&world, &["unprotect", "pp-evidence", "--reason", "the audit is over"]).await;
    assert_eq!(unasked.code, 4, "{unasked:?}");
    let done = operate(&world, &["unprotect", "pp-evidence", "--reason", "the audit is over", "--yes"]).await;
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(world.item("pp-evidence").await.protection, None);
    let sent =
        operate(&world, &["protect", "pp-evidence", "--reason", "again", "--no-wait", "--json"]).await.document();
    assert!(sent["requestId"].as_str().is_some_and(|id| id.starts_with("cli-")), "{sent}");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsed_sweep_says_what_would_end_and_leaves_no_trace() {
    let world = world().await;
    world.cloud.catalog.add(world.ending("pp-over", hence(-TimeDelta::hours(2))));
    world.cloud.catalog.add(world.ending("pp-soon", hence(TimeDelta::hours(1))));
    world.cloud.catalog.add(world.product("pp-kept").tag("expires-at", "2020-01-01").tag("steward:protect", "yes"));
    assert_shown!("sweep", world.steward_as(VIEWER, &["sweep", "--dry-run"]).await);
    assert_eq!(world.item("pp-over").await, shared::ports::ProductItem::default(), "nothing is noted");
    assert!(world.published("Sweep Completed", None).is_empty() && world.executions("pp-over").is_empty());
    for id in ["pp-a", "pp-b", "pp-c", "pp-d", "pp-e"] {
        world.cloud.catalog.add(world.ending(id, hence(-TimeDelta::hours(2))));
    }
    let halted = world.steward_as(VIEWER, &["sweep", "--dry-run", "--json"]).await.document();
    assert_eq!((&halted["swept"], &halted["deployedDryRun"]), (&"halted".into(), &false.into()), "{halted:#}");
    let unsure = world.steward_as(VIEWER, &["sweep"]).await;
    assert_eq!((unsure.code, unsure.err.contains("--dry-run")), (2, true), "{unsure:?}");
    world.cloud.stop().await;
}
