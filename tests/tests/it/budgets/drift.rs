//! Drift: a search and a look at the version's actions more than a request, and a transaction with the product's slot.

use futures_util::future::join_all;
use steward_local::catalog::Settings;
use steward_tests::world::{World, event};

use super::{RECORD, bill, of, offer, woken};

const SEARCH: &str = "servicecatalog:SearchProvisionedProducts";
const ACTIONS: &str = "servicecatalog:ListServiceActionsForProvisioningArtifact";
const EXECUTE: &str = "servicecatalog:ExecuteProvisionedProductServiceAction";

/// Adds a product, lets it drift, and waits for the end of its repair.
async fn repaired(world: &World, id: &str) {
    world.cloud.catalog.add(world.product(id));
    world.cloud.catalog.drift(id);
    assert_eq!(world.ended(&stack_of(world, id)).await.state, "succeeded", "{id}");
}

fn stack_of(world: &World, id: &str) -> String {
    let product = world.cloud.catalog.products().into_iter().find(|product| product.id == id);
    product.and_then(|product| product.stack).unwrap()
}

// Hazard C13: they are kept by version for a while.
#[tokio::test(flavor = "multi_thread")]
async fn drift_costs_three_writes_a_search_the_pages_of_its_actions_and_a_call() {
    let world = World::of(woken(Settings::default())).await;
    offer(&world, "act-remediate001", "remediate-drift");
    repaired(&world, "pp-first").await;
    assert_eq!(
        bill(&world, "ExecuteActionFunction"),
        of([
            ("dynamodb:PutItem", 1),
            ("dynamodb:TransactWriteItems", 1),
            ("dynamodb:UpdateItem", 1),
            (SEARCH, 1),
            (ACTIONS, 1),
            (EXECUTE, 1),
        ])
    );
    assert_eq!(world.calls("ReconcileFunction", RECORD), 1);
    assert_eq!(world.calls("ReconcileFunction", "dynamodb:UpdateItem"), 2);

    world.cloud.gateway.reset_counts();
    repaired(&world, "pp-second").await;
    assert_eq!(
        bill(&world, "ExecuteActionFunction"),
        of([
            ("dynamodb:PutItem", 1),
            ("dynamodb:TransactWriteItems", 1),
            ("dynamodb:UpdateItem", 1),
            (SEARCH, 1),
            (EXECUTE, 1),
        ]),
        "the actions of a version are known for ten minutes"
    );
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_one_actions_are_two_pages() {
    let world = World::of(woken(Settings::default())).await;
    for n in 0..20 {
        offer(&world, &format!("act-other{n:07}"), &format!("other-{n}"));
    }
    offer(&world, "act-remediate001", "remediate-drift");
    repaired(&world, "pp-pages").await;
    assert_eq!(world.calls("ExecuteActionFunction", ACTIONS), 2);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_names_the_action_saves_the_pages() {
    let world = World::of(woken(Settings::default())).await;
    offer(&world, "act-redeploy0001", "redeploy");
    let product = world.product("pp-tagged").tag("steward:remediation", "act-redeploy0001");
    world.cloud.catalog.add(product);
    world.cloud.catalog.drift("pp-tagged");
    assert_eq!(world.ended(&stack_of(&world, "pp-tagged")).await.state, "succeeded");
    let calls = [SEARCH, ACTIONS, EXECUTE].map(|call| world.calls("ExecuteActionFunction", call));
    assert_eq!(calls, [1, 0, 1]);
    world.cloud.stop().await;
}

/// Ten detections of one product's drift, each an event of its own.
#[tokio::test(flavor = "multi_thread")]
async fn of_ten_detections_at_once_one_is_called_for_and_each_costs_a_search() {
    let world = World::of(woken(Settings::default())).await;
    offer(&world, "act-remediate001", "remediate-drift");
    world.cloud.catalog.add(world.product("pp-ten"));
    for _ in 0..10 {
        world.cloud.catalog.drift("pp-ten");
    }
    let stack = stack_of(&world, "pp-ten");
    world.until(&stack, |row| row.state == "succeeded").await;
    world.quiet().await;
    let of_stack: Vec<String> = {
        let operations = world.report().await.operations.into_iter();
        operations.filter(|row| row.subject == stack).map(|row| row.state).collect()
    };
    assert_eq!(of_stack.iter().filter(|state| *state == "skipped").count(), 9, "{of_stack:?}");
    let calls = [SEARCH, EXECUTE].map(|call| world.calls("ExecuteActionFunction", call));
    assert_eq!(calls, [10, 1]);
    assert_eq!(world.executions("pp-ten").len(), 1);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_deliveries_of_one_detection_at_once_repair_once_and_nine_cost_one_call_each() {
    let world = World::of(woken(Settings::default())).await;
    offer(&world, "act-remediate001", "remediate-drift");
    world.cloud.catalog.add(world.product("pp-ten"));
    let stack = stack_of(&world, "pp-ten");
    let detection = serde_json::json!({
        "stack-id": stack,
        "stack-drift-detection-id": "624af370-311a-11e8-b6b7-000000000001",
        "status-details": { "stack-drift-status": "DRIFTED", "detection-status": "DETECTION_COMPLETE" },
        "drift-detection-details": { "drifted-stack-resource-count": 1 },
        "client-request-token": "",
    });
    let event = event("aws.cloudformation", "CloudFormation Drift Detection Status Change", &detection);
    let wiring = &world.cloud.wiring;
    join_all((0..10).map(|_| wiring.put(steward_local::wiring::DEFAULT_BUS, event.clone()))).await;
    assert_eq!(world.ended(&stack).await.state, "succeeded");
    assert_eq!(
        bill(&world, "ExecuteActionFunction"),
        of([
            ("dynamodb:PutItem", 10),
            ("dynamodb:TransactWriteItems", 1),
            ("dynamodb:UpdateItem", 1),
            (SEARCH, 1),
            (ACTIONS, 1),
            (EXECUTE, 1),
        ])
    );
    assert_eq!(world.executions("pp-ten").len(), 1);
    world.cloud.stop().await;
}
