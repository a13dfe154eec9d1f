//! What people and the sweep write: judgements, leases, the switch. Attribute by attribute: a whole put would
//! undo what somebody else has written in between.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value;

use super::keys::{self, number, text};
use super::update::Update;
use super::{DynamoStore, trouble};
use crate::clock::Time;
use crate::operation::Notice;
use crate::ports::{Judgement, StoreError};

impl DynamoStore {
    /// Stores the judgement of a product's expiry: what `terminate` trusts, unlike the event.
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn judge(&self, product_id: &str, judgement: &Judgement, notice: &Notice) -> Result<(), StoreError> {
        let key = keys::product(&self.scope, product_id);
        self.set(key, [("judgement", Some(value(judgement)?)), ("notice", Some(value(notice)?))]).await
    }

    /// Extends a product's life.
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn extend(&self, product_id: &str, until: Time) -> Result<(), StoreError> {
        let until = number(until.timestamp_millis());
        self.set(keys::product(&self.scope, product_id), [("leaseUntil", Some(until))]).await
    }

    /// Lets the drift of a product that was left alone be repaired again.
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn forget_remediations(&self, product_id: &str) -> Result<(), StoreError> {
        self.set(keys::product(&self.scope, product_id), [("remediation", None)]).await
    }

    /// Pauses Steward for a reason, or resumes it.
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn pause(&self, reason: Option<&str>) -> Result<(), StoreError> {
        self.set(keys::switch(&self.scope), [("paused", reason.map(text))]).await
    }

    pub(super) async fn set<const N: usize>(
        &self,
        key: String,
        attributes: [(&str, Option<AttributeValue>); N],
    ) -> Result<(), StoreError> {
        let mut update = Update::default();
        for (name, value) in attributes {
            update.put(name, value);
        }
        // Without a condition: nobody's claim is touched, and each attribute is its writer's alone.
        self.update(key, update).send().await.map(|_| ()).map_err(trouble)
    }
}

fn value(of: &impl Serialize) -> Result<AttributeValue, StoreError> {
    to_attribute_value(of).map_err(trouble)
}
