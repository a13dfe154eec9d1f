//! What happened, as data: the operations in the table, the products of the catalog, the calls of each function.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::cases::Case;
use super::ends::EndRow;

/// A run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Every operation.
    pub operations: Vec<OperationRow>,
    /// Every request that never became one.
    pub rejected: Vec<RejectedRow>,
    /// Every provisioned product, living or gone.
    pub products: Vec<ProductRow>,
    /// The products whose end somebody has asked for, and what became of them: for people.
    #[serde(skip)]
    pub ends: Vec<EndRow>,
    /// How the last sweep ended, in words.
    #[serde(skip)]
    pub sweep: Option<String>,
    /// By topic and rule: how many notices people got, and what the last one said.
    #[serde(skip)]
    pub notices: BTreeMap<(String, String), (usize, String)>,
    /// By function, by service and operation: how many calls.
    pub calls: BTreeMap<String, BTreeMap<String, u64>>,
    /// By function: what its role allows and it has not done.
    pub unused: BTreeMap<String, BTreeSet<String>>,
}

/// An operation, as the table has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationRow {
    /// Its identity.
    pub id: String,
    /// What kind of work.
    pub kind: String,
    /// What it is done to.
    pub subject: String,
    /// What made two deliveries the same request.
    pub trigger: String,
    /// Where it stands.
    pub state: String,
    /// The number of the latest attempt.
    pub attempts: u64,
    /// The token of the latest attempt.
    pub token: String,
    /// The latest record.
    pub record_id: Option<String>,
    /// The provisioned product.
    pub provisioned_product_id: Option<String>,
    /// Why it stands where it stands.
    pub reason: Option<String>,
    /// The service's errors, code and description.
    pub errors: Value,
}

impl OperationRow {
    /// Whether it ends a product that has run out.
    #[must_use]
    pub fn is_expiry(&self) -> bool {
        self.kind == "terminate" && self.trigger.starts_with("expiry:")
    }
}

/// A request that never became an operation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RejectedRow {
    /// What is wrong with it.
    pub error: String,
    /// The digest of the message.
    pub body_sha256: String,
    /// The message, cut at 64 KiB.
    #[serde(skip)]
    pub body: String,
    /// The operation that it contradicts.
    pub operation: Option<String>,
}

/// A provisioned product.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductRow {
    /// `pp-...`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its status, or `TERMINATED`.
    pub status: String,
    /// How many terminations the service carried out on it.
    pub terminations: u64,
    /// How many service actions, plans and imports.
    pub executions: u64,
    /// When it ends, if it does.
    pub expires_at: Option<DateTime<Utc>>,
    /// Why it ends, or why not.
    pub why: Option<String>,
}

/// The items of the table as rows.
#[must_use]
pub fn rows(items: &[Value]) -> (Vec<OperationRow>, Vec<RejectedRow>) {
    let (mut operations, mut rejected) = (Vec::new(), Vec::new());
    for item in items {
        let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        let must = |name: &str| text(name).unwrap_or_default();
        match must("pk").split('#').next() {
            Some("op") => operations.push(OperationRow {
                id: must("operation"),
                kind: must("kind"),
                subject: must("subject"),
                trigger: must("trigger"),
                state: must("state"),
                attempts: item.get("attempt").and_then(Value::as_u64).unwrap_or_default(),
                token: must("token"),
                record_id: text("recordId"),
                provisioned_product_id: text("productId"),
                reason: text("why"),
                errors: item.get("errors").cloned().unwrap_or_else(|| Value::Array(Vec::new())),
            }),
            Some("rejected") => rejected.push(RejectedRow {
                error: must("error"),
                body_sha256: must("bodySha256"),
                body: must("body"),
                operation: text("operation"),
            }),
            _ => {}
        }
    }
    operations.sort_by(|a, b| (&a.subject, &a.id).cmp(&(&b.subject, &b.id)));
    rejected.sort_by(|a, b| (&a.error, &a.body_sha256).cmp(&(&b.error, &b.body_sha256)));
    (operations, rejected)
}

/// What a case led to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome<'a> {
    /// Its operations.
    pub operations: Vec<&'a OperationRow>,
    /// Its messages that never became one.
    pub rejected: Vec<&'a RejectedRow>,
}

impl<'a> Outcome<'a> {
    /// Finds what belongs to a case: operations by what they are about, rejections by the message itself. To a sweep belong
    /// the expiries that none of `samples` is about.
    #[must_use]
    pub fn of(case: &Case, samples: &[Case], report: &'a Report) -> Self {
        let subjects = case.subjects();
        let bodies = case.bodies();
        let asked: Vec<String> =
            if case.is_sweep() { samples.iter().flat_map(Case::subjects).collect() } else { Vec::new() };
        let is_found = |row: &OperationRow| case.is_sweep() && row.is_expiry() && !asked.contains(&row.subject);
        let is_of_case = |row: &&OperationRow| subjects.contains(&row.subject) || is_found(row);
        let operations: Vec<_> = report.operations.iter().filter(is_of_case).collect();
        // What contradicts an operation is kept as what it asks for, and names that operation.
        let contradicts =
            |row: &RejectedRow| operations.iter().any(|operation| row.operation.as_ref() == Some(&operation.id));
        let is_of_case = |row: &RejectedRow| bodies.iter().any(|body| same(body, &row.body)) || contradicts(row);
        let rejected = report.rejected.iter().filter(|row| is_of_case(row)).collect();
        Self { operations, rejected }
    }

    /// How many ended in which state.
    #[must_use]
    pub fn states(&self) -> BTreeMap<String, usize> {
        let mut states = BTreeMap::new();
        for state in
            self.operations.iter().map(|row| row.state.as_str()).chain(self.rejected.iter().map(|_| "rejected"))
        {
            *states.entry(state.to_owned()).or_default() += 1;
        }
        states
    }

    /// How many operations and rejected messages there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.operations.len() + self.rejected.len()
    }

    /// Whether nothing of it is left to do.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.operations.iter().all(|row| !matches!(row.state.as_str(), "submitting" | "submitted" | "waiting"))
    }
}

/// Whether two messages are the same: a bus writes an event's JSON anew, with its members in another order.
fn same(a: &str, b: &str) -> bool {
    match (serde_json::from_str::<Value>(a), serde_json::from_str::<Value>(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}
