//! `UpdateProvisionedProductProperties`.

use super::*;
use crate::catalog::{AccessLevel, TokenMemory};

const PROPERTIES: &str = "UpdateProvisionedProductProperties";
const OTHER: &str = "arn:aws:iam::111122223333:user/other";
const ROLE: &str = "arn:aws:iam::111122223333:role/launch";

fn members(properties: &Value) -> Value {
    json!({ "ProvisionedProductId": ID, "ProvisionedProductProperties": properties, "IdempotencyToken": "t" })
}

#[tokio::test]
async fn a_change_is_done_when_the_call_is() {
    let scene = Scene::new([]);
    let before = scene.product(ID).await.unwrap();
    let answer = scene.must(PROPERTIES, members(&json!({ "OWNER": OTHER, "LAUNCH_ROLE": ROLE }))).await;
    assert_eq!(answer["ProvisionedProductProperties"], json!({ "OWNER": OTHER, "LAUNCH_ROLE": ROLE }));
    assert_eq!((&answer["Status"], &answer["ProvisionedProductId"]), (&json!("SUCCEEDED"), &json!(ID)));
    let after = scene.product(ID).await.unwrap();
    assert_eq!((&after["Status"], &after["LaunchRoleArn"]), (&json!("AVAILABLE"), &json!(ROLE)));
    assert_eq!(after["LastRecordId"], answer["RecordId"]);
    assert_eq!(after["LastProvisioningRecordId"], before["LastProvisioningRecordId"], "it provisions nothing");
    let record = scene.record(answer["RecordId"].as_str().unwrap()).await;
    assert_eq!((&record["Status"], &record["LaunchRoleArn"]), (&json!("SUCCEEDED"), &json!(ROLE)));
    assert_eq!(record["RecordType"], "UPDATE_PROVISIONED_PRODUCT_PROPERTIES");
    let found = scene.must("SearchProvisionedProducts", json!({})).await;
    assert_eq!(found["ProvisionedProducts"][0]["UserArn"], OTHER);
    assert!(found["ProvisionedProducts"][0]["LaunchRoleArn"].is_null(), "no member of the row");
    scene.pass(300);
    assert_eq!(scene.told(), [""; 0]);
}

#[tokio::test]
async fn the_access_level_follows_the_owner() {
    let scene = Scene::with([], |settings| {
        settings.access_levels = ["jo", "other"].map(|name| (name.to_owned(), AccessLevel::User)).into();
    });
    let record = scene.product(ID).await.unwrap()["LastRecordId"].clone();
    let (jo, other) = (caller("jo", "arn:aws:iam::111122223333:user/jo"), caller("other", OTHER));
    let may = async |caller: &Caller, operation: &str, id: &Value| {
        scene.raw(caller.clone(), operation, &json!({ "Id": id }).to_string()).await.is_ok()
    };
    for (owner, is_handed_over) in [(&jo, false), (&other, true)] {
        if is_handed_over {
            scene.must(PROPERTIES, members(&json!({ "OWNER": OTHER }))).await;
        }
        for caller in [&jo, &other] {
            assert_eq!(may(caller, "DescribeProvisionedProduct", &json!(ID)).await, caller == owner);
            assert_eq!(may(caller, "DescribeRecord", &record).await, caller == owner);
        }
    }
    let history = scene.raw(jo, "ListRecordHistory", "{}").await.unwrap();
    assert_eq!(each(&history, "RecordDetails", "RecordId"), [record.as_str().unwrap()], "that remains");
}

#[tokio::test]
async fn a_status_in_which_something_goes_on_is_an_invalid_state() {
    for (status, code) in [
        ("AVAILABLE", None),
        ("TAINTED", None),
        ("ERROR", None),
        ("UNDER_CHANGE", Some("InvalidStateException")),
        ("PLAN_IN_PROGRESS", Some("InvalidStateException")),
    ] {
        let scene = Scene::new([]);
        scene.catalog.set_status(ID, status);
        let refusal = scene.call(PROPERTIES, members(&json!({ "OWNER": OTHER }))).await.err();
        assert_eq!(refusal.map(|(code, _)| code).as_deref(), code, "{status}");
        assert_eq!(scene.product(ID).await.unwrap()["Status"], status);
    }
}

#[tokio::test]
async fn a_repeated_call_gets_its_record_if_tokens_are_kept() {
    let scene = Scene::with([], |settings| {
        settings.token_memory = TokenMemory::ForEver;
        "X".clone_into(&mut settings.properties_record_type);
    });
    let first = scene.must(PROPERTIES, members(&json!({ "OWNER": OTHER }))).await;
    assert_eq!(scene.must(PROPERTIES, members(&json!({ "OWNER": OTHER }))).await, first);
    let code = scene.refusal(PROPERTIES, members(&json!({ "LAUNCH_ROLE": ROLE }))).await;
    assert_eq!(code, "InvalidParametersException");
    assert_eq!(scene.record(first["RecordId"].as_str().unwrap()).await["RecordType"], "X");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_refused() {
    let scene = Scene::new([]);
    for (properties, code) in [
        (json!(null), "ValidationException"),
        (json!({}), "ValidationException"),
        (json!({ "NAME": "x" }), "ValidationException"),
        (json!({ "OWNER": "x".repeat(1025) }), "ValidationException"),
        (json!({ "OWNER": "jo" }), "InvalidParametersException"),
        (json!({ "LAUNCH_ROLE": OTHER }), "InvalidParametersException"),
        (json!("x"), "SerializationException"),
    ] {
        assert_eq!(scene.refusal(PROPERTIES, members(&properties)).await, code, "{properties}");
    }
    for (name, value, code) in [
        ("ProvisionedProductId", json!(null), "ValidationException"),
        ("ProvisionedProductId", json!("pp-x"), "ResourceNotFoundException"),
        ("IdempotencyToken", json!(null), "ValidationException"),
    ] {
        let mut request = members(&json!({ "OWNER": OTHER }));
        request[name] = value;
        assert_eq!(scene.refusal(PROPERTIES, request).await, code, "{name}");
    }
}
