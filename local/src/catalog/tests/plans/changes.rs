//! What a change set holds, and why there may be none.

use super::*;

/// The plan of these members as soon as it is made: status, words, changes.
async fn made(scene: &Scene, members: Value) -> (String, Value, Vec<Value>) {
    let id = create(scene, members).await.unwrap();
    scene.pass(9);
    let answer = scene.call(DESCRIBE, json!({ "PlanId": id })).await.unwrap();
    delete(scene, &id, false).await.unwrap();
    let details = &answer["ProvisionedProductPlanDetails"];
    let status = details["Status"].as_str().unwrap().to_owned();
    (status, details["StatusMessage"].clone(), answer["ResourceChanges"].as_array().unwrap().clone())
}

fn parameters(name: &str, artifact_id: &str, parameters: Value) -> Value {
    with(with(asked(name, "t"), "ProvisioningArtifactId", json!(artifact_id)), "ProvisioningParameters", parameters)
}

#[tokio::test]
async fn a_new_stack_adds_everything() {
    let scene = scene(|_| {});
    let (status, message, changes) = made(&scene, asked("new", "t")).await;
    assert_eq!((status.as_str(), message), ("CREATE_SUCCESS", Value::Null));
    let added = |id: &str| {
        json!({
            "Action": "ADD",
            "LogicalResourceId": id,
            "ResourceType": "AWS::S3::Bucket",
            "Scope": [],
            "Details": [],
        })
    };
    assert_eq!(changes, [added("Archive"), added("Bucket")]);
}

#[tokio::test]
async fn a_change_of_version_is_the_difference_of_the_templates() {
    let scene = scene(|_| {});
    let other = json!({
        "Resources": {
            "Bucket": {
                "Type": "AWS::S3::Bucket",
                "Properties": { "BucketName": "fixed" },
                "DeletionPolicy": "Retain",
            },
            "Queue": { "Type": "AWS::SQS::Queue" },
        },
    });
    offer(&scene, "pa-other", &other.to_string());
    let kept = scene.catalog.add(NewProduct::new("pp-second", "second", start()).of(PRODUCT, SECOND));
    assert!(kept.starts_with("rec-"));
    let (_, _, changes) = made(&scene, with(asked("second", "t"), "ProvisioningArtifactId", json!("pa-other"))).await;
    let physical = "SC-111122223333-pp-second-Archive";
    let expected = [
        json!({
            "Action": "REMOVE",
            "LogicalResourceId": "Archive",
            "PhysicalResourceId": physical,
            "ResourceType": "AWS::S3::Bucket",
            "Scope": [],
            "Details": [],
        }),
        json!({
            "Action": "MODIFY",
            "LogicalResourceId": "Bucket",
            "PhysicalResourceId": "sandbox-bucket",
            "ResourceType": "AWS::S3::Bucket",
            "Replacement": "FALSE",
            "Scope": ["PROPERTIES", "DELETIONPOLICY"],
            "Details": [
                {
                    "Target": { "Attribute": "PROPERTIES", "Name": "BucketName", "RequiresRecreation": "NEVER" },
                    "Evaluation": "STATIC",
                },
                { "Target": { "Attribute": "DELETIONPOLICY" }, "Evaluation": "STATIC" },
            ],
        }),
        json!({
            "Action": "ADD",
            "LogicalResourceId": "Queue",
            "ResourceType": "AWS::SQS::Queue",
            "Scope": [],
            "Details": [],
        }),
    ];
    assert_eq!(changes, expected);
}

#[tokio::test]
async fn another_value_modifies_what_refers_to_it() {
    let scene = scene(|_| {});
    let uses = |value: Value| json!({ "Type": "AWS::SSM::Parameter", "Properties": { "Value": value } });
    let template = json!({
        "Parameters": { "Size": { "Type": "String" }, "Unused": { "Type": "String", "Default": "" } },
        "Resources": {
            "ByRef": uses(json!({ "Fn::Join": ["-", [{ "Ref": "Size" }]] })),
            "BySub": uses(json!({ "Fn::Sub": "a-${Size}" })),
            "ByList": uses(json!({ "Fn::Sub": ["${Other}-${Size}", { "Other": "x" }] })),
            "Not": uses(json!({ "Fn::Sub": "a-${Sizes} Size" })),
        },
    });
    offer(&scene, "pa-sizes", &template.to_string());
    let sized = NewProduct::new("pp-sized", "sized", start()).of(PRODUCT, "pa-sizes").parameter("Size", "s");
    scene.catalog.add(sized);
    for (given, changed) in [
        (json!([{ "Key": "Size", "Value": "m" }]), vec!["ByList", "ByRef", "BySub"]),
        (json!([{ "Key": "Size", "Value": "s" }]), vec![]),
        (json!([{ "Key": "Size", "UsePreviousValue": true }]), vec![]),
        (json!([{ "Key": "Size", "UsePreviousValue": true }, { "Key": "Unused", "Value": "u" }]), vec![]),
    ] {
        let (status, message, changes) = made(&scene, parameters("sized", "pa-sizes", given.clone())).await;
        let ids: Vec<_> = changes.iter().map(|change| change["LogicalResourceId"].as_str().unwrap()).collect();
        assert_eq!(ids, changed, "{given}");
        if changed.is_empty() {
            assert_eq!((status.as_str(), message), ("CREATE_FAILED", json!("No updates are to be performed.")));
        } else {
            assert_eq!(changes[0]["Details"][0]["CausingEntity"], "Size");
        }
    }
}

#[tokio::test]
async fn a_change_set_without_changes_or_with_mistakes_fails() {
    let scene = scene(|_| {});
    let template = json!({
        "Parameters": { "Count": { "Type": "Number" }, "Name": { "Type": "String" } },
        "Resources": { "Topic": { "Type": "AWS::SNS::Topic" } },
    });
    offer(&scene, "pa-strict", &template.to_string());
    offer(&scene, "pa-broken", "{}");
    let failed = |text: &str| {
        format!("Error calling API cloudformation:CreateChangeSet. ErrorCode: ValidationError, Message: {text}")
    };
    for (members, text) in [
        (parameters(NAME, FIRST, json!([])), "No updates are to be performed.".to_owned()),
        (
            parameters(NAME, SECOND, json!([{ "Key": "X", "Value": "" }, { "Key": "Y", "Value": "" }])),
            failed("Parameters: [X, Y] do not exist in the template"),
        ),
        (parameters("new", "pa-strict", json!([])), failed("Parameters: [Count, Name] must have values")),
        (
            parameters("new", "pa-strict", json!([{ "Key": "Name", "Value": "n" }, { "Key": "Count", "Value": "c" }])),
            failed("Parameter 'Count' must be a number."),
        ),
        (
            parameters("new", "pa-broken", json!([])),
            failed("Template format error: At least one Resources member must be defined."),
        ),
    ] {
        let (status, message, changes) = made(&scene, members.clone()).await;
        assert_eq!((status.as_str(), message), ("CREATE_FAILED", json!(text)), "{members}");
        assert!(changes.is_empty());
    }
}
