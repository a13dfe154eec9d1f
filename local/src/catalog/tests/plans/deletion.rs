//! How plans go.

use super::*;

#[tokio::test]
async fn a_plan_is_gone_once_it_is_deleted() {
    let scene = scene(|_| {});
    ready(&scene);
    assert_eq!(delete(&scene, PLAN, false).await.unwrap(), json!({}));
    assert_eq!(delete(&scene, PLAN, false).await.unwrap_err().0, NOT_FOUND);
    assert_eq!(scene.call(DESCRIBE, json!({ "PlanId": PLAN })).await.unwrap_err().0, NOT_FOUND);
    assert_eq!(execute(&scene, PLAN, "t").await, Err(NOT_FOUND.to_owned()));
    assert_eq!(scene.product(ID).await.unwrap()["Status"], "AVAILABLE", "the product stays");
    assert_eq!(scene.call(DELETE, json!({})).await.unwrap_err().0, "ValidationException");
    assert_eq!(
        scene.call(DELETE, json!({ "PlanId": PLAN, "IgnoreErrors": 1 })).await.unwrap_err().0,
        "SerializationException"
    );
}

#[tokio::test]
async fn a_product_that_is_only_planned_goes_with_its_plan() {
    let scene = scene(|_| {});
    let answer = scene.call(CREATE, asked("new", "t")).await.unwrap();
    let product = answer["ProvisionProductId"].as_str().unwrap();
    delete(&scene, answer["PlanId"].as_str().unwrap(), false).await.unwrap();
    assert_eq!(scene.product(product).await, Err(NOT_FOUND.to_owned()));
    create(&scene, asked("new", "u")).await.expect("the name is free");
}

#[tokio::test]
async fn a_change_set_that_was_executed_badly_stays_unless_errors_are_ignored() {
    for (script, is_kept) in [(Script::Succeed, false), (not_empty(), true), (Script::Never, true)] {
        let scene = scene(|_| {});
        ready(&scene);
        scene.catalog.push_script(ID, script.clone());
        execute(&scene, PLAN, "t").await.unwrap();
        scene.pass(3_600);
        let status = details(&scene, PLAN).await["Status"].clone();
        if is_kept {
            let (code, message) = delete(&scene, PLAN, false).await.unwrap_err();
            assert_eq!(code, "ValidationException");
            let text = format!(
                "Cannot delete ChangeSet in execution status {} (Service: AmazonCloudFormation; Status Code: 400; \
                 Error Code: InvalidChangeSetStatus; Request ID: ",
                status.as_str().unwrap()
            );
            assert!(message.starts_with(&text), "{message}");
            // It blocks the next plan too.
            assert_eq!(create(&scene, asked(NAME, "t")).await, Err(STATE.to_owned()));
        }
        delete(&scene, PLAN, is_kept).await.expect("errors are ignored if there are any");
        assert!(scene.catalog.plans()[0].gone, "{script:?}");
        assert_ne!(scene.product(ID).await, Err(NOT_FOUND.to_owned()));
    }
}

#[tokio::test]
async fn a_plan_in_execution_counts_as_such_while_its_status_lags() {
    let scene = scene(|_| {});
    ready(&scene);
    execute(&scene, PLAN, "t").await.unwrap();
    assert_eq!(details(&scene, PLAN).await["Status"], "CREATE_SUCCESS");
    let (code, message) = delete(&scene, PLAN, false).await.unwrap_err();
    assert_eq!(code, "ValidationException");
    assert!(message.contains("EXECUTE_IN_PROGRESS"), "{message}");
}
