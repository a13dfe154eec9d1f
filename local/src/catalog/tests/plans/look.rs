//! Looking at plans.

use super::super::super::AccessLevel;
use super::*;

#[tokio::test]
async fn a_description_has_what_was_asked_for() {
    let scene = scene(|_| {});
    let topic = "arn:aws:sns:eu-central-1:111122223333:topic";
    let members = with(asked(NAME, "t"), "NotificationArns", json!([topic]));
    let members = with(members, "ProvisioningParameters", json!([{ "Key": "BucketName", "Value": "b" }]));
    let id = create(&scene, with(members, "Tags", json!([{ "Key": "team", "Value": "blue" }]))).await.unwrap();
    scene.pass(60);
    let expected = json!({
        "CreatedTime": 1_795_176_000.0,
        "UpdatedTime": 1_795_176_009.0,
        "PathId": "lpv3-sandbox000001",
        "ProductId": PRODUCT,
        "PlanName": "plan",
        "PlanId": id,
        "ProvisionProductId": ID,
        "ProvisionProductName": NAME,
        "PlanType": "CLOUDFORMATION",
        "ProvisioningArtifactId": SECOND,
        "Status": "CREATE_SUCCESS",
        "NotificationArns": [topic],
        "ProvisioningParameters": [{ "Key": "BucketName", "Value": "b" }],
        "Tags": [{ "Key": "team", "Value": "blue" }],
    });
    assert_eq!(details(&scene, &id).await, expected);
    assert_eq!(scene.call(DESCRIBE, json!({ "PlanId": "plan-nothing" })).await.unwrap_err().0, NOT_FOUND);
    for request in [json!({}), json!({ "PlanId": id, "PageSize": 21 }), json!({ "PlanId": id, "PageSize": -1 })] {
        assert_eq!(scene.call(DESCRIBE, request).await.unwrap_err().0, "ValidationException");
    }
}

#[tokio::test]
async fn pages_give_every_change_once() {
    let scene = scene(|_| {});
    let ids: Vec<String> = (0..45).map(|i| format!("Bucket{i}")).collect();
    let changes = ids.iter().map(|id| json!({ "Action": "ADD", "LogicalResourceId": id }));
    scene.catalog.add_plan(NewPlan::new(PLAN, PlanFor::Existing(ID.to_owned()), changes));
    for (size, sizes) in [(json!(null), vec![20, 20, 5]), (json!(0), vec![20, 20, 5]), (json!(15), vec![15, 15, 15])] {
        let request = json!({ "PlanId": PLAN, "PageSize": size });
        let (found, counts) = pages(&scene, DESCRIBE, "ResourceChanges", "LogicalResourceId", request).await;
        assert_eq!((&found, counts), (&ids, sizes));
    }
}

#[tokio::test]
async fn the_list_has_the_plans_that_the_caller_may_see() {
    let scene = scene(|_| {});
    ready(&scene);
    let own = create(&scene, asked("new", "t")).await.unwrap();
    let product = scene.catalog.plans()[1].provisioned_product_id.clone();
    let level = |key: &str| json!({ "AccessLevelFilter": { "Key": key, "Value": "self" } });
    for (request, expected) in [
        // Without a filter: User.
        (json!({}), vec![own.as_str()]),
        (level("User"), vec![own.as_str()]),
        (level("Account"), vec![PLAN, own.as_str()]),
        (with(level("Account"), "ProvisionProductId", json!(ID)), vec![PLAN]),
        (with(level("Account"), "ProvisionProductId", json!(product)), vec![own.as_str()]),
        (json!({ "ProvisionProductId": ID }), vec![]),
    ] {
        let answer = scene.call(LIST, request.clone()).await.unwrap();
        assert_eq!(each(&answer, "ProvisionedProductPlans", "PlanId"), expected, "{request}");
    }
    let summary = scene.call(LIST, json!({})).await.unwrap()["ProvisionedProductPlans"][0].take();
    let expected = json!({
        "PlanName": "plan",
        "PlanId": own,
        "ProvisionProductId": product,
        "ProvisionProductName": "new",
        "PlanType": "CLOUDFORMATION",
        "ProvisioningArtifactId": SECOND,
    });
    assert_eq!(summary, expected);
    delete(&scene, PLAN, false).await.unwrap();
    let answer = scene.call(LIST, level("Account")).await.unwrap();
    assert_eq!(each(&answer, "ProvisionedProductPlans", "PlanId"), [own], "a plan that was deleted is not there");
    let refusal = scene.call(LIST, json!({ "ProvisionProductId": "pp-nothing" })).await.unwrap_err();
    assert_eq!(refusal.0, NOT_FOUND);
}

#[tokio::test]
async fn plans_are_as_far_as_their_products() {
    let scene = scene(|settings| {
        settings.access_levels.insert("TerminateFunction".to_owned(), AccessLevel::User);
    });
    ready(&scene);
    let function = || caller("TerminateFunction", "arn:aws:sts::111122223333:assumed-role/terminate/one");
    let plan = json!({ "PlanId": PLAN });
    for (operation, members) in [
        (DESCRIBE, plan.clone()),
        (DELETE, plan.clone()),
        (EXECUTE, with(plan, "IdempotencyToken", json!("t"))),
        (CREATE, asked(NAME, "t")),
    ] {
        let refusal = scene.raw(function(), operation, &members.to_string()).await.unwrap_err();
        assert_eq!(refusal.0, "AccessDeniedException", "{operation}");
    }
    let all = json!({ "AccessLevelFilter": { "Key": "Account", "Value": "self" } });
    let answer = scene.raw(function(), LIST, &all.to_string()).await.unwrap();
    assert_eq!(answer["ProvisionedProductPlans"], json!([]));
}
