//! Service actions.

use super::super::{AccessLevel, NewAction, StateCheck, TokenMemory, TokenMismatch};
use super::*;

const EXECUTE: &str = "ExecuteProvisionedProductServiceAction";
const ACTION: &str = "act-restart000001";
const NOT_FOUND: &str = "ResourceNotFoundException";
const STATE: &str = "InvalidStateException";
const INVALID: &str = "InvalidParametersException";

/// A catalog with one product and an action on it that takes two parameters.
fn scene(scripts: impl IntoIterator<Item = Script>, edit: impl FnOnce(&mut Settings)) -> Scene {
    let scene = Scene::with(scripts, edit);
    let sandbox = ("prod-sandbox000001".to_owned(), "pa-sandbox0000001".to_owned());
    let parameters = json!([{ "Name": "InstanceId", "Type": "TARGET" }, { "Name": "Reason", "Type": "TEXT_VALUE" }]);
    for (id, associated) in [(ACTION, vec![sandbox]), ("act-elsewhere0001", vec![])] {
        scene.catalog.offer_action(NewAction {
            id: id.to_owned(),
            name: "Restart".to_owned(),
            document: "AWS-RestartEC2Instance".to_owned(),
            version: "1".to_owned(),
            parameters: Some(parameters.to_string()),
            associated,
            ..NewAction::default()
        });
    }
    scene
}

fn members(token: &str) -> Value {
    json!({ "ProvisionedProductId": ID, "ServiceActionId": ACTION, "ExecuteToken": token })
}

/// Executes the action; the record's id or the refusal's code.
async fn execute(scene: &Scene, members: Value) -> Result<String, String> {
    let answer = scene.call(EXECUTE, members).await.map_err(|(code, _)| code)?;
    Ok(answer["RecordDetail"]["RecordId"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_action_holds_the_product_while_it_runs_and_is_no_provisioning() {
    for before in ["AVAILABLE", "TAINTED"] {
        let scene = scene([], |_| {});
        scene.catalog.set_status(ID, before);
        let provisioned = scene.product(ID).await.unwrap();
        let id = execute(&scene, members("t")).await.unwrap();
        for (seconds, status, product, events) in [
            (0, "CREATED", "UNDER_CHANGE", 0),
            (2, "IN_PROGRESS", "UNDER_CHANGE", 0),
            (58, "IN_PROGRESS", "UNDER_CHANGE", 1),
            (4, "IN_PROGRESS", "UNDER_CHANGE", 1),
            (1, "SUCCEEDED", before, 1),
        ] {
            scene.pass(seconds);
            assert_eq!(scene.record(&id).await["Status"], status);
            assert_eq!(scene.product(ID).await.unwrap()["Status"], product);
            assert_eq!(scene.events.lock().unwrap().len(), events);
        }
        let product = scene.product(ID).await.unwrap();
        assert_eq!(product["LastRecordId"], id);
        for member in ["LastProvisioningRecordId", "LastSuccessfulProvisioningRecordId"] {
            assert_eq!(product[member], provisioned[member], "{member}");
        }
        assert!(scene.told().is_empty(), "the stack is not touched");
    }
}

#[tokio::test]
async fn the_record_names_the_automation_and_its_end_is_told() {
    for (script, status) in [(Script::Succeed, "Success"), (not_empty(), "Failed")] {
        let scene = scene([script], |_| {});
        let id = execute(&scene, members("t")).await.unwrap();
        let outputs = scene.call("DescribeRecord", json!({ "Id": id })).await.unwrap()["RecordOutputs"].take();
        assert_eq!(outputs.as_array().unwrap().len(), 1, "{outputs}");
        assert_eq!(outputs[0]["OutputKey"], "AutomationExecutionId");
        let execution = outputs[0]["OutputValue"].as_str().unwrap();
        scene.pass(65);
        let mut event = scene.events.lock().unwrap()[0].clone();
        assert_eq!(event["id"].take().as_str().unwrap().len(), 36);
        let expected = json!({
            "version": "0",
            "id": null,
            "detail-type": "EC2 Automation Execution Status-change Notification",
            "source": "aws.ssm",
            "account": "111122223333",
            "time": "2026-11-20T12:01:00Z",
            "region": "eu-central-1",
            "resources": [
                format!("arn:aws:ssm:eu-central-1:111122223333:automation-execution/{execution}"),
                "arn:aws:ssm:eu-central-1:111122223333:automation-definition/AWS-RestartEC2Instance:1",
            ],
            "detail": {
                "ExecutionId": execution,
                "Definition": "AWS-RestartEC2Instance",
                "DefinitionVersion": 1.0,
                "Status": status,
                "StartTime": "Nov 20, 2026 12:00:00 PM",
                "EndTime": "Nov 20, 2026 12:01:00 PM",
                "Time": 60_000.0,
                "ExecutedBy": "arn:aws:iam::111122223333:user/admin",
            },
        });
        assert_eq!(event, expected);
    }
}

#[tokio::test]
async fn a_failure_leaves_the_product_as_it_was() {
    for before in ["AVAILABLE", "TAINTED"] {
        let scene = scene([not_empty()], |_| {});
        scene.catalog.set_status(ID, before);
        let id = execute(&scene, members("t")).await.unwrap();
        scene.pass(60);
        assert_eq!(scene.record(&id).await["Status"], "IN_PROGRESS_IN_ERROR");
        scene.pass(5);
        let record = scene.record(&id).await;
        assert_eq!((&record["Status"], &record["RecordErrors"][0]["Code"]), (&json!("FAILED"), &json!("1")));
        assert_eq!(scene.product(ID).await.unwrap()["Status"], before);
    }
    let stuck = scene([Script::Never], |_| {});
    let id = execute(&stuck, members("t")).await.unwrap();
    stuck.pass(1_000_000);
    assert_eq!(stuck.record(&id).await["Status"], "IN_PROGRESS");
    assert!(stuck.events.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_state_of_the_product_may_be_in_the_way() {
    for (status, in_error, is_taken) in [
        ("AVAILABLE", false, true),
        ("TAINTED", false, true),
        ("ERROR", false, false),
        ("ERROR", true, true),
        ("UNDER_CHANGE", true, false),
        ("PLAN_IN_PROGRESS", true, false),
    ] {
        let scene = scene([], |settings| settings.action_in_error = in_error);
        scene.catalog.set_status(ID, status);
        let answer = execute(&scene, members("t")).await;
        if is_taken {
            answer.expect(status);
        } else {
            assert_eq!(answer, Err(STATE.to_owned()), "{status}");
        }
        assert_eq!(scene.carried_out(EXECUTE), usize::from(is_taken));
    }
}

#[tokio::test]
async fn what_does_not_exist_or_does_not_belong_is_refused() {
    let scene = scene([], |_| {});
    scene.catalog.add(NewProduct::new("pp-other00000001", "other", start()).of("prod-sandbox000001", "pa-other"));
    let with = |name: &str, value: Value| {
        let mut members = members("t");
        members[name] = value;
        members
    };
    for (members, code) in [
        (with("ProvisionedProductId", json!("pp-nothing000001")), NOT_FOUND),
        (with("ServiceActionId", json!("act-nothing00001")), NOT_FOUND),
        (with("ServiceActionId", json!("act-elsewhere0001")), NOT_FOUND),
        (with("ProvisionedProductId", json!("pp-other00000001")), NOT_FOUND),
        (with("Parameters", json!({ "Instance": ["i-1"] })), INVALID),
        (with("Parameters", json!({ "InstanceId": ["i-1"], "reason": [] })), INVALID),
    ] {
        assert_eq!(execute(&scene, members.clone()).await, Err(code.to_owned()), "{members}");
    }
    assert_eq!(scene.carried_out(EXECUTE), 0);
    assert_eq!(scene.product(ID).await.unwrap()["Status"], "AVAILABLE");
}

#[tokio::test]
async fn parameters_have_limits_and_are_kept() {
    let (invalid, wrong) = (Some("ValidationException"), Some("SerializationException"));
    let many = |count: usize| (0..count).map(|i| (format!("p{i}"), json!([]))).collect::<serde_json::Map<_, _>>();
    for (parameters, refusal) in [
        (json!({}), invalid),
        (json!(many(201)), invalid),
        (json!(many(200)), Some(INVALID)),
        (json!({ "": [] }), invalid),
        (json!({ "n".repeat(51): [] }), invalid),
        (json!({ "n".repeat(50): [] }), Some(INVALID)),
        (json!({ "InstanceId": vec!["i"; 26] }), invalid),
        (json!({ "InstanceId": ["i".repeat(513)] }), invalid),
        (json!({ "InstanceId": "i-1" }), wrong),
        (json!({ "InstanceId": [1] }), wrong),
        (json!(["InstanceId"]), wrong),
        (json!({ "InstanceId": vec!["i"; 25], "Reason": ["", "r".repeat(512)] }), None),
        (json!({ "InstanceId": [] }), None),
        (json!(null), None),
    ] {
        let scene = scene([], |_| {});
        let mut members = members("t");
        members["Parameters"] = parameters.clone();
        let answer = execute(&scene, members).await;
        assert_eq!(answer.as_ref().err().map(String::as_str), refusal, "{parameters}");
        if refusal.is_none() {
            assert_eq!(scene.catalog.executions()[0].asked.get("Parameters").unwrap_or(&Value::Null), &parameters);
        }
    }
    let scene = scene([], |_| {});
    for missing in ["ProvisionedProductId", "ServiceActionId", "ExecuteToken"] {
        let mut members = members("t");
        members[missing] = Value::Null;
        assert_eq!(execute(&scene, members).await, Err("ValidationException".to_owned()), "{missing}");
    }
}

#[tokio::test]
async fn a_token_is_one_of_its_operation() {
    for (check, memory, running, ended) in [
        (StateCheck::AfterToken, TokenMemory::WhileRunning, true, false),
        (StateCheck::BeforeToken, TokenMemory::WhileRunning, false, false),
        (StateCheck::AfterToken, TokenMemory::ForEver, true, true),
        (StateCheck::AfterToken, TokenMemory::None, false, false),
    ] {
        let scene = scene([], |settings| (settings.state_check, settings.token_memory) = (check, memory));
        let first = execute(&scene, members("t")).await.unwrap();
        let again = execute(&scene, members("t")).await;
        assert_eq!(again, if running { Ok(first.clone()) } else { Err(STATE.to_owned()) }, "{check:?} {memory:?}");
        scene.pass(65);
        let again = execute(&scene, members("t")).await.unwrap();
        assert_eq!(again == first, ended, "{check:?} {memory:?}");
        scene.pass(65);
        let terminated = scene.terminate("t").await.unwrap();
        assert!(![first, again].contains(&terminated), "the token of another operation is another token");
    }
}

#[tokio::test]
async fn a_known_token_with_other_parameters_is_refused_or_replayed() {
    for mismatch in [TokenMismatch::Refuse, TokenMismatch::Replay] {
        let scene = scene([], |settings| settings.token_mismatch = mismatch);
        let first = execute(&scene, members("t")).await.unwrap();
        let mut other = members("t");
        other["Parameters"] = json!({ "Reason": ["again"] });
        let expected = if mismatch == TokenMismatch::Refuse { Err(INVALID.to_owned()) } else { Ok(first) };
        assert_eq!(execute(&scene, other).await, expected);
        assert_eq!(scene.carried_out(EXECUTE), 1);
    }
}

#[tokio::test]
async fn type_and_output_have_the_names_that_are_set() {
    for (kind, output) in [(None, None), (Some("RUN"), Some("ExecutionId"))] {
        let scene = scene([], |settings| {
            settings.action_record_type = kind.map_or(settings.action_record_type.clone(), str::to_owned);
            settings.automation_output = output.map_or(settings.automation_output.clone(), str::to_owned);
        });
        let id = execute(&scene, members("t")).await.unwrap();
        let answer = scene.call("DescribeRecord", json!({ "Id": id })).await.unwrap();
        assert_eq!(answer["RecordDetail"]["RecordType"], kind.unwrap_or("EXECUTE_PROVISIONED_PRODUCT_SERVICE_ACTION"));
        assert_eq!(answer["RecordOutputs"][0]["OutputKey"], output.unwrap_or("AutomationExecutionId"));
    }
}

#[tokio::test]
async fn an_action_takes_as_long_as_is_set() {
    for (setting, seconds) in [(None, 65), (Some(Duration::from_mins(10)), 605)] {
        let scene = scene([], |settings| settings.action = setting.unwrap_or(settings.action));
        let id = execute(&scene, members("t")).await.unwrap();
        scene.pass(seconds - 1);
        assert_eq!(scene.record(&id).await["Status"], "IN_PROGRESS");
        scene.pass(1);
        assert_eq!(scene.record(&id).await["Status"], "SUCCEEDED");
    }
}

#[tokio::test]
async fn an_action_is_as_far_as_its_product() {
    for (level, is_taken) in [(AccessLevel::Account, true), (AccessLevel::Role, false), (AccessLevel::User, false)] {
        let scene = scene([], |settings| {
            settings.access_levels.insert("RepairFunction".to_owned(), level);
        });
        let function = caller("RepairFunction", "arn:aws:sts::111122223333:assumed-role/repair/one");
        let answer = scene.raw(function, EXECUTE, &members("t").to_string()).await;
        let refused = answer.err().map(|(code, _)| code);
        assert_eq!(refused, (!is_taken).then(|| "AccessDeniedException".to_owned()), "{level:?}");
    }
}
