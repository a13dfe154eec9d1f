//! What Steward tells the world: the events that it publishes on its bus.

mod expiry;

use serde_json::{Map, Value, json};

use crate::operation::identity::digest;
use crate::operation::{MESSAGE_BYTES_MAX, OperationId, State, cut};
use crate::ports::{Due, Rejection};
use crate::request::{Kind, shown};
use crate::scope::Scope;

pub use expiry::{Line, SAMPLE_MAX, completed, expired, expiring, extended, halted, protection, sweep_due};

/// The source of every event of Steward's own.
pub const SOURCE: &str = "steward";

/// No event's detail is longer, in bytes of JSON.
pub const DETAIL_BYTES_MAX: usize = 16 * 1024;

/// An event on its way out.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// `Operation Succeeded`, `Operation Failed`, `Operation Rejected`, `Operation Due`.
    pub detail_type: &'static str,
    /// The detail. Its `id` is the same whenever the same thing is published again.
    pub detail: Value,
}

/// The event that tells of an operation's end, if this end is told: what was skipped is only logged.
///
/// `operation` is the operation as it was read; `state`, `why` and `errors` say how it ends.
#[must_use]
pub fn ended(
    scope: &Scope,
    operation: &Due,
    state: State,
    why: Option<&str>,
    errors: &[(String, String)],
) -> Option<Outgoing> {
    let detail_type = match state {
        State::Succeeded => "Operation Succeeded",
        State::Failed => "Operation Failed",
        State::Rejected => "Operation Rejected",
        State::Submitting | State::Submitted | State::Waiting | State::Skipped | State::Cancelled => return None,
    };
    Some(told(detail_type, scope, operation, state, why, errors))
}

/// The event that tells that something is left alone until a person says otherwise.
#[must_use]
pub fn left_alone(scope: &Scope, operation: &Due, state: State, why: Option<&str>) -> Outgoing {
    told("Operation Rejected", scope, operation, state, why, &[])
}

fn told(
    detail_type: &'static str,
    scope: &Scope,
    operation: &Due,
    state: State,
    why: Option<&str>,
    errors: &[(String, String)],
) -> Outgoing {
    let attempt = operation.standing.attempt;
    let short = |text: &str| cut(text, MESSAGE_BYTES_MAX);
    let errors: Vec<Value> = errors
        .iter()
        .take(10)
        .map(|(code, description)| json!({"code": short(code), "description": short(description)}))
        .collect();
    let mut detail = object(json!({
        "id": digest(&[operation.id.as_str(), state.as_str(), &attempt.to_string()]),
        "operation": operation.id,
        "kind": operation.kind,
        "account": scope.account,
        "region": scope.region,
        "subject": operation.subject,
        "trigger": operation.trigger,
        "state": state,
        "attempts": attempt,
        "errors": errors,
    }));
    for (name, value) in [
        ("provisionedProductId", &operation.product_id),
        ("provisionedProductName", &operation.notice.name),
        ("productName", &operation.notice.product_name),
        ("owner", &operation.notice.owner),
        ("recordId", &operation.record_id),
        ("requestedBy", &operation.requested_by),
        ("reason", &operation.reason),
        ("why", &why.map(short)),
    ] {
        if let Some(value) = value {
            detail.insert(name.to_owned(), json!(value));
        }
    }
    if !operation.notice.tags.is_empty() {
        detail.insert("tags".to_owned(), json!(operation.notice.tags));
    }
    Outgoing { detail_type, detail: Value::Object(detail) }
}

/// The event that tells of a request for this kind of work that never became an operation. It carries at most 1 KiB of the
/// message, without what may be the values of an action's parameters.
#[must_use]
pub fn rejected(scope: &Scope, kind: Kind, rejection: &Rejection) -> Outgoing {
    let body = shown(kind, &rejection.body);
    let mut detail = object(json!({
        "id": rejection.id,
        "account": scope.account,
        "region": scope.region,
        "state": State::Rejected,
        "why": cut(&rejection.error, MESSAGE_BYTES_MAX),
        "body": body.as_deref().map(|body| cut(body, MESSAGE_BYTES_MAX)),
        "bodyBytes": rejection.body_bytes,
        "bodySha256": rejection.body_sha256,
    }));
    if let Some(operation) = &rejection.operation {
        detail.insert("operation".to_owned(), json!(operation));
    }
    Outgoing { detail_type: "Operation Rejected", detail: Value::Object(detail) }
}

/// The event that sends an operation on its way again. It carries only the id and the kind: what counts is in the table.
#[must_use]
pub fn due(operation: &OperationId, kind: Kind) -> Outgoing {
    Outgoing { detail_type: "Operation Due", detail: json!({ "operation": operation, "kind": kind }) }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
