//! The table, as the sweep and whoever tells of ends ask it: what is known of products, and of the sweep itself.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;

use chrono::serde::{ts_milliseconds, ts_milliseconds_option};
use serde::{Deserialize, Serialize};

use super::catalog::SearchRow;
use super::product::{Changing, Extension, Judgement, ProductItem, Protection};
use super::store::{StoreError, Written};
use crate::clock::{Time, in_millis};
use crate::expiry::Noticed;
use crate::operation::{Notice, OperationId, State};

/// What the table knows of products, by their ids.
pub type Items = HashMap<String, Result<ProductItem, StoreError>>;

/// What the sweep remembers from one run to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Memory {
    /// The pass that ran out of time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass: Option<Pass>,
    /// How many products the last pass saw that was believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub believed: Option<u64>,
    /// How many the last one saw, if it was not believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubted: Option<u64>,
    /// When the last one came to its end, be it that it was halted.
    #[serde(with = "ts_milliseconds_option", default, skip_serializing_if = "Option::is_none")]
    pub swept_at: Option<Time>,
}

/// One pass over all provisioned products, as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pass {
    /// When it began: its name, too.
    #[serde(with = "ts_milliseconds")]
    pub began_at: Time,
    /// The page that comes next. `None` and not `listed`: the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<String>,
    /// Whether all pages were read.
    pub listed: bool,
    /// How many products there are, by the service's own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<u64>,
    /// How many products were seen.
    pub seen: u64,
    /// How many of them Steward looks after.
    pub included: u64,
    /// How many were left as they are, by reason.
    pub counts: BTreeMap<String, u64>,
    /// How many pieces of its candidates are kept in the table.
    pub pieces: u32,
}

impl Pass {
    /// A pass that begins.
    #[must_use]
    pub fn new(began_at: Time) -> Self {
        Self {
            // It is the pass's name in whatever is told of it.
            began_at: in_millis(began_at),
            next_page: None,
            listed: false,
            announced: None,
            seen: 0,
            included: 0,
            counts: BTreeMap::new(),
            pieces: 0,
        }
    }
}

/// Where an operation stands, as the sweep asks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standpoint {
    /// Its state.
    pub state: State,
    /// Since when.
    pub since: Time,
    /// Why.
    pub why: Option<String>,
}

/// When somebody is to look at a product's end next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LookAt {
    /// When it was said before.
    #[default]
    AsItIs,
    /// Then.
    Then(Time),
    /// Not at all.
    Never,
}

/// What is written of a product's end. Attribute by attribute: nothing else of the item is touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// What was judged.
    pub judgement: Option<Judgement>,
    /// What people were told.
    pub noticed: Option<Noticed>,
    /// When somebody is to look at it next.
    pub look_at: LookAt,
    /// What a person needs to know of the product.
    pub notice: Option<Notice>,
    /// Since when it is under change.
    pub changing: Option<Changing>,
}

/// What becomes of a person's word on a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is written.
    Now,
    /// It was written before: the same message again.
    Before,
    /// Somebody has changed the same thing in between.
    Changed,
}

/// What the table knows of products.
pub trait Products: Send + Sync + 'static {
    /// Begins a run of the sweep, alone until `lease_until`; `None`: another one is at work.
    fn begin_sweep(
        &self,
        nonce: &str,
        now: Time,
        lease_until: Time,
    ) -> impl Future<Output = Result<Option<Memory>, StoreError>> + Send;

    /// Ends a run, if it still is this one.
    fn end_sweep(&self, nonce: &str, memory: &Memory) -> impl Future<Output = Result<Written, StoreError>> + Send;

    /// Keeps candidates of a pass that runs out of time.
    fn keep_piece(
        &self,
        pass: &Pass,
        piece: u32,
        rows: &[SearchRow],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads them.
    fn piece(&self, pass: &Pass, piece: u32) -> impl Future<Output = Result<Vec<SearchRow>, StoreError>> + Send;

    /// The items of products, consistently; those that have none are not in it. One that cannot be read must neither count as
    /// none nor hide the others.
    fn items(&self, ids: &[&str]) -> impl Future<Output = Result<Items, StoreError>> + Send;

    /// Where operations stand, consistently; those that are not there are not in it.
    fn standpoints(
        &self,
        ids: &[OperationId],
    ) -> impl Future<Output = Result<HashMap<OperationId, Standpoint>, StoreError>> + Send;

    /// Writes what is known of a product's end, if its `dueAt` still is what was read.
    fn mark(
        &self,
        id: &str,
        read_due_at: Option<Time>,
        mark: &Mark,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;

    /// Writes a lease, the last of these extensions, and with it those that are kept, if the product's lease still is what was
    /// read.
    fn extend(
        &self,
        id: &str,
        read_lease: Option<Time>,
        extensions: &[Extension],
    ) -> impl Future<Output = Result<Kept, StoreError>> + Send;

    /// Protects a product, or ends its protection, unless a later word holds. `at`: when it was asked.
    fn protect(
        &self,
        id: &str,
        protection: Option<&Protection>,
        at: Time,
    ) -> impl Future<Output = Result<Kept, StoreError>> + Send;
}
