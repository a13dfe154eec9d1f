//! `DeleteProvisionedProductPlan`.

use serde_json::{Value, json};

use super::not_found;
use crate::api::Caller;
use crate::catalog::Catalog;
use crate::catalog::events::new_uuid;
use crate::catalog::input::{ID, Input, Refused};

impl Catalog {
    pub(in crate::catalog) fn delete_plan(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let id = input.required("PlanId", ID)?;
        let ignore_errors = input.flag("IgnoreErrors")?;
        let mut state = self.lock();
        let plan = state.plan(&id).cloned().ok_or_else(|| not_found(&id))?;
        let product = state.planned(&plan).cloned();
        if let Some(product) = &product {
            state.may_touch(caller, product, "DeleteProvisionedProductPlan", || not_found(&id))?;
        }
        let record = plan.record_id.as_deref().and_then(|id| state.record(id));
        let status = plan.real_status(record);
        if matches!(status, "EXECUTE_FAILED" | "EXECUTE_IN_PROGRESS") && !ignore_errors {
            let text = format!(
                "Cannot delete ChangeSet in execution status {status} (Service: AmazonCloudFormation; Status Code: 400; \
                 Error Code: InvalidChangeSetStatus; Request ID: {})",
                new_uuid()
            );
            return Err(Refused::new("ValidationException", text));
        }
        if let Some(plan) = state.plans.iter_mut().find(|plan| plan.id == id) {
            plan.gone = true;
        }
        // A product that is only planned goes with its plan.
        if let Some(product) = product.filter(|product| plan.is_new && product.status == "PLAN_IN_PROGRESS") {
            state.change(&product.id, self.clock.now(), |product| product.gone = true);
        }
        Ok(json!({}))
    }
}
