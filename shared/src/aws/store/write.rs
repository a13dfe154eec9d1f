//! Fenced writes to a claimed operation.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, Put, TransactWriteItem};
use serde::Serialize;
use serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value;

use super::keys::{self, Item, number, text};
use super::transact::CONDITION_FAILED;
use super::update::Update;
use super::{DynamoStore, trouble};
use crate::clock::Time;
use crate::operation::{OperationId, State};
use crate::ports::{Adopted, Change, Fence, History, StoreError, Written};

impl DynamoStore {
    pub(super) async fn apply(&self, id: &OperationId, fence: &Fence, change: &Change) -> Result<Written, StoreError> {
        if change.protection.is_some() {
            let reasons = self.apply_with(id, fence, change, Vec::new()).await?;
            return Ok(if reasons.is_some() { Written::Fenced } else { Written::Applied });
        }
        let update = self.fenced_update(fence, change)?;
        self.send(id, update, |there| is_own(there, fence, change)).await
    }

    pub(super) async fn move_due(
        &self,
        id: &OperationId,
        fence: &Fence,
        due_at: Time,
        retry_at: Option<Time>,
    ) -> Result<Written, StoreError> {
        let mut update = Update::default();
        update.put(keys::DUE_AT, Some(millis(due_at)));
        update.put_some("retryAt", retry_at.map(millis));
        fenced(&mut update, fence);
        self.send(id, update, |there| there.get(keys::DUE_AT) == Some(&millis(due_at))).await
    }

    pub(super) async fn mark_look(
        &self,
        id: &OperationId,
        fence: &Fence,
        before: Option<Time>,
        now: Time,
        due_at: Time,
    ) -> Result<Written, StoreError> {
        let mut update = Update::default();
        update.put("polledAt", Some(millis(now)));
        update.put(keys::DUE_AT, Some(millis(due_at)));
        match before {
            Some(before) => update.require("polledAt", "=", millis(before)),
            None => update.require_absent("polledAt"),
        }
        fenced(&mut update, fence);
        self.send(id, update, |there| there.get("polledAt") == Some(&millis(now))).await
    }

    /// The change, and the item that lets only one operation hold the record, together or not at all.
    pub(super) async fn apply_and_hold(
        &self,
        id: &OperationId,
        fence: &Fence,
        change: &Change,
        record_id: &str,
    ) -> Result<Adopted, StoreError> {
        let hold = Put::builder()
            .table_name(&self.table)
            .item(keys::KEY, text(keys::record(&self.scope, record_id)))
            .item("operation", text(id.as_str()))
            .item(keys::TTL, number(self.ttl(change.at)))
            .condition_expression("attribute_not_exists(pk) OR operation = :operation")
            .expression_attribute_values(":operation", text(id.as_str()))
            .build()
            .map_err(trouble)?;
        let hold = vec![TransactWriteItem::builder().put(hold).build()];
        Ok(match self.apply_with(id, fence, change, hold).await?.as_deref() {
            None => Adopted::Applied,
            Some([own, ..]) if own.code() == Some(CONDITION_FAILED) => Adopted::Fenced,
            Some(_) => Adopted::Others,
        })
    }

    /// The change, the protection that it brings, and more, together or not at all. `Some`: a condition did not hold, for these
    /// reasons, the change's own first.
    async fn apply_with(
        &self,
        id: &OperationId,
        fence: &Fence,
        change: &Change,
        more: Vec<TransactWriteItem>,
    ) -> Result<Option<Vec<CancellationReason>>, StoreError> {
        let update = self.transactional(keys::operation(&self.scope, id), self.fenced_update(fence, change)?)?;
        let mut writes = vec![TransactWriteItem::builder().update(update).build()];
        writes.extend(more);
        if let (Some(protection), Some(product_id)) = (&change.protection, &change.product_id) {
            let mut protect = Update::default();
            protect.put_if_absent("protection", value(protection)?);
            let protect = self.transactional(keys::product(&self.scope, product_id), protect)?;
            writes.push(TransactWriteItem::builder().update(protect).build());
        }
        match self.transact(writes).await? {
            None => Ok(None),
            Some(reasons) if reasons.iter().any(|reason| reason.code() == Some(CONDITION_FAILED)) => Ok(Some(reasons)),
            Some(reasons) => Err(StoreError(format!("a transaction was cancelled: {reasons:?}"))),
        }
    }

    /// The change as an update that is fenced.
    pub(super) fn fenced_update(&self, fence: &Fence, change: &Change) -> Result<Update, StoreError> {
        let mut update = self.update_of(change)?;
        fenced(&mut update, fence);
        Ok(update)
    }

    async fn send(&self, id: &OperationId, update: Update, own: impl Fn(&Item) -> bool) -> Result<Written, StoreError> {
        let answer = self.update(keys::operation(&self.scope, id), update).send().await;
        match answer {
            Ok(_) => Ok(Written::Applied),
            Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                UpdateItemError::ConditionalCheckFailedException(failed) => {
                    Ok(if failed.item.is_some_and(|there| own(&there)) { Written::Applied } else { Written::Fenced })
                }
                other => Err(trouble(other)),
            },
            Err(other) => Err(trouble(other)),
        }
    }

    fn update_of(&self, change: &Change) -> Result<Update, StoreError> {
        let standing = change.standing;
        let mut update = Update::default();
        update.put("state", Some(text(standing.state.as_str())));
        update.put("attempt", Some(number(standing.attempt)));
        update.put("failures", Some(number(standing.failures)));
        update.put("tries", Some(number(standing.tries)));
        update.put("open", Some(AttributeValue::Bool(standing.open)));
        update.put("sent", Some(AttributeValue::Bool(standing.sent)));
        update.put("kept", Some(AttributeValue::Bool(standing.kept)));
        update.put(keys::UPDATED_AT, Some(millis(change.at)));
        update.put("retryAt", change.retry_at.map(millis));
        update.put(keys::DUE_AT, change.due_at.map(millis));
        update.put(keys::DUE_SHARD, change.due_at.map(|_| text(keys::due_shard(&self.scope))));
        // A live item must not be deleted under our hands; an ended one need not be kept for ever.
        update.put(keys::TTL, (!standing.state.is_live()).then(|| number(self.ttl(change.at))));
        update.put("refusal", change.refusal.as_ref().map(value).transpose()?);
        update.put_some("productId", change.product_id.as_ref().map(text));
        update.put_some(keys::PRODUCT_KEY, change.product_id.as_ref().map(|id| text(keys::product(&self.scope, id))));
        update.put_some("artifactId", change.artifact_id.as_ref().map(text));
        update.put_some("recordId", change.record_id.as_ref().map(text));
        update.put_some("polledAt", change.polled.map(|(at, _)| millis(at)));
        update.put_some("polls", change.polled.map(|(_, polls)| number(polls)));
        update.put_some("stalled", change.stalled.map(AttributeValue::Bool));
        update.put_some("why", change.why.as_ref().map(text));
        match (&change.ending, standing.state) {
            // What is tried once more is decided anew.
            (None, State::Waiting) => update.put("ending", None),
            (ending, _) => update.put_some("ending", ending.as_ref().map(value).transpose()?),
        }
        update.put_some("notice", change.notice.as_ref().map(value).transpose()?);
        update.put_some("remedy", change.remedy.as_ref().map(value).transpose()?);
        update.put_some("token", change.token.as_ref().map(text));
        update.put_some("attemptSince", change.token.as_ref().map(|_| millis(change.at)));
        update.put_some("tryingSince", change.restart_trying.then(|| millis(change.at)));
        if !change.errors.is_empty() {
            update.put("errors", Some(value(&change.errors)?));
        }
        match &change.history {
            None => {}
            Some(History::Whole(tries)) => update.put("history", Some(value(tries)?)),
            Some(History::Append(one)) => update.append("history", value(one)?),
        }
        Ok(update)
    }
}

/// The claim that is ours, the state that was read, the attempt that was read.
fn fenced(update: &mut Update, fence: &Fence) {
    update.require("attempt", "=", number(fence.attempt));
    update.require_one_of("state", fence.states.iter().map(|state| text(state.as_str())));
    match &fence.nonce {
        Some(nonce) => update.require("nonce", "=", text(nonce)),
        // A fact comes too late once people are told of an end.
        None => update.require_absent("ending"),
    }
}

/// Whether what is there is this very write: the SDK repeats a write whose answer was lost.
fn is_own(there: &Item, fence: &Fence, change: &Change) -> bool {
    let same_claim = fence.nonce.as_ref().is_none_or(|nonce| there.get("nonce") == Some(&text(nonce)));
    let same_record = change.record_id.as_ref().is_none_or(|id| there.get("recordId") == Some(&text(id)));
    same_claim
        && same_record
        && there.get(keys::UPDATED_AT) == Some(&millis(change.at))
        && there.get("state") == Some(&text(change.standing.state.as_str()))
        && there.get("attempt") == Some(&number(change.standing.attempt))
}

pub(super) fn millis(at: Time) -> AttributeValue {
    number(at.timestamp_millis())
}

pub(super) fn value(of: &impl Serialize) -> Result<AttributeValue, StoreError> {
    to_attribute_value(of).map_err(trouble)
}
