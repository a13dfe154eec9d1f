//! What a person reads and writes with a command: operations by what they are about, the switch, and that drift may be repaired
//! again. Attribute by attribute: a whole put would undo what somebody else has written in between.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use chrono::serde::{ts_milliseconds, ts_milliseconds_option};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_dynamo::aws_sdk_dynamodb_1::from_item;

use super::keys::{self, Item, text};
use super::slots::Tried;
use super::update::Update;
use super::{DynamoStore, trouble};
use crate::clock::Time;
use crate::operation::{Operation, OperationId};
use crate::ports::{Memory, Rejection, StoreError};

/// How many keys one read may have.
const BATCH: usize = 100;

/// An operation with all that its item says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored {
    /// The operation.
    #[serde(flatten)]
    pub operation: Operation,
    /// When it was written last.
    #[serde(with = "ts_milliseconds")]
    pub updated_at: Time,
    /// When its record was described last.
    #[serde(with = "ts_milliseconds_option", default)]
    pub polled_at: Option<Time>,
    /// Whether it was said that its record is stalled.
    #[serde(default)]
    pub stalled: bool,
    /// The errors of its last record: code and description.
    #[serde(default)]
    pub errors: Vec<(String, String)>,
}

/// Which operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which<'a> {
    /// Those that are not at their end: one query of an index that holds nothing else.
    Live,
    /// Those of a provisioned product, as far as it is known.
    Product(&'a str),
    /// All that are kept: a scan.
    All,
}

/// Operations that were read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operations {
    /// In no order.
    pub read: Vec<Stored>,
    /// How many cannot be read: of a newer Steward, while two run.
    pub unread: usize,
}

impl DynamoStore {
    /// Operations, as their items say.
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn operations(&self, which: Which<'_>) -> Result<Operations, StoreError> {
        let items = match which {
            Which::All => self.scan(&keys::operations(&self.scope)).await?,
            Which::Live => {
                let shard = keys::due_shard(&self.scope);
                self.found(keys::DUE_INDEX, "dueShard = :value", &shard).await?
            }
            Which::Product(id) => {
                let product = keys::product(&self.scope, id);
                self.found(keys::PRODUCT_INDEX, "productKey = :value", &product).await?
            }
        };
        let of = items.len();
        let read = readable(items);
        Ok(Operations { unread: of - read.len(), read })
    }

    /// One operation, whole and consistently; `None`: it is not there (any more).
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn stored(&self, id: &OperationId) -> Result<Option<Stored>, StoreError> {
        let item = self.get(keys::operation(&self.scope, id)).await?;
        item.map(from_item).transpose().map_err(trouble)
    }

    /// Requests that never became an operation, in no order.
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn rejections(&self) -> Result<Vec<Rejection>, StoreError> {
        Ok(readable(self.scan(&keys::rejected(&self.scope, "")).await?))
    }

    /// One of them; `None`: it is not there (any more).
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn rejection(&self, id: &str) -> Result<Option<Rejection>, StoreError> {
        let item = self.get(keys::rejected(&self.scope, id)).await?;
        item.map(from_item).transpose().map_err(trouble)
    }

    /// What the sweep remembers, without taking it in hand.
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn memory(&self) -> Result<Memory, StoreError> {
        self.read_memory().await
    }

    /// Lets the drift of a product that was left alone be repaired again. `by`: who, when and why, which is kept.
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn forget_remediations(&self, product_id: &str, by: &str) -> Result<(), StoreError> {
        let mut update = Update::default();
        update.put("remediation", None);
        update.put("remediationResumed", Some(text(by)));
        // Without a condition: nobody's claim is touched, and whoever repairs next takes the slot anew.
        self.update(keys::product(&self.scope, product_id), update).send().await.map(|_| ()).map_err(trouble)
    }

    /// Pauses Steward for a reason. `Some`: it was paused before, for this one, and still is.
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn pause(&self, reason: &str) -> Result<Option<String>, StoreError> {
        let mut update = Update::default();
        update.put("paused", Some(text(reason)));
        update.put("resumed", None);
        update.require_absent_or("paused", text(reason));
        match self.try_update(keys::switch(&self.scope), update, ReturnValue::None).await? {
            Tried::Done(_) => Ok(None),
            Tried::Refused(there) => Ok(Some(word(&there, "paused").unwrap_or_default())),
        }
    }

    /// Resumes it; gives why it was paused, if it was. `by` is kept.
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn resume(&self, by: &str) -> Result<Option<String>, StoreError> {
        let mut update = Update::default();
        update.put("paused", None);
        update.put("resumed", Some(text(by)));
        match self.try_update(keys::switch(&self.scope), update, ReturnValue::AllOld).await? {
            Tried::Done(before) | Tried::Refused(before) => Ok(word(&before, "paused")),
        }
    }

    /// All items whose key begins so.
    async fn scan(&self, begins: &str) -> Result<Vec<Item>, StoreError> {
        let (mut from, mut items) = (None, Vec::new());
        loop {
            let scan = self
                .client
                .scan()
                .table_name(&self.table)
                .filter_expression("begins_with(pk, :begins)")
                .expression_attribute_values(":begins", text(begins))
                .set_exclusive_start_key(from);
            let answer = scan.send().await.map_err(trouble)?;
            items.extend(answer.items.unwrap_or_default());
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    /// The operations that an index finds, whole and consistently.
    async fn found(&self, index: &str, condition: &str, value: &str) -> Result<Vec<Item>, StoreError> {
        let (mut from, mut found) = (None, Vec::new());
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(index)
                .key_condition_expression(condition)
                .filter_expression("attribute_exists(kind)")
                .projection_expression("pk")
                .expression_attribute_values(":value", text(value))
                .set_exclusive_start_key(from);
            let answer = query.send().await.map_err(trouble)?;
            found.extend(answer.items.unwrap_or_default().iter().filter_map(|item| word(item, keys::KEY)));
            from = answer.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        let mut items = Vec::with_capacity(found.len());
        for some in found.chunks(BATCH) {
            items.extend(self.batch(some.to_vec()).await?);
        }
        Ok(items)
    }
}

fn readable<T: DeserializeOwned>(items: Vec<Item>) -> Vec<T> {
    items.into_iter().filter_map(|item: HashMap<String, AttributeValue>| from_item(item).ok()).collect()
}

fn word(item: &Item, name: &str) -> Option<String> {
    item.get(name).and_then(|value| value.as_s().ok()).cloned()
}
