//! The stack of the real template.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;

use super::*;
use crate::api::Caller;

fn template() -> Template {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    Template::read(&path, &BTreeMap::new(), &Place::default()).unwrap()
}

fn stacks() -> Stacks {
    Stacks::new(&template(), &Place::default(), "http://127.0.0.1:1", DateTime::UNIX_EPOCH)
}

/// The result, or the error's text.
fn ask(operation: &str, input: &Value) -> Result<Value, String> {
    let caller = Caller { name: "user".to_owned(), arn: String::new() };
    let body = input.to_string().into();
    let call = Call { caller, operation: operation.to_owned(), headers: Vec::new(), body };
    stacks().answer(&call).map_err(|Refusal(code, text)| format!("{code}: {text}"))
}

#[test]
fn the_stack_tells_its_parameters_and_outputs() {
    let id = stack_id(&Place::default());
    for asked in [json!({}), json!({ "StackName": "steward" }), json!({ "StackName": id })] {
        let stack = ask("DescribeStacks", &asked).unwrap()["Stacks"][0].take();
        assert_eq!((&stack["StackId"], &stack["StackStatus"]), (&json!(id), &json!("CREATE_COMPLETE")));
        let pairs = |list: &str, key: &str, value: &str| -> BTreeMap<String, Value> {
            let rows = stack[list].as_array().unwrap().iter();
            rows.map(|row| (row[key].as_str().unwrap().to_owned(), row[value].clone())).collect()
        };
        let outputs = pairs("Outputs", "OutputKey", "OutputValue");
        assert_eq!(outputs["BusName"], "steward-bus");
        assert_eq!(outputs["TableName"], "Table");
        assert_eq!(outputs["SweepFunctionName"], "SweepFunction");
        let queue = "http://127.0.0.1:1/111122223333/steward-TerminationsQueue";
        assert_eq!(outputs["TerminationsQueueUrl"], queue);
        assert_eq!(outputs["ViewerPolicyArn"], "arn:aws:iam::111122223333:policy/steward-ViewerPolicy");
        assert!(outputs["DashboardUrl"].as_str().unwrap().ends_with("#dashboards/dashboard/steward-eu-central-1"));
        let parameters = pairs("Parameters", "ParameterKey", "ParameterValue");
        assert_eq!((&parameters["DryRun"], &parameters["Requesters"]), (&json!("true"), &json!("")));
        assert_eq!(parameters["SweepMissingHours"], "3", "a number is text here");
    }
}

#[test]
fn all_resources_are_listed_once_page_by_page() {
    let (mut ids, mut kinds, mut token) = (BTreeSet::new(), BTreeMap::new(), Value::Null);
    loop {
        let page = ask("ListStackResources", &json!({ "StackName": "steward", "NextToken": token })).unwrap();
        let rows = page["StackResourceSummaries"].as_array().unwrap();
        assert!(rows.len() <= 100);
        for row in rows {
            let id = row["LogicalResourceId"].as_str().unwrap().to_owned();
            kinds.insert(id.clone(), (row["ResourceType"].clone(), row["PhysicalResourceId"].clone()));
            assert!(ids.insert(id));
        }
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(ids.len(), template().resources.len());
    assert!(ids.contains("ReconcileMissingAlarm"), "what is not emulated is there");
    assert!(!ids.contains("CentralBusRule"), "whose condition does not hold is not");
    assert_eq!(kinds["SweepFunction"], (json!("AWS::Lambda::Function"), json!("SweepFunction")));
    assert_eq!(kinds["ProductExpiredRule"].1, "steward-bus|ProductExpiredRule");
    assert_eq!(kinds["StackEventsRule"].1, "StackEventsRule", "on the default bus");
    assert_eq!(kinds["TerminateEventSource"].1.as_str().unwrap().len(), 36);
}

#[test]
fn one_resource_is_found_by_its_names() {
    let of = json!({ "StackName": "steward", "LogicalResourceId": "Table" });
    let detail = ask("DescribeStackResource", &of).unwrap()["StackResourceDetail"].take();
    assert_eq!((&detail["ResourceType"], &detail["StackName"]), (&json!("AWS::DynamoDB::Table"), &json!("steward")));
    assert_eq!(ask("DescribeStackResources", &of).unwrap()["StackResources"].as_array().unwrap().len(), 1);
    let found =
        ask("DescribeStackResources", &json!({ "PhysicalResourceId": "steward-bus|ProductExpiredRule" })).unwrap();
    assert_eq!(found["StackResources"][0]["LogicalResourceId"], "ProductExpiredRule");
    assert_eq!(found["StackResources"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_not_there_is_a_validation_error() {
    for (operation, input, problem) in [
        ("DescribeStacks", json!({ "StackName": "x" }), "Stack with id x does not exist"),
        ("ListStackResources", json!({ "StackName": "x" }), "Stack 'x' does not exist"),
        ("ListStackResources", json!({}), "Value null at 'stackName'"),
        ("ListStackResources", json!({ "StackName": "steward", "NextToken": "x" }), "NextToken x"),
        ("DescribeStackResources", json!({ "PhysicalResourceId": "x" }), "Stack for x does not exist"),
        ("DescribeStackResource", json!({ "StackName": "steward" }), "Value null at 'logicalResourceId'"),
        (
            "DescribeStackResource",
            json!({ "StackName": "steward", "LogicalResourceId": "X" }),
            "Resource X does not exist for stack steward",
        ),
    ] {
        let error = ask(operation, &input).unwrap_err();
        assert!(error.starts_with("ValidationError: ") && error.contains(problem), "{error}");
    }
    assert!(ask("CreateStack", &json!({})).unwrap_err().starts_with("InvalidAction: "));
}

#[test]
fn an_answer_is_xml() {
    let answer = xml::answer("DescribeX", &json!({ "List": [{ "A": "<&>" }, { "B": true }], "None": null }));
    let body = String::from_utf8(answer.body.to_vec()).unwrap();
    let list = "<List><member><A>&lt;&amp;&gt;</A></member><member><B>true</B></member></List>";
    assert!(body.contains(&format!("<DescribeXResult>{list}</DescribeXResult>")), "{body}");
}
