//! Claims.
//!
//! ```text
//!            nothing there      rejected, skipped      waiting, submitting          anything else
//! new        won                won (it held no place) held: a duplicate            held: a duplicate
//! due        -                  -                      won if retryAt <= now        not due
//! ```

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use serde_dynamo::aws_sdk_dynamodb_1::{from_item, to_item};

use super::keys::{self, Item, number, text};
use super::transact::CONDITION_FAILED;
use super::update::Update;
use super::{DynamoStore, trouble};
use crate::operation::{Operation, OperationId, SCHEMA, State};
use crate::ports::{Claim, StoreError, Takeover};

/// Nothing is there under this key.
const NOTHING_THERE: &str = "attribute_not_exists(pk)";
/// What is there was never sent and holds no place: the same trigger is judged anew.
const HOLDS_NO_PLACE: &str = "(#state IN (:rejected, :skipped) AND (attribute_not_exists(kept) OR kept = :false))";

fn claimable() -> String {
    format!("{NOTHING_THERE} OR {HOLDS_NO_PLACE}")
}

fn claimable_values() -> Item {
    Item::from([
        (":rejected".to_owned(), text(State::Rejected.as_str())),
        (":skipped".to_owned(), text(State::Skipped.as_str())),
        (":false".to_owned(), AttributeValue::Bool(false)),
    ])
}

/// The SDK repeats a put whose answer was lost; then what is there is our own.
fn held_by(held: Item, operation: &Operation) -> Result<Claim, StoreError> {
    let held: Operation = from_item(held).map_err(trouble)?;
    Ok(if held.nonce == operation.nonce { Claim::Won } else { Claim::Held(Box::new(held)) })
}

impl DynamoStore {
    /// The first claim: one put, so that ten deliveries at once cost ten calls and no conflict.
    pub(super) async fn claim_new(&self, operation: &Operation) -> Result<Claim, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(self.item_of(operation)?))
            .condition_expression(claimable())
            .expression_attribute_names("#state", "state")
            .set_expression_attribute_values(Some(claimable_values()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let held = match put.send().await {
            Ok(_) => return Ok(Claim::Won),
            Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                PutItemError::ConditionalCheckFailedException(failed) => failed.item,
                other => return Err(trouble(other)),
            },
            Err(other) => return Err(trouble(other)),
        };
        let held = held.ok_or_else(|| StoreError("a refused claim without the item that is there".to_owned()))?;
        held_by(held, operation)
    }

    /// The first claim of an import, together with the slot in which imports run if that is free: one transaction. If it is
    /// not, or another transaction is in the way, a plain claim; its turn comes later.
    pub(super) async fn claim_import(&self, operation: &Operation) -> Result<Claim, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(self.item_of(operation)?))
            .condition_expression(claimable())
            .expression_attribute_names("#state", "state")
            .set_expression_attribute_values(Some(claimable_values()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(trouble)?;
        let mut take = Update::default();
        take.put("owner", Some(text(operation.id.as_str())));
        take.require_absent_or("owner", text(operation.id.as_str()));
        let take = self.transactional(keys::import_slot(&self.scope), take)?;
        let both = [TransactWriteItem::builder().put(put).build(), TransactWriteItem::builder().update(take).build()];
        let Some(reasons) = self.transact(both.to_vec()).await? else { return Ok(Claim::WonWithSlot) };
        match reasons.into_iter().next() {
            Some(first) if first.code() == Some(CONDITION_FAILED) => {
                let held = first.item.ok_or_else(|| StoreError("a refused claim without an item".to_owned()))?;
                held_by(held, operation)
            }
            _ => self.claim_new(operation).await,
        }
    }

    fn item_of(&self, operation: &Operation) -> Result<Item, StoreError> {
        let mut item: Item = to_item(operation).map_err(trouble)?;
        item.insert(keys::KEY.to_owned(), text(keys::operation(&self.scope, &operation.id)));
        item.insert(keys::UPDATED_AT.to_owned(), number(operation.created_at.timestamp_millis()));
        if operation.standing.state.is_live() {
            item.insert(keys::DUE_SHARD.to_owned(), text(keys::due_shard(&self.scope)));
        } else {
            item.insert(keys::TTL.to_owned(), number(self.ttl(operation.created_at)));
        }
        if let Some(id) = &operation.product_id {
            item.insert(keys::PRODUCT_KEY.to_owned(), text(keys::product(&self.scope, id)));
        }
        Ok(item)
    }

    /// A claim of what is due. What the event says does not matter: only whether a send is allowed by now.
    pub(super) async fn claim_due(
        &self,
        id: &OperationId,
        takeover: Takeover,
    ) -> Result<Option<Operation>, StoreError> {
        let Takeover { nonce, now, lease_until, retry_at } = takeover;
        let mut update = Update::default();
        update.put("state", Some(text(State::Submitting.as_str())));
        update.put("nonce", Some(text(&nonce)));
        update.put("leaseUntil", Some(number(lease_until.timestamp_millis())));
        update.put("retryAt", Some(number(retry_at.timestamp_millis())));
        update.put(keys::DUE_AT, Some(number(retry_at.timestamp_millis())));
        update.put(keys::DUE_SHARD, Some(text(keys::due_shard(&self.scope))));
        update.put(keys::UPDATED_AT, Some(number(now.timestamp_millis())));
        update.put(keys::TTL, None);
        update.increase("tries", number(1));
        update.require_one_of("state", [State::Waiting, State::Submitting].map(|state| text(state.as_str())));
        update.require("retryAt", "<=", number(now.timestamp_millis()));
        update.require("schema", "<=", number(SCHEMA));
        let call = self.update(keys::operation(&self.scope, id), update);
        let answer = call.return_values(ReturnValue::AllOld).send().await;
        match answer {
            Ok(answer) => {
                let before = answer.attributes.ok_or_else(|| StoreError("a takeover of nothing".to_owned()))?;
                let before: Operation = from_item(before).map_err(trouble)?;
                let standing = before.taken_over().map_err(trouble)?;
                let due_at = Some(retry_at);
                Ok(Some(Operation { standing, nonce, lease_until, retry_at: due_at, due_at, ..before }))
            }
            Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                UpdateItemError::ConditionalCheckFailedException(failed) => Self::ours(failed.item, &nonce),
                other => Err(trouble(other)),
            },
            Err(other) => Err(trouble(other)),
        }
    }

    /// A takeover whose answer was lost and that the SDK repeated. How the operation stood before is lost with it, so
    /// the attempt counts as open: its record is looked for before anything is sent.
    fn ours(there: Option<Item>, nonce: &str) -> Result<Option<Operation>, StoreError> {
        let Some(there) = there else { return Ok(None) };
        let mut there: Operation = from_item(there).map_err(trouble)?;
        if there.nonce != nonce {
            return Ok(None);
        }
        if there.ending.is_none() {
            (there.standing.open, there.standing.sent) = (true, true);
        }
        Ok(Some(there))
    }
}
