//! `UpdateProvisionedProduct`.

use super::*;
use crate::catalog::{AccessLevel, TokenMemory};

const UPDATE: &str = "UpdateProvisionedProduct";
const INVALID: &str = "InvalidParametersException";
const NOT_FOUND: &str = "ResourceNotFoundException";

fn members(token: &str) -> Value {
    json!({ "ProvisionedProductId": ID, "UpdateToken": token })
}

/// The members with one that is other.
fn with(name: &str, value: Value) -> Value {
    let mut members = members("t");
    members[name] = value;
    members
}

/// Updates, and gives the record's id.
async fn update(scene: &Scene, members: Value) -> String {
    scene.must(UPDATE, members).await["RecordDetail"]["RecordId"].as_str().unwrap().to_owned()
}

/// A second version of the sandbox, with a parameter that has no default.
async fn second_version(scene: &Scene) {
    let template = r#"{"Parameters":{"BucketName":{"Type":"String"},"Size":{"Type":"Number","Default":1}},
        "Resources":{"Bucket":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":{"Ref":"BucketName"}}}},
        "Outputs":{"Both":{"Value":{"Fn::Sub":"${Bucket} ${Size}"}}}}"#;
    let url = format!("data:,{}", template.replace('%', "%25"));
    let request = json!({
        "ProductId": "prod-sandbox000001", "IdempotencyToken": "v2",
        "Parameters": { "Name": "v2", "Info": { "LoadTemplateFromURL": url } },
    });
    scene.must("CreateProvisioningArtifact", request).await;
}

async fn outputs(scene: &Scene) -> Value {
    scene.must("GetProvisionedProductOutputs", json!({ "ProvisionedProductId": ID })).await["Outputs"].take()
}

#[tokio::test]
async fn an_update_changes_version_and_parameters_when_it_is_done() {
    let scene = Scene::new([]);
    second_version(&scene).await;
    let mut request = with("ProvisioningArtifactName", json!("v2"));
    request["ProvisioningParameters"] =
        json!([{ "Key": "BucketName", "UsePreviousValue": true }, { "Key": "Size", "Value": "3" }]);
    let record = update(&scene, request).await;
    let before = scene.product(ID).await.unwrap();
    assert_eq!(
        (&before["Status"], &before["ProvisioningArtifactId"]),
        (&json!("UNDER_CHANGE"), &json!("pa-sandbox0000001"))
    );
    scene.pass(245);
    assert_eq!(scene.record(&record).await["Status"], "SUCCEEDED");
    let after = scene.product(ID).await.unwrap();
    assert_eq!(after["Status"], "AVAILABLE");
    assert_ne!(after["ProvisioningArtifactId"], before["ProvisioningArtifactId"]);
    assert_eq!(after["LastSuccessfulProvisioningRecordId"], record);
    assert_eq!(outputs(&scene).await[1]["OutputValue"], "sandbox-bucket 3", "the default was the previous value");
    assert_eq!(scene.told(), ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]);
    let found = scene.must("SearchProvisionedProducts", json!({})).await;
    assert_eq!(found["ProvisionedProducts"][0]["ProvisioningArtifactName"], "v2");
}

#[tokio::test]
async fn a_failed_update_taints_and_changes_nothing_else() {
    let scene = Scene::new([not_empty()]);
    let before = outputs(&scene).await;
    let parameters = json!([{ "Key": "BucketName", "Value": "other" }]);
    let record = update(&scene, with("ProvisioningParameters", parameters)).await;
    scene.pass(300);
    assert_eq!(scene.record(&record).await["Status"], "FAILED");
    assert_eq!(scene.product(ID).await.unwrap()["Status"], "TAINTED");
    assert_eq!(outputs(&scene).await, before);
    assert_eq!(scene.told(), ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"]);
}

#[tokio::test]
async fn parameters_that_do_not_fit_fail_the_record() {
    for (parameters, words) in [
        (json!([{ "Key": "X", "Value": "x" }, { "Key": "BucketName", "Value": "x" }]), "[X] do not exist"),
        (json!([]), "[BucketName] must have values"),
        (json!([{ "Key": "Size", "UsePreviousValue": true }, { "Key": "BucketName", "Value": "x" }]), "[Size] must"),
        (json!([{ "Key": "Size", "Value": "x" }, { "Key": "BucketName", "Value": "x" }]), "must be a number"),
    ] {
        let scene = Scene::new([]);
        second_version(&scene).await;
        let mut request = with("ProvisioningArtifactName", json!("v2"));
        request["ProvisioningParameters"] = parameters;
        let record = update(&scene, request).await;
        scene.pass(300);
        let shown = scene.record(&record).await;
        let message = shown["RecordErrors"][0]["Description"].as_str().unwrap_or_default();
        assert!(message.contains(words), "{message}");
        assert_eq!(scene.told(), [""; 0], "the stack was left alone");
    }
}

#[tokio::test]
async fn a_product_that_never_came_about_is_in_error_until_an_update_succeeds() {
    let scene = Scene::empty(|_| {});
    let request = json!({
        "ProductName": "Sandbox", "ProvisioningArtifactName": "v1", "ProvisionedProductName": "mine",
        "ProvisionToken": "t", "ProvisioningParameters": [{ "Key": "X", "Value": "x" }],
    });
    let answer = scene.must("ProvisionProduct", request).await;
    let id = answer["RecordDetail"]["ProvisionedProductId"].clone();
    scene.pass(300);
    for (parameters, status) in [(json!([{ "Key": "X", "Value": "y" }]), "ERROR"), (json!([]), "AVAILABLE")] {
        let request =
            json!({ "ProvisionedProductId": id, "UpdateToken": status, "ProvisioningParameters": parameters });
        scene.must(UPDATE, request).await;
        scene.pass(300);
        assert_eq!(scene.product(id.as_str().unwrap()).await.unwrap()["Status"], status);
    }
    assert!(scene.catalog.products()[0].stack.is_some(), "now it has a stack");
}

#[tokio::test]
async fn the_status_says_whether_a_product_may_be_updated() {
    let code = "ConflictException";
    for (status, in_error, is_fit) in [
        ("AVAILABLE", false, true),
        ("TAINTED", false, true),
        ("ERROR", true, true),
        ("ERROR", false, false),
        ("UNDER_CHANGE", true, false),
        ("PLAN_IN_PROGRESS", true, false),
    ] {
        let scene = Scene::with([], |settings| {
            settings.update_in_error = in_error;
            settings.refused_update = (code.to_owned(), "Not now.".to_owned());
        });
        scene.catalog.set_status(ID, status);
        match scene.call(UPDATE, members("t")).await {
            Ok(_) => assert!(is_fit, "{status}"),
            Err(refusal) => assert_eq!((is_fit, refusal), (false, (code.to_owned(), "Not now.".to_owned()))),
        }
    }
    let scene = Scene::new([]);
    scene.catalog.set_status(ID, "UNDER_CHANGE");
    assert_eq!(scene.refusal(UPDATE, members("t")).await, INVALID, "by default");
}

#[tokio::test]
async fn a_repeated_call_gets_its_record_while_that_runs() {
    let scene = Scene::new([]);
    let record = update(&scene, members("t")).await;
    assert_eq!(update(&scene, members("t")).await, record);
    let parameters = json!([{ "Key": "BucketName", "Value": "x" }]);
    assert_eq!(scene.refusal(UPDATE, with("ProvisioningParameters", parameters)).await, INVALID);
    assert_eq!(scene.refusal(UPDATE, members("u")).await, INVALID, "the product is busy");
    scene.pass(300);
    assert_ne!(update(&scene, members("t")).await, record);
    scene.catalog.configure(|settings| settings.token_memory = TokenMemory::None);
    assert_eq!(scene.refusal(UPDATE, members("t")).await, INVALID);
}

#[tokio::test]
async fn tags_change_only_where_that_is_allowed() {
    let scene = Scene::with([], |_| {});
    scene.catalog.add(NewProduct::new("pp-tagged0000001", "tagged", start()).tag("a", "1").tag("b", "2"));
    let request = json!({
        "ProvisionedProductName": "tagged", "UpdateToken": "t", "Tags": [{ "Key": "a", "Value": "9" }],
    });
    assert_eq!(scene.refusal(UPDATE, request.clone()).await, INVALID);
    // Even those that it has already.
    let same = json!({
        "ProvisionedProductName": "tagged", "UpdateToken": "s", "Tags": [{ "Key": "a", "Value": "1" }],
    });
    assert_eq!(scene.refusal(UPDATE, same).await, INVALID);
    scene.catalog.configure(|settings| settings.tag_updates = true);
    scene.must(UPDATE, request).await;
    let products = scene.catalog.products();
    let tagged = products.iter().find(|product| product.name == "tagged").unwrap();
    let wanted = [("a", "9"), ("b", "2")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(tagged.tags, wanted);
}

#[tokio::test]
async fn a_constraint_of_the_path_lets_updates_change_tags() {
    let scene = Scene::new([]);
    let parameters = |word: &str| json!({ "Version": "2.0", "Properties": { "TagUpdateOnProvisionedProduct": word } });
    let constraint = |word: &str| {
        json!({
            "PortfolioId": "port-sandbox000001", "ProductId": "prod-sandbox000001", "Type": "RESOURCE_UPDATE",
            "Parameters": parameters(word).to_string(), "IdempotencyToken": word,
        })
    };
    let tagged = |token: &str| {
        let mut request = members(token);
        request["Tags"] = json!([{ "Key": "ttl", "Value": "30d" }]);
        request
    };
    let made = scene.must("CreateConstraint", constraint("NOT_ALLOWED")).await;
    assert_eq!(scene.refusal(UPDATE, tagged("t")).await, INVALID);
    assert_eq!(scene.refusal("CreateConstraint", constraint("ALLOWED")).await, "DuplicateResourceException");
    let id = made["ConstraintDetail"]["ConstraintId"].clone();
    scene.must("DeleteConstraint", json!({ "Id": id })).await;
    assert_eq!(scene.refusal("DescribeConstraint", json!({ "Id": id })).await, NOT_FOUND);
    let made = scene.must("CreateConstraint", constraint("ALLOWED")).await;
    let described = scene.must("DescribeConstraint", json!({ "Id": made["ConstraintDetail"]["ConstraintId"] })).await;
    assert_eq!(described, made);
    let listed = scene.must("ListConstraintsForPortfolio", json!({ "PortfolioId": "port-sandbox000001" })).await;
    assert_eq!(listed["ConstraintDetails"], json!([made["ConstraintDetail"]]));
    let record = update(&scene, tagged("t")).await;
    let detail = scene.must("DescribeRecord", json!({ "Id": record })).await;
    assert_eq!(detail["RecordDetail"]["RecordTags"], json!([{ "Key": "ttl", "Value": "30d" }]));
    for (member, value, code) in [
        ("Type", json!("LAUNCH"), INVALID),
        ("Parameters", json!("{}"), INVALID),
        ("Parameters", json!(parameters("MAYBE").to_string()), INVALID),
        ("ProductId", json!("prod-x"), NOT_FOUND),
        ("PortfolioId", json!("port-x"), NOT_FOUND),
        ("Type", json!(null), "ValidationException"),
    ] {
        let mut request = constraint("ALLOWED");
        request["IdempotencyToken"] = json!("again");
        request[member] = value.clone();
        assert_eq!(scene.refusal("CreateConstraint", request).await, code, "{member} {value}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_refused() {
    let scene = Scene::new([]);
    let previous = json!([{ "Key": "BucketName", "Value": "x", "UsePreviousValue": true }]);
    scene.catalog.offer_product(crate::catalog::NewOffer {
        product_id: "prod-other00000001".to_owned(),
        product_name: "Other".to_owned(),
        artifact_id: "pa-other000000001".to_owned(),
        artifact_name: "v1".to_owned(),
        template: "{}".to_owned(),
        principals: vec!["*".to_owned()],
    });
    for (name, value, code) in [
        ("UpdateToken", json!(null), "ValidationException"),
        ("UpdateToken", json!("a:b"), "ValidationException"),
        ("ProvisionedProductId", json!("pp-x"), NOT_FOUND),
        ("ProvisionedProductId", json!(null), INVALID),
        ("ProvisionedProductName", json!(NAME), INVALID),
        ("ProductId", json!("prod-x"), NOT_FOUND),
        ("ProductId", json!("prod-other00000001"), INVALID),
        ("ProvisioningArtifactId", json!("pa-x"), NOT_FOUND),
        ("ProvisioningArtifactName", json!("v9"), NOT_FOUND),
        ("PathId", json!("lpv2-x"), INVALID),
        ("ProvisioningParameters", previous, INVALID),
        ("ProvisioningPreferences", json!({ "StackSetOperationType": "MOVE" }), "ValidationException"),
        ("ProvisioningPreferences", json!({ "StackSetOperationType": "CREATE" }), INVALID),
    ] {
        assert_eq!(scene.refusal(UPDATE, with(name, value.clone())).await, code, "{name}: {value}");
    }
    scene.catalog.configure(|settings| settings.access_levels = [("other".to_owned(), AccessLevel::User)].into());
    let other = caller("other", "arn:aws:iam::111122223333:user/other");
    let refusal = scene.raw(other, UPDATE, &members("t").to_string()).await.unwrap_err();
    assert_eq!(refusal.0, "AccessDeniedException");
}
