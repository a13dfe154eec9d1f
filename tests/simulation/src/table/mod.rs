//! A table in memory that does what Steward's DynamoDB table does, call by call. That it does is a test: the same calls go to
//! both, and the answers are compared.

mod index;
mod operations;
mod products;
mod slots;
mod sweep;

use std::collections::BTreeMap;
use std::sync::Arc;

use shared::clock::Time;
use shared::operation::{Operation, OperationId, Standing};
use shared::ports::{Memory, ProductItem, Rejection, SearchRow};

pub use index::Index;

/// An operation's item: what [`Operation`] leaves out is only for those who follow it.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationItem {
    /// What is stored of it.
    pub operation: Operation,
    /// When it was written last.
    pub updated_at: Time,
    /// When its record was described last.
    pub polled_at: Option<Time>,
    /// How often.
    pub polls: u32,
    /// Whether it was said that its record is stalled.
    pub stalled: bool,
    /// Whether the index by time has it: only what lives is put there.
    pub in_due_index: bool,
}

/// An instant, as the table keeps it.
fn millis(at: Time) -> Time {
    Time::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

impl OperationItem {
    fn in_millis(&mut self) {
        let operation = &mut self.operation;
        for at in [
            &mut operation.requested_at,
            &mut operation.created_at,
            &mut operation.trying_since,
            &mut operation.lease_until,
            &mut operation.attempt_since,
            &mut self.updated_at,
        ] {
            *at = millis(*at);
        }
        for at in [&mut operation.expires_at, &mut operation.retry_at, &mut operation.due_at, &mut self.polled_at] {
            *at = at.map(millis);
        }
    }
}

/// A write to an operation.
#[derive(Clone, Debug)]
pub struct Written {
    /// How it stood before; `None`: it was not there.
    pub before: Option<Before>,
    /// As it is now.
    pub after: Arc<OperationItem>,
}

/// What of an operation counts after the next write.
#[derive(Clone, Debug)]
pub struct Before {
    /// Where it stood.
    pub standing: Standing,
    /// The attempt's token.
    pub token: String,
    /// The record.
    pub record_id: Option<String>,
}

impl From<&Operation> for Before {
    fn from(operation: &Operation) -> Self {
        let (standing, token) = (operation.standing, operation.token.clone());
        Self { standing, token, record_id: operation.record_id.clone() }
    }
}

/// A product's item.
#[derive(Clone, Debug, Default, PartialEq)]
struct Product {
    item: ProductItem,
    /// When the last word on its protection was said.
    protection_at: Option<Time>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Slot {
    owner: Option<OperationId>,
    line: Vec<OperationId>,
}

#[derive(Clone, Debug, Default)]
struct SweepItem {
    owner: Option<String>,
    lease_until: Option<Time>,
    memory: Memory,
}

/// The table.
#[derive(Debug, Default)]
pub struct Table {
    operations: BTreeMap<OperationId, Arc<OperationItem>>,
    products: BTreeMap<String, Product>,
    records: BTreeMap<String, OperationId>,
    rejections: BTreeMap<String, Rejection>,
    paused: Option<String>,
    imports: Slot,
    sweep: SweepItem,
    pieces: BTreeMap<(i64, u32), Vec<SearchRow>>,
    places: BTreeMap<String, u32>,
    index: Index,
    /// What was written since somebody looked.
    written: Vec<Written>,
}

impl Table {
    /// A table whose indexes are as old as that.
    #[must_use]
    pub fn lagging(index: Index) -> Self {
        Self { index, ..Self::default() }
    }

    /// What was written to operations since this was asked last.
    pub fn take_written(&mut self) -> Vec<Written> {
        std::mem::take(&mut self.written)
    }

    /// All operations.
    pub fn operations(&self) -> impl Iterator<Item = &OperationItem> {
        self.operations.values().map(Arc::as_ref)
    }

    /// What was rejected.
    pub fn rejections(&self) -> impl Iterator<Item = &Rejection> {
        self.rejections.values()
    }

    /// A product's item.
    #[must_use]
    pub fn item(&self, product_id: &str) -> Option<&ProductItem> {
        self.products.get(product_id).map(|product| &product.item)
    }

    /// Pauses Steward, or resumes it.
    pub fn pause(&mut self, reason: Option<&str>) {
        self.paused = reason.map(str::to_owned);
    }

    /// When somebody is to look at something next.
    #[must_use]
    pub fn next_due(&self) -> Option<Time> {
        let operations = self.operations.values().filter_map(|item| item.operation.due_at);
        let products = self.products.values().filter_map(|product| product.item.due_at);
        operations.chain(products).min()
    }

    fn put(&mut self, now: Time, mut item: OperationItem) {
        item.in_millis();
        let (id, after) = (item.operation.id.clone(), Arc::new(item));
        self.index.show_operation(now, &after);
        let before = self.operations.insert(id, Arc::clone(&after));
        self.written.push(Written { before: before.map(|before| Before::from(&before.operation)), after });
    }

    /// Changes an operation that is there.
    fn change(&mut self, now: Time, id: &OperationId, change: impl FnOnce(&mut OperationItem)) {
        let Some(item) = self.operations.get_mut(id) else { return };
        let before = Before::from(&item.operation);
        // Copied only if an index still shows it.
        let changed = Arc::make_mut(item);
        change(changed);
        changed.in_millis();
        let after = Arc::clone(item);
        self.index.show_operation(now, &after);
        self.written.push(Written { before: Some(before), after });
    }

    /// The product's item, changed as one likes.
    fn product(&mut self, now: Time, id: &str, change: impl FnOnce(&mut Product)) {
        let product = self.products.entry(id.to_owned()).or_default();
        let due_before = product.item.due_at;
        change(product);
        product.item.due_at = product.item.due_at.map(millis);
        if product.item.due_at != due_before {
            self.index.show_product(now, id, product.item.due_at);
        }
    }
}
