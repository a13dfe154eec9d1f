//! The execution of plans.

use super::super::super::{StateCheck, TokenMemory};
use super::*;

#[tokio::test]
async fn an_execution_changes_the_product_to_what_was_planned() {
    let scene = scene(|_| {});
    let parameters = json!([{ "Key": "BucketName", "Value": "planned" }]);
    let plan = create(&scene, with(asked(NAME, "t"), "ProvisioningParameters", parameters)).await.unwrap();
    scene.pass(9);
    let id = execute(&scene, &plan, "t").await.unwrap();
    for (seconds, record, product, plan_status, told) in [
        (0, "CREATED", "UNDER_CHANGE", "CREATE_SUCCESS", vec![]),
        (2, "IN_PROGRESS", "UNDER_CHANGE", "CREATE_SUCCESS", vec!["UPDATE_IN_PROGRESS"]),
        (3, "IN_PROGRESS", "UNDER_CHANGE", "EXECUTE_IN_PROGRESS", vec!["UPDATE_IN_PROGRESS"]),
        (235, "IN_PROGRESS", "UNDER_CHANGE", "EXECUTE_IN_PROGRESS", vec!["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]),
        (5, "SUCCEEDED", "AVAILABLE", "EXECUTE_IN_PROGRESS", vec!["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]),
        (5, "SUCCEEDED", "AVAILABLE", "EXECUTE_SUCCESS", vec!["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]),
    ] {
        scene.pass(seconds);
        let place = format!("at {}", scene.clock.now());
        assert_eq!(scene.record(&id).await["Status"], record, "{place}");
        assert_eq!(scene.product(ID).await.unwrap()["Status"], product, "{place}");
        assert_eq!(details(&scene, &plan).await["Status"], plan_status, "{place}");
        assert_eq!(scene.told(), told, "{place}");
    }
    let product = scene.product(ID).await.unwrap();
    assert_eq!(product["ProvisioningArtifactId"], SECOND);
    for member in ["LastRecordId", "LastProvisioningRecordId", "LastSuccessfulProvisioningRecordId"] {
        assert_eq!(product[member], id, "{member}");
    }
    let product = scene.catalog.products()[0].clone();
    assert_eq!(product.parameters, [("BucketName".to_owned(), "planned".to_owned())]);
    assert_eq!((product.outputs[0].key.as_str(), product.outputs[0].value.as_str()), ("Name", "planned"));
    let record = scene.record(&id).await;
    assert_eq!(
        (&record["RecordType"], &record["ProvisioningArtifactId"]),
        (&json!("UPDATE_PROVISIONED_PRODUCT"), &json!(SECOND))
    );
    assert_eq!(record["PathId"], "lpv3-sandbox000001");
    let outputs = scene.call("DescribeRecord", json!({ "Id": id })).await.unwrap()["RecordOutputs"].take();
    assert_eq!(each(&json!({ "o": outputs }), "o", "OutputKey"), ["CloudformationStackARN", "Name"]);
}

#[tokio::test]
async fn an_execution_makes_a_new_product() {
    let scene = scene(|_| {});
    let answer = scene.call(CREATE, asked("new", "t")).await.unwrap();
    let (plan, product) = (answer["PlanId"].as_str().unwrap(), answer["ProvisionProductId"].as_str().unwrap());
    scene.pass(9);
    let id = execute(&scene, plan, "t").await.unwrap();
    assert_eq!(scene.product(product).await.unwrap()["Status"], "UNDER_CHANGE");
    scene.pass(245);
    assert_eq!(scene.told(), ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]);
    assert_eq!(scene.record(&id).await["RecordType"], "PROVISION_PRODUCT");
    let product = scene.product(product).await.unwrap();
    assert_eq!((&product["Status"], &product["LastSuccessfulProvisioningRecordId"]), (&json!("AVAILABLE"), &json!(id)));
}

#[tokio::test]
async fn a_failure_taints_what_was_there_and_leaves_what_is_new_in_error() {
    let back = ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"];
    let away = ["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"];
    for (name, status, told) in [(NAME, "TAINTED", back), ("new", "ERROR", away)] {
        let scene = scene(|_| {});
        let answer = scene.call(CREATE, asked(name, "t")).await.unwrap();
        let (plan, product) = (answer["PlanId"].as_str().unwrap(), answer["ProvisionProductId"].as_str().unwrap());
        scene.catalog.push_script(product, not_empty());
        scene.pass(9);
        let id = execute(&scene, plan, "t").await.unwrap();
        scene.pass(250);
        assert_eq!(scene.told(), told);
        assert_eq!(scene.record(&id).await["Status"], "FAILED");
        let found = scene.product(product).await.unwrap();
        assert_eq!((&found["Status"], &found["LastProvisioningRecordId"]), (&json!(status), &json!(id)));
        assert_ne!(found.get("LastSuccessfulProvisioningRecordId"), Some(&json!(id)));
        let plan = details(&scene, plan).await;
        assert_eq!(
            (&plan["Status"], &plan["StatusMessage"]),
            (&json!("EXECUTE_FAILED"), &json!("The bucket is not empty"))
        );
        let product = scene.catalog.products().into_iter().find(|one| one.id == product).unwrap();
        assert_eq!(product.artifact_id == SECOND, name == "new", "an update that fails changes nothing");
    }
}

#[tokio::test]
async fn only_a_plan_that_is_made_is_executed_and_only_once() {
    for status in ["CREATE_IN_PROGRESS", "CREATE_FAILED", "EXECUTE_IN_PROGRESS", "EXECUTE_SUCCESS", "EXECUTE_FAILED"] {
        let scene = scene(|_| {});
        ready(&scene);
        scene.catalog.change_plan(PLAN, |plan| status.clone_into(&mut plan.status));
        assert_eq!(execute(&scene, PLAN, "t").await, Err(STATE.to_owned()), "{status}");
        assert_eq!(scene.carried_out(EXECUTE), 0);
    }
    for code in [STATE, INVALID] {
        let scene = scene(|settings| code.clone_into(&mut settings.second_execution));
        ready(&scene);
        execute(&scene, PLAN, "t").await.unwrap();
        for seconds in [0, 5, 245] {
            scene.pass(seconds);
            assert_eq!(execute(&scene, PLAN, "u").await, Err(code.to_owned()));
        }
        assert_eq!(scene.carried_out(EXECUTE), 1);
    }
    let scene = scene(|_| {});
    assert_eq!(execute(&scene, "plan-nothing", "t").await, Err(NOT_FOUND.to_owned()));
    assert_eq!(execute(&scene, "plan nothing", "t").await, Err("ValidationException".to_owned()));
    let refusal = scene.call(EXECUTE, json!({ "PlanId": PLAN })).await.unwrap_err();
    assert_eq!(refusal.0, "ValidationException", "there is no token");
}

#[tokio::test]
async fn the_product_may_be_in_the_way() {
    for (status, is_taken) in
        [("AVAILABLE", true), ("TAINTED", true), ("ERROR", false), ("UNDER_CHANGE", false), ("PLAN_IN_PROGRESS", false)]
    {
        let scene = scene(|_| {});
        ready(&scene);
        scene.catalog.set_status(ID, status);
        assert_eq!(execute(&scene, PLAN, "t").await.err(), (!is_taken).then(|| STATE.to_owned()), "{status}");
    }
    let scene = scene(|_| {});
    ready(&scene);
    scene.catalog.remove(ID);
    assert_eq!(execute(&scene, PLAN, "t").await, Err(NOT_FOUND.to_owned()));
}

#[tokio::test]
async fn a_repeated_call_gets_what_the_settings_say() {
    for (memory, check, running, ended) in [
        (TokenMemory::WhileRunning, StateCheck::AfterToken, true, false),
        (TokenMemory::WhileRunning, StateCheck::BeforeToken, false, false),
        (TokenMemory::ForEver, StateCheck::AfterToken, true, true),
        (TokenMemory::None, StateCheck::AfterToken, false, false),
    ] {
        let scene = scene(|settings| (settings.token_memory, settings.state_check) = (memory, check));
        ready(&scene);
        let first = execute(&scene, PLAN, "t").await.unwrap();
        for (seconds, is_known) in [(0, running), (245, ended)] {
            scene.pass(seconds);
            let expected = if is_known { Ok(first.clone()) } else { Err(STATE.to_owned()) };
            assert_eq!(execute(&scene, PLAN, "t").await, expected, "{memory:?} {check:?} after {seconds}");
        }
    }
}

#[tokio::test]
async fn the_lag_and_the_types_are_settings() {
    let scene = scene(|settings| {
        settings.plan_lag = Duration::ZERO;
        "PLANNED".clone_into(&mut settings.planned_update_record_type);
        "PLANNED_NEW".clone_into(&mut settings.planned_provision_record_type);
    });
    ready(&scene);
    let new = PlanFor::New { id: "pp-new".to_owned(), name: "new".to_owned() };
    scene.catalog.add_plan(NewPlan::new("plan-new", new, []));
    let changed = execute(&scene, PLAN, "t").await.unwrap();
    let made = execute(&scene, "plan-new", "u").await.unwrap();
    assert_eq!(details(&scene, PLAN).await["Status"], "EXECUTE_IN_PROGRESS");
    assert_eq!(scene.record(&changed).await["RecordType"], "PLANNED");
    assert_eq!(scene.record(&made).await["RecordType"], "PLANNED_NEW");
    scene.pass(245);
    assert_eq!(details(&scene, PLAN).await["Status"], "EXECUTE_SUCCESS");
}
