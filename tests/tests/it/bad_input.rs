//! What nobody can carry out: rejected once, kept, told and acknowledged, and no neighbour notices.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use steward_local::api::Invoke as _;
use steward_local::catalog::{NewPlan, PlanFor, Settings};
use steward_tests::sweeping::{RECONCILE, SWEEP, hence, sweeping};
use steward_tests::world::{RESTART, World, action_requested, asked, event, fast};

use crate::imports;

/// Nine kinds of badness.
fn nine() -> [String; 9] {
    let long = |bytes: usize| format!("{{\"reason\":\"{}\"}}", "x".repeat(bytes - 13));
    [
        " ".to_owned(),
        "nonsense".to_owned(),
        r#"{"provisionedProductId":"pp-a","reason":"\ud800"}"#.to_owned(),
        format!("{}{}", "[".repeat(200), "]".repeat(200)),
        "x".repeat(262_144),
        // As long as a message of a queue may be.
        long(1_048_576),
        "5".to_owned(),
        r#"{"provisionedProductId":5,"planId":5,"productId":5}"#.to_owned(),
        r#"{"planId":"plan-a","planId":"plan-b","provisionedProductId":"pp-a","provisionedProductId":"pp-b"}"#
            .to_owned(),
    ]
}

/// Nine bad messages and a good one: in a batch, in the same batch again, and through the queue.
async fn in_a_batch(world: &World, function: &str, queue: &str, good: &Value) {
    let mut bodies = nine().to_vec();
    bodies.insert(4, good.to_string());
    let record =
        |(at, body): (usize, &String)| json!({ "messageId": format!("m-{at}"), "body": body, "attributes": {} });
    let batch = json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() });
    for _ in 0..2 {
        let answer = world.cloud.functions.invoke(function, batch.clone()).await.unwrap();
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }
    for body in bodies {
        assert!(world.cloud.wiring.send(queue, body));
    }
    world.all_ended().await;
    let dead = world.cloud.wiring.queues().iter().filter(|(name, _)| name.contains("DeadLetter"));
    assert_eq!(dead.map(|(_, queue)| queue.messages().len()).sum::<usize>(), 0);
}

/// Each of the nine is kept once, with its length and no more than the table can hold, and told under one id.
async fn each_is_rejected_once(world: &World) {
    let rejected = world.report().await.rejected;
    let lengths: BTreeSet<usize> = rejected.iter().map(|row| row.body.len()).collect();
    assert_eq!((rejected.len(), lengths.last()), (9, Some(&65_536)), "{rejected:?}");
    let told = world.published("Operation Rejected", None);
    assert_eq!(told.len(), 27, "whenever it is delivered: {told:?}");
    let ids: BTreeSet<&str> = told.iter().filter_map(|detail| detail["id"].as_str()).collect();
    let lengths: BTreeSet<u64> = told.iter().filter_map(|detail| detail["bodyBytes"].as_u64()).collect();
    assert_eq!((ids.len(), lengths.last()), (9, Some(&1_048_576)), "{told:?}");
}

// Hazard B12: what is too long is kept in part, and said.
#[tokio::test(flavor = "multi_thread")]
async fn nine_bad_messages_and_a_termination() {
    let world = World::new().await;
    world.cloud.catalog.add(world.product("pp-good"));
    let good = asked(&json!({ "provisionedProductId": "pp-good" }));
    in_a_batch(&world, "TerminateFunction", "TerminationsQueue", &good).await;
    each_is_rejected_once(&world).await;
    assert_eq!(world.executions("pp-good").len(), 1);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_bad_messages_and_a_service_action() {
    let world = World::new().await;
    world.cloud.catalog.add(world.product("pp-good"));
    let good = action_requested(&json!({ "provisionedProductId": "pp-good", "serviceActionId": RESTART }));
    in_a_batch(&world, "ExecuteActionFunction", "ActionsQueue", &good).await;
    each_is_rejected_once(&world).await;
    assert_eq!(world.executions("pp-good").len(), 1);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_bad_messages_and_a_plan() {
    let world = World::new().await;
    world.cloud.catalog.add(world.product("pp-good"));
    let topic = json!({ "Action": "ADD", "LogicalResourceId": "Topic", "ResourceType": "AWS::SNS::Topic" });
    let good = world.planned(NewPlan::new("plan-good", PlanFor::Existing("pp-good".to_owned()), [topic]));
    in_a_batch(&world, "ExecutePlanFunction", "PlansQueue", &good).await;
    each_is_rejected_once(&world).await;
    assert_eq!(world.executions("pp-good").len(), 1);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_bad_messages_and_an_import() {
    let world = World::of(fast(imports::quick())).await;
    let good = imports::asked(&imports::request(&imports::stack(&world, "good")));
    in_a_batch(&world, "ImportFunction", "ImportsQueue", &good).await;
    each_is_rejected_once(&world).await;
    let adopted = world.cloud.catalog.executions().into_iter().filter(|call| call.operation.starts_with("Import"));
    assert_eq!(adopted.count(), 1);
    world.cloud.stop().await;
}

fn extension() -> Value {
    let wish = json!({ "provisionedProductId": "pp-good", "for": "2d", "requestedBy": "jo", "reason": "the demo" });
    event("platform.portal", "Extension Requested", &wish)
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_bad_messages_and_an_extension() {
    let world = World::of(sweeping()).await;
    world.cloud.catalog.add(world.ending("pp-good", hence(TimeDelta::days(1))));
    in_a_batch(&world, SWEEP, "ExtensionsQueue", &extension()).await;
    each_is_rejected_once(&world).await;
    let granted = world.published("Extension Granted", None);
    assert!(granted.iter().all(|detail| detail == &granted[0]) && granted.len() == 3, "two days, not six: {granted:?}");
    world.cloud.stop().await;
}

/// A wake-up is a hint: one that is not understood is logged, and the others wake what they tell of.
#[tokio::test(flavor = "multi_thread")]
async fn nine_bad_messages_and_a_wake_up() {
    // Forty minutes at AWS: twenty seconds here. Nothing but an event lets anybody look before.
    let settings = Settings { termination: Duration::from_mins(40), ..Settings::default() };
    let world = World::of(fast(settings).with("FirstPoll", "10m")).await;
    world.cloud.catalog.add(world.product("pp-good"));
    let stack = world.stack("pp-good");
    world.ask("pp-good").await;
    world.until("pp-good", |row| row.state == "submitted").await;
    let looks = || world.calls(RECONCILE, "servicecatalog:DescribeRecord");
    assert_eq!(looks(), 0);
    let detail = json!({ "stack-id": stack, "status-details": { "status": "DELETE_FAILED" } });
    let good = event("aws.cloudformation", "CloudFormation Stack Status Change", &detail);
    // A stack of a name that no key can hold: nobody could look for what it wakes.
    let endless = stack.replace("SC-111122223333-pp-good", &format!("SC-111122223333-pp-{}", "a".repeat(3_000)));
    let mut bodies = nine().to_vec();
    bodies.push(json!({ "source": "aws.cloudformation", "detail": { "stack-id": endless } }).to_string());
    bodies.push(good.to_string());
    let record = |body: &String| json!({ "messageId": "m", "body": body, "attributes": {} });
    let batch = json!({ "Records": bodies.iter().map(record).collect::<Vec<_>>() });
    let answer = world.cloud.functions.invoke(RECONCILE, batch).await.unwrap();
    assert_eq!((answer, looks()), (json!({ "batchItemFailures": [] }), 1));
    let lines: Vec<String> = world.cloud.functions.log().into_iter().map(|line| line.text).collect();
    let warned = lines.iter().filter(|line| line.contains("a wake-up that is not understood"));
    assert_eq!(warned.count(), 10);
    assert!(lines.iter().all(|line| line.len() < 2_048), "no log repeats a message");
    assert_eq!(world.report().await.rejected.len(), 0);
    world.cloud.stop().await;
}

/// What is JSON by its grammar and what no value holds: Lambda hands it over, and whoever answers it with an error gets it
/// twice more, and then never again.
#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_no_value_holds_is_rejected_once() {
    let world = World::of(sweeping()).await;
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let long = format!("{{\"provisionedProductId\":\"pp-a\",\"reason\":\"{}\"}}", "x".repeat(5_000_000));
    let payloads =
        [r#"{"provisionedProductId":"pp-a","reason":"\ud800"}"#, &deep, r#"{"provisionedProductId":1e999}"#, &long];
    for function in ["TerminateFunction", "ExecuteActionFunction", "ExecutePlanFunction", "ImportFunction", SWEEP] {
        for payload in payloads {
            let answer = world.cloud.functions.invoke_text(function, payload).await.unwrap();
            let why = answer["why"].as_str().or(answer["refused"].as_str()).unwrap();
            assert!(why.starts_with("the message ") && why.contains("; accepted: "), "{function} {payload}: {answer}");
        }
    }
    for payload in payloads {
        assert!(world.cloud.functions.invoke_text(RECONCILE, payload).await.is_ok(), "it looks at what is due");
    }
    assert_eq!(world.report().await.rejected.len(), 4, "each is one message, however often it comes");
    let told = world.published("Operation Rejected", None);
    let ids: BTreeSet<&str> = told.iter().filter_map(|detail| detail["id"].as_str()).collect();
    assert_eq!((told.len(), ids.len()), (20, 4));
    world.cloud.stop().await;
}

/// A batch that no queue makes, one of whose records no value holds: the others are carried out.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_no_value_holds_does_not_harm_its_neighbours() {
    let world = World::new().await;
    world.cloud.catalog.add(world.product("pp-good"));
    let good = asked(&json!({ "provisionedProductId": "pp-good" })).to_string();
    let good = json!({ "messageId": "m-good", "body": good, "attributes": {} });
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let batch = format!(
        r#"{{"Records": [{{"messageId":"m-1","body":"\ud800"}}, {good}, {{"messageId":"m-2","body":{deep}}}, {deep}]}}"#
    );
    let answer = world.cloud.functions.invoke_text("TerminateFunction", &batch).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    assert_eq!(world.ended("pp-good").await.state, "succeeded");
    assert_eq!(world.report().await.rejected.len(), 3);
    world.cloud.stop().await;
}

/// What people ask of `sweep` counts without its queue too; anything else but a schedule is told as rejected.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_of_a_sweep_directly_is_not_taken_for_its_schedule() {
    let world = World::of(sweeping()).await;
    world.cloud.catalog.add(world.ending("pp-good", hence(TimeDelta::days(1))));
    let answer = world.cloud.functions.invoke(SWEEP, extension()).await.unwrap();
    assert_eq!(answer, json!({ "refused": null }));
    assert_eq!(world.published("Extension Granted", None).len(), 1);
    for (payload, why) in [
        (json!({ "provisionedProductId": "pp-good", "for": "2d" }), "the message is no EventBridge event"),
        (json!("sweep"), "the message is no EventBridge event"),
    ] {
        let answer = world.cloud.functions.invoke(SWEEP, payload).await.unwrap();
        assert!(answer["refused"].as_str().unwrap().starts_with(why), "{answer}");
    }
    for payload in [json!({}), json!(null)] {
        let answer = world.cloud.functions.invoke(SWEEP, payload).await.unwrap();
        assert!(answer.get("swept").is_some(), "{answer}");
    }
    assert_eq!(world.report().await.rejected.len(), 2);
    world.cloud.stop().await;
}
