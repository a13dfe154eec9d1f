//! What only one operation at a time may have: the repair of a product's drift, and the slot in which imports run.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, TransactWriteItem};
use serde_dynamo::aws_sdk_dynamodb_1::from_attribute_value;

use super::keys::{self, Item, text};
use super::transact::CONDITION_FAILED;
use super::update::Update;
use super::write::value;
use super::{DynamoStore, trouble};
use crate::operation::OperationId;
use crate::ports::{Change, Fence, ImportSlot, RemediationSlot, StoreError};
use crate::remediation::Slot;

/// How many imports may wait in line: a list of ids in one item, far from the 400 KB that it may have.
const LINE_MAX: u32 = 1_000;
/// How often a line that changes while it is looked at is looked at again.
const LOOKS_MAX: u32 = 5;

impl DynamoStore {
    pub(super) async fn remediation_slot(
        &self,
        id: &OperationId,
        fence: &Fence,
        change: &Change,
        slot: &Slot,
        taken_from: Option<&OperationId>,
    ) -> Result<RemediationSlot, StoreError> {
        let product = change.product_id.as_deref().unwrap_or_default();
        let mut take = Update::default();
        take.put("remediation", Some(value(slot)?));
        match taken_from {
            None => take.require_absent_or_member("remediation", "owner", text(id.as_str())),
            Some(owner) => take.require_member("remediation", "owner", text(owner.as_str())),
        }
        let update = self.transactional(keys::operation(&self.scope, id), self.fenced_update(fence, change)?)?;
        let take = self.transactional(keys::product(&self.scope, product), take)?;
        let both = vec![
            TransactWriteItem::builder().update(update).build(),
            TransactWriteItem::builder().update(take).build(),
        ];
        let Some(reasons) = self.transact(both).await? else { return Ok(RemediationSlot::Taken) };
        match &reasons[..] {
            [own, _] if own.code() == Some(CONDITION_FAILED) => Ok(RemediationSlot::Fenced),
            [_, product] if product.code() == Some(CONDITION_FAILED) => {
                let slot = product.item.as_ref().and_then(|item| item.get("remediation")).cloned();
                let slot = slot.ok_or_else(|| StoreError("a taken slot without its owner".to_owned()))?;
                Ok(RemediationSlot::Held(from_attribute_value(slot).map_err(trouble)?))
            }
            // Another transaction on the same items: it comes again.
            _ => Err(StoreError(format!("a transaction was cancelled: {reasons:?}"))),
        }
    }

    pub(super) async fn mark_left_alone(&self, product_id: &str, slot: &Slot) -> Result<(), StoreError> {
        let mut update = Update::default();
        update.put("remediation", Some(value(&Slot { left_alone: true, ..slot.clone() })?));
        update.require_member("remediation", "owner", text(slot.owner.as_str()));
        // If the slot has a new owner, somebody has just let the product be repaired again.
        self.try_update(keys::product(&self.scope, product_id), update, ReturnValue::None).await.map(|_| ())
    }

    pub(super) async fn import_slot(&self, id: &OperationId) -> Result<ImportSlot, StoreError> {
        let (key, me) = (keys::import_slot(&self.scope), text(id.as_str()));
        for _ in 0..LOOKS_MAX {
            let mut take = Update::default();
            take.put("owner", Some(me.clone()));
            take.require_absent_or("owner", me.clone());
            let there = match self.try_update(key.clone(), take, ReturnValue::None).await? {
                Tried::Done(_) => return Ok(ImportSlot::Ours),
                Tried::Refused(there) => there,
            };
            let Some(holder) = owner(&there) else { continue };
            if line(&there).contains(&me) {
                return Ok(ImportSlot::Line(holder));
            }
            if line(&there).len() >= LINE_MAX as usize {
                return Ok(ImportSlot::Full(holder));
            }
            let mut join = Update::default();
            join.append("line", me.clone());
            join.require("owner", "=", text(holder.as_str()));
            join.require_without("line", me.clone());
            if let Tried::Done(_) = self.try_update(key.clone(), join, ReturnValue::None).await? {
                return Ok(ImportSlot::Line(holder));
            }
        }
        Err(StoreError("the line of imports changes too fast".to_owned()))
    }

    pub(super) async fn next_import(&self, id: &OperationId) -> Result<Option<OperationId>, StoreError> {
        let (key, me) = (keys::import_slot(&self.scope), text(id.as_str()));
        for _ in 0..LOOKS_MAX {
            let mut pass = Update::default();
            pass.put_first_of("owner", "line");
            pass.require("owner", "=", me.clone());
            match self.try_update(key.clone(), pass, ReturnValue::AllNew).await? {
                Tried::Done(now) => return Ok(owner(&now)),
                Tried::Refused(there) if owner(&there).as_ref() != Some(id) => return Ok(None),
                Tried::Refused(_) => {}
            }
            let mut free = Update::default();
            free.put("owner", None);
            free.require("owner", "=", me.clone());
            free.require_empty("line");
            if let Tried::Done(_) = self.try_update(key.clone(), free, ReturnValue::None).await? {
                return Ok(None);
            }
        }
        Err(StoreError("the line of imports changes too fast".to_owned()))
    }

    /// An update whose condition may well not hold.
    async fn try_update(&self, key: String, update: Update, returns: ReturnValue) -> Result<Tried, StoreError> {
        match self.update(key, update).return_values(returns).send().await {
            Ok(answer) => Ok(Tried::Done(answer.attributes.unwrap_or_default())),
            Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                UpdateItemError::ConditionalCheckFailedException(failed) => {
                    Ok(Tried::Refused(failed.item.unwrap_or_default()))
                }
                other => Err(trouble(other)),
            },
            Err(other) => Err(trouble(other)),
        }
    }
}

/// What became of an update.
enum Tried {
    /// It was done; what it was asked to return.
    Done(Item),
    /// Its condition does not hold; what is there.
    Refused(Item),
}

fn owner(slot: &Item) -> Option<OperationId> {
    slot.get("owner").and_then(|owner| owner.as_s().ok()).and_then(|owner| OperationId::parse(owner))
}

fn line(slot: &Item) -> &[AttributeValue] {
    slot.get("line").and_then(|line| line.as_l().ok()).map_or(&[], Vec::as_slice)
}
