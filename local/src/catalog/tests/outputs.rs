//! `GetProvisionedProductOutputs`.

use super::*;

const OUTPUTS: &str = "GetProvisionedProductOutputs";

#[tokio::test]
async fn outputs_are_the_stack_and_what_the_template_says() {
    let scene = Scene::empty(|_| {});
    scene.catalog.add(NewProduct::new(ID, NAME, start()).parameter("BucketName", "data"));
    for request in [json!({ "ProvisionedProductId": ID }), json!({ "ProvisionedProductName": NAME })] {
        let answer = scene.must(OUTPUTS, request).await;
        assert_eq!(each(&answer, "Outputs", "OutputKey"), ["CloudformationStackARN", "Bucket", "BucketArn"]);
        let values = each(&answer, "Outputs", "OutputValue");
        assert!(values[0].starts_with("arn:aws:cloudformation:eu-central-1:111122223333:stack/SC-"));
        assert_eq!(values[1..], ["data", "arn:aws:s3:::data"]);
    }
}

#[tokio::test]
async fn keys_choose_and_pages_give_every_output_once() {
    let scene = Scene::new([]);
    let request = json!({ "ProvisionedProductId": ID, "OutputKeys": ["BucketArn", "Nothing"] });
    assert_eq!(each(&scene.must(OUTPUTS, request).await, "Outputs", "OutputKey"), ["BucketArn"]);
    let request = json!({ "ProvisionedProductId": ID, "PageSize": 2 });
    let (keys, sizes) = pages(&scene, OUTPUTS, "Outputs", "OutputKey", request).await;
    assert_eq!((keys.len(), sizes), (3, vec![2, 1]));
}

#[tokio::test]
async fn a_product_that_never_came_about_has_no_outputs() {
    let scene = Scene::empty(|_| {});
    scene.catalog.script_new("mine", [not_empty()]);
    let request = json!({
        "ProductName": "Sandbox", "ProvisioningArtifactName": "v1", "ProvisionedProductName": "mine",
        "ProvisionToken": "t",
    });
    scene.must("ProvisionProduct", request).await;
    for seconds in [0, 300] {
        scene.pass(seconds);
        let code = scene.refusal(OUTPUTS, json!({ "ProvisionedProductName": "mine" })).await;
        assert_eq!(code, "InvalidParametersException");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_refused() {
    let scene = Scene::new([]);
    for (request, code) in [
        (json!({}), "InvalidParametersException"),
        (json!({ "ProvisionedProductId": ID, "ProvisionedProductName": NAME }), "InvalidParametersException"),
        (json!({ "ProvisionedProductId": "pp-x" }), "ResourceNotFoundException"),
        (json!({ "ProvisionedProductName": "x" }), "ResourceNotFoundException"),
        (json!({ "ProvisionedProductId": ID, "PageSize": 21 }), "ValidationException"),
        (json!({ "ProvisionedProductId": ID, "OutputKeys": vec!["x"; 61] }), "ValidationException"),
        (json!({ "ProvisionedProductId": ID, "OutputKeys": "x" }), "SerializationException"),
    ] {
        assert_eq!(scene.refusal(OUTPUTS, request.clone()).await, code, "{request}");
    }
}
