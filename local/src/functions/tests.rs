//! The service over the functions and mappings of the real template, which answer by hand.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::api::{Caller, InvokeError};

const SWEEP: &str = "SweepFunction";

/// Notes what it is asked, and gives the same answer to all.
struct Always(Mutex<Vec<String>>, Mutex<Result<Value, InvokeError>>);

impl Invoke for Always {
    fn invoke(&self, function: &str, payload: Value) -> BoxFuture<'_, Result<Value, InvokeError>> {
        self.0.lock().unwrap().push(format!("{function} {payload}"));
        let answer = self.1.lock().unwrap().clone();
        Box::pin(std::future::ready(answer))
    }
}

struct World {
    lambda: Lambda,
    invoked: Arc<Always>,
    wiring: Wiring,
    clock: Clock,
}

impl World {
    fn new() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
        let template = Template::read(&path, &BTreeMap::new(), &Place::default()).unwrap();
        let clock = Clock::held("2026-11-20T12:00:00Z".parse().unwrap());
        let invoked = Arc::new(Always(Mutex::default(), Mutex::new(Ok(json!({ "done": 1 })))));
        let invoke: Arc<dyn Invoke> = Arc::<Always>::clone(&invoked);
        let wiring = Wiring::start(&template, clock.clone(), Place::default(), Arc::clone(&invoke)).unwrap();
        let lambda = Lambda::new(&template, invoke, wiring.clone(), clock.clone(), Place::default());
        Self { lambda, invoked, wiring, clock }
    }

    fn answers(&self, answer: Result<Value, InvokeError>) {
        *self.invoked.1.lock().unwrap() = answer;
    }

    fn invoked(&self) -> Vec<String> {
        std::mem::take(&mut self.invoked.0.lock().unwrap())
    }

    async fn ask(&self, operation: &str, input: Value) -> Answer {
        let caller = Caller { name: "user".to_owned(), arn: String::new() };
        let body = input.to_string().into();
        self.lambda.call(Call { caller, operation: operation.to_owned(), headers: Vec::new(), body }).await
    }

    async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.ask(operation, input).await;
        assert!(answer.status < 300, "{answer:?}");
        serde_json::from_slice(&answer.body).unwrap()
    }

    async fn invoke(&self, kind: &str, payload: &str) -> Answer {
        self.ask("Invoke", json!({ "FunctionName": SWEEP, "InvocationType": kind, "Payload": payload })).await
    }
}

async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_invocation_gives_what_the_function_gives() {
    let world = World::new();
    let answer = world.invoke("RequestResponse", "{\"a\":1}").await;
    assert_eq!((answer.status, &answer.body[..]), (200, &b"{\"done\":1}"[..]));
    assert!(!answer.headers.iter().any(|(name, _)| name == "x-amz-function-error"));
    assert_eq!(world.invoked(), ["SweepFunction {\"a\":1}"]);
    world.invoke("RequestResponse", "").await;
    assert_eq!(world.invoked(), ["SweepFunction {}"]);
    assert_eq!(world.invoke("DryRun", "{}").await.status, 204);
    assert!(world.invoked().is_empty());
    let boom = InvokeError::Function { error_type: "Boom".to_owned(), message: "no".to_owned() };
    for (error, error_type) in
        [(boom, "Boom"), (InvokeError::Crashed, "Runtime.ExitError"), (InvokeError::TimedOut, "Sandbox.Timedout")]
    {
        world.answers(Err(error));
        let answer = world.invoke("RequestResponse", "{}").await;
        assert!(answer.headers.contains(&("x-amz-function-error".to_owned(), "Unhandled".to_owned())));
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, &body["errorType"]), (200, &json!(error_type)));
    }
}

#[tokio::test]
async fn an_event_is_taken_and_tried_three_times() {
    let world = World::new();
    world.answers(Err(InvokeError::Crashed));
    assert_eq!(world.invoke("Event", "{}").await.status, 202);
    settle().await;
    for (seconds, more) in [(59, 0), (1, 1), (119, 0), (1, 1), (3_600, 0)] {
        world.clock.advance(Duration::from_secs(seconds));
        settle().await;
        let all = world.invoked();
        // The first one came at once; the schedules fire, too, and are no events of ours.
        let ours = all.iter().filter(|call| *call == "SweepFunction {}").count();
        assert_eq!(ours, more + usize::from(seconds == 59), "after {seconds} s: {all:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_invoked_is_refused() {
    let world = World::new();
    assert_eq!(world.invoke("RequestResponse", "{").await.status, 400);
    assert_eq!(world.invoke("Whenever", "{}").await.status, 400);
    let long = format!("\"{}\"", "x".repeat(1024 * 1024));
    assert_eq!(world.invoke("Event", &long).await.status, 413);
    assert_eq!(world.invoke("RequestResponse", &long).await.status, 200);
    world.answers(Err(InvokeError::Unknown));
    assert_eq!(world.invoke("RequestResponse", "{}").await.status, 404);
    for name in ["Nobody", "SweepFunction:7", "arn:aws:lambda:eu-central-1:111122223333:function:Nobody"] {
        assert_eq!(world.ask("GetFunction", json!({ "FunctionName": name })).await.status, 404, "{name}");
    }
}

#[tokio::test]
async fn a_function_is_found_by_name_and_arn_and_tells_what_it_is() {
    let world = World::new();
    let arn = "arn:aws:lambda:eu-central-1:111122223333:function:SweepFunction";
    for name in [SWEEP, arn, "111122223333:function:SweepFunction", "SweepFunction:$LATEST"] {
        let found = world.ok("GetFunction", json!({ "FunctionName": name })).await;
        assert_eq!(found["Configuration"]["FunctionArn"], arn);
    }
    let one = world.ok("GetFunctionConfiguration", json!({ "FunctionName": SWEEP })).await;
    assert_eq!((&one["State"], &one["LastModified"]), (&json!("Active"), &json!("2026-11-20T12:00:00.000+0000")));
    assert_eq!(one["Environment"]["Variables"]["DRY_RUN"], "true");
    assert_eq!(one["Role"], "arn:aws:iam::111122223333:role/SweepRole");
    let first = world.ok("ListFunctions", json!({ "MaxItems": "4" })).await;
    let rest = world.ok("ListFunctions", json!({ "Marker": first["NextMarker"] })).await;
    let count = |page: &Value| page["Functions"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&rest)), (4, 2));
    assert!(rest.get("NextMarker").is_none());
}

#[tokio::test]
async fn a_mapping_is_switched_off_and_on() {
    let world = World::new();
    let queue = "arn:aws:sqs:eu-central-1:111122223333:steward-TerminationsQueue";
    let of = |member: &str, value: &str| json!({ member: value });
    let by_function = world.ok("ListEventSourceMappings", of("FunctionName", "TerminateFunction")).await;
    let by_queue = world.ok("ListEventSourceMappings", of("EventSourceArn", queue)).await;
    assert_eq!(by_function, by_queue);
    let one = &by_queue["EventSourceMappings"][0];
    assert_eq!((&one["State"], &one["BatchSize"]), (&json!("Enabled"), &json!(10)));
    let uuid = one["UUID"].as_str().unwrap();
    let set = |enabled: bool| json!({ "UUID": uuid, "Enabled": enabled, "FunctionName": "TerminateFunction" });
    assert_eq!(world.ok("UpdateEventSourceMapping", set(false)).await["State"], "Disabling");
    assert_eq!(world.ok("GetEventSourceMapping", of("UUID", uuid)).await["State"], "Disabled");
    settle().await;
    assert!(world.wiring.send("TerminationsQueue", "waits".to_owned()));
    settle().await;
    assert_eq!(world.wiring.queue("TerminationsQueue").unwrap().counts().visible, 1);
    assert!(world.invoked().is_empty());
    assert_eq!(world.ok("UpdateEventSourceMapping", set(true)).await["State"], "Enabling");
    settle().await;
    assert!(world.invoked()[0].contains("\"waits\""));
    assert!(world.wiring.queue("TerminationsQueue").unwrap().is_empty());
    for (input, status) in [
        (json!({ "UUID": "00000000-0000-4000-8000-000000000000", "Enabled": false }), 404),
        (json!({ "UUID": uuid, "BatchSize": 1 }), 400),
        (json!({ "UUID": uuid, "FunctionName": SWEEP }), 400),
    ] {
        assert_eq!(world.ask("UpdateEventSourceMapping", input.clone()).await.status, status, "{input}");
    }
    assert_eq!(world.ask("ListEventSourceMappings", of("FunctionName", "Nobody")).await.status, 404);
    let none = world.ok("ListEventSourceMappings", of("EventSourceArn", "arn:aws:sqs:x")).await;
    assert_eq!(none["EventSourceMappings"], json!([]));
}
