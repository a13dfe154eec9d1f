//! All that is known: of an operation, of a provisioned product, of a request that never became an operation.

use std::process::ExitCode;

use serde_json::{Value, json};
use shared::aws::store::{Stored, Which};
use shared::operation::{OperationId, State};
use shared::ports::{Catalog as _, Described, ProductItem, Products as _, Record, Rejection, SearchRow, Sought};
use shared::request::{ProductRef, Target};

use super::about::{Row, document, short, table};
use super::{expiring, find};
use crate::aws::Session;
use crate::print;
use crate::problem::Problem;

pub(super) async fn run(session: &Session, id: &str) -> Result<ExitCode, Problem> {
    if id.starts_with("op-") {
        let id = find::operation(session, id).await?;
        return operation(session, &find::stored(session, &id).await?).await;
    }
    if id.len() == 64 && id.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return match session.store.rejection(id).await? {
            Some(found) => Ok(rejection(session, &found)),
            None => Err(Problem::NotFound(format!("there is no rejected request {id}: it never was, or is forgotten"))),
        };
    }
    let product = if id.starts_with("pp-") { ProductRef::Id(id.to_owned()) } else { ProductRef::Name(id.to_owned()) };
    // A plan, or a stack: what operations are about.
    if id.starts_with("plan-") || id.starts_with("arn:") {
        let found: Vec<Stored> = session.store.operations(Which::All).await?.read;
        let about = found.iter().filter(|stored| stored.operation.subject == id);
        return operations(session, id, &about.map(Row::from).collect::<Vec<_>>());
    }
    whole_product(session, id, product).await
}

async fn operation(session: &Session, stored: &Stored) -> Result<ExitCode, Problem> {
    let operation = &stored.operation;
    // What the service says of it now; that it says nothing is no reason to say nothing.
    let record = match &operation.record_id {
        Some(id) => session.catalog.record(id).await.ok().flatten(),
        None => None,
    };
    let mut whole = document(stored);
    whole["record"] = record.as_ref().map_or(Value::Null, record_document);
    print::answer(&session.global, &whole, || operation_in_words(session, stored, record.as_ref()));
    Ok(ExitCode::SUCCESS)
}

fn operation_in_words(session: &Session, stored: &Stored, record: Option<&Record>) {
    let (operation, now) = (&stored.operation, session.clock.now());
    let row = Row::from(stored);
    print::head(&format!("{}  {}  {}", operation.id, operation.kind.as_str(), print::state(row.state)));
    let asked = format!(
        "{} by {}{}",
        print::at(operation.requested_at, now),
        operation.requested_by.as_deref().unwrap_or("nobody by name"),
        operation.sender_account.as_ref().map(|account| format!(", from the account {account}")).unwrap_or_default()
    );
    let open = if operation.standing.open { "; an answer to it is missing" } else { "" };
    let failures = operation.standing.failures;
    let failed = if failures > 0 { format!("; {failures} records FAILED") } else { String::new() };
    let record = operation.record_id.as_ref().map(|id| match record {
        Some(record) => format!("{id}: {} now", record.status),
        None => format!("{id}: cannot be read now"),
    });
    print::facts([
        ("about", Some(row.about())),
        ("product", operation.notice.product_name.clone()),
        ("owner", operation.notice.owner.clone()),
        ("why", operation.why.clone()),
        ("asked", Some(asked)),
        ("reason", operation.reason.clone()),
        ("trigger", Some(operation.trigger.clone())),
        (
            "attempt",
            Some(format!("{}, tried {} times{failed}{open}", operation.standing.attempt, operation.standing.tries)),
        ),
        ("token", Some(operation.token.clone())),
        ("record", record),
        (
            "sent again",
            operation.retry_at.filter(|_| operation.standing.state == State::Waiting).map(|at| print::at(at, now)),
        ),
        ("looked at", operation.due_at.map(|at| print::at(at, now))),
        ("written", Some(print::at(stored.updated_at, now))),
    ]);
    for (code, text) in stored.errors.iter().filter(|_| operation.standing.state != State::Succeeded) {
        print::line(&format!("   last error  {code}: {text}"));
    }
    if !operation.history.is_empty() {
        print::line("");
        let mut history = print::Table::new(&["WHEN", "ATTEMPT", "WHAT", "RECORD", "WORDS"]);
        for one in &operation.history {
            let words =
                [one.code.as_deref(), one.message.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(": ");
            let record = one.record_id.clone().unwrap_or_default();
            history.row([print::iso(one.at), one.attempt.to_string(), one.what.clone(), record, words]);
        }
        history.print();
    }
    let repairs = matches!(operation.target, Target::Remediate(_));
    if let Some(advice) = advice(operation.standing.state, operation.standing.open, repairs, &operation.id) {
        print::line(&format!("\n{advice}"));
    }
}

/// What a person can do.
fn advice(state: State, is_open: bool, repairs: bool, id: &OperationId) -> Option<String> {
    let id = short(id.as_str());
    match state {
        State::Failed if repairs => Some("It is repaired anew when its drift is found again.".to_owned()),
        State::Failed => Some(format!("Try it once more: steward retry {id} --reason '...'")),
        State::Waiting if is_open => Some("Its record is looked for by itself; it is not sent before that.".to_owned()),
        State::Waiting => Some(format!(
            "Send it now: steward retry {id} --reason '...'; or give it up: steward cancel {id} --reason '...'"
        )),
        State::Rejected | State::Skipped => Some("It was never sent. Asked again, it is judged anew.".to_owned()),
        State::Submitting | State::Submitted | State::Succeeded | State::Cancelled => None,
    }
}

fn record_document(record: &Record) -> Value {
    let errors: Vec<Value> =
        record.errors.iter().map(|(code, text)| json!({ "code": code, "description": text })).collect();
    json!({ "id": record.id, "status": record.status, "type": record.record_type,
        "createdAt": record.created_at.map(print::iso), "errors": errors })
}

fn rejection(session: &Session, rejection: &Rejection) -> ExitCode {
    let body: String = rejection.body.chars().take(1024).collect();
    let whole = json!({ "id": rejection.id, "at": print::iso(rejection.at), "error": rejection.error,
        "operation": rejection.operation, "body": body, "bodyBytes": rejection.body_bytes,
        "bodySha256": rejection.body_sha256 });
    let now = session.clock.now();
    print::answer(&session.global, &whole, || {
        print::head(&format!("{}  {}", rejection.id, print::state("rejected")));
        print::facts([
            ("why", Some(rejection.error.clone())),
            ("when", Some(print::at(rejection.at, now))),
            ("beside", rejection.operation.as_ref().map(ToString::to_string)),
            ("length", Some(format!("{} bytes, SHA-256 {}", rejection.body_bytes, rejection.body_sha256))),
            ("began", Some(body.clone())),
        ]);
    });
    ExitCode::SUCCESS
}

fn operations(session: &Session, id: &str, rows: &[Row]) -> Result<ExitCode, Problem> {
    if rows.is_empty() {
        return Err(Problem::NotFound(format!("there is no operation about {id}")));
    }
    print::answer(&session.global, &json!({ "operations": rows }), || table(rows, session.clock.now()).print());
    Ok(ExitCode::SUCCESS)
}

async fn whole_product(session: &Session, word: &str, product: ProductRef) -> Result<ExitCode, Problem> {
    let described = session.catalog.describe(&product).await?;
    // What was terminated is known by the table alone.
    let id = described.as_ref().map_or_else(|| word.to_owned(), |product| product.id.clone());
    let ids = [id.as_str()];
    let (row, items, operations) = tokio::join!(
        session.catalog.search(Sought::Product(&id)),
        session.store.items(&ids),
        session.store.operations(Which::Product(&id))
    );
    let (row, item) = (row?, items?.remove(&id).transpose()?);
    let mut operations: Vec<Row> = operations?.read.iter().map(Row::from).collect();
    operations.sort_by_key(|row| std::cmp::Reverse(row.at));
    if described.is_none() && item.is_none() && operations.is_empty() {
        return Err(Problem::NotFound(format!("there is no provisioned product {word}, and Steward remembers none")));
    }
    let end = match &row {
        Some(row) => expiring::end(session, row, item.as_ref()).await,
        None => None,
    };
    let known = Known { id, described, row, item, operations, end };
    print::answer(&session.global, &known.document(), || known.in_words(session));
    Ok(ExitCode::SUCCESS)
}

/// A provisioned product, as far as anybody knows it.
struct Known {
    id: String,
    described: Option<Described>,
    row: Option<SearchRow>,
    item: Option<ProductItem>,
    operations: Vec<Row>,
    end: Option<expiring::End>,
}

impl Known {
    fn document(&self) -> Value {
        let (described, row, item) = (self.described.as_ref(), self.row.as_ref(), self.item.as_ref());
        let tags: serde_json::Map<String, Value> = row
            .map(|row| row.tags.iter().map(|(key, value)| (key.clone(), json!(value))).collect())
            .unwrap_or_default();
        let extensions: Vec<Value> = item
            .map(|item| item.extensions.iter())
            .into_iter()
            .flatten()
            .map(|one| {
                json!({ "until": print::iso(one.until), "by": one.by, "reason": one.reason, "at": print::iso(one.at) })
            })
            .collect();
        json!({
            "provisionedProductId": self.id,
            "exists": described.is_some(),
            "name": described.and_then(|product| product.name.clone()),
            "type": described.and_then(|product| product.product_type.clone()),
            "status": described.map(|product| product.status.clone()),
            "statusMessage": described.and_then(|product| product.status_message.clone()),
            "createdAt": described.and_then(|product| product.created_at).map(print::iso),
            "productName": row.and_then(|row| row.product_name.clone()),
            "owner": row.and_then(|row| row.owner.clone()),
            "physicalId": row.and_then(|row| row.physical_id.clone()),
            "tags": tags,
            "end": self.end,
            "protection": item.and_then(|item| item.protection.as_ref()).map(|one| {
                json!({ "by": one.by, "reason": one.reason, "until": one.until.map(print::iso) })
            }),
            "extendedUntil": item.and_then(|item| item.lease_until).map(print::iso),
            "extensions": extensions,
            "leftAlone": item.and_then(|item| item.remediation.as_ref()).is_some_and(|slot| slot.left_alone),
            "operations": self.operations,
        })
    }

    fn in_words(&self, session: &Session) {
        let now = session.clock.now();
        let (described, row, item) = (self.described.as_ref(), self.row.as_ref(), self.item.as_ref());
        let name = described.and_then(|product| product.name.clone()).unwrap_or_default();
        let status = described.map_or("gone", |product| &product.status);
        print::head(&format!("{}  {name}  {status}", self.id));
        let protection = item.and_then(|item| item.protection.as_ref()).filter(|one| one.holds(now)).map(|one| {
            let until = one.until.map(|at| format!(", until {}", print::at(at, now))).unwrap_or_default();
            format!("{}{until}", one.in_words())
        });
        // The service's own tags say what is said above.
        let own = |(key, _): &&(String, String)| !key.starts_with("aws:");
        let tags = row.map(|row| {
            let tags = row.tags.iter().filter(own).map(|(key, value)| format!("{key}={value}"));
            tags.collect::<Vec<_>>().join(", ")
        });
        let alone = item.and_then(|item| item.remediation.as_ref()).is_some_and(|slot| slot.left_alone);
        print::facts([
            ("words", described.and_then(|product| product.status_message.clone())),
            ("product", row.and_then(|row| row.product_name.clone())),
            ("owner", row.and_then(|row| row.owner.clone())),
            ("stack", row.and_then(|row| row.physical_id.clone())),
            ("created", described.and_then(|product| product.created_at).map(|at| print::at(at, now))),
            ("tags", tags),
            ("end", self.end.as_ref().map(|end| end.in_words(now))),
            ("protected", protection),
            (
                "drift",
                alone
                    .then(|| format!("left alone; let it be repaired again: steward retry {} --reason '...'", self.id)),
            ),
        ]);
        for one in item.map(|item| item.extensions.iter()).into_iter().flatten() {
            print::line(&format!("  extended  until {} by {}: {}", print::at(one.until, now), one.by, one.reason));
        }
        if !self.operations.is_empty() {
            print::line("");
            table(&self.operations, now).print();
        }
    }
}
