//! The indexes: they show what was there a while ago, and only what is projected into them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use shared::clock::Time;
use shared::operation::{OperationId, Standing};
use shared::ports::{Due, DueNow, DueProduct};
use shared::retry::after;

use super::OperationItem;

/// Versions, oldest first, each with when it was written.
type Versions<T> = Vec<(Time, T)>;

/// What the indexes show.
#[derive(Debug, Default)]
pub struct Index {
    lag: Duration,
    operations: BTreeMap<OperationId, Versions<Arc<OperationItem>>>,
    products: BTreeMap<String, Versions<Option<Time>>>,
}

impl Index {
    /// Indexes that are as old as that.
    #[must_use]
    pub fn lagging(lag: Duration) -> Self {
        Self { lag, ..Self::default() }
    }

    pub(super) fn show_operation(&mut self, now: Time, item: &Arc<OperationItem>) {
        if let Some(versions) = self.operations.get_mut(&item.operation.id) {
            versions.push((now, Arc::clone(item)));
            forget(versions, now, self.lag);
        } else {
            self.operations.insert(item.operation.id.clone(), vec![(now, Arc::clone(item))]);
        }
    }

    pub(super) fn show_product(&mut self, now: Time, id: &str, due_at: Option<Time>) {
        let versions = self.products.entry(id.to_owned()).or_default();
        versions.push((now, due_at));
        forget(versions, now, self.lag);
    }

    /// What is due by `by`, as it is shown at `now`.
    pub(super) fn due(&self, now: Time, by: Time, limit: usize) -> DueNow {
        let is_due = |at: &Time| *at <= by;
        let mut rows: Vec<(Time, Result<Due, DueProduct>)> = self
            .shown(now)
            .filter(|item| item.in_due_index)
            .filter_map(|item| item.operation.due_at.filter(is_due).map(|at| (at, Ok(row(item)))))
            .collect();
        for (id, versions) in &self.products {
            if let Some(at) = shown(versions, now, self.lag).copied().flatten().filter(is_due) {
                rows.push((at, Err(DueProduct { id: id.clone(), due_at: Some(at) })));
            }
        }
        rows.sort_by_key(|(at, _)| *at);
        rows.truncate(limit);
        let mut due = DueNow::default();
        for (_, row) in rows {
            match row {
                Ok(operation) => due.operations.push(operation),
                Err(product) => due.products.push(product),
            }
        }
        due
    }

    /// All that live.
    pub(super) fn live(&self, now: Time, limit: usize) -> Vec<Due> {
        let mut live: Vec<Due> = self.shown(now).filter(|item| item.in_due_index).map(row).collect();
        live.sort_by_key(|due| due.due_at);
        live.truncate(limit);
        live
    }

    /// The operations of a product, the newest first.
    pub(super) fn of_product(&self, now: Time, product_id: &str, limit: usize) -> Vec<Due> {
        let is_of = |item: &&OperationItem| item.operation.product_id.as_deref() == Some(product_id);
        let mut items: Vec<&OperationItem> = self.shown(now).filter(is_of).collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.operation.created_at));
        // `dueAt` is not projected into this one.
        items.into_iter().take(limit).map(|item| Due { due_at: None, ..row(item) }).collect()
    }

    fn shown(&self, now: Time) -> impl Iterator<Item = &OperationItem> {
        self.operations.values().filter_map(move |versions| shown(versions, now, self.lag)).map(Arc::as_ref)
    }
}

/// What is projected of an item.
fn row(item: &OperationItem) -> Due {
    let (polled_at, polls, stalled) = (item.polled_at, item.polls, item.stalled);
    let standing = Standing { kept: false, ..item.operation.standing };
    Due { standing, polled_at, polls, stalled, why: None, ..Due::from(&item.operation) }
}

fn shown<T>(versions: &Versions<T>, now: Time, lag: Duration) -> Option<&T> {
    versions.iter().rev().find(|(at, _)| after(*at, lag) <= now).map(|(_, row)| row)
}

/// What nobody can be shown any more.
fn forget<T>(versions: &mut Versions<T>, now: Time, lag: Duration) {
    if let Some(last) = versions.iter().rposition(|(at, _)| after(*at, lag) <= now) {
        versions.drain(..last);
    }
}
