//! Whoever has the slot dies: it is taken up again, and the next one has its turn.

use std::time::Duration;

use steward_local::gateway::faults::{Effect, Fault};
use steward_tests::world::{World, fast};

use super::{adoptions, ask, order, quick, sent, stack};

async fn dies_at(service: &str, operation: &str, effect: Effect) {
    let world = World::of(fast(quick())).await;
    let case = format!("{effect:?} at {operation}");
    let [first, next] = ["first", "next"].map(|name| stack(&world, name));
    world.fault(service, operation, 1, effect);
    ask(&world, &first).await;
    while world.cloud.gateway.faults().fired().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    ask(&world, &next).await;
    for stack in [&first, &next] {
        let ended = world.ended(stack).await;
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{case}: {ended:?}");
        assert_eq!(adoptions(&world, stack), [ended.token], "{case}");
    }
    assert_eq!((order(&world), sent(&world)), (vec![first, next], 2), "{case}");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn right_after_its_claim() {
    dies_at("dynamodb", "TransactWriteItems", Effect::KillAfter).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn right_after_its_call_was_accepted() {
    dies_at("servicecatalog", "ImportAsProvisionedProduct", Effect::KillAfter).await;
}

/// The slot is passed on, and nobody is told: the time of the next one comes all the same.
#[tokio::test(flavor = "multi_thread")]
async fn after_the_slot_was_passed_on_and_before_the_next_one_was_sent_on_its_way() {
    // Five minutes at AWS: two and a half seconds here, so that the next one is in line by then.
    let world = World::of(fast(steward_local::catalog::Settings { import: Duration::from_mins(5), ..quick() })).await;
    let [first, next] = ["first", "next"].map(|name| stack(&world, name));
    ask(&world, &first).await;
    world.until(&first, |row| row.state == "submitted").await;
    ask(&world, &next).await;
    world.until(&next, |row| row.state == "waiting").await;
    // Of reconcile's writes the first says that the first one has succeeded, the second passes the slot on.
    let _ = world.cloud.gateway.faults().add(Fault {
        caller: Some("ReconcileFunction".to_owned()),
        service: Some("dynamodb".to_owned()),
        operation: Some("UpdateItem".to_owned()),
        skip: 1,
        times: 1,
        effect: Effect::KillAfter,
    });
    for stack in [&first, &next] {
        let ended = world.ended(stack).await;
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
        assert_eq!(adoptions(&world, stack), [ended.token]);
    }
    assert_eq!(world.cloud.gateway.faults().fired().len(), 1);
    assert_eq!(order(&world), [first, next]);
    world.cloud.stop().await;
}
