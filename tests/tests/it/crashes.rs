//! The function dies: the product is terminated once all the same, and followed to its end.

use steward_local::gateway::faults::Effect;
use steward_tests::world::World;

async fn dies_at(service: &str, operation: &str, effect: Effect) {
    let world = World::new().await;
    let id = "pp-crash";
    let event = world.expired(world.product(id)).await;
    world.fault(service, operation, 1, effect.clone());
    world.put(&event).await;
    let ended = world.ended(id).await;
    let case = format!("{effect:?} at {operation}: {ended:?}");
    assert_eq!(world.cloud.gateway.faults().fired().len(), 1, "{case}");
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{case}");
    assert_eq!(world.executions(id), [ended.token], "{case}");
    let told = world.told(id);
    assert!(!told.is_empty(), "{case}");
    assert!(
        told.iter().all(|(kind, detail)| kind == "Operation Succeeded" && detail["id"] == told[0].1["id"]),
        "{told:?}"
    );
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn right_after_the_call_was_accepted() {
    dies_at("servicecatalog", "TerminateProvisionedProduct", Effect::KillAfter).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn right_before_the_call() {
    dies_at("servicecatalog", "TerminateProvisionedProduct", Effect::KillBefore).await;
}

// Hazard B6: what its worker left is sent on its way again.
#[tokio::test(flavor = "multi_thread")]
async fn right_after_the_claim() {
    dies_at("dynamodb", "PutItem", Effect::KillAfter).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_end_was_told_and_before_it_was_written() {
    dies_at("events", "PutEvents", Effect::KillAfter).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_looks_at_the_record() {
    dies_at("servicecatalog", "DescribeRecord", Effect::KillBefore).await;
}
