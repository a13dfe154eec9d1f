//! The life of a termination.

use super::*;

const GONE: &str = "ResourceNotFoundException";

#[tokio::test]
async fn a_termination_goes_from_created_to_succeeded_and_the_product_goes_with_it() {
    let scene = Scene::new([]);
    let id = scene.terminate("t").await.unwrap();
    // Seconds from the last row, the record, the product, the stack as far as it was told.
    for (seconds, status, product, stack) in [
        (0, "CREATED", Ok("UNDER_CHANGE"), vec![]),
        (1, "CREATED", Ok("UNDER_CHANGE"), vec![]),
        (1, "IN_PROGRESS", Ok("UNDER_CHANGE"), vec!["DELETE_IN_PROGRESS"]),
        (117, "IN_PROGRESS", Ok("UNDER_CHANGE"), vec!["DELETE_IN_PROGRESS"]),
        // The stack's event comes before the record's end.
        (1, "IN_PROGRESS", Ok("UNDER_CHANGE"), vec!["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]),
        (4, "IN_PROGRESS", Ok("UNDER_CHANGE"), vec!["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]),
        (1, "SUCCEEDED", Err(GONE), vec!["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]),
        (86_400, "SUCCEEDED", Err(GONE), vec!["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]),
    ] {
        scene.pass(seconds);
        let place = format!("at {}", scene.clock.now());
        assert_eq!(scene.record(&id).await["Status"], status, "{place}");
        let found = scene.product(ID).await;
        assert_eq!(found.as_ref().map(|p| p["Status"].as_str().unwrap()).map_err(String::as_str), product, "{place}");
        assert_eq!(scene.told(), stack, "{place}");
    }
    let record = scene.record(&id).await;
    assert_eq!(record["CreatedTime"], 1_795_176_000.0);
    assert_eq!(record["UpdatedTime"], 1_795_176_125.0, "when it ended, not when somebody looked");
    assert_eq!(record["RecordType"], "TERMINATE_PROVISIONED_PRODUCT");
    assert_eq!((&record["ProvisionedProductId"], &record["ProvisionedProductName"]), (&json!(ID), &json!(NAME)));
    assert_eq!(record["RecordErrors"], json!([]));
}

#[tokio::test]
async fn what_happened_between_two_looks_is_told_in_order_and_with_its_own_time() {
    let scene = Scene::new([]);
    scene.terminate("t").await.unwrap();
    scene.pass(3_600);
    assert_eq!(scene.told(), ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]);
    let events = scene.events.lock().unwrap();
    let times: Vec<_> = events.iter().map(|event| event["time"].as_str().unwrap()).collect();
    assert_eq!(times, ["2026-11-20T12:00:02Z", "2026-11-20T12:02:00Z"]);
    assert_ne!(events[0]["id"], events[1]["id"]);
}

#[tokio::test]
async fn a_stack_event_looks_like_a_real_one() {
    let scene = Scene::new([]);
    scene.terminate("t").await.unwrap();
    scene.pass(2);
    let mut event = scene.events.lock().unwrap()[0].clone();
    let stack = "arn:aws:cloudformation:eu-central-1:111122223333:stack/SC-111122223333-pp-sandbox000001/\
                 sandbox0-0000-4000-8000-000000000000";
    assert_eq!(event["id"].take().as_str().unwrap().len(), 36);
    let expected = json!({
        "version": "0",
        "id": null,
        "detail-type": "CloudFormation Stack Status Change",
        "source": "aws.cloudformation",
        "account": "111122223333",
        "time": "2026-11-20T12:00:02Z",
        "region": "eu-central-1",
        "resources": [stack],
        "detail": {
            "stack-id": stack,
            "status-details": { "status": "DELETE_IN_PROGRESS", "status-reason": "" },
            "client-request-token": "",
        },
    });
    assert_eq!(event, expected);
    let answer = scene.call("SearchProvisionedProducts", json!({})).await.unwrap();
    assert_eq!(answer["ProvisionedProducts"][0]["PhysicalId"], stack, "the search names the same stack");
}

#[tokio::test]
async fn a_product_without_a_stack_has_no_stack_events() {
    let scene = Scene::empty(|_| {});
    let new = NewProduct::new(ID, NAME, start());
    scene.catalog.add(NewProduct { product_type: "CONTROL_TOWER_ACCOUNT".to_owned(), ..new });
    let id = scene.terminate("t").await.unwrap();
    scene.pass(125);
    assert_eq!(scene.record(&id).await["Status"], "SUCCEEDED");
    assert_eq!(scene.told(), [""; 0]);
    let answer = scene.call("DescribeRecord", json!({ "Id": id })).await.unwrap();
    assert_eq!(answer["RecordOutputs"], json!([]));
}

#[tokio::test]
async fn a_failure_taints_the_product_and_says_why() {
    let scene = Scene::new([not_empty()]);
    let id = scene.terminate("t").await.unwrap();
    scene.pass(120);
    assert_eq!(scene.record(&id).await["Status"], "IN_PROGRESS_IN_ERROR");
    assert_eq!(scene.record(&id).await["RecordErrors"], json!([]), "not before the end");
    assert_eq!(scene.product(ID).await.unwrap()["Status"], "UNDER_CHANGE");
    assert_eq!(scene.told(), ["DELETE_IN_PROGRESS", "DELETE_FAILED"]);
    scene.pass(5);
    let record = scene.record(&id).await;
    assert_eq!(record["Status"], "FAILED");
    assert_eq!(record["RecordErrors"], json!([{ "Code": "1", "Description": "The bucket is not empty" }]));
    let product = scene.product(ID).await.unwrap();
    assert_eq!((&product["Status"], &product["StatusMessage"]), (&json!("TAINTED"), &json!("The bucket is not empty")));
    assert_eq!(product["LastRecordId"], id);
    assert_ne!(product["LastSuccessfulProvisioningRecordId"], id);

    // A tainted product can be terminated; the words on the failure go.
    let again = scene.terminate("t2").await.unwrap();
    assert_eq!(scene.product(ID).await.unwrap().get("StatusMessage"), None);
    scene.pass(125);
    assert_eq!(scene.record(&again).await["Status"], "SUCCEEDED");
    assert_eq!(scene.record(&id).await["Status"], "FAILED", "a record that has ended stays as it is");
    assert_eq!(scene.product(ID).await, Err(GONE.to_owned()));
}

#[tokio::test]
async fn some_records_never_end_and_some_are_in_a_status_that_nobody_knows() {
    let stuck = Scene::new([Script::Never]);
    let id = stuck.terminate("t").await.unwrap();
    stuck.pass(1_000_000);
    assert_eq!(stuck.record(&id).await["Status"], "IN_PROGRESS");
    assert_eq!(stuck.product(ID).await.unwrap()["Status"], "UNDER_CHANGE");
    assert_eq!(stuck.told(), ["DELETE_IN_PROGRESS"]);

    let strange = Scene::new([Script::UnknownStatus("PENDING_APPROVAL".to_owned())]);
    let id = strange.terminate("t").await.unwrap();
    for (seconds, status) in [(0, "CREATED"), (2, "PENDING_APPROVAL"), (122, "PENDING_APPROVAL"), (1, "SUCCEEDED")] {
        strange.pass(seconds);
        assert_eq!(strange.record(&id).await["Status"], status);
    }
    assert_eq!(strange.told(), ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]);
}

#[tokio::test]
async fn errors_are_ignored_and_resources_kept_as_asked() {
    let (kept, deleted) = (true, false);
    // The script, the members, whether the record succeeds, whether the stack is still there, what the stack told.
    for (script, ignore, retain, status, stack, told) in [
        (Script::Succeed, false, false, "SUCCEEDED", deleted, vec!["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]),
        (Script::Succeed, true, false, "SUCCEEDED", deleted, vec!["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]),
        (Script::Succeed, false, true, "SUCCEEDED", kept, vec![]),
        (not_empty(), true, false, "SUCCEEDED", kept, vec!["DELETE_IN_PROGRESS", "DELETE_FAILED"]),
        (not_empty(), true, true, "SUCCEEDED", kept, vec![]),
        (not_empty(), false, false, "FAILED", deleted, vec!["DELETE_IN_PROGRESS", "DELETE_FAILED"]),
    ] {
        let scene = Scene::new([script.clone()]);
        let members = json!({ "ProvisionedProductId": ID, "IgnoreErrors": ignore, "RetainPhysicalResources": retain });
        let id = scene.terminate_so("t", members.clone()).await.unwrap();
        scene.pass(125);
        assert_eq!(scene.record(&id).await["Status"], status, "{script:?} {members}");
        assert_eq!(scene.product(ID).await.is_err(), status == "SUCCEEDED", "{script:?} {members}");
        assert_eq!(scene.catalog.products()[0].stack_kept, stack, "{script:?} {members}");
        assert_eq!(scene.told(), told, "{script:?} {members}");
    }
}

#[tokio::test]
async fn a_product_that_changes_is_refused_with_the_code_that_is_set() {
    for code in ["InvalidParametersException", "ValidationException", "InvalidStateException", "ResourceInUseException"]
    {
        let scene = Scene::with([], |settings| settings.refused_terminate = (code.to_owned(), "Busy.".to_owned()));
        scene.catalog.update(ID, None).unwrap();
        for status in ["UNDER_CHANGE", "PLAN_IN_PROGRESS"] {
            scene.catalog.set_status(ID, status);
            let members = json!({ "ProvisionedProductId": ID, "TerminateToken": "t" });
            let refusal = scene.call(TERMINATE, members).await.unwrap_err();
            assert_eq!(refusal, (code.to_owned(), "Busy.".to_owned()), "{status}");
        }
        assert!(scene.catalog.executions().is_empty(), "a refusal carries nothing out");
        scene.pass(245);
        scene.terminate("t").await.expect("the update is over");
        for status in ["TAINTED", "ERROR", "AVAILABLE"] {
            scene.catalog.set_status(ID, status);
            scene.terminate(&format!("t-{status}")).await.expect(status);
        }
    }
}

#[tokio::test]
async fn an_update_ends_available_and_is_the_last_success() {
    for at_once in [false, true] {
        let scene = Scene::new([]);
        let update = |id| if at_once { scene.catalog.update_at_once(id) } else { scene.catalog.update(id, None) };
        let id = update(ID).unwrap();
        scene.pass(if at_once { 0 } else { 245 });
        let product = scene.product(ID).await.unwrap();
        assert_eq!(product["Status"], "AVAILABLE");
        for member in ["LastRecordId", "LastProvisioningRecordId", "LastSuccessfulProvisioningRecordId"] {
            assert_eq!(product[member], id, "{member}, at once: {at_once}");
        }
        assert_eq!(scene.record(&id).await["Status"], "SUCCEEDED");
        let told = if at_once { vec![] } else { vec!["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"] };
        assert_eq!(scene.told(), told, "at once: {at_once}");
    }
}

#[tokio::test]
async fn an_update_does_not_bring_back_what_is_gone() {
    let scene = Scene::new([]);
    scene.catalog.update(ID, None).unwrap();
    scene.catalog.remove(ID);
    scene.pass(245);
    assert_eq!(scene.product(ID).await, Err(GONE.to_owned()));

    // What was due before the update came before it.
    let scene = Scene::new([]);
    scene.terminate("t").await.unwrap();
    scene.clock.advance(Duration::from_secs(125));
    assert_eq!(scene.catalog.update(ID, None), None);
}

#[tokio::test]
async fn the_first_status_is_a_setting() {
    let scene = Scene::with([], |settings| settings.first_status = "IN_PROGRESS");
    let members = json!({ "ProvisionedProductId": ID, "TerminateToken": "t" });
    let answer = scene.call(TERMINATE, members).await.unwrap();
    assert_eq!(answer["RecordDetail"]["Status"], "IN_PROGRESS");
}
