//! How the end of a service action is learnt: by its automation's event, else by looking.

use futures_util::future::join_all;
use steward_local::catalog::Settings;
use steward_local::cloud::Options;
use steward_tests::root;
use steward_tests::world::{World, fast};

const RECORD: &str = "servicecatalog:DescribeRecord";
const MANY: usize = 10;

fn ids() -> Vec<String> {
    (0..MANY).map(|i| format!("pp-many{i}")).collect()
}

async fn ask(world: &World, id: &str) {
    world.cloud.catalog.add(world.product(id));
    world.restart(id).await;
}

async fn succeeds(world: &World, id: &str) {
    let ended = world.ended(id).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_automation_s_event_brings_the_end_without_a_look_before() {
    // Longer than the test: only an event brings the end.
    let world = World::of(fast(Settings::default()).with("FirstPoll", "10m").with("PollBase", "2s")).await;
    for id in ids() {
        ask(&world, &id).await;
        succeeds(&world, &id).await;
    }
    let looks = usize::try_from(world.calls("ReconcileFunction", RECORD)).unwrap();
    assert!(looks * 10 <= MANY * 12, "{looks} looks at {MANY} records");
    world.cloud.stop().await;
}

/// An automation's event names no product, so it is a reason to look at every action in flight: at those at least that
/// were not looked at just before.
// Hazard B16: strange automations wake nobody too often.
#[tokio::test(flavor = "multi_thread")]
async fn many_actions_at_once_are_not_looked_at_by_each_other_s_events() {
    let world = World::of(fast(Settings::default()).with("FirstPoll", "10m").with("PollBase", "2s")).await;
    join_all(ids().iter().map(|id| ask(&world, id))).await;
    for id in ids() {
        succeeds(&world, &id).await;
    }
    let looks = usize::try_from(world.calls("ReconcileFunction", RECORD)).unwrap();
    assert!(looks <= MANY * 2, "{looks} looks at {MANY} records");
    world.cloud.stop().await;
}

/// Events may be late, or never come.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_event_it_is_found_by_looking() {
    let text = std::fs::read_to_string(root().join("template.yaml")).unwrap();
    let deaf = text.replace("source: [aws.ssm]", "source: [aws.nobody]");
    assert_ne!(deaf, text);
    let template = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("deaf-to-automations.yaml");
    std::fs::write(&template, deaf).unwrap();
    let options = fast(Settings::default()).with("FirstPoll", "2s");
    let world = World::of(Options { template, ..options }).await;
    join_all(ids().iter().map(|id| ask(&world, id))).await;
    for id in ids() {
        succeeds(&world, &id).await;
    }
    let looks = world.calls("ReconcileFunction", RECORD);
    assert_eq!(looks, MANY as u64, "each is first looked at when its end is likely");
    world.cloud.stop().await;
}
