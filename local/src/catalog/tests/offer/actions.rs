//! Service actions: created, described, listed, deleted.

use serde_json::{Value, json};

use super::super::{Scene, pages};
use super::{ARTIFACT, PRODUCT, restart};

#[tokio::test]
async fn an_action_is_described_as_it_was_created() {
    let scene = Scene::empty(|_| {});
    let created = scene.must("CreateServiceAction", restart("t")).await;
    let summary = &created["ServiceActionDetail"]["ServiceActionSummary"];
    assert_eq!((&summary["Name"], &summary["DefinitionType"]), (&json!("Restart"), &json!("SSM_AUTOMATION")));
    assert_eq!(created["ServiceActionDetail"]["Definition"], restart("t")["Definition"]);
    let described = scene.must("DescribeServiceAction", json!({ "Id": summary["Id"] })).await;
    assert_eq!(described, created);
    assert_eq!(scene.must("CreateServiceAction", restart("t")).await, created, "the same token, the same action");
    assert_eq!(scene.refusal("DescribeServiceAction", json!({ "Id": "act-x" })).await, "ResourceNotFoundException");
}

#[tokio::test]
async fn pages_give_every_action_once() {
    let scene = Scene::empty(|_| {});
    for token in ["a", "b", "c"] {
        scene.action(token).await;
    }
    let (ids, sizes) =
        pages(&scene, "ListServiceActions", "ServiceActionSummaries", "Id", json!({ "PageSize": 2 })).await;
    assert_eq!((ids.len(), sizes), (3, vec![2, 1]));
    assert_eq!(scene.refusal("ListServiceActions", json!({ "PageSize": 21 })).await, "ValidationException");
}

#[tokio::test]
async fn a_definition_must_be_one_that_can_be_run() {
    let scene = Scene::empty(|_| {});
    let definition = |edit: fn(&mut Value)| {
        let mut definition = restart("t")["Definition"].clone();
        edit(&mut definition);
        definition
    };
    for (definition, code) in [
        (json!(null), "ValidationException"),
        (json!({}), "ValidationException"),
        (definition(|all| all["Document"] = json!("x")), "ValidationException"),
        (definition(|all| all["Version"] = json!("")), "ValidationException"),
        (definition(|all| all["Name"] = json!("x".repeat(1025))), "ValidationException"),
        (definition(|all| drop(all.as_object_mut().unwrap().remove("Version"))), "InvalidParametersException"),
        (definition(|all| all["Parameters"] = json!("x")), "InvalidParametersException"),
        (definition(|all| all["Parameters"] = json!(r#"[{"Name":"a","Type":"X"}]"#)), "InvalidParametersException"),
        (definition(|all| all["Parameters"] = json!(r#"[{"Type":"TARGET"}]"#)), "InvalidParametersException"),
        (json!("x"), "SerializationException"),
    ] {
        let mut request = restart("t");
        request["Definition"] = definition.clone();
        assert_eq!(scene.refusal("CreateServiceAction", request).await, code, "{definition}");
    }
    for (name, value) in [("Name", json!("a b")), ("DefinitionType", json!("LAMBDA")), ("Name", json!(null))] {
        let mut request = restart("t");
        request[name] = value;
        assert_eq!(scene.refusal("CreateServiceAction", request).await, "ValidationException", "{name}");
    }
}

#[tokio::test]
async fn no_region_has_more_than_two_hundred() {
    let scene = Scene::empty(|_| {});
    for i in 0..200 {
        scene.action(&format!("t{i}")).await;
    }
    assert_eq!(scene.refusal("CreateServiceAction", restart("last")).await, "LimitExceededException");
}

#[tokio::test]
async fn an_action_in_use_is_not_deleted() {
    let scene = Scene::empty(|_| {});
    let id = scene.action("t").await;
    let named = json!({ "ProductId": PRODUCT, "ProvisioningArtifactId": ARTIFACT, "ServiceActionId": id });
    scene.must("AssociateServiceActionWithProvisioningArtifact", named.clone()).await;
    assert_eq!(scene.refusal("DeleteServiceAction", json!({ "Id": id })).await, "ResourceInUseException");
    scene.must("DisassociateServiceActionFromProvisioningArtifact", named).await;
    let request = json!({ "Id": id, "IdempotencyToken": "delete" });
    assert_eq!(scene.must("DeleteServiceAction", request.clone()).await, json!({}));
    assert_eq!(scene.must("DeleteServiceAction", request).await, json!({}), "the same token, the same answer");
    assert_eq!(scene.refusal("DeleteServiceAction", json!({ "Id": id })).await, "ResourceNotFoundException");
    assert_eq!(scene.refusal("DescribeServiceAction", json!({ "Id": id })).await, "ResourceNotFoundException");
}
