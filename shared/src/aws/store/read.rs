//! Reads. What protects is read consistently; indexes only propose.

use aws_sdk_dynamodb::types::KeysAndAttributes;
use chrono::DateTime;
use serde_dynamo::aws_sdk_dynamodb_1::{from_attribute_value, from_item};
use tracing::warn;

use super::keys::{self, Item, number, text};
use super::{DynamoStore, trouble};
use crate::clock::Time;
use crate::operation::{Operation, OperationId, State};
use crate::ports::{Due, DueNow, DueProduct, Guard, StoreError};

/// How often keys that a batch left unprocessed are asked for again.
const BATCH_ROUNDS_MAX: u32 = 4;
/// How many pages of the index are read for what lives: a page holds some thousand rows.
const LIVE_PAGES_MAX: u32 = 5;

impl DynamoStore {
    /// The switch and the product's item, in one consistent call.
    pub(super) async fn read_guard(&self, product_id: &str) -> Result<Guard, StoreError> {
        let switch = keys::switch(&self.scope);
        let mut guard = Guard::default();
        for item in self.batch(vec![switch.clone(), keys::product(&self.scope, product_id)]).await? {
            if item.get(keys::KEY) == Some(&text(&switch)) {
                guard.paused = paused(&item);
            } else {
                guard.product = Some(from_item(item).map_err(trouble)?);
            }
        }
        Ok(guard)
    }

    /// Items by their keys, at most 100, consistently; those that are not there are left out.
    pub(super) async fn batch(&self, keys: Vec<String>) -> Result<Vec<Item>, StoreError> {
        let keys = keys.into_iter().map(|key| Item::from([(keys::KEY.to_owned(), text(key))])).collect();
        let wanted =
            KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build().map_err(trouble)?;
        let (mut wanted, mut items) = (Some(wanted), Vec::new());
        for _ in 0..BATCH_ROUNDS_MAX {
            let Some(keys) = wanted.take() else { return Ok(items) };
            let answer = self.client.batch_get_item().request_items(&self.table, keys).send().await.map_err(trouble)?;
            items.extend(answer.responses.and_then(|mut tables| tables.remove(&self.table)).unwrap_or_default());
            wanted = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
        }
        // Unread is not unprotected.
        if wanted.is_none() { Ok(items) } else { Err(StoreError("items could not be read whole".to_owned())) }
    }

    pub(super) async fn read_switch(&self) -> Result<Option<String>, StoreError> {
        let item = self.get(keys::switch(&self.scope)).await?;
        Ok(item.as_ref().and_then(paused))
    }

    pub(super) async fn read_operation(&self, id: &OperationId) -> Result<Option<Operation>, StoreError> {
        let item = self.get(keys::operation(&self.scope, id)).await?;
        item.map(from_item).transpose().map_err(trouble)
    }

    /// Where an operation stands, and since when.
    pub(super) async fn read_standing(&self, id: &OperationId) -> Result<Option<(State, Time)>, StoreError> {
        let Some(item) = self.get(keys::operation(&self.scope, id)).await? else { return Ok(None) };
        let since = item.get(keys::UPDATED_AT).and_then(|at| at.as_n().ok()).and_then(|at| at.parse().ok());
        let since = since.and_then(DateTime::from_timestamp_millis);
        let state = item.get("state").cloned().map(from_attribute_value).transpose().map_err(trouble)?;
        match (state, since) {
            (Some(state), Some(since)) => Ok(Some((state, since))),
            _ => Err(StoreError(format!("{id} has no state, or no time"))),
        }
    }

    pub(super) async fn get(&self, key: String) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).key(keys::KEY, text(key)).consistent_read(true);
        Ok(get.send().await.map_err(trouble)?.item)
    }

    pub(super) async fn query_due(&self, now: Time, limit: u32) -> Result<DueNow, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::DUE_INDEX)
            .key_condition_expression("dueShard = :shard AND dueAt <= :now")
            .expression_attribute_values(":shard", text(keys::due_shard(&self.scope)))
            .expression_attribute_values(":now", number(now.timestamp_millis()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let items = query.send().await.map_err(trouble)?.items.unwrap_or_default();
        let (products, operations): (Vec<Item>, Vec<Item>) = items.into_iter().partition(keys::is_product);
        let products = products.iter().filter_map(|item| {
            let due_at = item.get(keys::DUE_AT).and_then(|at| at.as_n().ok()).and_then(|at| at.parse().ok());
            let id = keys::id_in(item.get(keys::KEY)?.as_s().ok()?).to_owned();
            Some(DueProduct { id, due_at: due_at.and_then(DateTime::from_timestamp_millis) })
        });
        Ok(DueNow { products: products.collect(), operations: readable(Some(operations)) })
    }

    /// All that live: few, whatever the table holds. Products are passed over, which end soon or wait to be told of.
    pub(super) async fn query_live(&self, limit: u32) -> Result<Vec<Due>, StoreError> {
        let (mut from, mut live) = (None, Vec::new());
        for _ in 0..LIVE_PAGES_MAX {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(keys::DUE_INDEX)
                .key_condition_expression("dueShard = :shard")
                .filter_expression("attribute_exists(kind)")
                .expression_attribute_values(":shard", text(keys::due_shard(&self.scope)))
                .set_exclusive_start_key(from);
            let answer = query.send().await.map_err(trouble)?;
            live.extend(readable(answer.items));
            from = answer.last_evaluated_key;
            if from.is_none() || live.len() >= limit as usize {
                break;
            }
        }
        live.truncate(limit as usize);
        Ok(live)
    }

    pub(super) async fn query_product(&self, product_id: &str, limit: u32) -> Result<Vec<Due>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::PRODUCT_INDEX)
            .key_condition_expression("productKey = :product")
            .expression_attribute_values(":product", text(keys::product(&self.scope, product_id)))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        Ok(readable(query.send().await.map_err(trouble)?.items))
    }
}

/// The rows that can be read. One that cannot (of a newer Steward, while two run) must not hide the others.
fn readable(items: Option<Vec<Item>>) -> Vec<Due> {
    let read = |mut item: Item| {
        let key = item.get(keys::KEY).and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
        item.insert("operation".to_owned(), text(keys::id_in(&key)));
        from_item(item).map_err(|error| warn!(key, "an operation in the index cannot be read: {error}")).ok()
    };
    items.unwrap_or_default().into_iter().filter_map(read).collect()
}

fn paused(switch: &Item) -> Option<String> {
    switch.get("paused").and_then(|reason| reason.as_s().ok()).cloned()
}
