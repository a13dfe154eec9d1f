//! What scenarios of plans ask of the world.

use serde_json::{Value, json};
use shared::plan::{self, Parameter, Plan};
use steward_local::catalog::NewPlan;

use super::{World, approved};

impl World {
    /// The digest of a plan as it is now.
    ///
    /// # Panics
    /// If there is no such plan.
    #[must_use]
    pub fn digest(&self, plan_id: &str) -> String {
        let plan = self.cloud.catalog.plan(plan_id).expect("a plan");
        let parameter = |(key, value): (String, String)| Parameter {
            key: Some(key),
            value: Some(value),
            use_previous_value: false,
        };
        let change = |change: Value| serde_json::from_value(change).expect("a resource change");
        plan::digest(&Plan {
            id: plan.id,
            product_id: Some(plan.product_id),
            artifact_id: Some(plan.artifact_id),
            provisioned_product_id: Some(plan.provisioned_product_id),
            parameters: plan.parameters.into_iter().map(parameter).collect(),
            changes: plan.changes.into_iter().map(change).collect(),
            ..Plan::default()
        })
    }

    /// Adds a plan, and gives the approval of what it does now.
    #[must_use]
    pub fn planned(&self, new: NewPlan) -> Value {
        let id = new.id.clone();
        self.cloud.catalog.add_plan(new);
        self.approval(&id)
    }

    /// The approval of what a plan does now.
    #[must_use]
    pub fn approval(&self, plan_id: &str) -> Value {
        approved(&json!({ "planId": plan_id, "resourceChangesDigest": self.digest(plan_id) }))
    }
}
