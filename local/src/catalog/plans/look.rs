//! `DescribeProvisionedProductPlan` and `ListProvisionedProductPlans`.

use serde_json::{Value, json};

use super::{Plan, not_found};
use crate::api::Caller;
use crate::catalog::Catalog;
use crate::catalog::access::is_within;
use crate::catalog::input::{ID, Input, Refused, page};
use crate::catalog::records::with_next;
use crate::catalog::settings::AccessLevel;

/// No page has more.
const PAGE_MAX: usize = 20;

impl Catalog {
    pub(in crate::catalog) fn describe_plan(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let id = input.required("PlanId", ID)?;
        // Before the plan is looked for: what is wrong with a request is wrong whatever it asks for.
        input.page_size(PAGE_MAX)?;
        input.page_start()?;
        let state = self.lock();
        let plan = state.plan(&id).ok_or_else(|| not_found(&id))?;
        if let Some(product) = state.planned(plan) {
            state.may_touch(caller, product, "DescribeProvisionedProductPlan", || not_found(&id))?;
        }
        let shown: &[Value] = if plan.is_made() { &plan.changes } else { &[] };
        let (changes, next) = page(shown, input, PAGE_MAX)?;
        let answer = json!({ "ProvisionedProductPlanDetails": plan.details(), "ResourceChanges": changes });
        Ok(with_next(answer, next))
    }

    pub(in crate::catalog) fn list_plans(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let product_id = input.text("ProvisionProductId", ID)?;
        input.page_size(PAGE_MAX)?;
        input.page_start()?;
        let state = self.lock();
        let level = state.listed_at(caller, input, AccessLevel::User)?;
        if let Some(id) = &product_id {
            state.living(id).ok_or_else(|| Refused::not_found("Provisioned product", id))?;
        }
        let is_shown = |plan: &&Plan| {
            let is_asked_for = product_id.as_ref().is_none_or(|id| plan.provisioned_product_id == *id);
            let is_seen = state.planned(plan).is_some_and(|product| is_within(level, caller, product));
            !plan.gone && is_asked_for && is_seen
        };
        let plans: Vec<_> = state.plans.iter().filter(is_shown).map(Plan::summary).collect();
        let (plans, next) = page(&plans, input, PAGE_MAX)?;
        Ok(with_next(json!({ "ProvisionedProductPlans": plans }), next))
    }
}
