//! Settled by wake-ups: a record is described once, when it has ended.

use futures_util::future::join_all;
use shared::ports::Store as _;
use steward_local::catalog::Settings;
use steward_local::cloud::Options;
use steward_tests::world::World;

use super::{RECORD, RESTART, action, offer, plan, woken};
use crate::imports::{ask, quick, stack};

const TEN: u64 = 10;

async fn all_succeed(world: &World, subjects: &[String]) {
    for subject in subjects {
        assert_eq!(world.ended(subject).await.state, "succeeded", "{subject}");
    }
    assert_eq!(world.cloud.store.live(100).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_plans_are_ten_looks() {
    let world = World::of(woken(Settings { update: std::time::Duration::from_mins(1), ..Settings::default() })).await;
    let ids: Vec<String> = (0..TEN).map(|n| format!("plan-{n}")).collect();
    let approvals: Vec<_> = ids.iter().map(|id| plan(&world, id, 1)).collect();
    join_all(approvals.iter().map(|approval| world.put(approval))).await;
    all_succeed(&world, &ids).await;
    assert_eq!(world.calls("ReconcileFunction", RECORD), TEN);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_imports_are_ten_looks() {
    let world = World::of(woken(quick())).await;
    let stacks: Vec<String> = (0..TEN).map(|n| stack(&world, &format!("stack-{n}"))).collect();
    join_all(stacks.iter().map(|stack| ask(&world, stack))).await;
    all_succeed(&world, &stacks).await;
    assert_eq!(world.calls("ReconcileFunction", RECORD), TEN);
    world.cloud.stop().await;
}

/// An automation's end names no product: it wakes all actions in flight, and those that still run are looked at in vain.
#[tokio::test(flavor = "multi_thread")]
async fn ten_actions_are_hardly_more_than_ten_looks() {
    // Slow enough that ten that are asked for together end together, as seen from a wake-up's fifteen seconds.
    let world = World::of(Options { speed: 12.0, ..woken(Settings::default()) }).await;
    offer(&world, RESTART, "restart");
    let ids: Vec<String> = (0..TEN).map(|n| format!("pp-{n}")).collect();
    for id in &ids {
        world.cloud.catalog.add(world.product(id));
    }
    join_all(ids.iter().map(|id| async { world.put(&action(id)).await })).await;
    all_succeed(&world, &ids).await;
    let looks = world.calls("ReconcileFunction", RECORD);
    assert!((TEN..=TEN * 12 / 10).contains(&looks), "{looks} looks at {TEN} records");
    world.cloud.stop().await;
}
