//! What an approval is given for, in 64 digits.

use serde_json::{Value, json};

use super::Plan;
use crate::operation::identity::sha256;

/// The digest of a plan: SHA-256, in hexadecimal, of one line of JSON made from what `DescribeProvisionedProductPlan` answers.
///
/// An object of `PlanId`, `ProductId`, `ProvisionProductId`, `ProvisioningArtifactId`, `ProvisioningParameters` (sorted by
/// `Key`) and `ResourceChanges` (of all pages, sorted by `LogicalResourceId`, `ResourceType`, `Action`), members sorted by
/// name, no space between them, and without members that are `null`, `false` or an empty list. Resource changes hold no
/// values: the parameters are in it so that nobody approves a change and executes another one of the same shape.
#[must_use]
pub fn digest(plan: &Plan) -> String {
    sha256(&canonical(plan))
}

fn canonical(plan: &Plan) -> String {
    let mut parameters = plan.parameters.clone();
    parameters.sort_by(|a, b| a.key.cmp(&b.key));
    let mut changes = plan.changes.clone();
    // The order of pages, and on them, is promised by nobody.
    changes.sort_by(|a, b| {
        (&a.logical_resource_id, &a.resource_type, &a.action).cmp(&(
            &b.logical_resource_id,
            &b.resource_type,
            &b.action,
        ))
    });
    let whole = json!({
        "PlanId": plan.id,
        "ProductId": plan.product_id,
        "ProvisionProductId": plan.provisioned_product_id,
        "ProvisioningArtifactId": plan.artifact_id,
        "ProvisioningParameters": parameters,
        "ResourceChanges": changes,
    });
    without_empty(whole).to_string()
}

/// Whether a member is written or left out differs from client to client if it says nothing.
fn without_empty(value: Value) -> Value {
    let says_nothing = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, without_empty(value)))
            .filter(|(_, value)| !says_nothing(value))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_empty).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Parameter, ResourceChange};

    fn change(name: &str) -> ResourceChange {
        ResourceChange {
            action: Some("ADD".into()),
            logical_resource_id: Some(name.into()),
            resource_type: Some("AWS::SNS::Topic".into()),
            ..ResourceChange::default()
        }
    }

    fn plan() -> Plan {
        Plan {
            id: "plan-a".into(),
            status: "CREATE_SUCCESS".into(),
            product_id: Some("prod-a".into()),
            artifact_id: Some("pa-a".into()),
            provisioned_product_id: Some("pp-a".into()),
            parameters: vec![Parameter { key: Some("Size".into()), value: Some("2".into()), ..Parameter::default() }],
            changes: vec![change("B"), change("A")],
            ..Plan::default()
        }
    }

    #[test]
    fn the_digest_is_taken_over_this_line() {
        let line = r#"{"PlanId":"plan-a","ProductId":"prod-a","ProvisionProductId":"pp-a","ProvisioningArtifactId":"pa-a","ProvisioningParameters":[{"Key":"Size","Value":"2"}],"ResourceChanges":[{"Action":"ADD","LogicalResourceId":"A","ResourceType":"AWS::SNS::Topic"},{"Action":"ADD","LogicalResourceId":"B","ResourceType":"AWS::SNS::Topic"}]}"#;
        assert_eq!(canonical(&plan()), line);
        assert_eq!(digest(&plan()), sha256(line));
    }

    // Hazard C7: the order of pages is no promise.
    #[test]
    fn order_and_status_do_not_matter_and_everything_else_does() {
        let other_order = Plan { changes: vec![change("A"), change("B")], status: "EXECUTE_SUCCESS".into(), ..plan() };
        assert_eq!(digest(&other_order), digest(&plan()));
        let dearer = vec![Parameter { key: Some("Size".into()), value: Some("64".into()), ..Parameter::default() }];
        for other in [
            Plan { parameters: dearer, ..plan() },
            Plan { changes: vec![change("A")], ..plan() },
            Plan { artifact_id: Some("pa-b".into()), ..plan() },
            Plan { provisioned_product_id: Some("pp-b".into()), ..plan() },
            Plan { product_id: None, ..plan() },
            Plan { id: "plan-b".into(), ..plan() },
        ] {
            assert_ne!(digest(&other), digest(&plan()), "{other:?}");
        }
    }
}
