//! `ProvisionProduct`.

use super::*;
use crate::catalog::{NewOffer, StateCheck, TokenMemory};

const PROVISION: &str = "ProvisionProduct";
const INVALID: &str = "InvalidParametersException";
const NOT_FOUND: &str = "ResourceNotFoundException";
/// A template that does not come by without a value.
const STAGED: &str = r#"{
    "Parameters": { "Stage": { "Type": "String", "AllowedValues": ["dev", "prod"] } },
    "Resources": { "Queue": { "Type": "AWS::SQS::Queue" } },
    "Outputs": { "Stage": { "Value": { "Ref": "Stage" } } }
}"#;

fn members(name: &str, token: &str) -> Value {
    json!({
        "ProductId": "prod-sandbox000001", "ProvisioningArtifactId": "pa-sandbox0000001",
        "ProvisionedProductName": name, "ProvisionToken": token,
    })
}

/// The members with one that is other.
fn with(name: &str, value: Value) -> Value {
    let mut members = members("mine", "t");
    members[name] = value;
    members
}

/// Provisions, and gives the ids of the product and the record.
async fn provision(scene: &Scene, members: Value) -> (String, String) {
    let answer = scene.must(PROVISION, members).await;
    let id = |name: &str| answer["RecordDetail"][name].as_str().unwrap().to_owned();
    (id("ProvisionedProductId"), id("RecordId"))
}

/// A catalog that also offers a product with a parameter that has no default.
fn staged() -> Scene {
    let scene = Scene::empty(|_| {});
    scene.catalog.offer_product(NewOffer {
        product_id: "prod-staged0000001".to_owned(),
        product_name: "Staged".to_owned(),
        artifact_id: "pa-staged00000001".to_owned(),
        artifact_name: "v1".to_owned(),
        template: STAGED.to_owned(),
        principals: vec!["*".to_owned()],
    });
    scene
}

fn of_staged(parameters: &Value) -> Value {
    json!({
        "ProductName": "Staged", "ProvisioningArtifactName": "v1", "ProvisionedProductName": "mine",
        "ProvisionToken": "t", "ProvisioningParameters": parameters,
    })
}

#[tokio::test]
async fn a_product_comes_about_with_its_record_and_its_stack() {
    let scene = Scene::empty(|_| {});
    let mut request = members("mine", "t");
    request["Tags"] = json!([{ "Key": "team", "Value": "it" }]);
    request["ProvisioningParameters"] = json!([{ "Key": "BucketName", "Value": "data" }]);
    let (id, record) = provision(&scene, request).await;
    for (seconds, status, product) in
        [(0, "CREATED", "UNDER_CHANGE"), (2, "IN_PROGRESS", "UNDER_CHANGE"), (243, "SUCCEEDED", "AVAILABLE")]
    {
        scene.pass(seconds);
        assert_eq!(scene.record(&record).await["Status"], status);
        assert_eq!(scene.product(&id).await.unwrap()["Status"], product);
    }
    assert_eq!(scene.told(), ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]);
    let detail = scene.product(&id).await.unwrap();
    assert_eq!((&detail["Name"], &detail["IdempotencyToken"]), (&json!("mine"), &json!("t")));
    assert_eq!(detail["LastSuccessfulProvisioningRecordId"], record);
    let shown = scene.record(&record).await;
    assert_eq!(shown["RecordType"], "PROVISION_PRODUCT");
    assert_eq!(shown["PathId"], "lpv3-sandbox000001");

    let outputs = scene.must("DescribeRecord", json!({ "Id": record })).await;
    assert_eq!(each(&outputs, "RecordOutputs", "OutputKey"), ["CloudformationStackARN", "Bucket", "BucketArn"]);
    let found = scene.must("SearchProvisionedProducts", json!({})).await;
    let row = &found["ProvisionedProducts"][0];
    assert_eq!((&row["ProductName"], &row["ProvisioningArtifactName"]), (&json!("Sandbox"), &json!("v1")));
    assert_eq!(row["UserArn"], user().arn);
    assert_eq!(row["Tags"][0], json!({ "Key": "team", "Value": "it" }));
    assert_eq!(scene.catalog.executions()[0].operation, PROVISION);
}

#[tokio::test]
async fn a_product_that_has_not_come_about_yet_has_no_success() {
    let scene = Scene::empty(|_| {});
    let (id, record) = provision(&scene, members("mine", "t")).await;
    let detail = scene.product(&id).await.unwrap();
    assert!(detail["LastSuccessfulProvisioningRecordId"].is_null());
    assert_eq!(detail["LastProvisioningRecordId"], record);
}

#[tokio::test]
async fn a_failure_leaves_a_product_in_error() {
    let scene = Scene::empty(|_| {});
    scene.catalog.script_new("mine", [not_empty()]);
    let (id, record) = provision(&scene, members("mine", "t")).await;
    scene.pass(300);
    assert_eq!(scene.record(&record).await["Status"], "FAILED");
    let detail = scene.product(&id).await.unwrap();
    assert_eq!((&detail["Status"], &detail["StatusMessage"]), (&json!("ERROR"), &json!("The bucket is not empty")));
    assert!(detail["LastSuccessfulProvisioningRecordId"].is_null());
    assert_eq!(scene.told(), ["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"]);
}

#[tokio::test]
async fn parameters_that_do_not_fit_the_template_fail_the_record_and_not_the_call() {
    for (parameters, words) in [
        (json!([]), "Parameters: [Stage] must have values"),
        (json!([{ "Key": "Stage", "Value": "test" }]), "must be one of AllowedValues"),
        (
            json!([{ "Key": "Stage", "Value": "dev" }, { "Key": "X", "Value": "" }]),
            "Parameters: [X] do not exist in the template",
        ),
    ] {
        let scene = staged();
        let (id, record) = provision(&scene, of_staged(&parameters)).await;
        scene.pass(300);
        let shown = scene.record(&record).await;
        assert_eq!(shown["Status"], "FAILED");
        let message = shown["RecordErrors"][0]["Description"].as_str().unwrap();
        assert!(message.starts_with("AmazonCloudFormationException") && message.contains(words), "{message}");
        let detail = scene.product(&id).await.unwrap();
        assert_eq!((&detail["Status"], detail["StatusMessage"].as_str()), (&json!("ERROR"), Some(message)));
        assert_eq!(scene.told(), [""; 0], "there was no stack");
    }
    let scene = staged();
    let (_, record) = provision(&scene, of_staged(&json!([{ "Key": "Stage", "Value": "dev" }]))).await;
    scene.pass(300);
    assert_eq!(scene.record(&record).await["Status"], "SUCCEEDED");
}

#[tokio::test]
async fn a_name_is_taken_until_its_product_is_gone() {
    let scene = Scene::empty(|_| {});
    let (id, _) = provision(&scene, members("mine", "t")).await;
    let (code, message) = scene.call(PROVISION, members("mine", "u")).await.unwrap_err();
    assert_eq!((code.as_str(), message.as_str()), (INVALID, "A stack named mine already exists."));
    scene.pass(300);
    scene.terminate_so("end", json!({ "ProvisionedProductId": id })).await.unwrap();
    scene.pass(300);
    provision(&scene, members("mine", "v")).await;
}

#[tokio::test]
async fn a_repeated_call_gets_what_the_settings_say() {
    for (memory, check, while_running, afterwards) in [
        (TokenMemory::WhileRunning, StateCheck::AfterToken, true, false),
        (TokenMemory::WhileRunning, StateCheck::BeforeToken, false, false),
        (TokenMemory::ForEver, StateCheck::AfterToken, true, true),
        (TokenMemory::None, StateCheck::AfterToken, false, false),
    ] {
        let scene = Scene::empty(|settings| (settings.token_memory, settings.state_check) = (memory, check));
        let first = provision(&scene, members("mine", "t")).await;
        for (seconds, is_given) in [(0, while_running), (300, afterwards)] {
            scene.pass(seconds);
            match scene.call(PROVISION, members("mine", "t")).await {
                Ok(answer) => assert_eq!((is_given, &answer["RecordDetail"]["RecordId"]), (true, &json!(first.1))),
                Err((code, _)) => assert_eq!((is_given, code.as_str()), (false, INVALID)),
            }
        }
        assert_eq!(scene.catalog.products().len(), 1);
    }
    let scene = Scene::empty(|_| {});
    provision(&scene, members("mine", "t")).await;
    let (_, message) = scene.call(PROVISION, members("other", "t")).await.unwrap_err();
    assert_eq!(message, "The token was used before with other parameters.");
}

#[tokio::test]
async fn more_than_one_path_must_be_chosen_from() {
    let scene = Scene::empty(|_| {});
    let request = json!({
        "DisplayName": "Tools", "ProviderName": "IT", "IdempotencyToken": "p",
        "Tags": [{ "Key": "team", "Value": "it" }, { "Key": "cost", "Value": "42" }],
    });
    let port = scene.must("CreatePortfolio", request).await["PortfolioDetail"]["Id"].clone();
    let request = json!({ "ProductId": "prod-sandbox000001", "PortfolioId": port });
    scene.must("AssociateProductWithPortfolio", request).await;
    let principal = json!({ "PortfolioId": port, "PrincipalARN": user().arn, "PrincipalType": "IAM" });
    scene.must("AssociatePrincipalWithPortfolio", principal).await;

    let (code, message) = scene.call(PROVISION, members("mine", "t")).await.unwrap_err();
    let words = "More than one launch path ids exist. Please specify the launch path id";
    assert_eq!((code.as_str(), message.as_str()), (INVALID, words));
    let mut request = with("PathName", json!("Tools"));
    request["Tags"] = json!([{ "Key": "team", "Value": "mine" }]);
    let (_, record) = provision(&scene, request).await;
    assert_ne!(scene.record(&record).await["PathId"], "lpv3-sandbox000001");
    let tags = [("team", "mine"), ("cost", "42")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(scene.catalog.products()[0].tags, tags, "the path's tags come along, the call's own come first");
}

#[tokio::test]
async fn a_path_must_lead_the_caller_there() {
    let scene = Scene::empty(|_| {});
    let (code, message) = scene.call(PROVISION, with("PathId", json!("lpv2-x"))).await.unwrap_err();
    assert_eq!((code.as_str(), message.as_str()), (INVALID, "Invalid PathId: lpv2-x"));
    assert_eq!(scene.refusal(PROVISION, with("PathName", json!("x"))).await, INVALID);
    let mut both = with("PathId", json!("lpv3-sandbox000001"));
    both["PathName"] = json!("Sandboxes");
    assert_eq!(scene.refusal(PROVISION, both).await, INVALID);

    scene.catalog.offer_product(NewOffer {
        product_id: "prod-closed0000001".to_owned(),
        product_name: "Closed".to_owned(),
        artifact_id: "pa-closed00000001".to_owned(),
        artifact_name: "v1".to_owned(),
        template: STAGED.to_owned(),
        principals: vec![],
    });
    for path in [json!({}), json!({ "PathId": "lpv3-sandbox000001" }), json!({ "PathName": "Closed" })] {
        let mut request = json!({
            "ProductId": "prod-closed0000001", "ProvisioningArtifactId": "pa-closed00000001",
            "ProvisionedProductName": "mine", "ProvisionToken": "t",
        });
        request.as_object_mut().unwrap().extend(path.as_object().unwrap().clone());
        let (code, message) = scene.call(PROVISION, request).await.unwrap_err();
        let words = "No launch paths found for resource: prod-closed0000001";
        assert_eq!((code.as_str(), message.as_str()), (NOT_FOUND, words));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_refused() {
    let scene = Scene::empty(|_| {});
    let tag = |key: &str| json!({ "Key": key, "Value": "v" });
    for (name, value, code) in [
        ("ProvisionedProductName", json!(null), "ValidationException"),
        ("ProvisionedProductName", json!("-a"), "ValidationException"),
        ("ProvisionToken", json!(null), "ValidationException"),
        ("ProductId", json!(null), INVALID),
        ("ProductName", json!("Sandbox"), INVALID),
        ("ProductId", json!("prod-x"), NOT_FOUND),
        ("ProvisioningArtifactId", json!(null), INVALID),
        ("ProvisioningArtifactName", json!("v1"), INVALID),
        ("ProvisioningArtifactId", json!("pa-x"), NOT_FOUND),
        ("ProvisioningParameters", json!([{ "Value": "x" }]), "ValidationException"),
        ("ProvisioningParameters", json!([{ "Key": "x", "Value": "x".repeat(4097) }]), "ValidationException"),
        ("Tags", json!([{ "Key": "k" }]), "ValidationException"),
        ("Tags", json!([tag("aws:k")]), INVALID),
        ("Tags", json!([tag("k"), tag("k")]), INVALID),
        ("NotificationArns", json!(["x"]), "ValidationException"),
        ("NotificationArns", json!(vec!["arn:aws:sns:eu-central-1:111122223333:t"; 6]), "ValidationException"),
        ("ProvisioningPreferences", json!({ "StackSetMaxConcurrencyCount": 0 }), "ValidationException"),
        ("ProvisioningPreferences", json!({ "StackSetFailureTolerancePercentage": 101 }), "ValidationException"),
        ("ProvisioningPreferences", json!({ "StackSetMaxConcurrencyCount": 1 }), INVALID),
    ] {
        assert_eq!(scene.refusal(PROVISION, with(name, value.clone())).await, code, "{name}: {value}");
    }
    assert!(scene.catalog.products().is_empty(), "nothing was made");
}

#[tokio::test]
async fn a_template_that_nobody_can_read_fails_the_record() {
    let scene = Scene::empty(|_| {});
    let request = json!({
        "ProductId": "prod-sandbox000001", "IdempotencyToken": "a",
        "Parameters": {
            "Name": "broken", "Info": { "LoadTemplateFromURL": "data:,x" }, "DisableTemplateValidation": true,
        },
    });
    scene.must("CreateProvisioningArtifact", request).await;
    let mut request = with("ProvisioningArtifactName", json!("broken"));
    request["ProvisioningArtifactId"] = json!(null);
    let (_, record) = provision(&scene, request).await;
    scene.pass(300);
    let shown = scene.record(&record).await;
    assert!(shown["RecordErrors"][0]["Description"].as_str().unwrap().contains("Template format error"));
}

#[tokio::test]
async fn a_version_that_is_not_active_is_for_those_that_have_it() {
    let scene = Scene::new([]);
    scene.catalog.lock().offer.artifacts[0].active = false;
    assert_eq!(scene.refusal(PROVISION, members("mine", "t")).await, INVALID);
    let update = json!({ "ProvisionedProductId": ID, "UpdateToken": "t" });
    scene.must("UpdateProvisionedProduct", update).await;
}
