//! Plans: change sets that wait for somebody to execute them.

mod change_set;
mod changes;
mod create;
mod delete;
mod execute;
mod look;
mod plan;
mod scene;

use super::input::Refused;
use super::model::Provisioned;
use super::state::State;

pub use plan::Plan;
pub use scene::{NewPlan, PlanFor};

impl State {
    /// A plan that was not deleted.
    fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == id && !plan.gone)
    }

    /// What a plan is about, living or gone.
    fn planned(&self, plan: &Plan) -> Option<&Provisioned> {
        self.product(&plan.provisioned_product_id)
    }
}

fn not_found(id: &str) -> Refused {
    Refused::not_found("Provisioned product plan", id)
}
