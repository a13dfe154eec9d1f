//! Plans: their pages are read before each send.

use futures_util::future::join_all;
use steward_local::catalog::Settings;
use steward_tests::world::World;

use super::{RECORD, bill, of, plan, woken};

const DESCRIBE: &str = "servicecatalog:DescribeProvisionedProductPlan";
const EXECUTE: &str = "servicecatalog:ExecuteProvisionedProductPlan";

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_costs_two_writes_a_page_for_twenty_changes_and_a_call() {
    let world = World::of(woken(Settings::default())).await;
    for (changes, pages) in [(1, 1), (20, 1), (21, 2), (45, 3)] {
        world.cloud.gateway.reset_counts();
        let id = format!("plan-of-{changes}");
        let approval = plan(&world, &id, changes);
        world.put(&approval).await;
        assert_eq!(world.ended(&id).await.state, "succeeded");
        assert_eq!(
            bill(&world, "ExecutePlanFunction"),
            of([("dynamodb:PutItem", 1), ("dynamodb:UpdateItem", 1), (DESCRIBE, pages), (EXECUTE, 1)]),
            "{changes} changes"
        );
        assert_eq!(world.calls("ReconcileFunction", RECORD), 1);
        assert_eq!(world.calls("ReconcileFunction", "dynamodb:UpdateItem"), 1);
    }
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_deliveries_at_once_execute_once_and_nine_cost_one_call_each() {
    let world = World::of(woken(Settings::default())).await;
    let approval = plan(&world, "plan-ten", 1);
    join_all((0..10).map(|_| world.put(&approval))).await;
    let operation = world.ended("plan-ten").await;
    assert_eq!(operation.state, "succeeded");
    assert_eq!(world.executions("pp-planten"), [operation.token]);
    assert_eq!(
        bill(&world, "ExecutePlanFunction"),
        of([("dynamodb:PutItem", 10), ("dynamodb:UpdateItem", 1), (DESCRIBE, 1), (EXECUTE, 1)])
    );
    world.cloud.stop().await;
}
