//! Paused, dry, and woken.

use shared::operation::OperationId;
use shared::ports::{ImportSlot, Store as _};
use steward_tests::world::{World, fast};

use super::{adoptions, ask, order, quick, sent, slot, stack};

// Hazard C5: an adopted stack has a name of its own, and the event that it was imported wakes its import by its ARN.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_settled_by_its_stack_s_event_whatever_the_stack_is_called() {
    // Nobody would look by himself before the test has given up.
    let world = World::of(fast(quick()).with("FirstPoll", "10m")).await;
    let stack = stack(&world, "legacy-network");
    ask(&world, &stack).await;
    assert_eq!(world.ended(&stack).await.state, "succeeded");
    assert_eq!(world.calls("ReconcileFunction", "servicecatalog:DescribeRecord"), 1);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dry_run_sends_nothing_and_leaves_the_slot_free() {
    let world = World::of(fast(quick()).with("DryRun", "import")).await;
    for name in ["orders", "returns"] {
        let stack = stack(&world, name);
        ask(&world, &stack).await;
        let ended = world.ended(&stack).await;
        let reason = format!("dry run: it would be adopted as adopted-{name} now");
        assert_eq!((ended.state.as_str(), ended.reason), ("skipped", Some(reason)));
    }
    assert_eq!((sent(&world), slot(&world).await.get("owner")), (0, None));
    let other = OperationId::parse(&format!("op-{}", "0".repeat(40))).unwrap();
    assert_eq!(world.cloud.store.take_import_slot(&other).await.unwrap(), ImportSlot::Ours);
    world.cloud.stop().await;
}

// Hazard B10: resumed, one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn paused_nothing_is_sent_and_resumed_all_have_their_turn() {
    let world = World::of(fast(quick())).await;
    world.cloud.store.pause("an incident").await.unwrap();
    let stacks = ["first", "second", "third"].map(|name| stack(&world, name));
    for stack in &stacks {
        ask(&world, stack).await;
        let waiting = world.until(stack, |row| row.state == "waiting").await;
        assert_eq!(waiting.reason.as_deref(), Some("paused: an incident"));
    }
    // Long enough for what is due to have been looked at.
    let ticks = || world.calls("ReconcileFunction", "dynamodb:Query");
    let before = ticks();
    while ticks() < before + 3 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(sent(&world), 0);
    world.cloud.store.resume("a test").await.unwrap();
    for stack in &stacks {
        let ended = world.ended(stack).await;
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
        assert_eq!(adoptions(&world, stack), [ended.token]);
    }
    let mut adopted = order(&world);
    adopted.sort();
    assert_eq!(adopted, stacks);
    world.cloud.stop().await;
}
