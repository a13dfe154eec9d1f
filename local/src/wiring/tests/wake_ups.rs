//! Delays, schedules, and messages that come while the mapping waits.

use super::*;

// Hazard C4: the queue gives the record time to end.
#[tokio::test]
async fn a_wake_up_waits_for_its_delay() {
    let mut world = World::new().await;
    world.wiring.put(DEFAULT_BUS, stack_event(&stack("SC-111122223333-pp-a"), "DELETE_COMPLETE")).await;
    world.no_batch().await;
    world.pass(14).await;
    world.no_batch().await;
    world.pass(1).await;
    let batch = world.batch().await;
    assert_eq!(batch.function, "ReconcileFunction");
    let body: Value = serde_json::from_str(&batch.each("body")[0]).unwrap();
    assert_eq!(body["detail"]["stack-id"], stack("SC-111122223333-pp-a"));
    batch.answer(Ok(Value::Null));
    settle().await;
    assert!(world.wiring.is_idle());
}

#[tokio::test]
async fn the_schedule_fires_each_minute_whatever_the_function_does() {
    let mut world = World::new().await;
    for (seconds, fires) in [(59, 0), (1, 1), (59, 0), (1, 1), (180, 3)] {
        world.pass(seconds).await;
        for _ in 0..fires {
            let invocation = world.invocations.try_recv().expect("the schedule fires");
            assert_eq!(invocation.function, "ReconcileFunction");
            let event = &invocation.payload;
            assert_eq!((&event["source"], &event["detail-type"]), (&json!("aws.events"), &json!("Scheduled Event")));
            let rule = json!(["arn:aws:events:eu-central-1:111122223333:rule/ReconcileScheduleRule"]);
            assert_eq!((&event["resources"], &event["detail"]), (&rule, &json!({})));
            // Dropped: it crashes.
        }
        assert!(world.invocations.try_recv().is_err(), "after {seconds}");
    }
    settle().await;
    assert_eq!(world.bodies("RulesDeadLetterQueue"), [""; 0], "the function had them: they are no rule's dead letters");
}

#[tokio::test]
async fn a_schedule_that_is_held_lets_its_time_pass_and_goes_on_with_the_next() {
    let mut world = World::new().await;
    world.wiring.hold_schedules(true);
    world.pass(150).await;
    assert!(world.invocations.try_recv().is_err(), "it is held");
    world.wiring.hold_schedules(false);
    for (seconds, fires) in [(29, false), (1, true)] {
        world.pass(seconds).await;
        assert_eq!(world.invocations.try_recv().is_ok(), fires, "what has passed is not made up for");
    }
}

#[tokio::test]
async fn an_invocation_of_the_schedule_that_succeeds_leaves_nothing() {
    let mut world = World::new().await;
    world.pass(60).await;
    world.invocations.try_recv().unwrap().answer(Ok(Value::Null));
    settle().await;
    assert_eq!(world.bodies("RulesDeadLetterQueue"), [""; 0]);
}

#[tokio::test]
async fn a_message_is_picked_up_whatever_the_mapping_waits_for() {
    let mut world = World::new().await;
    // For anything at all.
    world.send(TERMINATIONS, ["first"]);
    let first = world.batch().await;
    assert_eq!(first.each("body"), ["first"]);
    // For a hidden message to show.
    settle().await;
    world.send(TERMINATIONS, ["second"]);
    let second = world.batch().await;
    assert_eq!(second.each("body"), ["second"]);
    // For a place to run.
    settle().await;
    world.send(TERMINATIONS, ["third"]);
    world.no_batch().await;
    first.answer(Ok(Value::Null));
    let third = world.batch().await;
    assert_eq!(third.each("body"), ["third"]);
    // Two that fail while a place is awaited come again, with what has come since.
    drop(second);
    drop(third);
    world.pass(VISIBILITY - 1).await;
    world.no_batch().await;
    world.clock.advance(Duration::from_secs(1));
    world.send(TERMINATIONS, ["fourth"]);
    assert_eq!(world.batch().await.each("body"), ["second", "third", "fourth"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_message_of_senders_on_many_threads_comes_once() {
    const SENDERS: usize = 4;
    const EACH: usize = 200;
    let mut world = World::on(Clock::system(1.0)).await;
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let wiring = world.wiring.clone();
        senders.spawn(async move {
            for i in 0..EACH {
                assert!(wiring.send(TERMINATIONS, format!("{sender}-{i:03}")));
                tokio::task::yield_now().await;
            }
        });
    }
    let mut received = Vec::new();
    while received.len() < SENDERS * EACH {
        let batch = world.batch().await;
        received.extend(batch.each("body"));
        batch.answer(Ok(Value::Null));
    }
    senders.join_all().await;
    received.sort();
    let sent = (0..SENDERS).flat_map(|sender| (0..EACH).map(move |i| format!("{sender}-{i:03}")));
    assert_eq!(received, sent.collect::<Vec<_>>());
}

#[tokio::test]
async fn nothing_moves_once_it_is_stopped() {
    let mut world = World::new().await;
    world.wiring.stop();
    settle().await;
    world.send(TERMINATIONS, ["late"]);
    world.pass(VISIBILITY).await;
    assert!(world.invocations.try_recv().is_err());
    assert_eq!(world.bodies(TERMINATIONS), ["late"]);
    assert!(!world.wiring.send("NoQueue", String::new()));
}
