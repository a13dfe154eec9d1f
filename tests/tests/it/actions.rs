//! Service actions, asked for or because of drift: each executed once, whatever happens on the way.

mod crashes;
mod drift;
mod faults;
mod resolve;
mod secrets;
mod switches;
mod wake_ups;

use serde_json::{Value, json};
use steward_local::run::report::OperationRow;
use steward_tests::world::{REPAIR, World, event, is_live};

/// The call.
const CALL: &str = "ExecuteProvisionedProductServiceAction";

/// The service actions that were executed on a product, in order.
fn executed(world: &World, id: &str) -> Vec<String> {
    let actions = world.asked_for(id).into_iter().filter(|(operation, _)| operation == CALL);
    actions.map(|(_, asked)| asked["ServiceActionId"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Waits until there are so many operations about a subject, all at their end, and gives them.
async fn all_ended(world: &World, subject: &str, wanted: usize) -> Vec<OperationRow> {
    let began = std::time::Instant::now();
    loop {
        let mut rows = world.report().await.operations;
        rows.retain(|row| row.subject == subject);
        if rows.len() >= wanted && !rows.iter().any(is_live) {
            world.quiet().await;
            return rows;
        }
        assert!(began.elapsed().as_secs() < 60, "they have not come to their end: {rows:#?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Lets a product drift and be repaired.
async fn repaired(world: &World, id: &str) -> Value {
    let before = executed(world, id).len();
    let event = world.drift(id).await;
    let ended = world.drift_ended(&event).await;
    assert_eq!(ended.state, "succeeded", "{ended:?}");
    assert_eq!(executed(world, id)[before..], [REPAIR], "{id}");
    event
}

/// The event of a detection that has just found drift on a stack.
fn drift_of(stack: &str) -> Value {
    event(
        "aws.cloudformation",
        "CloudFormation Drift Detection Status Change",
        &json!({
            "stack-id": stack,
            "stack-drift-detection-id": format!("{:032x}", fastrand::u128(..)),
            "status-details": { "stack-drift-status": "DRIFTED", "detection-status": "DETECTION_COMPLETE" },
            "drift-detection-details": { "drifted-stack-resource-count": 1 },
        }),
    )
}

/// Lets the machine's own time pass: what was found counts by the second.
async fn pause(millis: u64) {
    tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_costs_two_writes_and_a_call() {
    let world = World::new().await;
    world.cloud.catalog.add(world.product("pp-one"));
    let event = world.restart("pp-one").await;
    let ended = world.ended("pp-one").await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
    world.put(&event).await;
    world.quiet().await;
    assert_eq!(world.executions("pp-one"), [ended.token]);
    let spent = |call: &str| world.calls("ExecuteActionFunction", call);
    assert_eq!(
        [spent("dynamodb:PutItem"), spent("dynamodb:UpdateItem")],
        [2, 1],
        "two claims, one of them a duplicate"
    );
    let calls = world.cloud.gateway.counts().remove("ExecuteActionFunction").unwrap();
    let paid: Vec<_> = calls.into_iter().filter(|(call, _)| call.starts_with("servicecatalog")).collect();
    assert_eq!(paid, [(format!("servicecatalog:{CALL}"), 1)]);
    let told = world.told("pp-one");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (told[0].0.as_str(), told[0].1["recordId"].as_str()),
        ("Operation Succeeded", ended.record_id.as_deref())
    );
    world.cloud.stop().await;
}

// Hazard C8: an action that failed may be half done.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_and_failed_is_not_repeated_and_a_repair_is() {
    let fails = || steward_local::catalog::Script::Fail(vec![("1".to_owned(), "Step 2 has failed".to_owned())]);
    let world = World::new().await;
    world.cloud.catalog.add(world.product("pp-asked").scripts([fails()]));
    let event = world.restart("pp-asked").await;
    let ended = world.ended("pp-asked").await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("failed", 1), "{ended:?}");
    let (told, detail) = &world.told("pp-asked")[0];
    assert_eq!(told, "Operation Failed");
    assert_eq!(detail["errors"][0]["description"], "Step 2 has failed");
    world.put(&event).await;
    world.quiet().await;
    assert_eq!(world.executions("pp-asked"), [ended.token], "nor by a duplicate");

    world.cloud.catalog.add(world.product("pp-drifted").scripts([fails(), fails()]));
    let event = world.drift("pp-drifted").await;
    let ended = world.drift_ended(&event).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 3), "{ended:?}");
    assert_eq!(executed(&world, "pp-drifted"), [REPAIR; 3]);
    world.cloud.stop().await;
}
