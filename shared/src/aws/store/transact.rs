//! Writes that happen together or not at all.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update as UpdateWrite,
};

use super::keys::{self, text};
use super::update::Update;
use super::{DynamoStore, trouble};
use crate::ports::StoreError;

/// The reason that one of the writes gave: its condition does not hold.
pub(super) const CONDITION_FAILED: &str = "ConditionalCheckFailed";

impl DynamoStore {
    /// An update as part of a transaction; on a failed condition it brings what is there.
    pub(super) fn transactional(&self, key: String, update: Update) -> Result<UpdateWrite, StoreError> {
        UpdateWrite::builder()
            .table_name(&self.table)
            .key(keys::KEY, text(key))
            .update_expression(update.expression())
            .set_condition_expression(update.condition())
            .set_expression_attribute_names(Some(update.names))
            .set_expression_attribute_values((!update.values.is_empty()).then_some(update.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(trouble)
    }

    /// Carries writes out together. `Some`: none was, for these reasons, one for each write.
    ///
    /// The transaction has an idempotency of its own: repeated by the SDK after a lost answer, it is carried out once.
    pub(super) async fn transact(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Option<Vec<CancellationReason>>, StoreError> {
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(None),
            Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                    Ok(Some(cancelled.cancellation_reasons.unwrap_or_default()))
                }
                other => Err(trouble(other)),
            },
            Err(other) => Err(trouble(other)),
        }
    }
}
