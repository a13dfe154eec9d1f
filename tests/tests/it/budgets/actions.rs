//! Service actions that somebody asks for.

use futures_util::future::join_all;
use steward_local::catalog::Settings;
use steward_tests::world::World;

use super::{RECORD, RESTART, action, bill, of, offer, woken};

const EXECUTE: &str = "servicecatalog:ExecuteProvisionedProductServiceAction";

#[tokio::test(flavor = "multi_thread")]
async fn a_requested_action_costs_two_writes_and_a_call_and_is_settled_by_its_wake_up() {
    let world = World::of(woken(Settings::default())).await;
    offer(&world, RESTART, "restart");
    world.cloud.catalog.add(world.product("pp-one"));
    world.put(&action("pp-one")).await;
    assert_eq!(world.ended("pp-one").await.state, "succeeded");
    assert_eq!(
        bill(&world, "ExecuteActionFunction"),
        of([("dynamodb:PutItem", 1), ("dynamodb:UpdateItem", 1), (EXECUTE, 1)])
    );
    assert_eq!(world.calls("ReconcileFunction", RECORD), 1);
    // The look is taken before it is made: other actions' ends wake this one too.
    assert_eq!(world.calls("ReconcileFunction", "dynamodb:UpdateItem"), 2);
    assert_eq!(world.calls("ReconcileFunction", "events:PutEvents"), 1);
    world.cloud.stop().await;
}

// Hazard C14: only a plain put brings the item that is there, however many come at once.
#[tokio::test(flavor = "multi_thread")]
async fn ten_deliveries_at_once_act_once_and_nine_cost_one_call_each() {
    let world = World::of(woken(Settings::default())).await;
    offer(&world, RESTART, "restart");
    world.cloud.catalog.add(world.product("pp-ten"));
    let event = action("pp-ten");
    join_all((0..10).map(|_| world.put(&event))).await;
    let operation = world.ended("pp-ten").await;
    assert_eq!(operation.state, "succeeded");
    assert_eq!(world.executions("pp-ten"), [operation.token]);
    assert_eq!(
        bill(&world, "ExecuteActionFunction"),
        of([("dynamodb:PutItem", 10), ("dynamodb:UpdateItem", 1), (EXECUTE, 1)])
    );
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_after_the_end_costs_one_call() {
    let world = World::of(woken(Settings::default())).await;
    offer(&world, RESTART, "restart");
    world.cloud.catalog.add(world.product("pp-late"));
    let event = action("pp-late");
    world.put(&event).await;
    assert_eq!(world.ended("pp-late").await.state, "succeeded");
    world.cloud.gateway.reset_counts();
    world.put(&event).await;
    world.quiet().await;
    assert_eq!(bill(&world, "ExecuteActionFunction"), of([("dynamodb:PutItem", 1)]));
    assert_eq!(world.executions("pp-late").len(), 1);
    world.cloud.stop().await;
}
