//! `ExecuteProvisionedProductPlan`.

use serde_json::Value;

use super::{Plan, not_found};
use crate::api::Caller;
use crate::catalog::Catalog;
use crate::catalog::accept::{Acting, Admitted, Course, answer};
use crate::catalog::input::{ID, Input, Refused, TOKEN};
use crate::catalog::model::{Kind, Provisioned, passing};
use crate::catalog::state::State;

impl Catalog {
    pub(in crate::catalog) fn execute_plan(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let id = input.required("PlanId", ID)?;
        let token = input.required("IdempotencyToken", TOKEN)?;
        let asked = input.asked("IdempotencyToken");

        let mut state = self.lock();
        let state = &mut *state;
        let plan = state.plan(&id).cloned();
        let is_new = plan.as_ref().is_some_and(|plan| plan.is_new);
        let kind = if is_new { Kind::PlannedProvision } else { Kind::PlannedUpdate };
        let acting = Acting { kind, caller, token: &token, asked: &asked };
        let product = plan.as_ref().and_then(|plan| state.living(&plan.provisioned_product_id)).cloned();
        let refusal = |product: &Provisioned| state.cannot_execute(plan.as_ref()?, product);
        let product = match state.admit(acting, product, || not_found(&id), refusal)? {
            Admitted::Before(record) => return Ok(answer(&record)),
            Admitted::Now(product) => product,
        };
        let plan = plan.ok_or_else(|| not_found(&id))?;

        let script = plan.script.clone().unwrap_or_else(|| state.next_script(kind, &product));
        let planned = Provisioned {
            artifact_id: plan.artifact_id.clone(),
            path_id: plan.path_id.clone(),
            parameters: plan.parameters.clone(),
            ..(*product).clone()
        };
        let becomes = state.becoming(&planned, self);
        let course = Course { becomes: Some(becomes), ..Course::of(script) };
        let answer = self.accept(state, acting, *product, course);
        let lag = passing(&self.clock, state.settings.plan_lag);
        let record_id = state.records.last().map(|record| record.id.clone());
        if let Some(plan) = state.plans.iter_mut().find(|plan| plan.id == id) {
            (plan.record_id, plan.lag) = (record_id, lag);
            plan.steps.push_back((self.clock.now() + lag, "EXECUTE_IN_PROGRESS".to_owned(), None));
        }
        Ok(answer)
    }
}

impl State {
    /// Why a plan cannot be executed now.
    fn cannot_execute(&self, plan: &Plan, product: &Provisioned) -> Option<Refused> {
        if plan.record_id.is_some() {
            return Some(Refused::new(&self.settings.second_execution, format!("Plan {} was executed.", plan.id)));
        }
        if plan.status != "CREATE_SUCCESS" {
            return Some(Refused::state(format!("Plan {} is in {}.", plan.id, plan.status)));
        }
        let is_fit = match product.status.as_str() {
            "PLAN_IN_PROGRESS" => plan.is_new,
            "AVAILABLE" | "TAINTED" => !plan.is_new,
            _ => false,
        };
        (!is_fit).then(|| Refused::state(format!("Provisioned product {} is in {}.", product.id, product.status)))
    }
}
