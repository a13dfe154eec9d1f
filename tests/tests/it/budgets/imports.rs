//! Imports: the slot comes with the claim, the protection with the record.

use futures_util::future::join_all;
use steward_local::catalog::Settings;
use steward_tests::world::World;

use super::{RECORD, bill, of, woken};
use crate::imports::{ask, asked, quick, request, stack};

const IMPORT: &str = "servicecatalog:ImportAsProvisionedProduct";

#[tokio::test(flavor = "multi_thread")]
async fn an_import_costs_two_writes_and_a_call_and_is_settled_by_its_wake_up() {
    let world = World::of(woken(quick())).await;
    let stack = stack(&world, "orders");
    ask(&world, &stack).await;
    assert_eq!(world.ended(&stack).await.state, "succeeded");
    assert_eq!(bill(&world, "ImportFunction"), of([("dynamodb:TransactWriteItems", 2), (IMPORT, 1)]));
    assert_eq!(world.calls("ReconcileFunction", RECORD), 1);
    // Its end; nobody to pass the slot on to; so it is free.
    assert_eq!(world.calls("ReconcileFunction", "dynamodb:UpdateItem"), 3);
    world.cloud.stop().await;
}

// Hazard C14: should the transactions get in each other's way, a plain put says the same.
#[tokio::test(flavor = "multi_thread")]
async fn ten_deliveries_at_once_adopt_once_and_nine_cost_one_call_each() {
    let world = World::of(woken(quick())).await;
    let stack = stack(&world, "orders");
    let event = asked(&request(&stack));
    join_all((0..10).map(|_| world.put(&event))).await;
    assert_eq!(world.ended(&stack).await.state, "succeeded");
    assert_eq!(bill(&world, "ImportFunction"), of([("dynamodb:TransactWriteItems", 11), (IMPORT, 1)]));
    world.cloud.stop().await;
}

// Hazard B5: waiting costs no call.
#[tokio::test(flavor = "multi_thread")]
async fn waiting_in_line_costs_writes_alone_and_none_while_it_waits() {
    // Six minutes at AWS: three seconds here, some ticks long.
    let settings = Settings { import: std::time::Duration::from_mins(6), ..Settings::default() };
    let world = World::of(woken(settings)).await;
    let [first, next] = ["first", "next"].map(|name| stack(&world, name));
    ask(&world, &first).await;
    world.until(&first, |row| row.state == "submitted").await;
    world.cloud.gateway.reset_counts();
    ask(&world, &next).await;
    world.until(&next, |row| row.state == "waiting").await;
    // The slot is another one's: then a claim without it, a look at the slot, a place in the line, and that it waits.
    let joined = of([("dynamodb:TransactWriteItems", 1), ("dynamodb:PutItem", 1), ("dynamodb:UpdateItem", 3)]);
    assert_eq!(bill(&world, "ImportFunction"), joined);
    world.until(&first, |row| row.state == "succeeded").await;
    assert_eq!(world.ended(&next).await.state, "succeeded");
    // Its turn: the claim, that the slot is its own by now, the call, the record with its protection.
    assert_eq!(
        bill(&world, "ImportFunction"),
        of([("dynamodb:TransactWriteItems", 2), ("dynamodb:PutItem", 1), ("dynamodb:UpdateItem", 5), (IMPORT, 1)])
    );
    world.cloud.stop().await;
}
