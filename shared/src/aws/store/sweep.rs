//! What the sweep remembers, the lease that keeps it alone, and the places for terminations.

use aws_sdk_dynamodb::types::ReturnValue;
use serde::{Deserialize, Serialize};
use serde_dynamo::aws_sdk_dynamodb_1::from_item;

use super::keys::{self, number, text};
use super::slots::Tried;
use super::update::Update;
use super::write::{millis, value};
use super::{DynamoStore, trouble};
use crate::clock::Time;
use crate::ports::{Memory, Pass, Places, SearchRow, StoreError, Written};
use crate::retry::after;

/// How long candidates are kept: a pass that is older is of another time.
const PIECES_TTL: std::time::Duration = std::time::Duration::from_hours(24);

/// The sweep's item.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Sweep {
    memory: Memory,
}

impl DynamoStore {
    pub(super) async fn lease_sweep(
        &self,
        nonce: &str,
        now: Time,
        lease_until: Time,
    ) -> Result<Option<Memory>, StoreError> {
        let mut take = Update::default();
        take.put("owner", Some(text(nonce)));
        take.put("leaseUntil", Some(millis(lease_until)));
        take.require_absent_or_at_most("leaseUntil", millis(now));
        match self.try_update(keys::sweep(&self.scope), take, ReturnValue::AllNew).await? {
            Tried::Done(now) => Ok(Some(from_item::<Sweep>(now).map_err(trouble)?.memory)),
            // The SDK repeats an update whose answer was lost.
            Tried::Refused(there) if there.get("owner") == Some(&text(nonce)) => {
                Ok(Some(from_item::<Sweep>(there).map_err(trouble)?.memory))
            }
            Tried::Refused(_) => Ok(None),
        }
    }

    pub(super) async fn release_sweep(&self, nonce: &str, memory: &Memory) -> Result<Written, StoreError> {
        let mut release = Update::default();
        release.put("memory", Some(value(memory)?));
        release.put("leaseUntil", None);
        release.require("owner", "=", text(nonce));
        match self.try_update(keys::sweep(&self.scope), release, ReturnValue::None).await? {
            Tried::Done(_) => Ok(Written::Applied),
            Tried::Refused(_) => Ok(Written::Fenced),
        }
    }

    pub(super) async fn read_memory(&self) -> Result<Memory, StoreError> {
        let item = self.get(keys::sweep(&self.scope)).await?;
        Ok(item.map(from_item::<Sweep>).transpose().map_err(trouble)?.unwrap_or_default().memory)
    }

    pub(super) async fn write_piece(&self, pass: &Pass, piece: u32, rows: &[SearchRow]) -> Result<(), StoreError> {
        let began = pass.began_at.timestamp_millis();
        let rows = serde_json::to_string(rows).map_err(trouble)?;
        let mut update = Update::default();
        update.put("rows", Some(text(rows)));
        update.put(keys::TTL, Some(number(after(pass.began_at, PIECES_TTL).timestamp())));
        // One run at a time writes, and the same again if it is repeated.
        self.update(keys::piece(&self.scope, began, piece), update).send().await.map(|_| ()).map_err(trouble)
    }

    pub(super) async fn read_piece(&self, pass: &Pass, piece: u32) -> Result<Vec<SearchRow>, StoreError> {
        let key = keys::piece(&self.scope, pass.began_at.timestamp_millis(), piece);
        let item = self.get(key.clone()).await?.unwrap_or_default();
        let Some(rows) = item.get("rows").and_then(|rows| rows.as_s().ok()) else {
            return Err(StoreError(format!("{key} is not there: the pass cannot go on")));
        };
        serde_json::from_str(rows).map_err(trouble)
    }

    pub(super) async fn reserve(&self, window: &str, count: u32, max: u32, until: Time) -> Result<Places, StoreError> {
        if count > max {
            return self.left(window, max).await;
        }
        let mut take = Update::default();
        take.add("taken", number(count));
        take.put(keys::TTL, Some(number(after(until, PIECES_TTL).timestamp())));
        take.require_absent_or_at_most("taken", number(max - count));
        match self.try_update(keys::places(&self.scope, window), take, ReturnValue::None).await? {
            Tried::Done(_) => Ok(Places::Taken),
            Tried::Refused(there) => Ok(Places::Left(max.saturating_sub(taken(&there)))),
        }
    }

    async fn left(&self, window: &str, max: u32) -> Result<Places, StoreError> {
        let there = self.get(keys::places(&self.scope, window)).await?.unwrap_or_default();
        Ok(Places::Left(max.saturating_sub(taken(&there))))
    }
}

fn taken(places: &keys::Item) -> u32 {
    places.get("taken").and_then(|taken| taken.as_n().ok()).and_then(|taken| taken.parse().ok()).unwrap_or_default()
}
