//! What a person writes by hand: the switch, and that drift may be repaired again. Attribute by attribute: a whole put would undo
//! what somebody else has written in between.

use aws_sdk_dynamodb::types::AttributeValue;

use super::keys::{self, text};
use super::update::Update;
use super::{DynamoStore, trouble};
use crate::ports::StoreError;

impl DynamoStore {
    /// Lets the drift of a product that was left alone be repaired again.
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn forget_remediations(&self, product_id: &str) -> Result<(), StoreError> {
        self.set(keys::product(&self.scope, product_id), "remediation", None).await
    }

    /// Pauses Steward for a reason, or resumes it.
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn pause(&self, reason: Option<&str>) -> Result<(), StoreError> {
        self.set(keys::switch(&self.scope), "paused", reason.map(text)).await
    }

    async fn set(&self, key: String, name: &str, value: Option<AttributeValue>) -> Result<(), StoreError> {
        let mut update = Update::default();
        update.put(name, value);
        // Without a condition: nobody's claim is touched, and the attribute is its writer's alone.
        self.update(key, update).send().await.map(|_| ()).map_err(trouble)
    }
}
