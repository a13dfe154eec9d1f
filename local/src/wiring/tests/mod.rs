//! The real template's wiring before functions that answer by hand, on a clock that stands still.

mod deliveries;
mod faults;
mod put_events;
mod rules;
mod samples;
mod wake_ups;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::api::InvokeError;
use crate::template::resources;

const BUS: &str = "steward-bus";
const TERMINATIONS: &str = "TerminationsQueue";
const ACTIONS: &str = "ActionsQueue";
const PLANS: &str = "PlansQueue";
const IMPORTS: &str = "ImportsQueue";
const WAKE_UPS: &str = "WakeUpsQueue";
/// How long a received message is hidden, by the template.
const VISIBILITY: u64 = 900;

/// An invocation that waits for its answer; one that is dropped crashes.
struct Invocation {
    function: String,
    payload: Value,
    answer: oneshot::Sender<Result<Value, InvokeError>>,
}

impl Invocation {
    fn answer(self, answer: Result<Value, InvokeError>) {
        self.answer.send(answer).unwrap();
    }

    fn records(&self) -> &Vec<Value> {
        self.payload["Records"].as_array().unwrap()
    }

    /// One member of each record.
    fn each(&self, member: &str) -> Vec<String> {
        self.records().iter().map(|record| record[member].as_str().unwrap().to_owned()).collect()
    }

    /// How often each record was received.
    fn receives(&self) -> Vec<&str> {
        self.records().iter().map(|record| record["attributes"]["ApproximateReceiveCount"].as_str().unwrap()).collect()
    }

    fn is_schedule(&self) -> bool {
        self.payload["detail-type"] == "Scheduled Event"
    }
}

struct ByHand(mpsc::UnboundedSender<Invocation>);

impl Invoke for ByHand {
    fn invoke(&self, function: &str, payload: Value) -> BoxFuture<'_, Result<Value, InvokeError>> {
        let (answer, answered) = oneshot::channel();
        let sent = self.0.send(Invocation { function: function.to_owned(), payload, answer });
        Box::pin(async move {
            sent.map_err(|_| InvokeError::Crashed)?;
            answered.await.unwrap_or(Err(InvokeError::Crashed))
        })
    }
}

struct World {
    wiring: Wiring,
    clock: Clock,
    invocations: mpsc::UnboundedReceiver<Invocation>,
}

impl World {
    async fn new() -> Self {
        Self::on(Clock::held("2026-11-20T12:00:00Z".parse().unwrap())).await
    }

    async fn on(clock: Clock) -> Self {
        Self::of(&template(), clock).await
    }

    async fn of(template: &Template, clock: Clock) -> Self {
        let (invoke, invocations) = mpsc::unbounded_channel();
        let wiring = Wiring::start(template, clock.clone(), Place::default(), Arc::new(ByHand(invoke))).unwrap();
        settle().await;
        Self { wiring, clock, invocations }
    }

    fn send(&self, queue: &str, bodies: impl IntoIterator<Item = impl ToString>) {
        for body in bodies {
            assert!(self.wiring.send(queue, body.to_string()), "{queue}");
        }
    }

    async fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        settle().await;
    }

    /// The next batch; schedules that come before it are answered.
    async fn batch(&mut self) -> Invocation {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(10), self.invocations.recv()).await;
            let invocation = next.expect("nothing is invoked").unwrap();
            if !invocation.is_schedule() {
                return invocation;
            }
            invocation.answer(Ok(Value::Null));
        }
    }

    /// That no batch comes at this instant.
    async fn no_batch(&mut self) {
        settle().await;
        while let Ok(invocation) = self.invocations.try_recv() {
            assert!(invocation.is_schedule(), "{} {}", invocation.function, invocation.payload);
            invocation.answer(Ok(Value::Null));
        }
    }

    fn bodies(&self, queue: &str) -> Vec<String> {
        self.wiring.queue(queue).unwrap().messages().into_iter().map(|message| message.body).collect()
    }
}

fn template() -> Template {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    Template::read(&path, &BTreeMap::new(), &Place::default()).unwrap()
}

/// Lets every task go as far as it can: on the one thread of a test they all have had their turns then.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// The whole event of a source, a type and a detail.
fn event(source: &str, detail_type: &str, detail: &Value) -> Value {
    json!({
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": detail_type,
        "source": source,
        "account": "111122223333",
        "time": "2026-11-20T12:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": detail,
    })
}

/// The event of a stack.
fn stack_event(stack: &str, status: &str) -> Value {
    let detail = json!({
        "stack-id": stack,
        "status-details": { "status": status, "status-reason": "" },
        "client-request-token": "",
    });
    event("aws.cloudformation", "CloudFormation Stack Status Change", &detail)
}

/// A stack in the place where the tests are.
fn stack(name: &str) -> String {
    format!("arn:aws:cloudformation:eu-central-1:111122223333:stack/{name}/00000000-0000-4000-8000-000000000000")
}
