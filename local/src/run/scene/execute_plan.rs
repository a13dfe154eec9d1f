//! What the samples of `execute-plan` are about: plans whose digests the samples carry.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{created, failing};
use crate::catalog::{Catalog, NewPlan, NewProduct, PlanFor};

/// The plans, as far as their samples' digests depend on them.
const PLANS: &str = include_str!("plans.json");

#[derive(Deserialize)]
struct Samples {
    /// Resource changes as the service shows them, by what they do.
    changes: BTreeMap<String, Value>,
    plans: Vec<Sample>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sample {
    id: String,
    provisioned_product_id: String,
    /// The name of the product that it makes, if it is not for one that is there.
    new_name: Option<String>,
    /// Names of changes.
    changes: Vec<String>,
    parameters: Vec<(String, String)>,
    status: String,
    status_message: Option<String>,
    /// The words with which its record fails.
    fails: Option<String>,
}

pub(super) fn set(catalog: &Catalog) {
    // A file that cannot be read is a test's business: there would be no plan, and each sample would say so.
    let Ok(Samples { changes, plans }) = serde_json::from_str(PLANS) else { return };
    for sample in plans {
        let id = sample.provisioned_product_id;
        let provisioned_product = if let Some(name) = sample.new_name {
            PlanFor::New { id, name }
        } else {
            catalog.add(NewProduct::new(&id, &format!("sandbox-of-{}", sample.id), created()));
            PlanFor::Existing(id)
        };
        let changes: Vec<Value> = sample.changes.iter().filter_map(|name| changes.get(name).cloned()).collect();
        catalog.add_plan(NewPlan {
            parameters: sample.parameters,
            status: sample.status,
            status_message: sample.status_message,
            script: sample.fails.as_deref().map(failing),
            ..NewPlan::new(&sample.id, provisioned_product, changes)
        });
    }
    many_changes(catalog);
    catalog.update("pp-planbusy00001", None);
}

/// 150 changes: eight pages.
fn many_changes(catalog: &Catalog) {
    let (plan, product) = ("plan-many00000001", "pp-plan00000003");
    let add = |i: u32| json!({"Action": "ADD", "LogicalResourceId": format!("Topic{i:03}"), "ResourceType": "AWS::SNS::Topic"});
    let changes: Vec<Value> = (0..150).map(add).collect();
    catalog.add(NewProduct::new(product, &format!("sandbox-of-{plan}"), created()));
    catalog.add_plan(NewPlan {
        parameters: vec![("Size".to_owned(), "2".to_owned())],
        ..NewPlan::new(plan, PlanFor::Existing(product.to_owned()), changes)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_plan_names_changes_that_are_there() {
        let samples: Samples = serde_json::from_str(PLANS).unwrap();
        assert!(samples.plans.len() > 10);
        for name in samples.plans.iter().flat_map(|plan| &plan.changes) {
            assert!(samples.changes.contains_key(name), "{name}");
        }
    }
}
