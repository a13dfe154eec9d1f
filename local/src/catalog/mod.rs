//! A Service Catalog that behaves: asynchronous records, states that refuse, tokens that are remembered, an index that lags.
//!
//! Complete for what automation does with provisioned products: terminate, service actions, plans, imports, and looking
//! at them and their records. What nobody has published about the real service is in [`Settings`].

mod accept;
mod access;
mod drift;
mod events;
mod import;
mod index;
mod input;
mod kept;
mod launch;
mod mishaps;
mod model;
mod naming;
mod offer;
mod outputs;
mod parameters;
mod plans;
mod preferences;
mod progress;
mod properties;
mod provision;
mod records;
mod scene;
mod search;
mod service_action;
mod settings;
mod stacks;
mod state;
mod tags;
mod terminate;
#[cfg(test)]
mod tests;
mod update;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::api::{Answer, Call, Service};
use crate::clock::Clock;
use crate::gateway::Place;
use input::{Input, Refused};
use state::State;

pub use mishaps::{Mishap, MishapId, Mishaps, Troubled};
pub use model::{Automation, Execution, Kind, Output, Provisioned, Record, Script};
pub use offer::{NewAction, NewOffer, NewOffered, NewPortfolio, NewVersion, SANDBOX_TEMPLATE, parameters_of};
pub use plans::{NewPlan, Plan, PlanFor};
pub use scene::NewProduct;
pub use settings::{
    AccessDeniedAs, AccessLevel, FailedImport, ImportRefusals, Settings, StateCheck, TokenMemory, TokenMismatch,
};
pub use stacks::{KnownStack, NewStack};

/// Takes the events that the service (and the stacks behind it) would put on the default bus.
pub type Emit = Arc<dyn Fn(Value) + Send + Sync>;

/// The service. Clones share it.
#[derive(Clone)]
pub struct Catalog {
    state: Arc<Mutex<State>>,
    clock: Clock,
    place: Place,
    emit: Emit,
    /// Tells the driver that there is something new to wait for.
    changed: Arc<Notify>,
}

impl Catalog {
    /// An empty catalog.
    #[must_use]
    pub fn new(settings: Settings, clock: Clock, place: Place, emit: Emit) -> Self {
        let state = Arc::new(Mutex::new(State::new(settings, clock.now())));
        Self { state, clock, place, emit, changed: Arc::new(Notify::new()) }
    }

    /// Lets records go on by themselves, for ever.
    pub async fn run(self) {
        loop {
            let changed = self.changed.notified();
            self.settle();
            let next = self.lock().next_step();
            match next {
                None => changed.await,
                Some(at) => tokio::select! { () = changed => {}, () = self.clock.sleep_until(at) => {} },
            }
        }
    }

    /// Does everything that is due by now.
    pub fn settle(&self) {
        let events = self.lock().settle(self.clock.now(), &self.place);
        for event in events {
            (self.emit)(event);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What goes wrong with records on purpose; keep a clone to add and take away from anywhere.
    #[must_use]
    pub fn mishaps(&self) -> Mishaps {
        self.lock().mishaps.clone()
    }

    fn answer(&self, call: &Call) -> Result<Value, Refused> {
        self.settle();
        let input = Input::read(&call.body)?;
        // Every operation takes it, and none does anything with it here.
        input.text("AcceptLanguage", input::LANGUAGE)?;
        let caller = &call.caller;
        let answer = match call.operation.as_str() {
            "TerminateProvisionedProduct" => self.terminate(&input, caller),
            "ProvisionProduct" => self.provision(&input, caller),
            "UpdateProvisionedProduct" => self.update_product(&input, caller),
            "UpdateProvisionedProductProperties" => self.update_properties(&input, caller),
            "GetProvisionedProductOutputs" => self.outputs(&input),
            "ExecuteProvisionedProductServiceAction" => self.execute_service_action(&input, caller),
            "CreateProvisionedProductPlan" => self.create_plan(&input, caller),
            "DescribeProvisionedProductPlan" => self.describe_plan(&input, caller),
            "ListProvisionedProductPlans" => self.list_plans(&input, caller),
            "DeleteProvisionedProductPlan" => self.delete_plan(&input, caller),
            "ExecuteProvisionedProductPlan" => self.execute_plan(&input, caller),
            "ImportAsProvisionedProduct" => self.import(&input, caller),
            "DescribeProvisionedProduct" => self.describe(&input, caller),
            "DescribeRecord" => self.describe_record(&input, caller),
            "ListRecordHistory" => self.list_record_history(&input, caller),
            "SearchProvisionedProducts" => self.search(&input, caller),
            "ScanProvisionedProducts" => self.scan(&input, caller),
            other => self.call_of_offer(other, &input, caller).unwrap_or_else(|| {
                let message = format!("The local cloud's Service Catalog has no {other} yet.");
                Err(Refused::new("UnknownOperationException", message))
            }),
        };
        self.changed.notify_waiters();
        answer
    }

    fn describe(&self, input: &Input, caller: &crate::api::Caller) -> Result<Value, Refused> {
        let (id, name) = (input.text("Id", input::ID)?, input.text("Name", input::NAME)?);
        let state = self.lock();
        let absent = || match &name {
            None => Refused::not_found("Provisioned product", id.as_deref().unwrap_or_default()),
            Some(name) => {
                Refused::new("ResourceNotFoundException", format!("Provisioned product with name {name} not found"))
            }
        };
        let product = match (&id, &name) {
            (Some(id), None) => state.living(id),
            (None, Some(name)) => state.living_by_name(name),
            _ => return Err(Refused::invalid("Exactly one of Id and Name must be provided.")),
        };
        let product = product.ok_or_else(absent)?;
        state.may_touch(caller, product, "DescribeProvisionedProduct", absent)?;
        let detail = product.detail(&self.place.account, &self.place.region);
        Ok(json!({ "ProvisionedProductDetail": detail, "CloudWatchDashboards": [] }))
    }
}

impl Service for Catalog {
    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            match self.answer(&call) {
                Ok(body) => Answer::ok(&body),
                Err(refused) => refused.answer(),
            }
        })
    }
}
