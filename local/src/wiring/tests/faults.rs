//! What can go wrong at AWS, on demand: doubles, refusals, functions that are not there.

use super::*;
use crate::api::{Call, Caller, Service};

/// Invokes with one answer to everything.
struct Always(InvokeError);

impl Invoke for Always {
    fn invoke(&self, _: &str, _: Value) -> BoxFuture<'_, Result<Value, InvokeError>> {
        Box::pin(std::future::ready(Err(self.0.clone())))
    }
}

#[tokio::test]
async fn only_what_cannot_be_delivered_is_a_rules_dead_letter() {
    let failed = InvokeError::Function { error_type: "E".to_owned(), message: "m".to_owned() };
    for (error, dead) in [(InvokeError::Unknown, 1), (InvokeError::Crashed, 0), (InvokeError::TimedOut, 0), (failed, 0)]
    {
        let clock = Clock::held(DateTime::UNIX_EPOCH);
        let wiring = Wiring::start(&template(), clock, Place::default(), Arc::new(Always(error.clone()))).unwrap();
        assert!(wiring.fire("ReconcileScheduleRule").await);
        assert_eq!(wiring.queue("RulesDeadLetterQueue").unwrap().messages().len(), dead, "{error:?}");
    }
}

#[tokio::test]
async fn a_schedule_can_be_fired_at_once_and_nothing_else_can() {
    let mut world = World::new().await;
    let wiring = world.wiring.clone();
    let fired = tokio::spawn(async move { wiring.fire("ReconcileScheduleRule").await });
    let invocation = world.invocations.recv().await.unwrap();
    assert_eq!(invocation.function, "ReconcileFunction");
    assert_eq!(invocation.payload["time"], "2026-11-20T12:00:00Z");
    assert!(!fired.is_finished(), "it waits for the answer");
    invocation.answer(Ok(Value::Null));
    assert!(fired.await.unwrap());
    assert!(!world.wiring.fire("StackEventsRule").await, "a rule with a pattern has no time");
    assert!(!world.wiring.fire("Nothing").await);
}

#[tokio::test]
async fn a_message_may_be_delivered_twice() {
    let mut world = World::new().await;
    world.wiring.deliver_twice(true);
    world.send(TERMINATIONS, ["a"]);
    world.wiring.deliver_twice(false);
    let batch = world.batch().await;
    let ids = batch.each("messageId");
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]), "one message, twice");
    assert_eq!(world.wiring.queue(TERMINATIONS).unwrap().in_flight(), 2);
    batch.answer(Ok(json!({ "batchItemFailures": [] })));
    settle().await;
    assert!(world.wiring.is_idle());
    world.send(TERMINATIONS, ["b"]);
    assert_eq!(world.batch().await.records().len(), 1);
}

#[tokio::test]
async fn single_entries_can_be_refused() {
    let world = World::new().await;
    world.wiring.refuse_entries(1);
    let entry = json!({ "Source": "a", "DetailType": "b", "Detail": "{}", "EventBusName": BUS });
    let call = Call {
        caller: Caller { name: "user".to_owned(), arn: "arn:aws:iam::111122223333:user/admin".to_owned() },
        operation: "PutEvents".to_owned(),
        headers: Vec::new(),
        body: json!({ "Entries": [entry, entry] }).to_string().into(),
    };
    let answer: Value = serde_json::from_slice(&world.wiring.call(call).await.body).unwrap();
    assert_eq!(answer["FailedEntryCount"], 1);
    assert_eq!(answer["Entries"][0]["ErrorCode"], "InternalFailure");
    assert!(answer["Entries"][1]["EventId"].is_string());
    assert_eq!(world.wiring.seen().len(), 1);
}

#[tokio::test]
async fn a_mapping_that_aws_would_refuse_does_not_start() {
    type Break = fn(&mut Template);
    let breaks: [(Break, &str); 2] = [
        (
            |t| t.mappings.get_mut("TerminateEventSource").unwrap().function_name = "Nobody".to_owned(),
            "TerminateEventSource: the function Nobody is none of the template",
        ),
        (
            |t| t.queues.get_mut("TerminationsQueue").unwrap().visibility_timeout = 29,
            "TerminateEventSource: the visibility time-out of TerminationsQueue is less than the 30 s of TerminateFunction",
        ),
    ];
    for (break_it, expected) in breaks {
        let mut template = template();
        break_it(&mut template);
        let invoke = Arc::new(Always(InvokeError::Unknown));
        let started = Wiring::start(&template, Clock::held(DateTime::UNIX_EPOCH), Place::default(), invoke);
        assert_eq!(started.err().unwrap().to_string(), format!("wiring: {expected}"));
    }
}
