//! Provisioning artifacts: created, described, listed; and where their templates come from.

use serde_json::{Value, json};

use super::super::{Scene, each};
use super::{ARTIFACT, PRODUCT, TEMPLATE, template_url};

fn second(info: &Value) -> Value {
    json!({ "ProductId": PRODUCT, "Parameters": { "Name": "v2", "Info": info }, "IdempotencyToken": "t" })
}

#[tokio::test]
async fn a_version_is_described_as_it_was_created() {
    let scene = Scene::empty(|_| {});
    let created =
        scene.must("CreateProvisioningArtifact", second(&json!({ "LoadTemplateFromURL": template_url() }))).await;
    assert_eq!(created["Info"]["TemplateUrl"], template_url());
    let listed = scene.must("ListProvisioningArtifacts", json!({ "ProductId": PRODUCT })).await;
    assert_eq!(each(&listed, "ProvisioningArtifactDetails", "Name"), ["v1", "v2"]);
    let by_name = json!({ "ProductName": "Sandbox", "ProvisioningArtifactName": "v2", "Verbose": true });
    let described = scene.must("DescribeProvisioningArtifact", by_name).await;
    assert_eq!(described["ProvisioningArtifactDetail"], created["ProvisioningArtifactDetail"]);
    assert_eq!(described["Info"]["CloudFormationTemplate"], TEMPLATE);
}

#[tokio::test]
async fn parameters_are_shown_when_they_are_asked_for() {
    let scene = Scene::empty(|_| {});
    let mut request = json!({ "ProductId": PRODUCT, "ProvisioningArtifactId": ARTIFACT });
    let described = scene.must("DescribeProvisioningArtifact", request.clone()).await;
    assert!(described["ProvisioningArtifactParameters"].is_null());
    assert!(described["Info"]["CloudFormationTemplate"].is_null(), "only to who wants it verbose");
    request["IncludeProvisioningArtifactParameters"] = json!(true);
    let described = scene.must("DescribeProvisioningArtifact", request).await;
    let wanted = json!([{
        "ParameterKey": "BucketName", "ParameterType": "String", "DefaultValue": "sandbox-bucket", "IsNoEcho": false,
        "Description": "The bucket's name", "ParameterConstraints": { "AllowedValues": [] },
    }]);
    assert_eq!(described["ProvisioningArtifactParameters"], wanted);
}

#[tokio::test]
async fn a_template_comes_from_a_data_url_and_from_nowhere_else() {
    let scene = Scene::empty(|_| {});
    let base64 = "data:application/json;base64,eyJSZXNvdXJjZXMiOnsiUSI6eyJUeXBlIjoiQVdTOjpTUVM6OlF1ZXVlIn19fQ==";
    scene.must("CreateProvisioningArtifact", second(&json!({ "LoadTemplateFromURL": base64 }))).await;
    for info in [
        json!({ "LoadTemplateFromURL": "https://example.com/template.json" }),
        json!({ "LoadTemplateFromURL": "data:application/json;base64,?" }),
        json!({ "LoadTemplateFromURL": "data:,no template" }),
        json!({ "LoadTemplateFromURL": "data:,{\"Resources\":{}}" }),
        json!({ "LoadTemplateFromURL": "data:,{\"Resources\":{\"A\":{}}}" }),
        json!({ "ImportFromPhysicalId": "arn:aws:cloudformation:eu-central-1:111122223333:stack/a/b" }),
        json!({ "LoadTemplateFromURL": base64, "ImportFromPhysicalId": "x" }),
    ] {
        let mut request = second(&info);
        request["IdempotencyToken"] = json!("u");
        assert_eq!(scene.refusal("CreateProvisioningArtifact", request).await, "InvalidParametersException", "{info}");
    }
    let mut request = second(&json!({ "LoadTemplateFromURL": "data:,no template" }));
    request["IdempotencyToken"] = json!("v");
    request["Parameters"]["DisableTemplateValidation"] = json!(true);
    let created = scene.must("CreateProvisioningArtifact", request).await;
    let id = &created["ProvisioningArtifactDetail"]["Id"];
    let request = json!({
        "ProductId": PRODUCT, "ProvisioningArtifactId": id, "IncludeProvisioningArtifactParameters": true,
    });
    let described = scene.must("DescribeProvisioningArtifact", request).await;
    assert_eq!(described["ProvisioningArtifactParameters"], json!([]), "nobody can read them");
}

#[tokio::test]
async fn what_does_not_fit_together_or_is_not_there_is_refused() {
    let scene = Scene::empty(|_| {});
    for (request, code) in [
        (json!({ "ProductId": PRODUCT }), "InvalidParametersException"),
        (json!({ "ProvisioningArtifactId": ARTIFACT }), "InvalidParametersException"),
        (
            json!({ "ProductId": PRODUCT, "ProvisioningArtifactId": ARTIFACT, "ProvisioningArtifactName": "v1" }),
            "InvalidParametersException",
        ),
        (json!({ "ProductId": "prod-x", "ProvisioningArtifactId": ARTIFACT }), "ResourceNotFoundException"),
        (json!({ "ProductId": PRODUCT, "ProvisioningArtifactId": "pa-x" }), "ResourceNotFoundException"),
        (json!({ "ProductId": PRODUCT, "ProvisioningArtifactName": "v9" }), "ResourceNotFoundException"),
    ] {
        assert_eq!(scene.refusal("DescribeProvisioningArtifact", request.clone()).await, code, "{request}");
    }
    assert_eq!(
        scene.refusal("ListProvisioningArtifacts", json!({ "ProductId": "prod-x" })).await,
        "ResourceNotFoundException"
    );
    let mut request = second(&json!({ "LoadTemplateFromURL": template_url() }));
    request["ProductId"] = json!("prod-x");
    assert_eq!(scene.refusal("CreateProvisioningArtifact", request).await, "ResourceNotFoundException");
    let request = json!({ "ProductId": PRODUCT, "IdempotencyToken": "t" });
    assert_eq!(scene.refusal("CreateProvisioningArtifact", request).await, "ValidationException");
}
