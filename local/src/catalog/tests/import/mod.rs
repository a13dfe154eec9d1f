//! Imports.

mod refusals;

use super::super::{FailedImport, NewOffer, NewStack, StateCheck, TokenMemory, TokenMismatch};
use super::*;

const IMPORT: &str = "ImportAsProvisionedProduct";
const PRODUCT: &str = "prod-database00001";
const ARTIFACT: &str = "pa-database000001";
const NOT_FOUND: &str = "ResourceNotFoundException";
const STATE: &str = "InvalidStateException";
const INVALID: &str = "InvalidParametersException";
const DUPLICATE: &str = "DuplicateResourceException";

fn template() -> Value {
    json!({
        "Parameters": { "Name": { "Type": "String", "Default": "orders" } },
        "Resources": { "Table": { "Type": "AWS::DynamoDB::Table", "Properties": { "TableName": { "Ref": "Name" } } } },
        "Outputs": { "Table": { "Value": { "Ref": "Table" } } },
    })
}

/// A catalog that offers a database, and a stack of its template.
fn scene(edit: impl FnOnce(&mut Settings)) -> (Scene, String) {
    let scene = Scene::empty(edit);
    scene.catalog.offer_product(NewOffer {
        product_id: PRODUCT.to_owned(),
        product_name: "Database".to_owned(),
        artifact_id: ARTIFACT.to_owned(),
        artifact_name: "v1".to_owned(),
        template: template().to_string(),
        principals: vec![user().arn],
    });
    let stack = stack(&scene, "orders", "CREATE_COMPLETE", &format!("{:#}", template()));
    (scene, stack)
}

fn stack(scene: &Scene, name: &str, status: &str, template: &str) -> String {
    scene.catalog.add_stack(NewStack {
        name: name.to_owned(),
        guid: "0a0b0c0d-0000-4000-8000-000000000000".to_owned(),
        status: status.to_owned(),
        template: template.to_owned(),
    })
}

fn asked(stack: &str, name: &str, token: &str) -> Value {
    json!({
        "ProductId": PRODUCT,
        "ProvisioningArtifactId": ARTIFACT,
        "ProvisionedProductName": name,
        "PhysicalId": stack,
        "IdempotencyToken": token,
    })
}

fn with(mut members: Value, name: &str, value: Value) -> Value {
    members[name] = value;
    members
}

/// Imports; the record's id and the product's, or the refusal's code.
async fn import(scene: &Scene, members: Value) -> Result<(String, String), String> {
    let answer = scene.call(IMPORT, members).await.map_err(|(code, _)| code)?;
    let text = |member: &str| answer["RecordDetail"][member].as_str().unwrap().to_owned();
    Ok((text("RecordId"), text("ProvisionedProductId")))
}

#[tokio::test]
async fn a_stack_becomes_a_product_and_keeps_its_arn() {
    let (scene, stack) = scene(|_| {});
    assert_eq!(
        stack,
        "arn:aws:cloudformation:eu-central-1:111122223333:stack/orders/0a0b0c0d-0000-4000-8000-000000000000"
    );
    let (record, product) = import(&scene, asked(&stack, "orders", "t")).await.unwrap();
    for (seconds, status, of_product, of_stack, told) in [
        (0, "CREATED", "UNDER_CHANGE", "CREATE_COMPLETE", 0),
        (2, "IN_PROGRESS", "UNDER_CHANGE", "IMPORT_IN_PROGRESS", 1),
        (58, "IN_PROGRESS", "UNDER_CHANGE", "IMPORT_COMPLETE", 2),
        (5, "SUCCEEDED", "AVAILABLE", "IMPORT_COMPLETE", 2),
    ] {
        scene.pass(seconds);
        assert_eq!(scene.record(&record).await["Status"], status);
        assert_eq!(scene.product(&product).await.unwrap()["Status"], of_product);
        assert_eq!(scene.catalog.stacks()[0].status, of_stack);
        assert_eq!(scene.told().len(), told);
    }
    assert_eq!(scene.told(), ["IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"]);
    assert_eq!(scene.events.lock().unwrap()[0]["resources"], json!([stack]));
    let found = scene.product(&product).await.unwrap();
    for member in ["LastRecordId", "LastProvisioningRecordId", "LastSuccessfulProvisioningRecordId"] {
        assert_eq!(found[member], record, "{member}");
    }
    let expected = ("orders", PRODUCT, ARTIFACT, "t");
    let member = |name: &str| found[name].as_str().unwrap();
    let names = (member("Name"), member("ProductId"), member("ProvisioningArtifactId"), member("IdempotencyToken"));
    assert_eq!(names, expected);
    let answer = scene.call("DescribeRecord", json!({ "Id": record })).await.unwrap();
    assert_eq!(answer["RecordDetail"]["RecordType"], "IMPORT_PROVISIONED_PRODUCT");
    assert_eq!(each(&answer, "RecordOutputs", "OutputValue"), [stack.as_str(), "orders"]);
    let row = scene.call("SearchProvisionedProducts", json!({})).await.unwrap()["ProvisionedProducts"][0].take();
    assert_eq!((&row["PhysicalId"], &row["UserArn"]), (&json!(stack), &json!(user().arn)));
}

#[tokio::test]
async fn a_product_whose_import_fails_is_gone_or_in_error() {
    for failed in [FailedImport::Gone, FailedImport::Error] {
        let (scene, stack) = scene(|settings| settings.failed_import = failed);
        scene.catalog.script_new("orders", [not_empty()]);
        let (record, product) = import(&scene, asked(&stack, "orders", "t")).await.unwrap();
        scene.pass(65);
        assert_eq!(scene.record(&record).await["Status"], "FAILED");
        assert_eq!(scene.told(), ["IMPORT_IN_PROGRESS", "IMPORT_ROLLBACK_IN_PROGRESS", "IMPORT_ROLLBACK_COMPLETE"]);
        let again = import(&scene, asked(&stack, "orders", "u")).await;
        if failed == FailedImport::Gone {
            assert_eq!(scene.product(&product).await, Err(NOT_FOUND.to_owned()));
            again.expect("the stack is free");
        } else {
            assert_eq!(scene.product(&product).await.unwrap()["Status"], "ERROR");
            assert_eq!(again, Err(DUPLICATE.to_owned()));
        }
    }
}

#[tokio::test]
async fn a_repeated_call_gets_what_the_settings_say() {
    for (memory, check, running, ended) in [
        (TokenMemory::WhileRunning, StateCheck::AfterToken, true, false),
        (TokenMemory::WhileRunning, StateCheck::BeforeToken, false, false),
        (TokenMemory::ForEver, StateCheck::AfterToken, true, true),
        (TokenMemory::None, StateCheck::AfterToken, false, false),
    ] {
        let (scene, stack) = scene(|settings| (settings.token_memory, settings.state_check) = (memory, check));
        let first = import(&scene, asked(&stack, "orders", "t")).await.unwrap();
        for (seconds, is_known, code) in [(0, running, STATE), (65, ended, DUPLICATE)] {
            scene.pass(seconds);
            let expected = if is_known { Ok(first.clone()) } else { Err(code.to_owned()) };
            assert_eq!(import(&scene, asked(&stack, "orders", "t")).await, expected, "{memory:?} {check:?}");
        }
        assert_eq!(scene.carried_out(IMPORT), 1);
    }
    for mismatch in [TokenMismatch::Refuse, TokenMismatch::Replay] {
        let (scene, stack) = scene(|settings| settings.token_mismatch = mismatch);
        let first = import(&scene, asked(&stack, "orders", "t")).await.unwrap();
        let expected = if mismatch == TokenMismatch::Refuse { Err(INVALID.to_owned()) } else { Ok(first) };
        assert_eq!(import(&scene, asked(&stack, "other", "t")).await, expected);
    }
}

#[tokio::test]
async fn a_stack_that_outlived_its_product_can_be_imported_into_another() {
    let (scene, _) = scene(|_| {});
    scene.catalog.add(NewProduct::new(ID, NAME, start()).of(PRODUCT, ARTIFACT));
    let stack = scene.catalog.products()[0].stack.clone().unwrap();
    scene.terminate_so("t", json!({ "ProvisionedProductId": ID, "RetainPhysicalResources": true })).await.unwrap();
    assert_eq!(import(&scene, asked(&stack, "orders", "t")).await, Err(DUPLICATE.to_owned()), "it is not over yet");
    scene.pass(125);
    let (_, product) = import(&scene, asked(&stack, "orders", "t")).await.unwrap();
    scene.pass(65);
    assert_eq!(scene.product(&product).await.unwrap()["Status"], "AVAILABLE");
    assert_eq!(scene.catalog.products()[1].stack, Some(stack.clone()));

    // One that was deleted with its product cannot.
    let members = json!({ "ProvisionedProductId": product });
    scene.terminate_so("u", members).await.unwrap();
    scene.pass(125);
    assert_eq!(import(&scene, asked(&stack, "orders", "u")).await, Err(STATE.to_owned()));
}

#[tokio::test]
async fn the_type_of_the_record_and_its_duration_are_settings() {
    let (scene, stack) = scene(|settings| {
        "IMPORT".clone_into(&mut settings.import_record_type);
        settings.import = Duration::from_mins(10);
    });
    let (record, _) = import(&scene, asked(&stack, "orders", "t")).await.unwrap();
    assert_eq!(scene.record(&record).await["RecordType"], "IMPORT");
    scene.pass(604);
    assert_eq!(scene.record(&record).await["Status"], "IN_PROGRESS");
    scene.pass(1);
    assert_eq!(scene.record(&record).await["Status"], "SUCCEEDED");
}
