//! `execute-action` killed at each point that matters: one execution all the same, and it is followed to its end.

use steward_local::gateway::faults::Effect;
use steward_tests::world::{REPAIR, World};

use super::{CALL, executed, pause, repaired};

async fn dies_at(service: &str, operation: &str, effect: Effect, drifts: bool) {
    let world = World::new().await;
    let id = "pp-crash";
    world.cloud.catalog.add(world.product(id));
    world.fault(service, operation, 1, effect.clone());
    let ended = if drifts {
        let event = world.drift(id).await;
        world.drift_ended(&event).await
    } else {
        world.restart(id).await;
        world.ended(id).await
    };
    world.quiet().await;
    let case = format!("{effect:?} at {operation}, drift {drifts}: {ended:?}");
    let fired = world.cloud.gateway.faults().fired();
    assert_eq!(fired.len(), 1, "{case}");
    assert_eq!(fired[0].caller, "ExecuteActionFunction", "{case}");
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{case}");
    assert_eq!(world.executions(id), [ended.token], "{case}");
    let told = world.ends(id);
    assert_eq!(told.len(), 1, "{case}: {told:?}");
    assert_eq!(told.first().unwrap().0, "Operation Succeeded", "{case}");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn right_after_the_call_was_accepted() {
    for drifts in [false, true] {
        dies_at("servicecatalog", CALL, Effect::KillAfter, drifts).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn right_before_the_call() {
    for drifts in [false, true] {
        dies_at("servicecatalog", CALL, Effect::KillBefore, drifts).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn right_after_the_claim() {
    for drifts in [false, true] {
        dies_at("dynamodb", "PutItem", Effect::KillAfter, drifts).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn right_after_the_slot_was_taken() {
    dies_at("dynamodb", "TransactWriteItems", Effect::KillAfter, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn right_after_and_right_before_the_record_was_written() {
    for effect in [Effect::KillAfter, Effect::KillBefore] {
        dies_at("dynamodb", "UpdateItem", effect, false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_looks_for_the_product_that_has_drifted() {
    dies_at("servicecatalog", "SearchProvisionedProducts", Effect::KillBefore, true).await;
}

/// Twice out of luck: the answer was lost, and it dies while it looks for the record, or right after it has adopted it.
#[tokio::test(flavor = "multi_thread")]
async fn while_it_looks_for_the_record_of_a_lost_answer() {
    for (service, operation, effect) in [
        ("servicecatalog", "ListRecordHistory", Effect::KillBefore),
        ("dynamodb", "TransactWriteItems", Effect::KillBefore),
        ("dynamodb", "TransactWriteItems", Effect::KillAfter),
    ] {
        let world = World::new().await;
        world.cloud.catalog.add(world.product("pp-twice"));
        world.fault("servicecatalog", CALL, 1, Effect::DropAfter);
        world.fault(service, operation, 1, effect.clone());
        world.restart("pp-twice").await;
        let ended = world.ended("pp-twice").await;
        let case = format!("{effect:?} at {operation}: {ended:?}");
        assert_eq!(world.cloud.gateway.faults().fired().len(), 2, "{case}");
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{case}");
        assert_eq!(ended.record_id, Some(world.cloud.catalog.executions()[0].record_id.clone()), "{case}");
        assert_eq!(world.executions("pp-twice"), [ended.token], "{case}");
        assert_eq!(world.ends("pp-twice").len(), 1, "{case}");
        world.cloud.stop().await;
    }
}

/// What has never been sent is no open attempt: drift in the cool-down is skipped, by whoever takes it over too.
#[tokio::test(flavor = "multi_thread")]
async fn right_after_the_claim_of_drift_in_the_cool_down() {
    let world = World::new().await;
    world.cloud.catalog.add(world.product("pp-cool"));
    repaired(&world, "pp-cool").await;
    world.quiet().await;
    // What is found counts by the second: this is after the repair.
    pause(1_200).await;
    world.fault("dynamodb", "PutItem", 1, Effect::KillAfter);
    let event = world.drift("pp-cool").await;
    let skipped = world.drift_ended(&event).await;
    let fired = world.cloud.gateway.faults().fired();
    assert_eq!((fired.len(), fired[0].caller.as_str()), (1, "ExecuteActionFunction"));
    assert_eq!(skipped.state, "skipped", "{skipped:?}");
    assert!(skipped.reason.as_deref().unwrap().starts_with("cool-down until"), "{skipped:?}");
    // For good: neither its own message nor the event comes to anything again.
    world.deliver(&event).await;
    world.quiet().await;
    assert_eq!(world.drift_ended(&event).await, skipped);
    assert_eq!(executed(&world, "pp-cool"), [REPAIR]);
    assert_eq!(world.ends("pp-cool").len(), 1, "only the repair is told");
    world.cloud.stop().await;
}
