//! Batches, what comes again, and what goes to the dead-letter queue.

use super::*;

fn failures(ids: impl IntoIterator<Item = impl Into<Value>>) -> Value {
    let failures: Vec<Value> = ids.into_iter().map(|id| json!({ "itemIdentifier": id.into() })).collect();
    json!({ "batchItemFailures": failures })
}

#[tokio::test]
async fn a_batch_has_ten_messages_and_two_run_at_a_time() {
    let mut world = World::new().await;
    world.send(TERMINATIONS, 1..=25);
    let (first, second) = (world.batch().await, world.batch().await);
    assert_eq!(first.function, "TerminateFunction");
    assert_eq!(first.each("body"), (1..=10).map(|i| i.to_string()).collect::<Vec<_>>());
    assert_eq!(second.each("body"), (11..=20).map(|i| i.to_string()).collect::<Vec<_>>());
    world.no_batch().await;
    first.answer(Ok(Value::Null));
    let third = world.batch().await;
    assert_eq!(third.each("body"), (21..=25).map(|i| i.to_string()).collect::<Vec<_>>());
    second.answer(Ok(json!({ "batchItemFailures": [] })));
    third.answer(Ok(failures([""; 0])));
    world.no_batch().await;
    assert!(world.wiring.is_idle());
    world.pass(VISIBILITY).await;
    world.no_batch().await;
}

#[tokio::test]
async fn a_record_looks_like_one_of_sqs() {
    let mut world = World::new().await;
    world.send(TERMINATIONS, ["{}"]);
    drop(world.batch().await);
    world.pass(VISIBILITY).await;
    let again = world.batch().await;
    let id = world.wiring.queue(TERMINATIONS).unwrap().messages()[0].id.clone();
    let expected = json!([{
        "messageId": id,
        "receiptHandle": format!("{id}#2"),
        "body": "{}",
        "attributes": {
            "ApproximateReceiveCount": "2",
            "SentTimestamp": "1795176000000",
            "SenderId": "AIDALOCALEVENTS",
            "ApproximateFirstReceiveTimestamp": "1795176000000",
        },
        "messageAttributes": {},
            "md5OfBody": "99914b932bd37a50b983c5e7c90ae93b",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:111122223333:steward-TerminationsQueue",
        "awsRegion": "eu-central-1",
    }]);
    assert_eq!(again.payload["Records"], expected);
}

#[tokio::test]
async fn only_the_messages_that_are_named_come_again() {
    let mut world = World::new().await;
    world.send(TERMINATIONS, 1..=10);
    let batch = world.batch().await;
    let ids = batch.each("messageId");
    batch.answer(Ok(failures([ids[2].clone(), ids[6].clone()])));
    world.no_batch().await;
    assert_eq!(world.bodies(TERMINATIONS), ["3", "7"]);
    assert!(!world.wiring.is_idle());
    world.pass(VISIBILITY - 1).await;
    world.no_batch().await;
    world.pass(1).await;
    let again = world.batch().await;
    assert_eq!((again.each("body"), again.receives()), (vec!["3".to_owned(), "7".to_owned()], vec!["2", "2"]));
    assert_eq!(again.each("messageId"), [ids[2].as_str(), &ids[6]], "the same messages, not copies");
    again.answer(Ok(Value::Null));
    settle().await;
    assert!(world.wiring.is_idle());
}

#[tokio::test]
async fn what_an_answer_means_for_the_whole_batch() {
    let error = || InvokeError::Function { error_type: "Boom".to_owned(), message: "no".to_owned() };
    let (done, again) = (0, 3);
    for (answer, left) in [
        (Ok(Value::Null), done),
        (Ok(json!({})), done),
        (Ok(json!("done")), done),
        (Ok(json!({ "batchItemFailures": null })), done),
        (Ok(json!({ "batchItemFailures": [] })), done),
        (Err(error()), again),
        (Err(InvokeError::Crashed), again),
        (Err(InvokeError::TimedOut), again),
        (Err(InvokeError::Unknown), again),
        (Ok(json!({ "batchItemFailures": "all" })), again),
        (Ok(json!({ "batchItemFailures": [{}] })), again),
        (Ok(failures(["of-another-batch"])), again),
        (Ok(failures([Value::Null])), again),
        (Ok(failures([""])), again),
    ] {
        let mut world = World::new().await;
        world.send(TERMINATIONS, 1..=3);
        world.batch().await.answer(answer.clone());
        world.no_batch().await;
        assert_eq!(world.bodies(TERMINATIONS).len(), left, "{answer:?}");
        world.wiring.queue(TERMINATIONS).unwrap().show_all();
        if left == done {
            world.no_batch().await;
        } else {
            assert_eq!(world.batch().await.receives(), ["2"; 3], "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_message_that_always_fails_ends_in_the_dead_letter_queue() {
    let mut world = World::new().await;
    world.send(TERMINATIONS, ["bad", "good"]);
    for receive in 1..=16 {
        let batch = world.batch().await;
        let count = receive.to_string();
        assert_eq!(batch.receives()[0], count);
        let ids = batch.each("messageId");
        batch.answer(Ok(failures([ids[0].clone()])));
        settle().await;
        assert_eq!(world.bodies(TERMINATIONS), ["bad"], "receive {receive}");
        assert_eq!(world.bodies("TerminationsDeadLetterQueue"), [""; 0], "receive {receive}");
        world.pass(VISIBILITY).await;
    }
    world.no_batch().await;
    assert!(world.wiring.is_idle(), "what is in a dead-letter queue stays there");
    let buried = world.wiring.queue("TerminationsDeadLetterQueue").unwrap().messages();
    assert_eq!(buried.len(), 1);
    assert_eq!((buried[0].body.as_str(), buried[0].receives), ("bad", 16));
    assert_eq!(buried[0].sent_at.to_rfc3339(), "2026-11-20T12:00:00+00:00", "it keeps its age");
    assert_eq!(world.bodies("WakeUpsDeadLetterQueue"), [""; 0]);
}
