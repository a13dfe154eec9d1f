//! `execute-action` killed at each point that matters: one execution all the same, and it is followed to its end.

use steward_local::gateway::faults::Effect;
use steward_tests::world::World;

use super::CALL;

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
