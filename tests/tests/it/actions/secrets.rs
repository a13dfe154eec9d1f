//! Parameter values of actions may be secrets: they reach the call, and nothing else that anybody reads.

use serde_json::{Value, json};
use steward_local::api::Invoke as _;
use steward_local::catalog::Settings;
use steward_local::gateway::faults::Effect;
use steward_tests::world::{RESTART, World, action_requested, fast};

use super::CALL;

/// A word that stands in nothing else.
const SECRET: &str = "hunter2";

fn asked(id: &str, password: &str, more: &Value) -> Value {
    let mut detail = json!({
        "provisionedProductId": id,
        "serviceActionId": RESTART,
        "requestId": format!("key-of-{id}"),
        "parameters": { "Password": [format!("{SECRET}-{password}")] },
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        detail[name] = value.clone();
    }
    action_requested(&detail)
}

/// All that was published by Steward itself, and all that was logged.
fn shown(world: &World) -> Vec<String> {
    let events = world.cloud.wiring.seen().into_iter().map(|seen| seen.event);
    let own = events.filter(|event| event["source"] == "steward").map(|event| event.to_string());
    own.chain(world.cloud.functions.log().into_iter().map(|line| line.text)).collect()
}

fn assert_hidden(world: &World) {
    let shown = shown(world);
    assert!(shown.len() > 5, "{shown:?}");
    for text in shown {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_of_a_parameter_is_told_or_logged() {
    let world = World::of(fast(Settings::default()).with("LogLevel", "DEBUG")).await;
    for id in ["pp-good", "pp-lost", "pp-refused"] {
        world.cloud.catalog.add(world.product(id));
    }
    world.put(&asked("pp-good", "first", &json!({}))).await;
    assert_eq!(world.ended("pp-good").await.state, "succeeded");
    let (_, call) = &world.asked_for("pp-good")[0];
    assert_eq!(call["Parameters"]["Password"], json!([format!("{SECRET}-first")]), "the call has it");

    // The same key with another value: rejected beside the first.
    world.put(&asked("pp-good", "second", &json!({}))).await;
    world.quiet().await;
    let rejected = world.report().await.rejected;
    assert_eq!(rejected.len(), 1);
    assert!(rejected[0].error.contains("other `parameters`"), "{rejected:?}");

    world.fault("servicecatalog", CALL, 1, Effect::DropAfter);
    world.put(&asked("pp-lost", "lost", &json!({}))).await;
    assert_eq!(world.ended("pp-lost").await.state, "succeeded");

    // A service that repeats what it was given.
    let message = format!("Value '{SECRET}-refused' at 'parameters.Password' is not accepted");
    let code = "InvalidParametersException".to_owned();
    world.fault("servicecatalog", CALL, 1, Effect::Answer { status: 400, code, message });
    world.put(&asked("pp-refused", "refused", &json!({}))).await;
    let ended = world.ended("pp-refused").await;
    assert_eq!(ended.state, "failed", "{ended:?}");
    assert_hidden(&world);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_of_one_in_a_message_that_is_rejected() {
    let world = World::new().await;
    let bodies = [
        asked("pp-bad", "member", &json!({ "bogus": 1 })).to_string(),
        asked("pp-bad", "id", &json!({ "provisionedProductId": "pp bad" })).to_string(),
        asked("pp-bad", "name", &json!({ "parameters": { "Password": [SECRET], "": [SECRET] } })).to_string(),
        asked("pp-bad", "kind", &json!({ "parameters": { "Password": SECRET } })).to_string(),
        asked("pp-bad", "list", &json!({ "parameters": [SECRET] })).to_string(),
        asked("pp-bad", "text", &json!({ "parameters": SECRET })).to_string(),
        asked("pp-bad", "number", &json!({ "parameters": { "Password": [[SECRET]] } })).to_string(),
        asked("pp-bad", "long", &json!({ "parameters": { "Password": [SECRET.repeat(100)] } })).to_string(),
        asked("pp-bad", "misspelt", &json!({ "Parameters": { "Password": [SECRET] } })).to_string(),
        asked("pp-bad", "near", &json!({ "params": { "Password": [SECRET] } })).to_string(),
        asked("pp-bad", "text", &json!({ "parameters": json!({ "Password": [SECRET] }).to_string() })).to_string(),
        // Neither is all of it JSON.
        format!("{{\"parameters\":{{\"Password\":[\"{SECRET}\"]}}"),
        format!("parameters: {SECRET}"),
        json!(format!("parameters: {SECRET}")).to_string(),
    ];
    for body in &bodies {
        assert!(world.cloud.wiring.send("ActionsQueue", body.clone()));
    }
    world.quiet().await;
    let report = world.report().await;
    assert_eq!(report.rejected.len(), bodies.len(), "{:#?}", report.rejected);
    assert_eq!(report.operations, []);
    for row in report.rejected {
        assert!(!row.error.contains(SECRET), "{}", row.error);
    }
    // As a schedule, or somebody at the console, hands it over.
    for body in bodies.iter().filter_map(|body| serde_json::from_str::<Value>(body).ok()) {
        for payload in [body["detail"].clone(), body] {
            let answer = world.cloud.functions.invoke("ExecuteActionFunction", payload).await;
            assert!(!format!("{answer:?}").contains(SECRET), "{answer:?}");
        }
    }
    assert_hidden(&world);
    world.cloud.stop().await;
}
