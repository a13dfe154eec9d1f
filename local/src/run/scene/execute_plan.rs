//! What the samples of `execute-plan` are about: plans whose digests the samples carry.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{created, failing};
use crate::catalog::{Catalog, NewPlan, NewProduct, PlanFor};

/// The plans, as far as their samples' digests depend on them.
const PLANS: &str = include_str!("plans.json");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sample {
    id: String,
    provisioned_product_id: String,
    /// The name of the product that it makes, if it is not for one that is there.
    new_name: Option<String>,
    changes: Vec<Value>,
    parameters: Vec<(String, String)>,
    status: String,
    status_message: Option<String>,
    /// The words with which its record fails.
    fails: Option<String>,
}

pub(super) fn set(catalog: &Catalog) {
    let samples: Vec<Sample> = serde_json::from_str(PLANS).unwrap_or_default();
    for sample in samples.into_iter().chain([many_changes()]) {
        let id = sample.provisioned_product_id;
        let provisioned_product = if let Some(name) = sample.new_name {
            PlanFor::New { id, name }
        } else {
            catalog.add(NewProduct::new(&id, &format!("sandbox-of-{}", sample.id), created()));
            PlanFor::Existing(id)
        };
        catalog.add_plan(NewPlan {
            parameters: sample.parameters,
            status: sample.status,
            status_message: sample.status_message,
            script: sample.fails.as_deref().map(failing),
            ..NewPlan::new(&sample.id, provisioned_product, sample.changes)
        });
    }
    catalog.update("pp-planbusy00001", None);
}

/// 150 changes: eight pages.
fn many_changes() -> Sample {
    let add = |i: u32| json!({"Action": "ADD", "LogicalResourceId": format!("Topic{i:03}"), "ResourceType": "AWS::SNS::Topic"});
    Sample {
        id: "plan-many00000001".to_owned(),
        provisioned_product_id: "pp-plan00000003".to_owned(),
        new_name: None,
        changes: (0..150).map(add).collect(),
        parameters: vec![("Size".to_owned(), "2".to_owned())],
        status: "CREATE_SUCCESS".to_owned(),
        status_message: None,
        fails: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plans_are_read() {
        let samples: Vec<Sample> = serde_json::from_str(PLANS).unwrap();
        assert!(samples.len() > 10);
    }
}
