//! `CreateProvisionedProductPlan`.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Plan;
use super::change_set::{self, Present};
use crate::api::Caller;
use crate::catalog::input::{ARN, ID, Input, NAME, Refused, TEXT, TOKEN};
use crate::catalog::model::{Provisioned, passing};
use crate::catalog::offer::Template;
use crate::catalog::parameters::Given;
use crate::catalog::state::State;
use crate::catalog::{Catalog, tags};
use crate::gateway::Place;

/// What a call asks for.
struct Asked {
    name: String,
    path_id: Option<String>,
    product_id: String,
    artifact_id: String,
    provisioned_name: String,
    given: Vec<Given>,
    tags: Vec<(String, String)>,
    notification_arns: Vec<String>,
    token: String,
    /// All of it, without the token.
    whole: Value,
}

impl Asked {
    fn read(input: &Input) -> Result<Self, Refused> {
        let name = input.required("PlanName", TEXT)?;
        input.required_one_of("PlanType", &["CLOUDFORMATION"])?;
        Ok(Self {
            name,
            path_id: input.text("PathId", ID)?,
            product_id: input.required("ProductId", ID)?,
            artifact_id: input.required("ProvisioningArtifactId", ID)?,
            provisioned_name: input.required("ProvisionedProductName", NAME)?,
            given: Given::read(input)?,
            tags: tags::read(input)?,
            notification_arns: input.texts("NotificationArns", 5, ARN)?,
            token: input.required("IdempotencyToken", TOKEN)?,
            whole: input.asked("IdempotencyToken"),
        })
    }
}

impl Catalog {
    pub(in crate::catalog) fn create_plan(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let asked = Asked::read(input)?;
        let mut state = self.lock();
        let state = &mut *state;
        let existing = state.living_by_name(&asked.provisioned_name).cloned();
        let gone = || Refused::not_found("Provisioned product", &asked.provisioned_name);
        if let Some(product) = &existing {
            state.may_touch(caller, product, "CreateProvisionedProductPlan", gone)?;
        }
        let remembered = state.remembered_plan(&asked)?;
        let in_the_way = existing.as_ref().and_then(|product| state.is_in_the_way(product));
        if let Some(plan) = state.first(remembered, in_the_way)? {
            return Ok(answer(&plan));
        }
        if let Some(other) = existing.as_ref().filter(|product| product.product_id != asked.product_id) {
            let text = format!("Provisioned product {} is of product {}.", other.id, other.product_id);
            return Err(Refused::invalid(text));
        }
        let own_version = existing.as_ref().map(|product| product.artifact_id.as_str());
        let artifact = state.offer.version(&asked.product_id, &asked.artifact_id, own_version)?;
        let template = artifact.template.clone();
        let own_path = existing.as_ref().and_then(|product| product.path_id.as_deref());
        let path_id = state.offer.way(&asked.product_id, asked.path_id.as_deref(), own_path, &caller.arn)?;

        let now = self.clock.now();
        let present = existing.as_ref().map(|product| state.present(product, &self.place));
        let (parameters, changes) = change_set::make(present.as_ref(), &template, &asked.given);
        let is_new = existing.is_none();
        let product = match existing {
            Some(product) => product,
            None => self.plan_product(state, &asked, &path_id, caller, now),
        };
        let status = if changes.is_ok() { "CREATE_SUCCESS" } else { "CREATE_FAILED" };
        let made_at = now + passing(&self.clock, state.settings.change_set);
        let plan = Plan {
            id: state.new_id("plan"),
            name: asked.name,
            provisioned_product_id: product.id,
            provisioned_product_name: asked.provisioned_name,
            is_new,
            product_id: asked.product_id,
            artifact_id: asked.artifact_id,
            path_id: Some(path_id),
            parameters,
            tags: asked.tags,
            notification_arns: asked.notification_arns,
            status: "CREATE_IN_PROGRESS".to_owned(),
            status_message: None,
            created_at: now,
            updated_at: now,
            token: asked.token,
            asked: asked.whole,
            record_id: None,
            script: None,
            gone: false,
            lag: TimeDelta::zero(),
            steps: VecDeque::from([(made_at, status.to_owned(), changes.as_ref().err().cloned())]),
            changes: changes.unwrap_or_default(),
        };
        let answer = answer(&plan);
        state.plans.push(plan);
        Ok(answer)
    }

    /// The product that is there as soon as a plan for it is.
    fn plan_product(
        &self,
        state: &mut State,
        asked: &Asked,
        path_id: &str,
        caller: &Caller,
        now: DateTime<Utc>,
    ) -> Provisioned {
        let id = state.new_id("pp");
        let mut product = Provisioned::new(&id, &asked.provisioned_name, now, &self.place);
        "PLAN_IN_PROGRESS".clone_into(&mut product.status);
        product.tags = tags::with(asked.tags.clone(), &state.offer.tags_of_path(path_id));
        product.user_arn.clone_from(&caller.arn);
        product.product_id.clone_from(&asked.product_id);
        product.artifact_id.clone_from(&asked.artifact_id);
        product.product_name = state.offer.product(&asked.product_id).map(|one| one.name.clone()).unwrap_or_default();
        product.path_id = Some(path_id.to_owned());
        product.token.clone_from(&asked.token);
        state.enter(product.clone(), now);
        product
    }
}

impl State {
    /// The plan that a token made, if it is remembered: its work goes on until it is executed, deleted or has failed.
    fn remembered_plan(&self, asked: &Asked) -> Result<Option<Plan>, Refused> {
        let Some(plan) = self.plans.iter().rev().find(|plan| plan.token == asked.token) else { return Ok(None) };
        let is_waiting = matches!(plan.status.as_str(), "CREATE_IN_PROGRESS" | "CREATE_SUCCESS");
        let is_known = self.is_remembered(is_waiting && plan.record_id.is_none() && !plan.gone);
        if is_known {
            self.match_token(&plan.asked, &asked.whole)?;
        }
        Ok(is_known.then(|| plan.clone()))
    }

    /// Why there can be no plan for a product that exists.
    fn is_in_the_way(&self, product: &Provisioned) -> Option<Refused> {
        let is_its = |plan: &&Plan| plan.provisioned_product_id == product.id && !plan.gone;
        if let Some(plan) = self.plans.iter().find(is_its) {
            let text = format!("Provisioned product {} has a plan already: {}.", product.id, plan.id);
            return Some(Refused::new(&self.settings.second_plan, text));
        }
        let is_fit = matches!(product.status.as_str(), "AVAILABLE" | "TAINTED");
        (!is_fit).then(|| Refused::state(format!("Provisioned product {} is in {}.", product.id, product.status)))
    }

    /// A product's stack as it is. One that nothing is known of has no resources.
    fn present(&self, product: &Provisioned, place: &Place) -> Present {
        let parameters = product.parameters.clone();
        let Some(stack) = self.stack_of(product, place) else {
            return Present { template: Template::default(), parameters, physical: BTreeMap::new() };
        };
        let physical = stack.resources().into_iter().map(|(id, _, physical)| (id, physical)).collect();
        Present { template: stack.template, parameters, physical }
    }
}

fn answer(plan: &Plan) -> Value {
    json!({
        "PlanName": plan.name,
        "PlanId": plan.id,
        "ProvisionProductId": plan.provisioned_product_id,
        "ProvisionedProductName": plan.provisioned_product_name,
        "ProvisioningArtifactId": plan.artifact_id,
    })
}
