//! From a drifted stack to the action that repairs it: what the search does not show yet, or not any more, and what is
//! changed on the way.

use std::time::Duration;

use steward_local::catalog::{NewOffer, NewProduct, Settings};
use steward_local::gateway::faults::Effect;
use steward_tests::world::{REPAIR, RESTART, World, fast};

use super::{CALL, all_ended, drift_of, executed};

// Hazard B17: the search lags behind a new product.
#[tokio::test(flavor = "multi_thread")]
async fn drift_of_a_product_that_the_search_does_not_show_yet_waits_for_it() {
    // Six minutes at AWS: three seconds here.
    let settings = Settings { search_lag: Duration::from_mins(6), ..Settings::default() };
    let world = World::of(fast(settings)).await;
    let a_day = chrono::TimeDelta::days(1);
    let old = world.product("pp-young");
    world.cloud.catalog.add(NewProduct { created_at: old.created_at + a_day, ..old });
    let event = world.drift("pp-young").await;
    let waiting = world.until(&world.stack("pp-young"), |row| row.state == "waiting").await;
    assert_eq!(waiting.reason.as_deref(), Some("the search does not show pp-young yet"));
    let ended = world.drift_ended(&event).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
    assert_eq!(executed(&world, "pp-young"), [REPAIR]);
    world.cloud.stop().await;
}

// Hazard B17: what the search never shows may be gone.
// Hazard C10: what has no product is skipped.
#[tokio::test(flavor = "multi_thread")]
async fn drift_of_a_product_that_is_gone_or_of_a_stack_that_is_no_product_s_is_skipped() {
    let world = World::new().await;
    world.cloud.catalog.add(world.product("pp-gone"));
    let stack = world.stack("pp-gone");
    world.cloud.catalog.remove("pp-gone");
    let stray = stack.replace("pp-gone", "something-else");
    let replaced = stack.replace("pp-gone", "pp-other");
    let other = world.product("pp-other").stack(&stray.replace("something-else", "yet-another"));
    world.cloud.catalog.add(other);
    for (stack, why) in [
        (&stack, "pp-gone is gone, or Steward may not see it"),
        (&stray, "no provisioned product has this stack"),
        (&replaced, "pp-other has another stack by now"),
    ] {
        world.deliver(&drift_of(stack)).await;
        let ended = &all_ended(&world, stack, 1).await[0];
        assert_eq!(ended.state, "skipped", "{ended:?}");
        assert!(ended.reason.as_deref().unwrap().starts_with(why), "{ended:?}");
    }
    assert_eq!(world.calls("ExecuteActionFunction", &format!("servicecatalog:{CALL}")), 0);
    world.cloud.stop().await;
}

// Hazard B17: the same token with another action would be another request.
#[tokio::test(flavor = "multi_thread")]
async fn the_action_that_was_stored_is_the_one_that_is_sent_again() {
    let world = World::new().await;
    let tagged = |action: &str| vec![("steward:remediation".to_owned(), action.to_owned())];
    world.cloud.catalog.add(world.product("pp-tagged").tag("steward:remediation", RESTART));
    world.fault("servicecatalog", CALL, 1, Effect::DropBefore);
    let event = world.drift("pp-tagged").await;
    let waiting = world.until(&world.stack("pp-tagged"), |row| row.state == "waiting").await;
    world.cloud.catalog.update("pp-tagged", Some(tagged(REPAIR)));
    let ended = world.drift_ended(&event).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
    assert_eq!(world.executions("pp-tagged"), [waiting.token]);
    assert_eq!(executed(&world, "pp-tagged"), [RESTART], "not what its tag says by now");
    let changed = world.cloud.catalog.products().into_iter().find(|product| product.id == "pp-tagged").unwrap();
    assert_eq!(changed.tags, tagged(REPAIR));
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_without_an_action_to_repair_it_is_skipped() {
    let world = World::new().await;
    world.cloud.catalog.offer_product(NewOffer {
        product_id: "prod-bare".to_owned(),
        product_name: "bare".to_owned(),
        artifact_id: "pa-bare".to_owned(),
        artifact_name: "v1".to_owned(),
        template: r#"{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}"#.to_owned(),
        principals: Vec::new(),
    });
    world.cloud.catalog.add(world.product("pp-bare").of("prod-bare", "pa-bare"));
    world.cloud.catalog.add(world.product("pp-outlived").of("prod-deleted", "pa-deleted"));
    world.cloud.catalog.add(world.product("pp-typo").tag("steward:remediation", "fix it"));
    for (id, why) in [
        ("pp-bare", "has no service action named `remediate-drift`"),
        ("pp-outlived", "pa-deleted of prod-deleted is not on offer any more"),
        ("pp-typo", "accepted: the id of"),
    ] {
        let event = world.drift(id).await;
        let ended = world.drift_ended(&event).await;
        assert_eq!(ended.state, "skipped", "{ended:?}");
        assert!(ended.reason.as_deref().unwrap().contains(why), "{ended:?}");
        assert_eq!(world.executions(id), Vec::<String>::new());
    }
    world.cloud.stop().await;
}
