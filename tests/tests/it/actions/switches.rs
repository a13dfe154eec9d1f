//! Paused, and dry run: nothing is sent, and it is said what would be.

use serde_json::Value;
use steward_local::catalog::Settings;
use steward_tests::world::{REPAIR, RESTART, World, fast};

use super::{executed, pause};

// Hazard B10: a pause holds, and its end brings everything.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_paused_is_sent_when_it_is_resumed() {
    let world = World::new().await;
    // Before the function has read the switch: that it is not paused is believed for half a minute.
    world.cloud.store.pause("an incident").await.unwrap();
    for id in ["pp-asked", "pp-drifted"] {
        world.cloud.catalog.add(world.product(id));
    }
    world.restart("pp-asked").await;
    let event = world.drift("pp-drifted").await;
    let stack = world.stack("pp-drifted");
    for subject in ["pp-asked", &stack] {
        let waiting = world.until(subject, |row| row.state == "waiting").await;
        assert_eq!(waiting.reason.as_deref(), Some("paused: an incident"));
    }
    // Told again and due again, it still waits.
    world.deliver(&event).await;
    pause(2_000).await;
    assert_eq!(world.cloud.catalog.executions().len(), 0);

    world.cloud.store.resume("a test").await.unwrap();
    let of_request = world.ended("pp-asked").await;
    let of_drift = world.drift_ended(&event).await;
    for (id, ended, action) in [("pp-asked", of_request, RESTART), ("pp-drifted", of_drift, REPAIR)] {
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
        assert_eq!(world.executions(id), [ended.token], "{id}");
        assert_eq!(executed(&world, id), [action]);
    }
    world.cloud.stop().await;
}

async fn dry(dry_run: &str, is_sent: bool) {
    let world = World::of(fast(Settings::default()).with("DryRun", dry_run)).await;
    for id in ["pp-asked", "pp-drifted"] {
        world.cloud.catalog.add(world.product(id));
    }
    let asked = world.restart("pp-asked").await;
    let drifted = world.drift("pp-drifted").await;
    for _ in 0..2 {
        let of_request = world.ended("pp-asked").await;
        let of_drift = world.drift_ended(&drifted).await;
        for (id, ended, action) in [("pp-asked", of_request, RESTART), ("pp-drifted", of_drift, REPAIR)] {
            if is_sent {
                assert_eq!(ended.state, "succeeded", "{ended:?}");
                assert_eq!(executed(&world, id), [action], "once");
            } else {
                let why = format!("dry run: {action} would be executed on {id} now");
                assert_eq!((ended.state.as_str(), ended.reason.as_deref()), ("skipped", Some(why.as_str())));
                assert_eq!(executed(&world, id), Vec::<String>::new());
                assert_eq!(world.told(id), Vec::<(String, Value)>::new(), "what was skipped is not told");
            }
        }
        // What a dry run has skipped holds no place: it is judged anew.
        world.put(&asked).await;
        world.deliver(&drifted).await;
        world.quiet().await;
    }
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_it_would_execute_and_an_armed_one_does_it() {
    for (dry_run, is_sent) in [("true", false), ("execute-action", false), ("terminate,import", true), ("false", true)]
    {
        dry(dry_run, is_sent).await;
    }
}
