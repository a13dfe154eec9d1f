//! The table, over DynamoDB. Every write is conditional; every condition is a named clause.
//!
//! One item each for an operation (`op#`), a product (`product#`), an adopted record (`record#`), a rejected request
//! (`rejected#`), the switch (`switch#`), the slot of imports (`slot#`), the sweep (`sweep#`) and the places of a window of time
//! (`places#`), all under one hash key.

mod claim;
mod keys;
mod operator;
mod products;
mod read;
mod reject;
mod slots;
mod sweep;
mod transact;
mod update;
mod write;

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_smithy_types::error::display::DisplayErrorContext;

use crate::clock::Time;
use crate::operation::{Operation, OperationId, State};
use crate::ports::{
    Adopted, Change, Claim, Due, DueNow, Fence, Guard, ImportSlot, PauseSwitch, Places, Rejection, RemediationSlot,
    Store, StoreError, Takeover, Written,
};
use crate::remediation::Slot;
use crate::request::Kind;
use crate::scope::Scope;

pub use keys::{DUE_INDEX, PRODUCT_INDEX, PROJECTED};
pub use operator::{Operations, Stored, Which};

/// Steward's table.
#[derive(Clone, Debug)]
pub struct DynamoStore {
    client: Client,
    table: String,
    scope: Scope,
    history_ttl: Duration,
}

impl DynamoStore {
    /// A table, as seen from an account and region. Settled operations are kept for `history_ttl`.
    #[must_use]
    pub fn new(client: Client, table: String, scope: Scope, history_ttl: Duration) -> Self {
        Self { client, table, scope, history_ttl }
    }

    /// The account and region that it sees.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Epoch seconds after which DynamoDB may delete what ended at `at`.
    fn ttl(&self, at: Time) -> i64 {
        crate::retry::after(at, self.history_ttl).timestamp()
    }
}

impl PauseSwitch for DynamoStore {
    async fn paused(&self) -> Result<Option<String>, StoreError> {
        self.read_switch().await
    }
}

impl Store for DynamoStore {
    async fn claim(&self, operation: &Operation) -> Result<Claim, StoreError> {
        // What is skipped as it comes needs no slot.
        if operation.kind == Kind::Import && operation.standing.state.is_live() {
            return self.claim_import(operation).await;
        }
        self.claim_new(operation).await
    }

    async fn take_over(&self, id: &OperationId, takeover: Takeover) -> Result<Option<Operation>, StoreError> {
        self.claim_due(id, takeover).await
    }

    async fn write(&self, id: &OperationId, fence: &Fence, change: &Change) -> Result<Written, StoreError> {
        self.apply(id, fence, change).await
    }

    async fn adopt(
        &self,
        id: &OperationId,
        fence: &Fence,
        change: &Change,
        record_id: &str,
    ) -> Result<Adopted, StoreError> {
        self.apply_and_hold(id, fence, change, record_id).await
    }

    async fn take_remediation_slot(
        &self,
        id: &OperationId,
        fence: &Fence,
        change: &Change,
        slot: &Slot,
        taken_from: Option<&OperationId>,
    ) -> Result<RemediationSlot, StoreError> {
        self.remediation_slot(id, fence, change, slot, taken_from).await
    }

    async fn leave_alone(&self, product_id: &str, slot: &Slot) -> Result<(), StoreError> {
        self.mark_left_alone(product_id, slot).await
    }

    async fn take_import_slot(&self, id: &OperationId) -> Result<ImportSlot, StoreError> {
        self.import_slot(id).await
    }

    async fn pass_import_slot(&self, id: &OperationId) -> Result<Option<OperationId>, StoreError> {
        self.next_import(id).await
    }

    async fn operation(&self, id: &OperationId) -> Result<Option<Operation>, StoreError> {
        self.read_operation(id).await
    }

    async fn standing(&self, id: &OperationId) -> Result<Option<(State, Time)>, StoreError> {
        self.read_standing(id).await
    }

    async fn postpone(
        &self,
        id: &OperationId,
        fence: &Fence,
        due_at: Time,
        retry_at: Option<Time>,
    ) -> Result<Written, StoreError> {
        self.move_due(id, fence, due_at, retry_at).await
    }

    async fn take_look(
        &self,
        id: &OperationId,
        fence: &Fence,
        before: Option<Time>,
        now: Time,
        due_at: Time,
    ) -> Result<Written, StoreError> {
        self.mark_look(id, fence, before, now, due_at).await
    }

    async fn guard(&self, product_id: &str) -> Result<Guard, StoreError> {
        self.read_guard(product_id).await
    }

    async fn live(&self, limit: u32) -> Result<Vec<Due>, StoreError> {
        self.query_live(limit).await
    }

    async fn due(&self, now: Time, limit: u32) -> Result<DueNow, StoreError> {
        self.query_due(now, limit).await
    }

    async fn of_product(&self, product_id: &str, limit: u32) -> Result<Vec<Due>, StoreError> {
        self.query_product(product_id, limit).await
    }

    async fn take_places(&self, window: &str, count: u32, max: u32, until: Time) -> Result<Places, StoreError> {
        self.reserve(window, count, max, until).await
    }

    async fn reject(&self, rejection: &Rejection) -> Result<(), StoreError> {
        self.keep(rejection).await
    }
}

/// Any failure of the SDK, with all that it says.
fn trouble<E: std::error::Error + 'static>(error: E) -> StoreError {
    StoreError(DisplayErrorContext(error).to_string())
}
