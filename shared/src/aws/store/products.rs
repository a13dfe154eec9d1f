//! Products in the table: what is known of their ends. Attribute by attribute: nothing undoes what another has written.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use chrono::DateTime;
use serde_dynamo::aws_sdk_dynamodb_1::{from_attribute_value, from_item};

use super::keys::{self, Item, text};
use super::slots::Tried;
use super::update::Update;
use super::write::{millis, value};
use super::{DynamoStore, trouble};
use crate::clock::Time;
use crate::operation::OperationId;
use crate::ports::{
    Extension, Items, Kept, LookAt, Mark, Memory, Pass, ProductItem, Products, Protection, SearchRow, Standpoint,
    StoreError, Written,
};

/// How many keys one read may have.
const BATCH: usize = 100;

impl DynamoStore {
    async fn standpoints_of(&self, ids: &[OperationId]) -> Result<HashMap<OperationId, Standpoint>, StoreError> {
        let mut found = HashMap::new();
        for ids in ids.chunks(BATCH) {
            let keys = ids.iter().map(|id| keys::operation(&self.scope, id)).collect();
            for item in self.batch(keys).await? {
                let id = item.get(keys::KEY).and_then(|key| key.as_s().ok()).map(|key| keys::id_in(key));
                if let (Some(id), Some(standpoint)) = (id.and_then(OperationId::parse), standpoint(&item)?) {
                    found.insert(id, standpoint);
                }
            }
        }
        Ok(found)
    }

    async fn items_of(&self, ids: &[&str]) -> Result<Items, StoreError> {
        let mut found = HashMap::new();
        for ids in ids.chunks(BATCH) {
            let keys = ids.iter().map(|id| keys::product(&self.scope, id)).collect();
            for item in self.batch(keys).await? {
                let id = item.get(keys::KEY).and_then(|key| key.as_s().ok()).map(|key| keys::id_in(key).to_owned());
                let unread = |error| StoreError(format!("what is said of it there cannot be read: {error}"));
                found.insert(id.unwrap_or_default(), from_item(item).map_err(unread));
            }
        }
        Ok(found)
    }

    async fn write_mark(&self, id: &str, read_due_at: Option<Time>, mark: &Mark) -> Result<Written, StoreError> {
        let mut update = Update::default();
        update.put_some("judgement", mark.judgement.as_ref().map(value).transpose()?);
        update.put_some("noticed", mark.noticed.as_ref().map(value).transpose()?);
        update.put_some("notice", mark.notice.as_ref().map(value).transpose()?);
        update.put_some("changing", mark.changing.as_ref().map(value).transpose()?);
        let due_at = match mark.look_at {
            LookAt::AsItIs => read_due_at,
            LookAt::Then(at) => Some(at),
            LookAt::Never => None,
        };
        if mark.look_at != LookAt::AsItIs {
            update.put(keys::DUE_AT, due_at.map(millis));
            update.put(keys::DUE_SHARD, due_at.map(|_| text(keys::due_shard(&self.scope))));
        }
        match read_due_at {
            Some(at) => update.require(keys::DUE_AT, "=", millis(at)),
            None => update.require_absent(keys::DUE_AT),
        }
        match self.try_update(keys::product(&self.scope, id), update, ReturnValue::None).await? {
            Tried::Done(_) => Ok(Written::Applied),
            // The SDK repeats an update whose answer was lost: then what is there is our own.
            Tried::Refused(there) if mark.look_at != LookAt::AsItIs && is_own(&there, due_at, mark)? => {
                Ok(Written::Applied)
            }
            Tried::Refused(_) => Ok(Written::Fenced),
        }
    }

    async fn lease(&self, id: &str, read_lease: Option<Time>, extensions: &[Extension]) -> Result<Kept, StoreError> {
        let Some(extension) = extensions.last() else { return Err(StoreError("no extension to write".to_owned())) };
        let mut update = Update::default();
        update.put("leaseUntil", Some(millis(extension.until)));
        // Whole: each extension moves the lease, so that nothing can have come in between that the condition does not see.
        update.put("extensions", Some(value(&extensions)?));
        match read_lease {
            Some(at) => update.require("leaseUntil", "=", millis(at)),
            None => update.require_absent("leaseUntil"),
        }
        match self.try_update(keys::product(&self.scope, id), update, ReturnValue::None).await? {
            Tried::Done(_) => Ok(Kept::Now),
            Tried::Refused(there) => {
                let item: ProductItem = from_item(there).map_err(trouble)?;
                let was_ours = item.extensions.iter().any(|known| known.id == extension.id);
                Ok(if was_ours { Kept::Before } else { Kept::Changed })
            }
        }
    }
}

impl Products for DynamoStore {
    async fn begin_sweep(&self, nonce: &str, now: Time, lease_until: Time) -> Result<Option<Memory>, StoreError> {
        self.lease_sweep(nonce, now, lease_until).await
    }

    async fn end_sweep(&self, nonce: &str, memory: &Memory) -> Result<Written, StoreError> {
        self.release_sweep(nonce, memory).await
    }

    async fn keep_piece(&self, pass: &Pass, piece: u32, rows: &[SearchRow]) -> Result<(), StoreError> {
        self.write_piece(pass, piece, rows).await
    }

    async fn piece(&self, pass: &Pass, piece: u32) -> Result<Vec<SearchRow>, StoreError> {
        self.read_piece(pass, piece).await
    }

    async fn items(&self, ids: &[&str]) -> Result<Items, StoreError> {
        self.items_of(ids).await
    }

    async fn standpoints(&self, ids: &[OperationId]) -> Result<HashMap<OperationId, Standpoint>, StoreError> {
        self.standpoints_of(ids).await
    }

    async fn mark(&self, id: &str, read_due_at: Option<Time>, mark: &Mark) -> Result<Written, StoreError> {
        self.write_mark(id, read_due_at, mark).await
    }

    async fn extend(&self, id: &str, read_lease: Option<Time>, extensions: &[Extension]) -> Result<Kept, StoreError> {
        self.lease(id, read_lease, extensions).await
    }

    async fn protect(&self, id: &str, protection: Option<&Protection>, at: Time) -> Result<Kept, StoreError> {
        let mut update = Update::default();
        update.put("protection", protection.map(value).transpose()?);
        update.put("protectionAt", Some(millis(at)));
        update.require_absent_or_at_most("protectionAt", millis(at));
        match self.try_update(keys::product(&self.scope, id), update, ReturnValue::None).await? {
            Tried::Done(_) => Ok(Kept::Now),
            Tried::Refused(_) => Ok(Kept::Changed),
        }
    }
}

fn standpoint(item: &Item) -> Result<Option<Standpoint>, StoreError> {
    let since = item.get(keys::UPDATED_AT).and_then(|at| at.as_n().ok()).and_then(|at| at.parse().ok());
    let state = item.get("state").cloned().map(from_attribute_value).transpose().map_err(trouble)?;
    let (Some(state), Some(since)) = (state, since.and_then(DateTime::from_timestamp_millis)) else { return Ok(None) };
    let why = item.get("why").and_then(|why| why.as_s().ok()).cloned();
    Ok(Some(Standpoint { state, since, why }))
}

fn is_own(there: &Item, due_at: Option<Time>, mark: &Mark) -> Result<bool, StoreError> {
    let same = |name: &str, wanted: Option<AttributeValue>| wanted.is_none() || there.get(name) == wanted.as_ref();
    Ok(there.get(keys::DUE_AT) == due_at.map(millis).as_ref()
        && same("judgement", mark.judgement.as_ref().map(value).transpose()?)
        && same("noticed", mark.noticed.as_ref().map(value).transpose()?))
}
