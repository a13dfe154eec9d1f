//! The service, called as its clients call it, on a clock that stands still.

mod access;
mod documented;
mod drift;
mod history;
mod import;
mod mishaps;
mod offer;
mod outputs;
mod plans;
mod properties;
mod provision;
mod search;
mod service_action;
mod termination;
mod tokens;
mod update;
mod validation;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Catalog, NewProduct, Script, Settings};
use crate::api::{Call, Caller, Service};
use crate::clock::Clock;
use crate::gateway::Place;

/// The product that most tests are about.
const ID: &str = "pp-sandbox000001";
const NAME: &str = "sandbox";
const TERMINATE: &str = "TerminateProvisionedProduct";

/// A refusal: code and message.
type Refusal = (String, String);

struct Scene {
    catalog: Catalog,
    clock: Clock,
    events: Arc<Mutex<Vec<Value>>>,
}

impl Scene {
    /// A catalog with no product.
    fn empty(edit: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::default();
        edit(&mut settings);
        let (clock, events) = (Clock::held(start()), Arc::<Mutex<Vec<Value>>>::default());
        let taken = Arc::clone(&events);
        let take = Arc::new(move |event| taken.lock().unwrap().push(event));
        Self { catalog: Catalog::new(settings, clock.clone(), Place::default(), take), clock, events }
    }

    /// A catalog with one product, whose records end so.
    fn new(scripts: impl IntoIterator<Item = Script>) -> Self {
        Self::with(scripts, |_| {})
    }

    fn with(scripts: impl IntoIterator<Item = Script>, edit: impl FnOnce(&mut Settings)) -> Self {
        let scene = Self::empty(edit);
        scene.catalog.add(NewProduct::new(ID, NAME, start()).scripts(scripts));
        scene
    }

    async fn raw(&self, caller: Caller, operation: &str, body: &str) -> Result<Value, Refusal> {
        let (operation, body) = (operation.to_owned(), body.to_owned().into());
        let answer = self.catalog.call(Call { caller, operation, headers: Vec::new(), body }).await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        if answer.status == 200 {
            return Ok(body);
        }
        assert_eq!(answer.status, 400, "every refusal of this service is a 400: {body}");
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Err((text("__type"), text("message")))
    }

    async fn call(&self, operation: &str, body: Value) -> Result<Value, Refusal> {
        self.raw(user(), operation, &body.to_string()).await
    }

    /// Terminates the product with a token; the record's id or the refusal's code.
    async fn terminate(&self, token: &str) -> Result<String, String> {
        self.terminate_so(token, json!({ "ProvisionedProductId": ID })).await
    }

    /// The same with other members.
    async fn terminate_so(&self, token: &str, mut members: Value) -> Result<String, String> {
        members["TerminateToken"] = json!(token);
        match self.call(TERMINATE, members).await {
            Ok(answer) => Ok(answer["RecordDetail"]["RecordId"].as_str().unwrap().to_owned()),
            Err((code, _)) => Err(code),
        }
    }

    /// The record, as `DescribeRecord` shows it.
    async fn record(&self, id: &str) -> Value {
        self.call("DescribeRecord", json!({ "Id": id })).await.unwrap()["RecordDetail"].take()
    }

    /// The product, as `DescribeProvisionedProduct` shows it; or the refusal's code.
    async fn product(&self, id: &str) -> Result<Value, String> {
        let answer = self.call("DescribeProvisionedProduct", json!({ "Id": id })).await;
        answer.map(|mut answer| answer["ProvisionedProductDetail"].take()).map_err(|(code, _)| code)
    }

    /// The calls of that operation that were carried out.
    fn carried_out(&self, operation: &str) -> usize {
        self.catalog.executions().iter().filter(|done| done.operation == operation).count()
    }

    /// Lets time pass.
    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.catalog.settle();
    }

    /// The stack statuses that were told, in order.
    fn told(&self) -> Vec<String> {
        let status = |event: &Value| event["detail"]["status-details"]["status"].as_str().map(str::to_owned);
        self.events.lock().unwrap().iter().filter_map(status).collect()
    }
}

fn start() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn user() -> Caller {
    caller("user", "arn:aws:iam::111122223333:user/admin")
}

fn caller(name: &str, arn: &str) -> Caller {
    Caller { name: name.to_owned(), arn: arn.to_owned() }
}

/// The failure of a stack that cannot be deleted.
fn not_empty() -> Script {
    Script::Fail(vec![("1".to_owned(), "The bucket is not empty".to_owned())])
}

/// The values of one member, row by row.
fn each(answer: &Value, list: &str, member: &str) -> Vec<String> {
    answer[list].as_array().unwrap().iter().map(|row| row[member].as_str().unwrap().to_owned()).collect()
}

/// All pages of a list, one after the other: the rows' members, and how many rows each page had.
async fn pages(scene: &Scene, operation: &str, list: &str, member: &str, request: Value) -> (Vec<String>, Vec<usize>) {
    let (mut all, mut sizes, mut next) = (Vec::new(), Vec::new(), Value::Null);
    loop {
        let mut request = request.clone();
        request["PageToken"] = next;
        let answer = scene.call(operation, request).await.unwrap();
        let page = each(&answer, list, member);
        sizes.push(page.len());
        all.extend(page);
        assert!(sizes.len() < 50, "the pages of {operation} do not end");
        next = answer["NextPageToken"].clone();
        if next.is_null() {
            return (all, sizes);
        }
    }
}
