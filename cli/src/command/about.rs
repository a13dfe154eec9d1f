//! An operation in a line, and as a document.

use serde::Serialize;
use serde_json::{Value, json};
use shared::aws::store::Stored;
use shared::operation::State;
use shared::ports::Rejection;

use crate::print;

/// How many digits of an operation's id a person is shown.
const DIGITS: usize = 12;

/// An operation, or a request that never became one, as lists have it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    /// `op-...`, or a rejection's id.
    pub(super) operation: String,
    /// None of a rejection: nobody could read what it was.
    pub(super) kind: Option<&'static str>,
    pub(super) state: &'static str,
    pub(super) subject: Option<String>,
    pub(super) provisioned_product_id: Option<String>,
    pub(super) provisioned_product_name: Option<String>,
    pub(super) trigger: Option<String>,
    pub(super) attempts: u32,
    pub(super) record_id: Option<String>,
    pub(super) requested_by: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) why: Option<String>,
    pub(super) requested_at: Option<String>,
    pub(super) updated_at: String,
    pub(super) due_at: Option<String>,
    pub(super) retry_at: Option<String>,
    #[serde(skip)]
    pub(super) at: shared::clock::Time,
    #[serde(skip)]
    pub(super) asked: shared::clock::Time,
}

impl From<&Stored> for Row {
    fn from(stored: &Stored) -> Self {
        let operation = &stored.operation;
        Self {
            operation: operation.id.to_string(),
            kind: Some(operation.kind.as_str()),
            state: operation.standing.state.as_str(),
            subject: Some(operation.subject.clone()),
            provisioned_product_id: operation.product_id.clone(),
            provisioned_product_name: operation.notice.name.clone(),
            trigger: Some(operation.trigger.clone()),
            attempts: operation.standing.attempt,
            record_id: operation.record_id.clone(),
            requested_by: operation.requested_by.clone(),
            reason: operation.reason.clone(),
            why: operation.why.clone(),
            requested_at: Some(print::iso(operation.requested_at)),
            updated_at: print::iso(stored.updated_at),
            due_at: operation.due_at.map(print::iso),
            retry_at: operation.retry_at.map(print::iso),
            at: stored.updated_at,
            asked: operation.requested_at,
        }
    }
}

impl From<&Rejection> for Row {
    fn from(rejection: &Rejection) -> Self {
        Self {
            operation: rejection.id.clone(),
            kind: None,
            state: State::Rejected.as_str(),
            subject: rejection.operation.as_ref().map(|beside| format!("beside {beside}")),
            provisioned_product_id: None,
            provisioned_product_name: None,
            trigger: None,
            attempts: 0,
            record_id: None,
            requested_by: None,
            reason: None,
            why: Some(rejection.error.clone()),
            requested_at: None,
            updated_at: print::iso(rejection.at),
            due_at: None,
            retry_at: None,
            at: rejection.at,
            asked: rejection.at,
        }
    }
}

impl Row {
    /// What it is about, for people.
    pub(super) fn about(&self) -> String {
        match (&self.provisioned_product_name, &self.provisioned_product_id, &self.subject) {
            (Some(name), Some(id), _) => format!("{name} ({id})"),
            (None, Some(id), _) => id.clone(),
            (_, None, subject) => subject.clone().unwrap_or_default(),
        }
    }
}

/// As much of an id as tells it from others.
pub(super) fn short(id: &str) -> String {
    let digits = id.strip_prefix("op-").map_or(id.len(), |_| "op-".len() + DIGITS);
    id.get(..digits.min(id.len())).unwrap_or(id).to_owned()
}

/// Rows, for people.
pub(super) fn table(rows: &[Row], now: shared::clock::Time) -> print::Table {
    let mut table = print::Table::new(&["STATE", "KIND", "ABOUT", "OPERATION", "SINCE", "WHY"]);
    for row in rows {
        table.row([
            row.state.to_owned(),
            row.kind.unwrap_or_default().to_owned(),
            row.about(),
            short(&row.operation),
            print::relative(row.at, now),
            row.why.clone().unwrap_or_default(),
        ]);
    }
    table
}

/// What was asked for, without the values of an action's parameters.
fn request(stored: &Stored) -> Value {
    let content = shared::request::content(&stored.operation.target);
    let shown = shared::request::shown(stored.operation.kind, &content);
    shown.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// All of an operation, as a document: what its item holds, with instants in words, and without what is nobody's business.
pub(super) fn document(stored: &Stored) -> Value {
    let operation = &stored.operation;
    let mut document = serde_json::to_value(Row::from(stored)).unwrap_or_default();
    let history: Vec<Value> = operation
        .history
        .iter()
        .map(|one| {
            json!({ "at": print::iso(one.at), "attempt": one.attempt, "what": one.what, "recordId": one.record_id,
                "code": one.code, "message": one.message })
        })
        .collect();
    let errors: Vec<Value> =
        stored.errors.iter().map(|(code, text)| json!({ "code": code, "description": text })).collect();
    let more = json!({
        "token": operation.token,
        "failures": operation.standing.failures,
        "tries": operation.standing.tries,
        "open": operation.standing.open,
        "sent": operation.standing.sent,
        "senderAccount": operation.sender_account,
        "createdAt": print::iso(operation.created_at),
        "leaseUntil": print::iso(operation.lease_until),
        "expiresAt": operation.expires_at.map(print::iso),
        "owner": operation.notice.owner,
        "productName": operation.notice.product_name,
        "tags": operation.notice.tags,
        "stalled": stored.stalled,
        "polledAt": stored.polled_at.map(print::iso),
        "request": request(stored),
        "remedy": operation.remedy,
        "errors": errors,
        "history": history,
    });
    if let (Value::Object(document), Value::Object(more)) = (&mut document, more) {
        document.extend(more);
    }
    document
}
