//! Terminations, and what it costs when nothing happens.

use serde_json::json;
use steward_tests::world::{World, asked};

const DESCRIBE: &str = "servicecatalog:DescribeProvisionedProduct";
const SEARCH: &str = "servicecatalog:SearchProvisionedProducts";
const TERMINATE: &str = "servicecatalog:TerminateProvisionedProduct";
const RECORD: &str = "servicecatalog:DescribeRecord";

fn spent(world: &World, calls: &[&str]) -> Vec<u64> {
    calls.iter().map(|call| world.calls("TerminateFunction", call)).collect()
}

/// The first termination of a process takes places for ten of this hour.
const PLACES: u64 = 1;
const WRITES_AND_READS: [&str; 3] = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchGetItem"];

// Hazard C14: nine find the first one's item.
#[tokio::test(flavor = "multi_thread")]
async fn ten_deliveries_at_once_terminate_once_and_nine_cost_one_call_each() {
    let world = World::new().await;
    let event = world.expired(world.product("pp-ten")).await;
    futures_util::future::join_all((0..10).map(|_| world.put(&event))).await;
    let operation = world.ended("pp-ten").await;
    assert_eq!(operation.state, "succeeded");
    assert_eq!(world.executions("pp-ten"), [operation.token]);
    assert_eq!(
        spent(&world, &WRITES_AND_READS),
        [10, 1 + PLACES, 1],
        "ten claims, nine of them duplicates; one record, and places for ten terminations; one guard"
    );
    assert_eq!(spent(&world, &[DESCRIBE, SEARCH, TERMINATE, RECORD]), [1, 0, 1, 0]);
    assert_eq!(world.told("pp-ten").len(), 1, "told once");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expiry_costs_two_writes_a_read_and_two_calls_and_is_settled_by_its_wake_up() {
    let world = World::new().await;
    let event = world.expired(world.product("pp-one")).await;
    world.put(&event).await;
    assert_eq!(world.ended("pp-one").await.state, "succeeded");
    assert_eq!(spent(&world, &WRITES_AND_READS), [1, 1 + PLACES, 1]);
    assert_eq!(spent(&world, &[DESCRIBE, SEARCH, TERMINATE, RECORD]), [1, 0, 1, 0]);
    assert_eq!(world.calls("ReconcileFunction", RECORD), 1, "the wake-up finds it done");
    assert_eq!(world.calls("ReconcileFunction", "dynamodb:UpdateItem"), 1);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_costs_a_search_more_and_by_name_a_write_more() {
    let world = World::new().await;
    world.cloud.catalog.add(world.product("pp-asked"));
    world.ask("pp-asked").await;
    assert_eq!(world.ended("pp-asked").await.state, "succeeded");
    assert_eq!(spent(&world, &WRITES_AND_READS), [1, 1 + PLACES, 1]);
    assert_eq!(spent(&world, &[DESCRIBE, SEARCH, TERMINATE]), [1, 1, 1]);

    world.cloud.gateway.reset_counts();
    world.cloud.catalog.add(world.product("pp-named"));
    world.put(&asked(&json!({ "provisionedProductName": "name-of-pp-named" }))).await;
    assert_eq!(world.ended("name:name-of-pp-named").await.state, "succeeded");
    assert_eq!(spent(&world, &WRITES_AND_READS), [1, 2, 1]);
    assert_eq!(spent(&world, &[DESCRIBE, SEARCH, TERMINATE]), [1, 1, 1], "the Describe resolves the name");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_minute_costs_a_query_and_a_read() {
    let world = World::new().await;
    let ticks = || world.calls("ReconcileFunction", "dynamodb:Query");
    while ticks() < 3 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    world.cloud.wiring.stop();
    // What was on its way when the schedule stopped may still be at its second call; a third would never be equal.
    while world.calls("ReconcileFunction", "dynamodb:GetItem") != ticks() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let counts = world.cloud.gateway.counts();
    let paid =
        counts.values().flat_map(std::collections::BTreeMap::keys).find(|call| call.starts_with("servicecatalog"));
    assert_eq!(paid, None);
    world.cloud.stop().await;
}
