//! Looking at a cloud: rows from its table, its catalog, its queues and its memory of calls and events.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::expiry::Expiry;
use shared::operation::cut;

use super::effect;
use super::fault::Switches;
use super::view::{CallRow, EventRow, Omitted, Operation, Product, QueueRow, Rejected, Try};
use crate::catalog::Provisioned;
use crate::cloud::Cloud;
use crate::gateway::Logged;
use crate::run::ends::Ends;
use crate::wiring::Seen;

/// How many products, operations and rejected messages are shown, each.
pub(super) const ROWS_MAX: usize = 1_000;
/// How much of an event's detail, or of a message, is shown.
const TEXT_MAX: usize = 2_048;

/// What the table and the catalog say.
pub(super) struct Rows {
    pub(super) products: BTreeMap<String, Product>,
    pub(super) operations: BTreeMap<String, Operation>,
    pub(super) rejected: BTreeMap<String, Rejected>,
    pub(super) paused: Option<String>,
    pub(super) omitted: Omitted,
}

pub(super) fn rows(cloud: &Cloud, items: &[Value], ends: &Ends) -> Rows {
    let now = cloud.clock.now();
    let products: Vec<Product> = cloud.catalog.products().iter().map(|one| product(one, ends, now)).collect();
    let (mut operations, mut rejected, mut paused) = (Vec::new(), Vec::new(), None);
    for item in items {
        match text(item, "pk").unwrap_or_default().split('#').next() {
            Some("op") => operations.push(operation(item)),
            Some("rejected") => rejected.push(rejection(item)),
            Some("switch") => paused = text(item, "paused"),
            _ => {}
        }
    }
    let (products, more_products) = latest(products, |one| (!one.gone, one.created_at), |one| &one.id);
    let (operations, more_operations) = latest(operations, |one| one.updated_at, |one| &one.id);
    let (rejected, more_rejected) = latest(rejected, |one| one.at, |one| &one.id);
    let omitted = Omitted { products: more_products, operations: more_operations, rejected: more_rejected };
    Rows { products, operations, rejected, paused, omitted }
}

/// The first [`ROWS_MAX`] of them by their rank, the highest first; and how many more there are.
fn latest<T, R: Ord>(
    mut rows: Vec<T>,
    rank: impl Fn(&T) -> R,
    id: impl Fn(&T) -> &str,
) -> (BTreeMap<String, T>, usize) {
    let more = rows.len().saturating_sub(ROWS_MAX);
    if more > 0 {
        rows.sort_by_key(|row| Reverse(rank(row)));
        rows.truncate(ROWS_MAX);
    }
    (rows.into_iter().map(|row| (id(&row).to_owned(), row)).collect(), more)
}

fn product(product: &Provisioned, ends: &Ends, now: DateTime<Utc>) -> Product {
    let (mut expires_at, mut protected) = (None, None);
    let (end, why) = match ends.expiry(product) {
        None => (None, None),
        Some(Expiry::At(at, why)) => {
            expires_at = Some(at);
            (Some("ends"), Some(why))
        }
        Some(Expiry::Never(why)) => (Some("never"), Some(why)),
        Some(Expiry::Unreadable(why)) => (Some("unreadable"), Some(why)),
        Some(Expiry::Outside(why)) => (Some("outside"), Some(why)),
        Some(Expiry::Protected(why)) => {
            protected = Some(why.clone());
            (Some("protected"), Some(why))
        }
    };
    let item = ends.item(&product.id);
    let protection = item.and_then(|item| item.protection.as_ref()).filter(|protection| protection.holds(now));
    let noticed = item.and_then(|item| item.noticed.as_ref()).filter(|noticed| Some(noticed.expires_at) == expires_at);
    Product {
        id: product.id.clone(),
        name: product.name.clone(),
        product_type: product.product_type.clone(),
        product: product.product_name.clone(),
        status: if product.gone { "TERMINATED".to_owned() } else { product.status.clone() },
        status_message: product.status_message.clone(),
        created_at: product.created_at,
        owner: product.user_arn.clone(),
        tags: product.tags.iter().cloned().collect(),
        end,
        expires_at,
        why,
        protected: protected.or_else(|| protection.map(shared::ports::Protection::in_words)),
        warned_at: noticed.and_then(|noticed| noticed.warned_at),
        extended_until: item.and_then(|item| item.lease_until),
        drifted: product.drifted,
        gone: product.gone,
    }
}

fn operation(item: &Value) -> Operation {
    let must = |name: &str| text(item, name).unwrap_or_default();
    let history = item.get("history").and_then(Value::as_array).into_iter().flatten();
    Operation {
        id: must("operation"),
        kind: must("kind"),
        subject: must("subject"),
        trigger: must("trigger"),
        state: must("state"),
        attempts: item.get("attempt").and_then(Value::as_u64).unwrap_or_default(),
        token: must("token"),
        record_id: text(item, "recordId"),
        product_id: text(item, "productId"),
        product_name: item.get("notice").and_then(|notice| text(notice, "name")),
        requested_by: text(item, "requestedBy"),
        reason: text(item, "reason"),
        why: text(item, "why"),
        requested_at: instant(item, "requestedAt"),
        created_at: instant(item, "createdAt"),
        updated_at: instant(item, "updatedAt").or_else(|| instant(item, "createdAt")),
        due_at: instant(item, "dueAt"),
        history: history.filter_map(one_try).collect(),
    }
}

fn one_try(item: &Value) -> Option<Try> {
    let known: shared::operation::Try = serde_json::from_value(item.clone()).ok()?;
    Some(Try {
        at: known.at,
        attempt: known.attempt,
        what: known.what,
        record_id: known.record_id,
        code: known.code,
        message: known.message,
    })
}

fn rejection(item: &Value) -> Rejected {
    Rejected {
        id: text(item, "pk").unwrap_or_default().rsplit('#').next().unwrap_or_default().to_owned(),
        at: instant(item, "at"),
        error: text(item, "error").unwrap_or_default(),
        body: cut(&text(item, "body").unwrap_or_default(), TEXT_MAX),
        operation: text(item, "operation"),
    }
}

/// Queues, by name.
pub(super) fn queues(cloud: &Cloud) -> BTreeMap<String, QueueRow> {
    let row = |(name, queue): (&String, &crate::wiring::Queue)| {
        let row = QueueRow { messages: queue.len(), in_flight: queue.in_flight(), dead_letters: !queue.is_read() };
        (name.clone(), row)
    };
    cloud.wiring.queues().iter().map(row).collect()
}

pub(super) fn call(n: usize, logged: &Logged, switches: &Switches) -> CallRow {
    CallRow {
        n,
        at: logged.at,
        caller: switches.known_as(&logged.caller),
        call: format!("{}:{}", logged.service, logged.operation),
        status: logged.status,
        ms: u64::try_from(logged.took.as_millis()).unwrap_or(u64::MAX),
        fault: logged.fault.as_ref().map(effect::of_call),
    }
}

pub(super) fn event(n: usize, seen: &Seen) -> EventRow {
    EventRow {
        n,
        at: seen.at,
        bus: seen.bus.clone(),
        source: text(&seen.event, "source").unwrap_or_default(),
        detail_type: text(&seen.event, "detail-type").unwrap_or_default(),
        detail: cut(&seen.event["detail"].to_string(), TEXT_MAX),
        rules: seen.rules.clone(),
    }
}

fn text(item: &Value, name: &str) -> Option<String> {
    item.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn instant(item: &Value, name: &str) -> Option<DateTime<Utc>> {
    item.get(name).and_then(Value::as_i64).and_then(DateTime::from_timestamp_millis)
}
