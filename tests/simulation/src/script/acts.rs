//! What is done when its time has come.

use std::time::Duration;

use shared::operation::{OperationId, State};
use shared::ports::Protection;
use shared::workflow::follow::Woken;

use super::Act;
use crate::process::{Function, ProcessId};
use crate::queue::{Body, Mend};
use crate::world::World;

/// The delay of the wake-ups' queue.
const WAKE_UP_DELAY: Duration = Duration::from_secs(15);

impl World {
    pub(crate) fn act(&mut self, act: Act) {
        self.say(|| format!("-- {act:?}"));
        match act {
            Act::Event(function, told) => self.send(function, &Body::Event(*told), Duration::ZERO),
            Act::Publish(process, event) => {
                if self.is_alive(process) {
                    self.told(&event);
                }
            }
            Act::Update(id, ends_in, protect) => {
                let fortune = self.fortune();
                let (now, expires_at) = (self.now, ends_in.map(|ends_in| self.now + ends_in));
                if let Some(record) = self.service.update(now, &id, expires_at, protect, &fortune) {
                    self.follow(&record);
                }
            }
            Act::Terminate(id) => {
                let fortune = self.fortune();
                if let Some(record) = self.service.terminate_by_hand(self.now, &id, &fortune) {
                    self.follow(&record);
                }
            }
            Act::Protect(id, is_on) => {
                let protection = Protection { by: "jo".to_owned(), reason: "mine".to_owned(), until: None };
                self.table.protect(self.now, &id, is_on.then_some(&protection), self.now);
            }
            Act::Pause(is_on) => self.table.pause((is_on && !self.is_healed()).then_some("a holiday")),
            Act::Clocks => {
                let ids: Vec<ProcessId> = self.processes.keys().copied().collect();
                for id in ids {
                    let skew = self.skew();
                    if let Some(process) = self.processes.get_mut(&id) {
                        process.skew = skew;
                    }
                }
            }
            Act::Die => {
                let ids: Vec<ProcessId> = self.processes.keys().copied().collect();
                for id in ids {
                    self.kill(id);
                }
            }
            Act::SwapPlan(id) => {
                if let Some(plan) = self.service.plans.get_mut(&id).filter(|plan| plan.status == "CREATE_SUCCESS")
                    && let Some(change) = plan.content.changes.first_mut()
                {
                    change.logical_resource_id = Some("Another".to_owned());
                }
            }
            Act::Mend(mend) => {
                let stands = |state| match mend {
                    Mend::Retry => matches!(state, State::Failed | State::Waiting),
                    Mend::Cancel => state == State::Waiting,
                };
                let stuck: Vec<OperationId> = self
                    .table
                    .operations()
                    .filter(|item| stands(item.operation.standing.state))
                    .map(|item| item.operation.id.clone())
                    .collect();
                if !stuck.is_empty() {
                    let id = stuck[self.chance.index(stuck.len())].clone();
                    self.send(Function::Operator, &Body::Mend(id, mend), Duration::ZERO);
                }
            }
            Act::DeletePlan(id) => {
                self.service.plans.remove(&id);
            }
        }
    }

    /// A record ends: its stack, or its automation, says so.
    pub(crate) fn record_ends(&mut self, id: &str) {
        let Some(record) = self.service.end(self.now, id) else { return };
        self.say(|| format!("-- {id} of {} has ended, failed: {}", record.product_id, record.fails));
        let mut woken = Woken::default();
        match record.of_type {
            "IMPORT_PROVISIONED_PRODUCT" => {
                let stack = self.service.products.get(&record.product_id).map(|product| product.stack.clone());
                woken.imported_stacks.extend(stack);
            }
            "EXECUTE_PROVISIONED_PRODUCT_SERVICE_ACTION" => woken.actions = true,
            _ => {
                woken.products.insert(record.product_id.clone());
            }
        }
        if !self.chance.is(self.weather.wake_up_lost) {
            self.send(Function::Reconcile, &Body::WakeUp(woken), WAKE_UP_DELAY);
        }
    }
}
