//! The sweep twice, ten at once, and killed at every call that it makes: nothing is ended twice, nothing is forgotten.

use chrono::TimeDelta;
use futures_util::future::join_all;
use steward_local::api::InvokeError;
use steward_local::gateway::faults::Effect;
use steward_tests::sweeping::{RECONCILE, SWEEP, hence, sweeping};
use steward_tests::world::World;

const EXPIRED: &str = "Provisioned Product Expired";

// Hazard A7: one sweep at a time.
#[tokio::test(flavor = "multi_thread")]
async fn ten_at_once_are_one() {
    let world = World::of(sweeping()).await;
    for number in 0..5 {
        world.warned(&format!("pp-ten{number}"), hence(-TimeDelta::hours(1))).await;
    }
    let answers = join_all((0..10).map(|_| world.sweep())).await;
    assert!(answers.iter().any(|answer| answer["swept"] == "completed"), "{answers:?}");
    assert!(answers.iter().any(|answer| answer["swept"] == "busy"), "{answers:?}");
    for number in 0..5 {
        let id = format!("pp-ten{number}");
        world.until_published(EXPIRED, &id).await;
        world.ended_once(&id).await;
        assert_eq!(world.published(EXPIRED, Some(&id)).len(), 1);
    }
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_call_of_a_sweep() {
    let generous = sweeping().with("MaxTerminationsPerSweep", "1000").with("MaxTerminationsPercent", "100");
    let world = World::of(generous).await;
    world.cloud.catalog.add(world.product("pp-changing"));
    for number in 0..4 {
        world.cloud.catalog.add(world.product(&format!("pp-stays{number}")));
    }
    // A pass of its own tells which calls there are.
    sweep_after(&world, "pp-first").await;
    world.cloud.gateway.reset_counts();
    sweep_after(&world, "pp-second").await;
    let calls: Vec<(String, u32)> = world.cloud.gateway.counts()[SWEEP]
        .iter()
        .map(|(call, count)| (call.clone(), u32::try_from(*count).unwrap()))
        .collect();
    assert!(calls.len() >= 5, "{calls:?}");
    for (call, count) in calls {
        let (service, operation) = call.split_once(':').unwrap();
        for skip in 0..count {
            for effect in [Effect::KillBefore, Effect::KillAfter] {
                let id = format!("pp-{}{skip}{effect:?}", operation.to_lowercase());
                // A new record, so that somebody asks since when.
                world.cloud.catalog.update("pp-changing", None);
                world.cloud.catalog.set_status("pp-changing", "UNDER_CHANGE");
                world.warned(&id, hence(-TimeDelta::hours(1))).await;
                let fired = world.cloud.gateway.faults().fired().len();
                world.fault_of(SWEEP, (service, Some(operation)), skip, effect.clone());
                let answer = world.try_sweep().await;
                assert_eq!(world.cloud.gateway.faults().fired().len(), fired + 1, "{effect:?} at {skip} of {call}");
                assert_eq!(answer, Err(InvokeError::Crashed), "{effect:?} at {skip} of {call}");
                world.cloud.gateway.faults().clear();
                world.lease_over().await;
                world.swept().await;
                world.until_published(EXPIRED, &id).await;
                world.ended_once(&id).await;
                assert_eq!(world.published(EXPIRED, Some(&id)).len(), 1, "{effect:?} at {skip} of {call}");
            }
        }
    }
    world.cloud.stop().await;
}

/// Sweeps a product to its end.
async fn sweep_after(world: &World, id: &str) {
    world.cloud.catalog.update("pp-changing", None);
    world.cloud.catalog.set_status("pp-changing", "UNDER_CHANGE");
    world.warned(id, hence(-TimeDelta::hours(1))).await;
    world.swept().await;
    world.until_published(EXPIRED, id).await;
    world.ended_once(id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_tells_is_killed_at_any_write() {
    let world = World::of(sweeping().with("MaxTerminationsPercent", "100")).await;
    world.cloud.catalog.add(world.product("pp-stays"));
    // The take, the place, the mark.
    for skip in 0..3 {
        for effect in [Effect::KillBefore, Effect::KillAfter] {
            let id = format!("pp-telling{skip}{effect:?}");
            world.warned(&id, hence(-TimeDelta::hours(1))).await;
            let fired = world.cloud.gateway.faults().fired().len();
            world.fault_of(RECONCILE, ("dynamodb", Some("UpdateItem")), skip, effect);
            world.swept().await;
            while world.cloud.gateway.faults().fired().len() == fired {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            while world.item(&id).await.due_at.is_some() {
                world.telling_over(&id).await;
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            }
            world.ended_once(&id).await;
            assert_eq!(world.executions(&id).len(), 1);
        }
    }
    world.cloud.stop().await;
}
