//! The indexes: they show what was there a while ago, and only what is projected into them.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::clock::Time;
use shared::operation::OperationId;
use shared::ports::{Due, DueNow, DueProduct};
use shared::retry::after;

use super::OperationItem;

/// Versions, oldest first, each with when it was written.
type Versions<T> = Vec<(Time, T)>;

/// What the indexes show.
#[derive(Debug, Default)]
pub struct Index {
    lag: Duration,
    operations: BTreeMap<OperationId, Versions<(Due, Time)>>,
    products: BTreeMap<String, Versions<Option<Time>>>,
}

impl Index {
    /// Indexes that are as old as that.
    #[must_use]
    pub fn lagging(lag: Duration) -> Self {
        Self { lag, ..Self::default() }
    }

    pub(super) fn show_operation(&mut self, now: Time, item: &OperationItem) {
        let row = Due {
            polled_at: item.polled_at,
            polls: item.polls,
            stalled: item.stalled,
            // Not projected.
            why: None,
            ..Due::from(&item.operation)
        };
        let versions = self.operations.entry(item.operation.id.clone()).or_default();
        versions.push((now, (row, item.operation.created_at)));
        forget(versions, now, self.lag);
    }

    pub(super) fn show_product(&mut self, now: Time, id: &str, due_at: Option<Time>) {
        let versions = self.products.entry(id.to_owned()).or_default();
        versions.push((now, due_at));
        forget(versions, now, self.lag);
    }

    /// What is due by `by`, as it is shown at `now`.
    pub(super) fn due(&self, now: Time, by: Time, limit: usize) -> DueNow {
        let shown = self.operations.values().filter_map(|versions| shown(versions, now, self.lag));
        let mut rows: Vec<(Time, Result<Due, DueProduct>)> = shown
            .filter_map(|(due, _)| due.due_at.filter(|at| *at <= by).map(|at| (at, Ok(due.clone()))))
            .collect();
        for (id, versions) in &self.products {
            if let Some(Some(at)) = shown_copy(versions, now, self.lag).filter(|at| at.is_some_and(|at| at <= by)) {
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
        let shown = self.operations.values().filter_map(|versions| shown(versions, now, self.lag));
        let mut live: Vec<Due> = shown.filter(|(due, _)| due.due_at.is_some()).map(|(due, _)| due.clone()).collect();
        live.sort_by_key(|due| due.due_at);
        live.truncate(limit);
        live
    }

    /// The operations of a product, the newest first.
    pub(super) fn of_product(&self, now: Time, product_id: &str, limit: usize) -> Vec<Due> {
        let shown = self.operations.values().filter_map(|versions| shown(versions, now, self.lag));
        let mut rows: Vec<&(Due, Time)> =
            shown.filter(|(due, _)| due.product_id.as_deref() == Some(product_id)).collect();
        rows.sort_by_key(|(_, created_at)| std::cmp::Reverse(*created_at));
        // `dueAt` is not projected into this one.
        rows.into_iter().take(limit).map(|(due, _)| Due { due_at: None, ..due.clone() }).collect()
    }
}

fn shown<T>(versions: &Versions<T>, now: Time, lag: Duration) -> Option<&T> {
    versions.iter().rev().find(|(at, _)| after(*at, lag) <= now).map(|(_, row)| row)
}

fn shown_copy<T: Copy>(versions: &Versions<T>, now: Time, lag: Duration) -> Option<T> {
    shown(versions, now, lag).copied()
}

/// What nobody can be shown any more.
fn forget<T>(versions: &mut Versions<T>, now: Time, lag: Duration) {
    if let Some(last) = versions.iter().rposition(|(at, _)| after(*at, lag) <= now) {
        versions.drain(..last);
    }
}
