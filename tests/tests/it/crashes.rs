//! The function dies: the product is terminated once all the same, and followed to its end.

use serde_json::json;
use steward_local::gateway::faults::Effect;
use steward_tests::world::{World, asked};

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

/// Dies right after the claim of a termination of what was never there; gives why it failed.
async fn dies_over_nothing(detail: &serde_json::Value, subject: &str) -> String {
    let world = World::new().await;
    world.fault("dynamodb", "PutItem", 1, Effect::KillAfter);
    world.put(&asked(detail)).await;
    let ended = world.ended(subject).await;
    assert_eq!(world.cloud.gateway.faults().fired().len(), 1, "{ended:?}");
    assert_eq!((ended.state.as_str(), ended.attempts), ("failed", 1), "{ended:?}");
    assert_eq!(world.calls("TerminateFunction", "servicecatalog:TerminateProvisionedProduct"), 0);
    let told = world.told(subject);
    assert_eq!((told.len(), told[0].0.as_str()), (1, "Operation Failed"), "{told:?}");
    world.cloud.stop().await;
    ended.reason.unwrap()
}

/// A name that has led to no product yet has let no call leave.
#[tokio::test(flavor = "multi_thread")]
async fn right_after_the_claim_of_a_name_that_nobody_has() {
    let why = dies_over_nothing(&json!({ "provisionedProductName": "nobody" }), "name:nobody").await;
    assert!(why.starts_with("no provisioned product name:nobody"), "{why}");
}

/// That a product is gone is no success if nothing says that it ever was.
#[tokio::test(flavor = "multi_thread")]
async fn right_after_the_claim_of_a_product_that_never_was() {
    let why = dies_over_nothing(&json!({ "provisionedProductId": "pp-never" }), "pp-never").await;
    assert!(why.starts_with("outcome unknown: no provisioned product pp-never"), "{why}");
}

/// What is told is the end: whoever takes over sends nothing, and does not end it otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_refusal_for_good_was_told_and_before_it_was_written() {
    let world = World::new().await;
    let id = "pp-denied";
    let event = world.expired(world.product(id)).await;
    let (status, code, message) = (400, "AccessDeniedException".to_owned(), "User: x is not authorized".to_owned());
    let denied = Effect::Answer { status, code, message };
    world.fault("servicecatalog", "TerminateProvisionedProduct", 1, denied);
    world.fault("events", "PutEvents", 1, Effect::KillAfter);
    world.put(&event).await;
    let ended = world.ended(id).await;
    let fired = world.cloud.gateway.faults().fired();
    let callers: Vec<&str> = fired.iter().map(|fired| fired.caller.as_str()).collect();
    assert_eq!(callers, ["TerminateFunction", "TerminateFunction"], "{ended:?}");
    assert_eq!((ended.state.as_str(), ended.attempts), ("failed", 1), "{ended:?}");
    assert!(ended.reason.as_deref().unwrap().contains("is not authorized"), "{ended:?}");
    assert_eq!(ended.errors[0][0], "AccessDeniedException", "{ended:?}");
    assert_eq!(world.executions(id), Vec::<String>::new());
    assert_eq!(world.told(id).len(), 2, "once by each claim");
    let ends: Vec<_> = world.ends(id).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(ends, ["Operation Failed"], "the same, with one id");
    world.cloud.stop().await;
}

/// What was never sent is said to have been rejected by whoever takes over, too.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_rejection_was_told_and_before_it_was_written() {
    let world = World::new().await;
    let id = "pp-refused";
    world.cloud.catalog.add(world.product(id).tag("steward:protect", "true"));
    world.fault("events", "PutEvents", 1, Effect::KillAfter);
    world.put(&asked(&json!({ "provisionedProductId": id }))).await;
    let ended = world.ended(id).await;
    assert_eq!(world.cloud.gateway.faults().fired().len(), 1, "{ended:?}");
    assert_eq!((ended.state.as_str(), ended.attempts), ("rejected", 1), "{ended:?}");
    assert_eq!(world.executions(id), Vec::<String>::new());
    // The message itself comes again, too: what is rejected holds no place.
    assert!(world.told(id).len() >= 2, "once by each claim");
    let ends: Vec<_> = world.ends(id).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(ends, ["Operation Rejected"], "the same, with one id");
    world.cloud.stop().await;
}
