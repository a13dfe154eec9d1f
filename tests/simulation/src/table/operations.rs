//! Operations: claims, takeovers, fenced writes, reads.

use shared::clock::Time;
use shared::operation::{Operation, OperationId, Standing, State};
use shared::ports::{
    Adopted, Change, Claim, Due, DueNow, Fence, Guard, History, Rejection, StoreError, Takeover, Written as Applied,
};
use shared::request::Kind;

use super::{OperationItem, Table, millis};

impl Table {
    /// See [`shared::ports::Store::claim`].
    pub fn claim(&mut self, now: Time, operation: &Operation) -> Claim {
        let is_live = operation.standing.state.is_live();
        if operation.kind == Kind::Import && is_live {
            return self.claim_with_slot(now, operation);
        }
        self.claim_alone(now, operation)
    }

    fn claim_with_slot(&mut self, now: Time, operation: &Operation) -> Claim {
        let is_free = self.imports.owner.as_ref().is_none_or(|owner| *owner == operation.id);
        // What is there already is no part of the transaction, not even if it is our own.
        let is_there = self.operation(&operation.id).is_some_and(|there| !there.standing.holds_no_place());
        match self.claim_alone(now, operation) {
            Claim::Won if is_free && !is_there => {
                self.imports.owner = Some(operation.id.clone());
                Claim::WonWithSlot
            }
            other => other,
        }
    }

    fn claim_alone(&mut self, now: Time, operation: &Operation) -> Claim {
        if let Some(held) = self.operations.get(&operation.id).map(|item| &item.operation)
            && !held.standing.holds_no_place()
        {
            let is_ours = held.nonce == operation.nonce;
            return if is_ours { Claim::Won } else { Claim::Held(Box::new(held.clone())) };
        }
        let item = OperationItem {
            operation: operation.clone(),
            updated_at: operation.created_at,
            polled_at: None,
            polls: 0,
            stalled: false,
            in_due_index: operation.standing.state.is_live(),
        };
        self.put(now, item);
        Claim::Won
    }

    /// See [`shared::ports::Store::take_over`].
    ///
    /// # Errors
    /// If the state machine forbids it.
    pub fn take_over(
        &mut self,
        now: Time,
        id: &OperationId,
        takeover: &Takeover,
    ) -> Result<Option<Operation>, StoreError> {
        let Some(item) = self.operations.get(id) else { return Ok(None) };
        let before = &item.operation;
        let is_due = matches!(before.standing.state, State::Waiting | State::Submitting)
            && before.retry_at.is_some_and(|at| at <= millis(takeover.now));
        if !is_due {
            let mut there = before.clone();
            if there.nonce != takeover.nonce {
                return Ok(None);
            }
            // Our own, repeated: how it stood before is lost.
            if there.ending.is_none() {
                (there.standing.open, there.standing.sent) = (true, true);
            }
            return Ok(Some(there));
        }
        let standing = before.taken_over().map_err(|illegal| StoreError(illegal.to_string()))?;
        let taken = Operation {
            standing,
            nonce: takeover.nonce.clone(),
            lease_until: takeover.lease_until,
            retry_at: Some(takeover.retry_at),
            due_at: Some(takeover.retry_at),
            ..before.clone()
        };
        // What is written is the state and the counter; that the attempt is open is known to whoever took it, until it writes.
        let stored = Standing { open: before.standing.open, sent: before.standing.sent, ..standing };
        self.change(now, id, |item| {
            (item.updated_at, item.in_due_index) = (takeover.now, true);
            let operation = &mut item.operation;
            operation.standing = stored;
            operation.nonce.clone_from(&takeover.nonce);
            operation.lease_until = takeover.lease_until;
            (operation.retry_at, operation.due_at) = (Some(takeover.retry_at), Some(takeover.retry_at));
        });
        Ok(Some(taken))
    }

    /// See [`shared::ports::Store::write`].
    pub fn write(&mut self, now: Time, id: &OperationId, fence: &Fence, change: &Change) -> Applied {
        let Some(item) = self.operations.get(id) else { return Applied::Fenced };
        if !holds(&item.operation, fence) {
            // With a protection it is a transaction, whose repetition is not carried out.
            let is_own = change.protection.is_none() && is_own(item, fence, change);
            return if is_own { Applied::Applied } else { Applied::Fenced };
        }
        self.change(now, id, |item| apply(item, change));
        if let (Some(protection), Some(product_id)) = (&change.protection, &change.product_id) {
            self.product(now, product_id, |product| {
                product.item.protection.get_or_insert_with(|| protection.clone());
            });
        }
        Applied::Applied
    }

    /// See [`shared::ports::Store::adopt`].
    pub fn adopt(&mut self, now: Time, id: &OperationId, fence: &Fence, change: &Change, record_id: &str) -> Adopted {
        if !self.operations.get(id).is_some_and(|item| holds(&item.operation, fence)) {
            return Adopted::Fenced;
        }
        if self.records.get(record_id).is_some_and(|holder| holder != id) {
            return Adopted::Others;
        }
        self.records.insert(record_id.to_owned(), id.clone());
        self.write(now, id, fence, change);
        Adopted::Applied
    }

    /// See [`shared::ports::Store::operation`].
    #[must_use]
    pub fn operation(&self, id: &OperationId) -> Option<&Operation> {
        self.operations.get(id).map(|item| &item.operation)
    }

    /// See [`shared::ports::Store::standing`].
    #[must_use]
    pub fn standing(&self, id: &OperationId) -> Option<(State, Time)> {
        self.operations.get(id).map(|item| (item.operation.standing.state, item.updated_at))
    }

    /// See [`shared::ports::Store::postpone`].
    pub fn postpone(
        &mut self,
        now: Time,
        id: &OperationId,
        fence: &Fence,
        due_at: Time,
        retry_at: Option<Time>,
    ) -> Applied {
        let Some(item) = self.operations.get(id) else { return Applied::Fenced };
        if !holds(&item.operation, fence) {
            return if item.operation.due_at == Some(millis(due_at)) { Applied::Applied } else { Applied::Fenced };
        }
        self.change(now, id, |item| {
            item.operation.due_at = Some(due_at);
            item.operation.retry_at = retry_at.or(item.operation.retry_at);
        });
        Applied::Applied
    }

    /// See [`shared::ports::Store::take_look`]. `at`: the caller's clock.
    pub fn take_look(
        &mut self,
        now: Time,
        id: &OperationId,
        fence: &Fence,
        (before, at): (Option<Time>, Time),
        due_at: Time,
    ) -> Applied {
        let Some(item) = self.operations.get(id) else { return Applied::Fenced };
        if !holds(&item.operation, fence) || item.polled_at != before {
            return if item.polled_at == Some(millis(at)) { Applied::Applied } else { Applied::Fenced };
        }
        self.change(now, id, |item| (item.polled_at, item.operation.due_at) = (Some(at), Some(due_at)));
        Applied::Applied
    }

    /// See [`shared::ports::Store::guard`].
    #[must_use]
    pub fn guard(&self, product_id: &str) -> Guard {
        Guard { paused: self.paused.clone(), product: self.item(product_id).cloned() }
    }

    /// See [`shared::ports::PauseSwitch::paused`].
    #[must_use]
    pub fn paused(&self) -> Option<String> {
        self.paused.clone()
    }

    /// See [`shared::ports::Store::live`].
    #[must_use]
    pub fn live(&self, now: Time, limit: u32) -> Vec<Due> {
        self.index.live(now, limit as usize)
    }

    /// See [`shared::ports::Store::due`].
    #[must_use]
    pub fn due(&self, now: Time, by: Time, limit: u32) -> DueNow {
        self.index.due(now, by, limit as usize)
    }

    /// See [`shared::ports::Store::of_product`].
    #[must_use]
    pub fn of_product(&self, now: Time, product_id: &str, limit: u32) -> Vec<Due> {
        self.index.of_product(now, product_id, limit as usize)
    }

    /// See [`shared::ports::Store::reject`].
    pub fn reject(&mut self, rejection: &Rejection) {
        self.rejections.insert(rejection.id.clone(), rejection.clone());
    }
}

pub(super) fn holds(there: &Operation, fence: &Fence) -> bool {
    there.standing.attempt == fence.attempt
        && fence.states.contains(&there.standing.state)
        && fence.nonce.as_ref().map_or(there.ending.is_none(), |nonce| *nonce == there.nonce)
}

fn is_own(there: &OperationItem, fence: &Fence, change: &Change) -> bool {
    let operation = &there.operation;
    fence.nonce.as_ref().is_none_or(|nonce| *nonce == operation.nonce)
        && (change.record_id.is_none() || change.record_id == operation.record_id)
        && there.updated_at == millis(change.at)
        && operation.standing.state == change.standing.state
        && operation.standing.attempt == change.standing.attempt
}

fn apply(item: &mut OperationItem, change: &Change) {
    let operation = &mut item.operation;
    operation.standing = change.standing;
    (operation.retry_at, operation.due_at) = (change.retry_at, change.due_at);
    item.in_due_index = change.due_at.is_some();
    operation.refusal.clone_from(&change.refusal);
    set(&mut operation.product_id, change.product_id.as_ref());
    set(&mut operation.artifact_id, change.artifact_id.as_ref());
    set(&mut operation.record_id, change.record_id.as_ref());
    set(&mut operation.why, change.why.as_ref());
    set(&mut operation.remedy, change.remedy.as_ref());
    if change.standing.state == State::Waiting {
        operation.ending = None;
    }
    set(&mut operation.ending, change.ending.as_ref());
    if let Some(notice) = &change.notice {
        operation.notice = notice.clone();
    }
    if let Some(token) = &change.token {
        operation.token.clone_from(token);
        operation.attempt_since = change.at;
    }
    if change.restart_trying {
        operation.trying_since = change.at;
    }
    match &change.history {
        None => {}
        Some(History::Whole(tries)) => operation.history.clone_from(tries),
        Some(History::Append(one)) => operation.history.push(one.clone()),
    }
    if let Some((at, polls)) = change.polled {
        (item.polled_at, item.polls) = (Some(at), polls);
    }
    item.stalled = change.stalled.unwrap_or(item.stalled);
    item.updated_at = change.at;
}

fn set<T: Clone>(there: &mut Option<T>, new: Option<&T>) {
    if let Some(new) = new {
        *there = Some(new.clone());
    }
}
