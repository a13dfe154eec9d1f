//! When drift is repaired: once, not before the product has cooled down, and not for ever.

use futures_util::future::join_all;
use steward_local::catalog::Settings;
use steward_tests::world::{REPAIR, World, fast};

use super::{all_ended, executed, pause, repaired};

// Hazard C14: the first claim is a plain put.
#[tokio::test(flavor = "multi_thread")]
async fn one_drift_told_ten_times_at_once_is_repaired_once() {
    let world = World::new().await;
    world.cloud.catalog.add(world.product("pp-ten"));
    let event = world.drift("pp-ten").await;
    join_all((0..9).map(|_| world.deliver(&event))).await;
    let ended = world.drift_ended(&event).await;
    world.quiet().await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
    assert_eq!(ended.provisioned_product_id.as_deref(), Some("pp-ten"));
    assert_eq!(executed(&world, "pp-ten"), [REPAIR]);
    assert!(!world.cloud.catalog.products().iter().any(|product| product.drifted), "it is repaired");
    let spent = |call: &str| world.calls("ExecuteActionFunction", call);
    let writes = ["dynamodb:PutItem", "dynamodb:TransactWriteItems", "dynamodb:UpdateItem"].map(spent);
    assert_eq!(writes, [10, 1, 1], "ten claims, nine of them duplicates; the slot; the record");
    let searches = spent("servicecatalog:SearchProvisionedProducts");
    let pages = spent("servicecatalog:ListServiceActionsForProvisioningArtifact");
    assert_eq!([searches, pages, spent("servicecatalog:DescribeProvisionedProduct")], [1, 1, 0]);
    assert_eq!(world.told("pp-ten").len(), 1, "told once");
    world.cloud.stop().await;
}

// Hazard A6: both events of one drift, before either is repaired.
#[tokio::test(flavor = "multi_thread")]
async fn drift_told_by_cloudformation_and_by_config_is_repaired_once() {
    let world = World::new().await;
    world.cloud.catalog.add(world.product("pp-both"));
    world.cloud.catalog.drift("pp-both");
    world.cloud.catalog.config_drift("pp-both");
    let mut rows = all_ended(&world, &world.stack("pp-both"), 2).await;
    rows.sort_by(|a, b| a.state.cmp(&b.state));
    let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
    assert_eq!(states, ["skipped", "succeeded"], "{rows:?}");
    assert!(rows[0].reason.as_deref().unwrap().starts_with("cool-down"), "{rows:?}");
    assert_eq!(world.executions("pp-both"), [rows[1].token.as_str()]);
    world.cloud.stop().await;
}

// Hazard A6: a skip for cool-down holds its place.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_skipped_in_the_cool_down_stays_skipped_after_it_and_new_drift_is_repaired() {
    let world = World::of(fast(Settings::default()).with("RemediationCooldown", "4s")).await;
    world.cloud.catalog.add(world.product("pp-cool"));
    let first = repaired(&world, "pp-cool").await;
    // What is found counts by the second: this is after the repair.
    pause(1_200).await;
    let second = world.drift("pp-cool").await;
    let skipped = world.drift_ended(&second).await;
    assert_eq!(skipped.state, "skipped", "{skipped:?}");
    assert!(skipped.reason.as_deref().unwrap().starts_with("cool-down until"), "{skipped:?}");
    pause(4_500).await;
    for event in [&first, &second] {
        world.deliver(event).await;
    }
    world.quiet().await;
    assert_eq!(world.drift_ended(&second).await, skipped);
    assert_eq!(executed(&world, "pp-cool"), [REPAIR], "both are known");
    assert_eq!(all_ended(&world, &world.stack("pp-cool"), 2).await.len(), 2);

    repaired(&world, "pp-cool").await;
    assert_eq!(executed(&world, "pp-cool"), [REPAIR, REPAIR]);
    world.cloud.stop().await;
}

// Hazard A6: a repair that takes longer than the cool-down.
#[tokio::test(flavor = "multi_thread")]
async fn drift_found_while_its_repair_runs_is_skipped_however_long_it_runs() {
    // Eight minutes at AWS: four seconds here.
    let settings = Settings { action: std::time::Duration::from_mins(8), ..Settings::default() };
    let world = World::of(fast(settings).with("RemediationCooldown", "1s")).await;
    world.cloud.catalog.add(world.product("pp-long"));
    let first = world.drift("pp-long").await;
    world.until(&world.stack("pp-long"), |row| row.state == "submitted").await;
    pause(1_500).await;
    let second = world.drift("pp-long").await;
    let skipped = world.drift_ended(&second).await;
    let running = world.drift_ended(&first).await;
    assert_eq!((skipped.state.as_str(), running.state.as_str()), ("skipped", "succeeded"), "{skipped:?}");
    let why = format!("cool-down: {} is repairing the product", running.id);
    assert_eq!(skipped.reason, Some(why));
    assert_eq!(world.executions("pp-long"), [running.token]);
    world.cloud.stop().await;
}

// Hazard A6: drift that is none, found for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_three_repairs_did_not_help_is_left_alone_until_somebody_says_otherwise() {
    let world = World::of(fast(Settings::default()).with("RemediationCooldown", "1s")).await;
    world.cloud.catalog.add(world.product("pp-vain"));
    for _ in 0..3 {
        repaired(&world, "pp-vain").await;
        pause(2_000).await;
    }
    for _ in 0..2 {
        let event = world.drift("pp-vain").await;
        let ended = world.drift_ended(&event).await;
        assert_eq!(ended.state, "skipped", "{ended:?}");
        assert!(ended.reason.as_deref().unwrap().starts_with("left alone: 3 repairs"), "{ended:?}");
        let told = world.told("pp-vain");
        let (kind, detail) = told.iter().find(|(_, detail)| detail["operation"] == ended.id).expect("it is told");
        assert_eq!(kind, "Operation Rejected");
        assert!(detail["why"].as_str().unwrap().contains("`steward retry`"), "{detail}");
        // The same event again tells nothing new.
        world.deliver(&event).await;
        world.quiet().await;
        assert_eq!(world.told("pp-vain").len(), told.len());
        pause(1_500).await;
    }
    assert_eq!(executed(&world, "pp-vain"), [REPAIR; 3]);

    world.cloud.store.forget_remediations("pp-vain", "jo").await.unwrap();
    repaired(&world, "pp-vain").await;
    world.cloud.stop().await;
}
