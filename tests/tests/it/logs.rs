//! What operators read: every line is JSON, has its ids at the top, and carries no more than it should.

use serde_json::Value;
use steward_local::catalog::Settings;
use steward_tests::world::{World, fast};

fn lines(world: &World) -> Vec<Value> {
    let lines = world.cloud.functions.log().into_iter();
    lines.map(|line| serde_json::from_str(&line.text).unwrap_or_else(|_| panic!("no JSON: {}", line.text))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_bears_the_ids_that_people_search_by() {
    let world = World::new().await;
    let event = world.expired(world.product("pp-logged")).await;
    world.put(&event).await;
    let ended = world.ended("pp-logged").await;
    let lines = lines(&world);
    let line = lines.iter().find(|line| line["message"] == "pp-logged is submitted").expect("it is logged");
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["operation"].as_str(), Some(ended.id.as_str()));
    assert_eq!(line["record"].as_str(), ended.record_id.as_deref());
    assert_eq!(line["provisionedProduct"], "pp-logged");
    for name in ["timestamp", "requestId"] {
        assert!(line[name].as_str().is_some_and(|text| text.len() > 20), "{name}: {line}");
    }
    assert!(lines.iter().any(|line| line["message"] == "pp-logged has succeeded"));
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_metric_is_lost_when_only_errors_are_logged() {
    let world = World::of(fast(Settings::default()).with("LogLevel", "ERROR")).await;
    let event = world.expired(world.product("pp-quiet")).await;
    world.put(&event).await;
    world.put(&event).await;
    assert!(world.cloud.wiring.send("TerminationsQueue", "secret ".repeat(1_000)));
    world.ended("pp-quiet").await;
    let lines = lines(&world);
    let sum = |metric: &str| lines.iter().filter_map(|line| line[metric].as_u64()).sum::<u64>();
    let metrics = ["OperationsAccepted", "RequestsRejected", "OperationsSucceeded"];
    assert_eq!(metrics.map(sum), [1, 1, 1], "{lines:#?}");
    assert!(lines.iter().all(|line| line.get("_aws").is_some()), "only metrics are left: {lines:#?}");
    assert!(lines.iter().all(|line| line["Bus"] == "steward-bus"), "each says whose it is: {lines:#?}");
    world.cloud.stop().await;
}
