//! Drift, and what makes it good.

use super::super::NewAction;
use super::*;

const STACK: &str = "arn:aws:cloudformation:eu-central-1:111122223333:stack/SC-111122223333-pp-sandbox000001/\
                     sandbox0-0000-4000-8000-000000000000";

fn is_drifted(scene: &Scene) -> bool {
    scene.catalog.products()[0].drifted
}

/// The only event, without its random id.
fn event(scene: &Scene) -> Value {
    let mut events = scene.events.lock().unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["id"].as_str().unwrap().len(), 36);
    events[0]["id"] = Value::Null;
    events.remove(0)
}

#[test]
fn a_detection_is_told_as_it_really_is() {
    let scene = Scene::new([]);
    let detection = scene.catalog.drift(ID);
    assert_eq!(detection.len(), 36);
    let expected = json!({
        "version": "0",
        "id": null,
        "detail-type": "CloudFormation Drift Detection Status Change",
        "source": "aws.cloudformation",
        "account": "111122223333",
        "time": "2026-11-20T12:00:00Z",
        "region": "eu-central-1",
        "resources": [STACK],
        "detail": {
            "stack-id": STACK,
            "stack-drift-detection-id": detection,
            "status-details": { "stack-drift-status": "DRIFTED", "detection-status": "DETECTION_COMPLETE" },
            "drift-detection-details": { "drifted-stack-resource-count": 1 },
            "client-request-token": "",
        },
    });
    assert_eq!(event(&scene), expected);
    assert!(is_drifted(&scene));
    assert_ne!(scene.catalog.drift(ID), detection, "each detection has an id of its own");
}

#[test]
fn a_rule_of_config_names_the_stack_in_the_detail_alone() {
    let scene = Scene::new([]);
    scene.catalog.config_drift(ID);
    let rule = "cloudformation-stack-drift-detection-check";
    let result = |compliance: &str, ordered: &str, recorded: &str, invoked: &str| {
        json!({
            "evaluationResultIdentifier": {
                "evaluationResultQualifier": {
                    "configRuleName": rule,
                    "resourceType": "AWS::CloudFormation::Stack",
                    "resourceId": STACK,
                },
                "orderingTimestamp": ordered,
            },
            "complianceType": compliance,
            "resultRecordedTime": recorded,
            "configRuleInvokedTime": invoked,
        })
    };
    let (new, old) = (
        ["2026-11-20T11:59:44.000Z", "2026-11-20T11:59:59.000Z", "2026-11-20T11:59:58.500Z"],
        ["2026-11-20T11:58:24.000Z", "2026-11-20T11:58:39.000Z", "2026-11-20T11:58:38.500Z"],
    );
    let expected = json!({
        "version": "0",
        "id": null,
        "detail-type": "Config Rules Compliance Change",
        "source": "aws.config",
        "account": "111122223333",
        "time": "2026-11-20T12:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": {
            "resourceId": STACK,
            "awsRegion": "eu-central-1",
            "awsAccountId": "111122223333",
            "configRuleName": rule,
            "recordVersion": "1.0",
            "configRuleARN": "arn:aws:config:eu-central-1:111122223333:config-rule/config-rule-drift0",
            "messageType": "ComplianceChangeNotification",
            "newEvaluationResult": result("NON_COMPLIANT", new[0], new[1], new[2]),
            "oldEvaluationResult": result("COMPLIANT", old[0], old[1], old[2]),
            "notificationCreationTime": "2026-11-20T12:00:00.000Z",
            "resourceType": "AWS::CloudFormation::Stack",
        },
    });
    assert_eq!(event(&scene), expected);
    assert!(is_drifted(&scene));
}

#[test]
fn what_has_no_stack_does_not_drift() {
    let scene = Scene::empty(|_| {});
    let new = NewProduct::new(ID, NAME, start());
    scene.catalog.add(NewProduct { product_type: "CONTROL_TOWER_ACCOUNT".to_owned(), ..new });
    for id in [ID, "pp-nothing000001"] {
        scene.catalog.drift(id);
        scene.catalog.config_drift(id);
    }
    assert!(!is_drifted(&scene));
    assert!(scene.events.lock().unwrap().is_empty());
}

#[tokio::test]
async fn only_a_service_action_that_succeeds_makes_drift_good() {
    for (script, is_good) in [(Script::Succeed, true), (not_empty(), false), (Script::Never, false)] {
        let scene = Scene::new([script.clone()]);
        scene.catalog.offer_action(NewAction {
            id: "act-repair".to_owned(),
            document: "Repair".to_owned(),
            associated: vec![("prod-sandbox000001".to_owned(), "pa-sandbox0000001".to_owned())],
            ..NewAction::default()
        });
        scene.catalog.drift(ID);
        let members = json!({ "ProvisionedProductId": ID, "ServiceActionId": "act-repair", "ExecuteToken": "t" });
        scene.call("ExecuteProvisionedProductServiceAction", members).await.unwrap();
        scene.pass(64);
        assert!(is_drifted(&scene), "not before the end");
        scene.pass(1);
        assert_eq!(is_drifted(&scene), !is_good, "{script:?}");
    }
    let scene = Scene::new([]);
    scene.catalog.drift(ID);
    scene.catalog.update(ID, None).unwrap();
    scene.pass(245);
    let owner = json!({ "OWNER": "arn:aws:iam::111122223333:user/jo" });
    let members = json!({ "ProvisionedProductId": ID, "ProvisionedProductProperties": owner, "IdempotencyToken": "t" });
    scene.call("UpdateProvisionedProductProperties", members).await.unwrap();
    scene.pass(60);
    assert!(is_drifted(&scene), "neither an update nor another owner repairs anything");
}
