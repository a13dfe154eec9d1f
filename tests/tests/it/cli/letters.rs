//! Dead letters: seen, and handed over as they were.

use std::time::{Duration, Instant};

use serde_json::json;
use steward_local::gateway::faults::{Effect, Fault};
use steward_tests::sweeping::hence;
use steward_tests::world::World;

use super::{assert_shown, operate, world};

/// Waits until a queue holds something.
async fn arrives(world: &World, queue: &str) {
    let began = Instant::now();
    while world.cloud.wiring.queue(queue).expect("a queue").is_empty() {
        assert!(began.elapsed() < Duration::from_mins(1), "nothing comes to {queue}");
        // As if the time had come at which it is tried again.
        world.cloud.wiring.queue("TerminationsQueue").expect("a queue").show_all();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_handled_is_handed_over_and_done_once() {
    let world = world().await;
    world.cloud.catalog.add(world.product("pp-buried"));
    let effect = Effect::Answer { status: 500, code: "InternalServerError".to_owned(), message: "no".to_owned() };
    let (caller, service) = (Some("TerminateFunction".to_owned()), Some("dynamodb".to_owned()));
    let down = Fault { caller, service, operation: None, skip: 0, times: 100_000, effect };
    let down = world.cloud.gateway.faults().add(down);
    let event = world.ask("pp-buried").await;
    arrives(&world, "TerminationsDeadLetterQueue").await;
    assert_shown!("dlq_list", operate(&world, &["dlq", "list"]).await);
    let failed = operate(&world, &["dlq", "redrive", "terminations", "--yes", "--json"]).await;
    assert_eq!((failed.code, failed.document()["failed"].as_array().map(Vec::len)), (1, Some(1)), "{failed:?}");
    world.cloud.gateway.faults().remove(down);
    world.cloud.wiring.queue("TerminationsDeadLetterQueue").expect("a queue").show_all();

    let unasked = operate(&world, &["dlq", "redrive", "terminations"]).await;
    assert_eq!(unasked.code, 4, "{unasked:?}");
    assert_shown!("dlq_redrive", operate(&world, &["dlq", "redrive", "terminations", "--yes"]).await);
    assert!(world.cloud.wiring.queue("TerminationsDeadLetterQueue").expect("a queue").is_empty());
    // The same event once more: what makes two deliveries one request is what it was.
    world.put(&event).await;
    assert_eq!(world.ended("pp-buried").await.state, "succeeded");
    assert_eq!(world.executions("pp-buried").len(), 1);
    assert_eq!(world.report().await.operations.len(), 1);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rule_could_not_deliver_goes_to_the_function_of_its_target() {
    let world = world().await;
    world.cloud.catalog.add(world.product("pp-undelivered"));
    // Nobody may send to the queue, not even the rule.
    let kept = world.cloud.wiring.queue_policy("TerminationsQueue");
    let deny = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*" },
    ] });
    world.cloud.wiring.set_queue_policy("TerminationsQueue", Some(deny)).unwrap();
    world.ask("pp-undelivered").await;
    arrives(&world, "RulesDeadLetterQueue").await;
    world.cloud.wiring.set_queue_policy("TerminationsQueue", kept).unwrap();
    let shown = operate(&world, &["dlq", "show", "rules", "--json"]).await.document();
    let letter = &shown["messages"][0];
    assert!(letter["target"].as_str().is_some_and(|arn| arn.ends_with(":steward-TerminationsQueue")), "{shown:#}");
    assert!(letter["error"].is_string() && letter["rule"].is_string(), "{shown:#}");
    world.cloud.wiring.queue("RulesDeadLetterQueue").expect("a queue").show_all();
    let done = operate(&world, &["dlq", "redrive", "rules", "--yes"]).await;
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(world.ended("pp-undelivered").await.state, "succeeded");
    assert_eq!(world.executions("pp-undelivered").len(), 1);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_letters_of_each_queue_go_to_its_function() {
    let world = world().await;
    for (name, queue) in [
        ("actions", "ActionsDeadLetterQueue"),
        ("plans", "PlansDeadLetterQueue"),
        ("imports", "ImportsDeadLetterQueue"),
        ("extensions", "ExtensionsDeadLetterQueue"),
        ("wake-ups", "WakeUpsDeadLetterQueue"),
    ] {
        // Nobody can do anything with it: it is rejected, which is handled.
        world.cloud.wiring.queue(queue).expect("a queue").send(json!({ "for": name }).to_string());
        let done = operate(&world, &["dlq", "redrive", name, "--yes", "--json"]).await;
        assert_eq!((done.code, done.document()["handled"].as_array().map(Vec::len)), (0, Some(1)), "{name}: {done:?}");
        assert!(world.cloud.wiring.queue(queue).expect("a queue").is_empty(), "{name}");
    }
    let rejected = operate(&world, &["list", "--state", "rejected", "--json"]).await.document();
    assert_eq!(rejected["operations"].as_array().map(Vec::len), Some(4), "a wake-up is only a hint: {rejected:#}");
    let id = rejected["operations"][0]["operation"].as_str().expect("an id").to_owned();
    let shown = operate(&world, &["show", &id, "--json"]).await.document();
    assert!(shown["body"].as_str().is_some_and(|body| body.contains("\"for\"")), "{shown:#}");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_keeps_the_time_at_which_it_was_sent() {
    let world = world().await;
    let letters = world.cloud.wiring.queue("TerminationsDeadLetterQueue").expect("a queue");
    letters.send(json!({ "provisionedProductName": "name-of-pp-younger", "requestId": "r" }).to_string());
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut younger = world.product("pp-younger");
    younger.created_at = hence(chrono::TimeDelta::seconds(1));
    world.cloud.catalog.add(younger);
    let done = operate(&world, &["dlq", "redrive", "terminations", "--yes"]).await;
    assert_eq!(done.code, 0, "{done:?}");
    let row = world.ended("name:name-of-pp-younger").await;
    assert_ne!(row.state, "succeeded", "{row:?}");
    assert_eq!(world.executions("pp-younger"), Vec::<String>::new());
    world.cloud.stop().await;
}
