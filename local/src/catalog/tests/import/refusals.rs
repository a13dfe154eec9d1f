//! What is not imported.

use super::super::super::ImportRefusals;
use super::*;

#[tokio::test]
async fn only_a_stack_that_is_complete_is_imported() {
    let (fits, does_not) = (true, false);
    for (status, is_taken) in [
        ("CREATE_COMPLETE", fits),
        ("UPDATE_COMPLETE", fits),
        ("UPDATE_ROLLBACK_COMPLETE", fits),
        ("IMPORT_COMPLETE", fits),
        ("IMPORT_ROLLBACK_COMPLETE", fits),
        ("CREATE_IN_PROGRESS", does_not),
        ("CREATE_FAILED", does_not),
        ("ROLLBACK_COMPLETE", does_not),
        ("UPDATE_IN_PROGRESS", does_not),
        ("REVIEW_IN_PROGRESS", does_not),
        ("DELETE_COMPLETE", does_not),
    ] {
        let (scene, _) = scene(|_| {});
        let stack = stack(&scene, "other", status, &template().to_string());
        let answer = import(&scene, asked(&stack, "orders", "t")).await;
        assert_eq!(answer.err(), (!is_taken).then(|| STATE.to_owned()), "{status}");
    }
}

#[tokio::test]
async fn every_refusal_has_its_code() {
    let codes = ["ACode", "BCode", "CCode", "DCode", "ECode"].map(str::to_owned);
    let [duplicate, busy, stack_status, template_code, unknown_stack] = codes;
    let set = ImportRefusals { duplicate, busy, stack_status, template: template_code, unknown_stack };
    for codes in [ImportRefusals::default(), set] {
        let (scene, first) = scene(|settings| settings.import_refusals = codes.clone());
        scene.catalog.offer_product(NewOffer {
            product_id: "prod-closed0000001".to_owned(),
            product_name: "Closed".to_owned(),
            artifact_id: ARTIFACT.to_owned(),
            artifact_name: "v1".to_owned(),
            template: template().to_string(),
            principals: Vec::new(),
        });
        scene.catalog.add(NewProduct::new(ID, NAME, start()));
        let of_product = scene.catalog.products()[0].stack.clone().unwrap();
        let other = stack(&scene, "other", "CREATE_COMPLETE", r#"{ "Resources": {} }"#);
        let running = stack(&scene, "running", "CREATE_IN_PROGRESS", &template().to_string());
        let good = || asked(&first, "orders", "t");
        for (members, code) in [
            (with(good(), "ProductId", json!("prod-nothing00001")), NOT_FOUND),
            (with(good(), "ProvisioningArtifactId", json!("pa-nothing0000001")), NOT_FOUND),
            (
                with(good(), "PhysicalId", json!("arn:aws:cloudformation:eu-central-1:111122223333:stack/no/1")),
                &codes.unknown_stack,
            ),
            (with(good(), "PhysicalId", json!(first.replace("stack/", "stackset/"))), &codes.unknown_stack),
            (with(good(), "PhysicalId", json!("")), &codes.unknown_stack),
            (with(good(), "ProvisionedProductName", json!(NAME)), &codes.duplicate),
            (with(good(), "PhysicalId", json!(of_product)), &codes.duplicate),
            (with(good(), "PhysicalId", json!(running)), &codes.stack_status),
            (with(good(), "PhysicalId", json!(other)), &codes.template),
        ] {
            assert_eq!(import(&scene, members.clone()).await, Err(code.to_owned()), "{members}");
        }
        let closed = with(good(), "ProductId", json!("prod-closed0000001"));
        let expected = "No launch paths found for resource: prod-closed0000001";
        assert_eq!(scene.call(IMPORT, closed).await, Err((NOT_FOUND.to_owned(), expected.to_owned())));
        assert_eq!(scene.carried_out(IMPORT), 0);

        // One at a time.
        let third = stack(&scene, "third", "CREATE_COMPLETE", &template().to_string());
        import(&scene, good()).await.unwrap();
        for seconds in [0, 64] {
            scene.pass(seconds);
            assert_eq!(import(&scene, asked(&third, "third", "u")).await, Err(codes.busy.clone()));
        }
        scene.pass(1);
        import(&scene, asked(&third, "third", "u")).await.expect("the first has ended");
    }
}

#[tokio::test]
async fn templates_are_compared_as_json_or_as_text() {
    for (of_stack, of_version, is_same) in [
        (r#"{"Resources":{"A":{"Type":"T"}}}"#, "{ \"Resources\": { \"A\": { \"Type\": \"T\" } } }", true),
        (r#"{"Resources":{"A":{"Type":"T"}}}"#, r#"{"Resources":{"A":{"Type":"U"}}}"#, false),
        ("Resources: {A: {Type: T}}", "Resources: {A: {Type: T}}", true),
        ("Resources: {A: {Type: T}}", "Resources: {A:  {Type: T}}", false),
        ("Resources: {A: {Type: T}}", r#"{"Resources":{"A":{"Type":"T"}}}"#, false),
    ] {
        let (scene, _) = scene(|_| {});
        scene.catalog.offer_product(NewOffer {
            product_id: PRODUCT.to_owned(),
            product_name: "Database".to_owned(),
            artifact_id: "pa-other".to_owned(),
            artifact_name: "v2".to_owned(),
            template: of_version.to_owned(),
            principals: Vec::new(),
        });
        let stack = stack(&scene, "other", "CREATE_COMPLETE", of_stack);
        let members = with(asked(&stack, "orders", "t"), "ProvisioningArtifactId", json!("pa-other"));
        assert_eq!(
            import(&scene, members).await.err(),
            (!is_same).then(|| INVALID.to_owned()),
            "{of_stack} {of_version}"
        );
    }
}

#[tokio::test]
async fn members_must_be_there_and_within_their_constraints() {
    let (scene, stack) = scene(|_| {});
    let good = || asked(&stack, "orders", "t");
    for name in ["ProductId", "ProvisioningArtifactId", "ProvisionedProductName", "PhysicalId", "IdempotencyToken"] {
        assert_eq!(
            import(&scene, with(good(), name, Value::Null)).await,
            Err("ValidationException".to_owned()),
            "{name}"
        );
    }
    for (name, value) in [("ProvisionedProductName", "_orders"), ("IdempotencyToken", "-"), ("ProductId", "a product")]
    {
        let members = with(good(), name, json!(value));
        assert_eq!(import(&scene, members).await, Err("ValidationException".to_owned()), "{name}");
    }
    assert_eq!(import(&scene, with(good(), "PhysicalId", json!(1))).await, Err("SerializationException".to_owned()));
}

#[tokio::test]
async fn a_version_that_is_not_active_is_not_for_imports() {
    let (scene, stack) = scene(|_| {});
    scene.catalog.lock().offer.artifacts.iter_mut().for_each(|artifact| artifact.active = false);
    assert_eq!(import(&scene, asked(&stack, "orders", "t")).await, Err(INVALID.to_owned()));
}
