//! Plans.

mod changes;
mod creation;
mod deletion;
mod execution;
mod look;
mod scene;

use super::super::{NewOffer, NewPlan, PlanFor};
use super::*;

const PRODUCT: &str = "prod-sandbox000001";
const FIRST: &str = "pa-sandbox0000001";
const SECOND: &str = "pa-sandbox0000002";
const PLAN: &str = "plan-sandbox00001";
const CREATE: &str = "CreateProvisionedProductPlan";
const DESCRIBE: &str = "DescribeProvisionedProductPlan";
const LIST: &str = "ListProvisionedProductPlans";
const DELETE: &str = "DeleteProvisionedProductPlan";
const EXECUTE: &str = "ExecuteProvisionedProductPlan";
const NOT_FOUND: &str = "ResourceNotFoundException";
const STATE: &str = "InvalidStateException";
const INVALID: &str = "InvalidParametersException";

/// A catalog with one product, and a second version of it with one more bucket.
fn scene(edit: impl FnOnce(&mut Settings)) -> Scene {
    let scene = Scene::with([], edit);
    let bucket = |name: &str| json!({ "Type": "AWS::S3::Bucket", "Properties": { "BucketName": { "Ref": name } } });
    let template = json!({
        "Parameters": { "BucketName": { "Type": "String", "Default": "sandbox-bucket" } },
        "Resources": { "Bucket": bucket("BucketName"), "Archive": { "Type": "AWS::S3::Bucket" } },
        "Outputs": { "Name": { "Value": { "Ref": "Bucket" } } },
    });
    offer(&scene, SECOND, &template.to_string());
    scene
}

/// Puts a version of the product on offer.
fn offer(scene: &Scene, artifact_id: &str, template: &str) {
    scene.catalog.offer_product(NewOffer {
        product_id: PRODUCT.to_owned(),
        product_name: "Sandbox".to_owned(),
        artifact_id: artifact_id.to_owned(),
        artifact_name: artifact_id.to_owned(),
        template: template.to_owned(),
        principals: Vec::new(),
    });
}

/// What asks for a plan for a provisioned product of that name, with the second version.
fn asked(name: &str, token: &str) -> Value {
    json!({
        "PlanName": "plan",
        "PlanType": "CLOUDFORMATION",
        "ProductId": PRODUCT,
        "ProvisionedProductName": name,
        "ProvisioningArtifactId": SECOND,
        "IdempotencyToken": token,
    })
}

/// The same with another member.
fn with(mut members: Value, name: &str, value: Value) -> Value {
    members[name] = value;
    members
}

/// Asks for a plan; its id or the refusal's code.
async fn create(scene: &Scene, members: Value) -> Result<String, String> {
    let answer = scene.call(CREATE, members).await.map_err(|(code, _)| code)?;
    Ok(answer["PlanId"].as_str().unwrap().to_owned())
}

/// Executes a plan; the record's id or the refusal's code.
async fn execute(scene: &Scene, id: &str, token: &str) -> Result<String, String> {
    let members = json!({ "PlanId": id, "IdempotencyToken": token });
    let answer = scene.call(EXECUTE, members).await.map_err(|(code, _)| code)?;
    Ok(answer["RecordDetail"]["RecordId"].as_str().unwrap().to_owned())
}

/// Deletes a plan; the refusal if it is one.
async fn delete(scene: &Scene, id: &str, ignore_errors: bool) -> Result<Value, Refusal> {
    scene.call(DELETE, json!({ "PlanId": id, "IgnoreErrors": ignore_errors })).await
}

/// A plan, as its description shows it.
async fn details(scene: &Scene, id: &str) -> Value {
    scene.call(DESCRIBE, json!({ "PlanId": id })).await.unwrap()["ProvisionedProductPlanDetails"].take()
}

/// Adds a plan for the product that can be executed.
fn ready(scene: &Scene) {
    let change = json!({ "Action": "REMOVE", "LogicalResourceId": "Bucket", "ResourceType": "AWS::S3::Bucket" });
    scene.catalog.add_plan(NewPlan::new(PLAN, PlanFor::Existing(ID.to_owned()), [change]));
}
