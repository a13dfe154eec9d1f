//! How plans come about.

use super::super::super::{StateCheck, TokenMemory, TokenMismatch};
use super::*;

const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:topic";

#[tokio::test]
async fn a_change_set_takes_its_time() {
    for (seconds, setting) in [(9, None), (60, Some(Duration::from_mins(1)))] {
        let scene = scene(|settings| settings.change_set = setting.unwrap_or(settings.change_set));
        let answer = scene.call(CREATE, asked(NAME, "t")).await.unwrap();
        let id = answer["PlanId"].as_str().unwrap();
        assert!(id.starts_with("plan-"));
        let expected = json!({
            "PlanName": "plan",
            "PlanId": id,
            "ProvisionProductId": ID,
            "ProvisionedProductName": NAME,
            "ProvisioningArtifactId": SECOND,
        });
        assert_eq!(answer, expected);
        for (passes, status, changes) in
            [(0, "CREATE_IN_PROGRESS", 0), (seconds - 1, "CREATE_IN_PROGRESS", 0), (1, "CREATE_SUCCESS", 1)]
        {
            scene.pass(passes);
            let answer = scene.call(DESCRIBE, json!({ "PlanId": id })).await.unwrap();
            assert_eq!(answer["ProvisionedProductPlanDetails"]["Status"], status);
            assert_eq!(answer["ResourceChanges"].as_array().unwrap().len(), changes);
            assert_eq!(scene.product(ID).await.unwrap()["Status"], "AVAILABLE", "a plan changes nothing");
        }
    }
}

#[tokio::test]
async fn a_plan_for_a_new_product_makes_it_but_provisions_nothing() {
    let scene = scene(|_| {});
    let members = with(asked("new", "t"), "Tags", json!([{ "Key": "team", "Value": "blue" }]));
    let answer = scene.call(CREATE, members).await.unwrap();
    let id = answer["ProvisionProductId"].as_str().unwrap();
    let product = scene.product(id).await.unwrap();
    assert_eq!((&product["Status"], &product["Name"]), (&json!("PLAN_IN_PROGRESS"), &json!("new")));
    assert_eq!(product["IdempotencyToken"], "t");
    for member in ["LastRecordId", "LastProvisioningRecordId", "LastSuccessfulProvisioningRecordId"] {
        assert_eq!(product.get(member), None, "there is no record yet");
    }
    let row = scene.call("SearchProvisionedProducts", json!({ "Filters": { "SearchQuery": ["name:new"] } })).await;
    let row = row.unwrap()["ProvisionedProducts"][0].take();
    assert_eq!((&row["UserArn"], &row["Tags"][0]["Value"]), (&json!(user().arn), &json!("blue")));
    scene.pass(1_000_000);
    assert_eq!(scene.product(id).await.unwrap()["Status"], "PLAN_IN_PROGRESS", "it waits for ever");
    assert!(scene.told().is_empty());
}

#[tokio::test]
async fn only_a_product_that_is_available_or_tainted_and_has_no_plan_gets_one() {
    for (status, is_taken) in
        [("AVAILABLE", true), ("TAINTED", true), ("ERROR", false), ("UNDER_CHANGE", false), ("PLAN_IN_PROGRESS", false)]
    {
        let scene = scene(|_| {});
        scene.catalog.set_status(ID, status);
        let answer = create(&scene, asked(NAME, "t")).await;
        assert_eq!(answer.err(), (!is_taken).then(|| STATE.to_owned()), "{status}");
    }
    for code in [STATE, INVALID] {
        let scene = scene(|settings| code.clone_into(&mut settings.second_plan));
        let first = create(&scene, asked(NAME, "t")).await.unwrap();
        assert_eq!(create(&scene, asked(NAME, "u")).await, Err(code.to_owned()));
        create(&scene, asked("new", "v")).await.unwrap();
        assert_eq!(create(&scene, asked("new", "w")).await, Err(code.to_owned()), "a planned product has its plan");
        delete(&scene, &first, false).await.unwrap();
        create(&scene, asked(NAME, "u")).await.expect("the first plan is gone");
    }
}

#[tokio::test]
async fn members_are_within_their_constraints() {
    let parameters = |parameter: Value| with(asked(NAME, "t"), "ProvisioningParameters", json!([parameter]));
    let (wrong, serial) = ("ValidationException", "SerializationException");
    let mut refused = vec![
        (with(asked(NAME, "t"), "PlanType", json!("TERRAFORM")), wrong),
        (with(asked(NAME, "t"), "ProvisionedProductName", json!("-")), wrong),
        (with(asked(NAME, "t"), "IdempotencyToken", json!("_t")), wrong),
        (with(asked(NAME, "t"), "PathId", json!("a path")), wrong),
        (with(asked(NAME, "t"), "NotificationArns", json!(["topic"])), wrong),
        (with(asked(NAME, "t"), "NotificationArns", json!(vec![TOPIC; 6])), wrong),
        (with(asked(NAME, "t"), "Tags", json!([{ "Key": "k" }])), wrong),
        (with(asked(NAME, "t"), "Tags", json!(vec![json!({ "Key": "k", "Value": "v" }); 51])), wrong),
        (with(asked(NAME, "t"), "ProvisioningParameters", json!({})), serial),
        (parameters(json!({ "Value": "v" })), wrong),
        (parameters(json!({ "Key": "k".repeat(1001) })), wrong),
        (parameters(json!({ "Key": "k", "Value": "v".repeat(4097) })), wrong),
        (parameters(json!({ "Key": "k", "UsePreviousValue": "yes" })), serial),
        (parameters(json!({ "Key": "BucketName", "Value": "v", "UsePreviousValue": true })), INVALID),
    ];
    for name in
        ["PlanName", "PlanType", "ProductId", "ProvisionedProductName", "ProvisioningArtifactId", "IdempotencyToken"]
    {
        refused.push((with(asked(NAME, "t"), name, Value::Null), wrong));
    }
    let scene = scene(|_| {});
    for (members, code) in refused {
        assert_eq!(create(&scene, members.clone()).await, Err(code.to_owned()), "{members}");
    }
    assert!(scene.catalog.plans().is_empty());
    create(&scene, with(asked(NAME, "t"), "NotificationArns", json!(vec![TOPIC; 5]))).await.unwrap();
}

#[tokio::test]
async fn what_is_not_on_offer_cannot_be_planned() {
    let scene = scene(|_| {});
    scene.catalog.offer_product(NewOffer {
        product_id: "prod-database00001".to_owned(),
        product_name: "Database".to_owned(),
        artifact_id: "pa-database000001".to_owned(),
        artifact_name: "v1".to_owned(),
        template: "{}".to_owned(),
        principals: vec!["arn:aws:iam::111122223333:user/jo".to_owned()],
    });
    let of = |name: &str, product: &str, artifact: &str| {
        with(with(asked(name, "t"), "ProductId", json!(product)), "ProvisioningArtifactId", json!(artifact))
    };
    for (members, code, text) in [
        (of(NAME, "prod-nothing00001", SECOND), INVALID, "Provisioned product pp-sandbox000001 is of product"),
        (of("new", "prod-nothing00001", SECOND), NOT_FOUND, "Product with id prod-nothing00001 not found"),
        (of("new", PRODUCT, "pa-nothing0000001"), NOT_FOUND, "Provisioning artifact with id pa-nothing0000001"),
        (of("new", "prod-database00001", FIRST), NOT_FOUND, "Provisioning artifact with id"),
        (
            of("new", "prod-database00001", "pa-database000001"),
            NOT_FOUND,
            "No launch paths found for resource: prod-database00001",
        ),
        (with(asked("new", "t"), "PathId", json!("lpv3-other")), INVALID, "Invalid PathId: lpv3-other"),
    ] {
        let (found, message) = scene.call(CREATE, members.clone()).await.unwrap_err();
        assert_eq!(found, code, "{members}");
        assert!(message.starts_with(text), "{message}");
    }
    create(&scene, with(asked("new", "t"), "PathId", json!("lpv3-sandbox000001"))).await.unwrap();
}

#[tokio::test]
async fn a_version_that_is_not_active_is_for_those_that_have_it() {
    let scene = scene(|_| {});
    scene.catalog.lock().offer.artifacts.iter_mut().for_each(|artifact| artifact.active = false);
    let of = |name: &str, artifact: &str| with(asked(name, "t"), "ProvisioningArtifactId", json!(artifact));
    for (name, artifact) in [("new", FIRST), ("new", SECOND), (NAME, SECOND)] {
        assert_eq!(create(&scene, of(name, artifact)).await, Err(INVALID.to_owned()), "{name} {artifact}");
    }
    create(&scene, of(NAME, FIRST)).await.expect("it has that version");
}

#[tokio::test]
async fn a_token_gives_its_plan_while_that_waits() {
    use StateCheck::{AfterToken, BeforeToken};
    use TokenMemory::{ForEver, None, WhileRunning};
    for (memory, check, waiting, deleted) in [
        (WhileRunning, AfterToken, true, false),
        (WhileRunning, BeforeToken, false, false),
        (ForEver, AfterToken, true, true),
        (ForEver, BeforeToken, false, true),
        (None, AfterToken, false, false),
    ] {
        let scene = scene(|settings| (settings.token_memory, settings.state_check) = (memory, check));
        let first = create(&scene, asked(NAME, "t")).await.unwrap();
        for seconds in [0, 9, 3_600] {
            scene.pass(seconds);
            let expected = if waiting { Ok(first.clone()) } else { Err(STATE.to_owned()) };
            assert_eq!(create(&scene, asked(NAME, "t")).await, expected, "{memory:?} {check:?}");
        }
        delete(&scene, &first, false).await.unwrap();
        let again = create(&scene, asked(NAME, "t")).await.unwrap();
        assert_eq!(again == first, deleted, "{memory:?} {check:?}");
    }
}

#[tokio::test]
async fn a_known_token_with_other_members_is_refused_or_replayed() {
    for mismatch in [TokenMismatch::Refuse, TokenMismatch::Replay] {
        let scene = scene(|settings| settings.token_mismatch = mismatch);
        let first = create(&scene, asked(NAME, "t")).await.unwrap();
        let expected = if mismatch == TokenMismatch::Refuse { Err(INVALID.to_owned()) } else { Ok(first) };
        assert_eq!(create(&scene, with(asked(NAME, "t"), "PlanName", json!("other"))).await, expected);
        assert_eq!(scene.catalog.plans().len(), 1);
    }
}
