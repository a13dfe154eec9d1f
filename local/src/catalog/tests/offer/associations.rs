//! Which versions have which service actions, and what an execution would be asked for.

use serde_json::{Value, json};

use super::super::{ID, Scene, caller, pages};
use super::{ARTIFACT, PRODUCT};
use crate::catalog::{AccessLevel, NewProduct};

const ASSOCIATE: &str = "AssociateServiceActionWithProvisioningArtifact";
const DISASSOCIATE: &str = "DisassociateServiceActionFromProvisioningArtifact";
const LIST: &str = "ListServiceActionsForProvisioningArtifact";
const PARAMETERS: &str = "DescribeServiceActionExecutionParameters";

fn named(id: &str) -> Value {
    json!({ "ProductId": PRODUCT, "ProvisioningArtifactId": ARTIFACT, "ServiceActionId": id })
}

#[tokio::test]
async fn an_association_is_made_once_and_taken_back_once() {
    let scene = Scene::empty(|_| {});
    let id = scene.action("t").await;
    assert_eq!(scene.refusal(DISASSOCIATE, named(&id)).await, "ResourceNotFoundException");
    scene.must(ASSOCIATE, named(&id)).await;
    assert_eq!(scene.refusal(ASSOCIATE, named(&id)).await, "DuplicateResourceException");
    scene.must(DISASSOCIATE, named(&id)).await;
    assert_eq!(scene.refusal(DISASSOCIATE, named(&id)).await, "ResourceNotFoundException");
    let mut request = named(&id);
    request["IdempotencyToken"] = json!("again");
    for _ in 0..2 {
        scene.must(ASSOCIATE, request.clone()).await;
    }
}

#[tokio::test]
async fn pages_give_every_action_of_a_version_once_and_a_version_has_no_more_than_25() {
    let scene = Scene::empty(|_| {});
    for i in 0..25 {
        scene.must(ASSOCIATE, named(&scene.action(&format!("t{i}")).await)).await;
    }
    let last = scene.action("last").await;
    assert_eq!(scene.refusal(ASSOCIATE, named(&last)).await, "LimitExceededException");
    let request = json!({ "ProductId": PRODUCT, "ProvisioningArtifactId": ARTIFACT });
    let (ids, sizes) = pages(&scene, LIST, "ServiceActionSummaries", "Id", request.clone()).await;
    assert_eq!((ids.len(), sizes), (25, vec![20, 5]));
    assert!(!ids.contains(&last));
    for size in [-1, 21] {
        let mut request = request.clone();
        request["PageSize"] = json!(size);
        assert_eq!(scene.refusal(LIST, request).await, "ValidationException");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let scene = Scene::empty(|_| {});
    let id = scene.action("t").await;
    for (member, value) in [("ProductId", "prod-x"), ("ProvisioningArtifactId", "pa-x"), ("ServiceActionId", "act-x")] {
        let mut request = named(&id);
        request[member] = json!(value);
        for operation in [ASSOCIATE, DISASSOCIATE, LIST] {
            if operation != LIST || member != "ServiceActionId" {
                let code = scene.refusal(operation, request.clone()).await;
                assert_eq!(code, "ResourceNotFoundException", "{operation} {member}");
            }
        }
        request[member] = json!(null);
        assert_eq!(scene.refusal(ASSOCIATE, request).await, "ValidationException", "{member}");
    }
}

#[tokio::test]
async fn targets_are_the_resources_of_the_product() {
    let scene = Scene::new([]);
    let id = scene.action("t").await;
    let request = json!({ "ProvisionedProductId": ID, "ServiceActionId": id });
    assert_eq!(scene.refusal(PARAMETERS, request.clone()).await, "ResourceNotFoundException", "not associated");
    scene.must(ASSOCIATE, named(&id)).await;
    let answer = scene.must(PARAMETERS, request).await;
    let wanted = json!([
        { "Name": "InstanceId", "Type": "TARGET", "DefaultValues": ["sandbox-bucket"] },
        { "Name": "Why", "Type": "TEXT_VALUE", "DefaultValues": [] },
    ]);
    assert_eq!(answer["ServiceActionParameters"], wanted);
}

#[tokio::test]
async fn a_product_without_a_stack_has_no_targets() {
    let scene = Scene::empty(|_| {});
    let mut product = NewProduct::new(ID, "account", super::super::start());
    "CONTROL_TOWER_ACCOUNT".clone_into(&mut product.product_type);
    scene.catalog.add(product);
    let id = scene.action("t").await;
    scene.must(ASSOCIATE, named(&id)).await;
    let answer = scene.must(PARAMETERS, json!({ "ProvisionedProductId": ID, "ServiceActionId": id })).await;
    assert_eq!(answer["ServiceActionParameters"][0]["DefaultValues"], json!([]));
}

#[tokio::test]
async fn parameters_are_shown_for_what_is_there_and_to_who_may_touch_it() {
    let scene = Scene::new([]);
    let id = scene.action("t").await;
    for request in [
        json!({ "ProvisionedProductId": "pp-x", "ServiceActionId": id }),
        json!({ "ProvisionedProductId": ID, "ServiceActionId": "act-x" }),
    ] {
        assert_eq!(scene.refusal(PARAMETERS, request.clone()).await, "ResourceNotFoundException", "{request}");
    }
    let request = json!({ "ProvisionedProductId": ID });
    assert_eq!(scene.refusal(PARAMETERS, request).await, "ValidationException");
    scene.catalog.configure(|settings| settings.access_levels = [("other".to_owned(), AccessLevel::User)].into());
    let other = caller("other", "arn:aws:iam::111122223333:user/other");
    let request = json!({ "ProvisionedProductId": ID, "ServiceActionId": id }).to_string();
    assert_eq!(scene.raw(other, PARAMETERS, &request).await.unwrap_err().0, "AccessDeniedException");
}
