//! Plans of a scene.

use std::collections::VecDeque;

use chrono::TimeDelta;
use serde_json::Value;

use super::Plan;
use crate::catalog::model::{Provisioned, Script};
use crate::catalog::{Catalog, NewProduct};

/// What a plan is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanFor {
    /// A change of this provisioned product, `pp-...`.
    Existing(String),
    /// A new product, which is in `PLAN_IN_PROGRESS` from then on.
    New {
        /// Its id, `pp-...`.
        id: String,
        /// Its name.
        name: String,
    },
}

/// A plan to begin with. It needs no template, and stays in its status until it is executed.
#[derive(Clone, Debug)]
pub struct NewPlan {
    /// `plan-...`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub provisioned_product: PlanFor,
    /// The resource changes, in their wire form.
    pub changes: Vec<Value>,
    /// The parameters that it sets; an existing product keeps its others.
    pub parameters: Vec<(String, String)>,
    /// `CREATE_SUCCESS` ...
    pub status: String,
    /// Words on the status.
    pub status_message: Option<String>,
    /// How the record of its execution is to end; none: as the product's scripts say.
    pub script: Option<Script>,
    /// The product on offer and the version that a new product is to be of; none: the sandbox that every catalog begins with.
    pub version: Option<(String, String)>,
}

impl NewPlan {
    /// A plan that can be executed, with these changes.
    #[must_use]
    pub fn new(id: &str, provisioned_product: PlanFor, changes: impl IntoIterator<Item = Value>) -> Self {
        Self {
            id: id.to_owned(),
            name: format!("name-of-{id}"),
            provisioned_product,
            changes: changes.into_iter().collect(),
            parameters: Vec::new(),
            status: "CREATE_SUCCESS".to_owned(),
            status_message: None,
            script: None,
            version: None,
        }
    }

    /// The same, its execution ending so.
    #[must_use]
    pub fn script(self, script: Script) -> Self {
        Self { script: Some(script), ..self }
    }
}

impl Catalog {
    /// Adds a plan. One for a product that does not exist is for a new one of that id and name.
    pub fn add_plan(&self, new: NewPlan) {
        let now = self.clock.now();
        let mut state = self.lock();
        let planned = |id: &str, name: &str| {
            let mut product = Provisioned::new(id, name, now, &self.place);
            "PLAN_IN_PROGRESS".clone_into(&mut product.status);
            product.token = format!("token-{}", new.id);
            NewProduct::new(id, name, now).user_arn.clone_into(&mut product.user_arn);
            if let Some((product_id, artifact_id)) = &new.version {
                let offered = state.offer.product(product_id);
                product.product_name = offered.map(|offered| offered.name.clone()).unwrap_or_default();
                product.path_id = state.offer.launch_path(product_id, &product.user_arn);
                (product.product_id, product.artifact_id) = (product_id.clone(), artifact_id.clone());
            }
            product
        };
        let (product, is_new) = match &new.provisioned_product {
            PlanFor::Existing(id) => match state.living(id).cloned() {
                Some(product) => (product, false),
                None => (planned(id, id), true),
            },
            PlanFor::New { id, name } => (planned(id, name), true),
        };
        if is_new {
            state.enter(product.clone(), now);
        }
        let mut parameters = product.parameters.clone();
        parameters.retain(|(key, _)| !new.parameters.iter().any(|(other, _)| other == key));
        parameters.extend(new.parameters);
        state.plans.push(Plan {
            token: format!("token-{}", new.id),
            id: new.id,
            name: new.name,
            provisioned_product_id: product.id,
            provisioned_product_name: product.name,
            is_new,
            product_id: product.product_id,
            artifact_id: product.artifact_id,
            path_id: product.path_id,
            changes: new.changes,
            parameters,
            tags: Vec::new(),
            notification_arns: Vec::new(),
            status: new.status,
            status_message: new.status_message,
            created_at: now,
            updated_at: now,
            asked: Value::Null,
            record_id: None,
            script: new.script,
            gone: false,
            lag: TimeDelta::zero(),
            steps: VecDeque::new(),
        });
    }

    /// Changes a plan behind everybody's back: its changes, its status ...
    pub fn change_plan(&self, id: &str, edit: impl FnOnce(&mut Plan)) {
        if let Some(plan) = self.lock().plans.iter_mut().find(|plan| plan.id == id) {
            edit(plan);
        }
    }

    /// The plan of this id.
    #[must_use]
    pub fn plan(&self, id: &str) -> Option<Plan> {
        self.settle();
        self.lock().plans.iter().find(|plan| plan.id == id).cloned()
    }

    /// All plans, also those that were deleted.
    #[must_use]
    pub fn plans(&self) -> Vec<Plan> {
        self.settle();
        self.lock().plans.clone()
    }
}
