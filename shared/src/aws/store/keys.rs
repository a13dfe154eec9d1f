//! Keys, indexes and attribute names: what `template.yaml` must agree with.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::operation::OperationId;
use crate::scope::Scope;

/// The index that `reconcile` reads by time: live operations alone are in it.
pub const DUE_INDEX: &str = "due";
/// The index by provisioned product.
pub const PRODUCT_INDEX: &str = "product";
/// What both indexes carry, beside keys: enough to follow an operation without reading it. The operation's id is in the key.
/// `DynamoDB` allows an index no more than 20 of these.
pub const PROJECTED: [&str; 20] = [
    "kind",
    "subject",
    "trigger",
    "state",
    "attempt",
    "failures",
    "tries",
    "open",
    "sent",
    "nonce",
    "retryAt",
    "tryingSince",
    "polledAt",
    "polls",
    "stalled",
    "recordId",
    "productId",
    "requestedBy",
    "reason",
    "notice",
];

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) const KEY: &str = "pk";
pub(super) const DUE_SHARD: &str = "dueShard";
pub(super) const DUE_AT: &str = "dueAt";
pub(super) const PRODUCT_KEY: &str = "productKey";
pub(super) const TTL: &str = "ttl";
pub(super) const UPDATED_AT: &str = "updatedAt";

pub(super) fn operation(scope: &Scope, id: &OperationId) -> String {
    key("op", scope, id.as_str())
}

/// What the keys of all operations begin with.
pub(super) fn operations(scope: &Scope) -> String {
    key("op", scope, "")
}

/// The id in an operation's key.
pub(super) fn id_in(key: &str) -> &str {
    key.rsplit('#').next().unwrap_or(key)
}

pub(super) fn product(scope: &Scope, product_id: &str) -> String {
    key("product", scope, product_id)
}

/// Whether an item is of a product.
pub(super) fn is_product(item: &Item) -> bool {
    item.get(KEY).and_then(|key| key.as_s().ok()).is_some_and(|key| key.starts_with("product#"))
}

pub(super) fn record(scope: &Scope, record_id: &str) -> String {
    key("record", scope, record_id)
}

pub(super) fn rejected(scope: &Scope, id: &str) -> String {
    key("rejected", scope, id)
}

pub(super) fn switch(scope: &Scope) -> String {
    key("switch", scope, "steward")
}

/// The one slot in which imports run: who may call, and who is next.
pub(super) fn import_slot(scope: &Scope) -> String {
    key("slot", scope, "import")
}

/// What the sweep remembers, and the lease on it.
pub(super) fn sweep(scope: &Scope) -> String {
    key("sweep", scope, "memory")
}

/// Candidates of a pass that ran out of time.
pub(super) fn piece(scope: &Scope, pass: i64, piece: u32) -> String {
    key("sweep", scope, &format!("{pass}-{piece}"))
}

/// The places for terminations in a window of time.
pub(super) fn places(scope: &Scope, window: &str) -> String {
    key("places", scope, window)
}

pub(super) fn due_shard(scope: &Scope) -> String {
    format!("due#{}#{}", scope.account, scope.region)
}

fn key(kind: &str, scope: &Scope, name: &str) -> String {
    format!("{kind}#{}#{}#{name}", scope.account, scope.region)
}

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

#[expect(clippy::needless_pass_by_value, reason = "numbers are copied")]
pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
