//! Each way in which a product must not be terminated, tried.

use chrono::TimeDelta;
use serde_json::json;
use shared::ports::Protection;
use steward_local::catalog::{NewProduct, Settings};
use steward_local::gateway::faults::Effect;
use steward_tests::world::{World, asked, fast};

fn protection() -> Protection {
    Protection { by: "ops".to_owned(), reason: "an audit".to_owned(), until: None }
}

// Hazard A3: what was extended after the event lives on.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_extended_or_protected_after_the_event_was_published_is_left_alone() {
    let world = World::new().await;
    world.cloud.store.pause("an incident").await.unwrap();
    let extended = world.expired(world.product("pp-extended")).await;
    let protected = world.expired(world.product("pp-protected")).await;
    let untouched = world.expired(world.product("pp-untouched")).await;
    world.cloud.catalog.add(world.product("pp-asked"));
    for event in [&extended, &protected, &untouched] {
        world.put(event).await;
    }
    world.ask("pp-asked").await;
    for id in ["pp-extended", "pp-protected", "pp-untouched", "pp-asked"] {
        let waiting = world.until(id, |row| row.state == "waiting").await;
        assert_eq!(waiting.reason.as_deref(), Some("paused: an incident"));
    }
    let until = world.product("x").created_at + TimeDelta::days(9);
    world.extend("pp-extended", until).await;
    world.protect("pp-protected", Some(&protection())).await;
    world.protect("pp-asked", Some(&protection())).await;
    world.cloud.store.resume("a test").await.unwrap();
    for (id, state) in [
        ("pp-extended", "skipped"),
        ("pp-protected", "skipped"),
        ("pp-asked", "rejected"),
        ("pp-untouched", "succeeded"),
    ] {
        let ended = world.ended(id).await;
        assert_eq!(ended.state, state, "{ended:?}");
        assert_eq!(world.executions(id).len(), usize::from(state == "succeeded"), "{id}");
    }
    world.cloud.stop().await;
}

// Hazard B3: being busy uses up no attempt.
#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_is_being_updated_is_waited_for_and_an_expiry_is_judged_again_later() {
    // Twenty minutes at AWS: ten seconds here, and pauses of 0.8 seconds at most.
    let settings = Settings { update: std::time::Duration::from_mins(20), ..Settings::default() };
    let world = World::of(fast(settings)).await;
    world.cloud.catalog.add(world.product("pp-asked"));
    let event = world.expired(world.product("pp-expired")).await;
    for id in ["pp-asked", "pp-expired"] {
        world.cloud.catalog.update(id, None);
    }
    world.ask("pp-asked").await;
    world.put(&event).await;
    let skipped = world.ended("pp-expired").await;
    assert_eq!(skipped.state, "skipped", "its owner is at it: {skipped:?}");
    let ended = world.ended("pp-asked").await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "waiting is no attempt: {ended:?}");
    let looks = world.calls("TerminateFunction", "servicecatalog:DescribeProvisionedProduct");
    assert!(looks > 5, "under change for longer than five tries, not {looks}");
    assert_eq!((world.executions("pp-asked").len(), world.executions("pp-expired").len()), (1, 0));
    world.cloud.stop().await;
}

// Hazard A5: a late duplicate does not reach the next product of that name.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_passes_to_another_product_does_not_take_it_along() {
    let world = World::new().await;
    let named = |id: &str| NewProduct { name: "sandbox".to_owned(), ..world.product(id) };
    world.cloud.catalog.add(named("pp-first"));
    let event = asked(&json!({ "provisionedProductName": "sandbox" }));
    world.put(&event).await;
    assert_eq!(world.ended("name:sandbox").await.state, "succeeded");
    world.cloud.catalog.add(named("pp-second"));
    world.put(&event).await;
    world.quiet().await;
    assert_eq!(world.executions("pp-first").len(), 1);
    assert_eq!(world.executions("pp-second"), Vec::<String>::new(), "the late duplicate meant the first one");
    world.cloud.stop().await;
}

// Hazard A4: tags count only if they are of the last record.
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_search_terminates_nothing_until_it_has_caught_up() {
    // Twelve minutes at AWS: six seconds here.
    let settings = Settings { search_lag: std::time::Duration::from_mins(12), ..Settings::default() };
    let world = World::of(fast(settings)).await;
    world.cloud.catalog.add(world.product("pp-stale"));
    world.cloud.catalog.update_at_once("pp-stale");
    world.ask("pp-stale").await;
    let waiting = world.until("pp-stale", |row| row.state == "waiting").await;
    assert!(waiting.reason.unwrap().contains("has not caught up"));
    assert_eq!(world.ended("pp-stale").await.state, "succeeded");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dry_run_judges_and_sends_nothing() {
    let world = World::of(fast(Settings::default()).with("DryRun", "true")).await;
    let event = world.expired(world.product("pp-dry")).await;
    world.put(&event).await;
    let ended = world.ended("pp-dry").await;
    assert_eq!(
        (ended.state.as_str(), ended.reason.as_deref()),
        ("skipped", Some("dry run: it would be terminated now"))
    );
    assert_eq!(world.executions("pp-dry"), Vec::<String>::new());
    world.cloud.stop().await;
}

// Hazard B1: other content under a known key touches nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_with_other_content_is_rejected_beside_what_it_contradicts() {
    let world = World::new().await;
    world.cloud.catalog.add(world.product("pp-key"));
    let request = |extra: bool| {
        asked(&json!({ "provisionedProductId": "pp-key", "requestId": "k", "retainPhysicalResources": extra }))
    };
    world.put(&request(false)).await;
    assert_eq!(world.ended("pp-key").await.state, "succeeded");
    world.put(&request(true)).await;
    world.quiet().await;
    let report = world.report().await;
    assert_eq!(report.rejected.len(), 1);
    assert!(report.rejected[0].error.contains("used before with other content"), "{:?}", report.rejected);
    assert_eq!(report.operations[0].state, "succeeded", "the first one stands");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_message_does_not_harm_its_neighbours() {
    let world = World::new().await;
    let event = world.expired(world.product("pp-neighbour")).await;
    for body in ["nonsense", "[1,2", "{\"provisionedProductId\":5}", &"x".repeat(200_000)] {
        assert!(world.cloud.wiring.send("TerminationsQueue", body.to_owned()));
    }
    world.put(&event).await;
    assert_eq!(world.ended("pp-neighbour").await.state, "succeeded");
    assert_eq!(world.report().await.rejected.len(), 4);
    assert!(world.cloud.wiring.queue("TerminationsDeadLetterQueue").unwrap().is_empty());
    world.cloud.stop().await;
}

/// The worst case: its owner, warned in time, is just moving its expiry when the termination is sent and refused.
// Hazard A3: each attempt judges anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_changes_while_its_termination_is_on_its_way_is_not_terminated_by_the_next_attempt() {
    for code in ["InvalidParametersException", "InvalidStateException", "ValidationException", "ConflictException"] {
        let settings = Settings {
            refused_terminate: (code.to_owned(), "Provisioned product is under change".to_owned()),
            ..Settings::default()
        };
        let world = World::of(fast(settings)).await;
        let event = world.expired(world.product("pp-racing")).await;
        let asked_for = world.product("pp-asked");
        world.cloud.catalog.add(asked_for);
        let on_its_way = Effect::Delay(std::time::Duration::from_secs(2));
        world.fault("servicecatalog", "TerminateProvisionedProduct", 2, on_its_way);
        world.put(&event).await;
        world.ask("pp-asked").await;
        while world.calls("TerminateFunction", "servicecatalog:TerminateProvisionedProduct") < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        for id in ["pp-racing", "pp-asked"] {
            world.cloud.catalog.update(id, None);
        }
        let ended = world.ended("pp-racing").await;
        assert_eq!((ended.state.as_str(), ended.attempts), ("failed", 2), "{code}: {ended:?}");
        assert!(ended.reason.unwrap().contains("changed since it was judged"));
        assert_eq!(world.executions("pp-racing"), Vec::<String>::new(), "{code}");
        let ended = world.ended("pp-asked").await;
        assert_eq!(
            (ended.state.as_str(), ended.attempts),
            ("succeeded", 2),
            "asked for, whatever its expiry: {ended:?}"
        );
        assert_eq!(world.executions("pp-asked"), [ended.token]);
        world.cloud.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_left_behind_is_not_terminated_unless_that_is_allowed() {
    let world = World::of(fast(Settings::default()).with("AllowIgnoreErrors", "false")).await;
    world.cloud.catalog.add(world.product("pp-behind"));
    world.put(&asked(&json!({ "provisionedProductId": "pp-behind", "ignoreErrors": true }))).await;
    let ended = world.ended("pp-behind").await;
    assert_eq!(ended.state, "rejected", "{ended:?}");
    assert!(ended.reason.unwrap().starts_with("`ignoreErrors` is not allowed"));
    assert_eq!(world.executions("pp-behind"), Vec::<String>::new());
    world.cloud.stop().await;
}
