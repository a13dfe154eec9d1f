//! What the network and the service do to the call: one execution, under every setting of what nobody knows.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use shared::operation::OperationId;
use shared::ports::Store as _;
use steward_local::catalog::{Settings, StateCheck, TokenMemory};
use steward_local::gateway::faults::Effect;
use steward_local::run::report::OperationRow;
use steward_tests::world::{World, fast};

use super::{CALL, all_ended, pause};

const HISTORY: &str = "servicecatalog:ListRecordHistory";

fn answer(status: u16, code: &str, message: &str) -> Effect {
    Effect::Answer { status, code: code.to_owned(), message: message.to_owned() }
}

fn settings() -> impl Iterator<Item = Settings> {
    [TokenMemory::WhileRunning, TokenMemory::ForEver, TokenMemory::None].into_iter().flat_map(|token_memory| {
        [StateCheck::BeforeToken, StateCheck::AfterToken].map(|state_check| Settings {
            token_memory,
            state_check,
            ..Settings::default()
        })
    })
}

fn setting(settings: &Settings) -> String {
    format!("{:?}, {:?}", settings.token_memory, settings.state_check)
}

/// What happens to the call, and how often.
fn faults() -> Vec<(&'static str, u32, Effect)> {
    let failed_after =
        Effect::AnswerAfter { status: 500, code: "InternalFailure".to_owned(), message: "oops".to_owned() };
    vec![
        // The SDK itself tries three times; the fourth is the next claim's.
        ("throttled", 4, answer(400, "ThrottlingException", "Rate exceeded")),
        ("ratelimited", 4, answer(400, "ValidationException", "Rate exceeded")),
        ("expired", 1, answer(400, "ExpiredTokenException", "The security token is expired")),
        ("failedbefore", 1, answer(500, "InternalFailure", "oops")),
        ("failedafter", 1, failed_after),
        ("lostbefore", 1, Effect::DropBefore),
        ("lostafter", 1, Effect::DropAfter),
    ]
}

async fn each_fault(settings: Settings, drifts: bool) {
    let setting = format!("{}, drift: {drifts}", setting(&settings));
    let world = World::of(fast(settings)).await;
    for (name, times, effect) in faults() {
        let id = format!("pp-{name}");
        world.cloud.catalog.add(world.product(&id));
        world.fault("servicecatalog", CALL, times, effect);
        let ended = if drifts {
            let event = world.drift(&id).await;
            world.drift_ended(&event).await
        } else {
            world.restart(&id).await;
            world.ended(&id).await
        };
        let case = format!("{id} under {setting}: {ended:?}");
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{case}");
        assert_eq!(world.executions(&id), [ended.token], "{case}");
        assert_eq!(world.ends(&id).len(), 1, "{case}");
    }
    assert_eq!(world.cloud.gateway.faults().pending(), [], "every fault met its calls");
    world.cloud.stop().await;
}

// Hazard A1: an action whose answer is lost is executed once.
#[tokio::test(flavor = "multi_thread")]
async fn under_every_setting_one_execution() {
    join_all(settings().map(|settings| each_fault(settings, false))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_of_drift_is_executed_once_too() {
    each_fault(Settings::default(), true).await;
}

/// The answer of an accepted call is lost. No refusal by its own record renews the attempt.
async fn lost(settings: Settings) {
    let setting = setting(&settings);
    // Eight minutes at AWS: four seconds here, so that the record is found while it runs.
    let settings = Settings { action: Duration::from_mins(8), ..settings };
    let world = World::of(fast(settings)).await;
    world.cloud.catalog.add(world.product("pp-lost"));
    world.fault("servicecatalog", CALL, 1, Effect::DropAfter);
    let event = world.restart("pp-lost").await;
    let waiting = world.until("pp-lost", |row| row.state == "waiting").await;
    assert_eq!((waiting.attempts, waiting.record_id.as_ref()), (1, None), "{setting}: nobody has told");
    // Told again meanwhile, it is no reason to send anything.
    world.put(&event).await;
    let adopted = world.until("pp-lost", |row| row.state == "submitted").await;
    let executions = world.cloud.catalog.executions();
    assert_eq!(adopted.record_id.as_ref(), Some(&executions[0].record_id), "{setting}: its own record");
    assert!(adopted.reason.as_deref().unwrap().contains("its record was found"), "{setting}: {adopted:?}");
    let ended = world.ended("pp-lost").await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{setting}: {ended:?}");
    assert_eq!(world.executions("pp-lost"), [ended.token], "{setting}");
    assert_eq!(world.calls("ExecuteActionFunction", HISTORY), 1, "{setting}");
    assert_eq!(world.calls("ExecuteActionFunction", &format!("servicecatalog:{CALL}")), 1, "{setting}");
    let events = world.cloud.wiring.seen().into_iter().map(|seen| seen.event);
    let due = events.filter(|event| event["detail-type"] == "Operation Due").map(|event| event["detail"].clone());
    let due: BTreeSet<_> = due.map(|detail| detail["operation"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(due, [ended.id].into(), "{setting}: sent on its way again by the sweep through what is due");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_lost_answer_is_found_in_the_history_and_followed() {
    join_all(settings().map(lost)).await;
}

/// Two operations on one product, each with a record whose answer was lost. `at_once`: both look for it together.
async fn two_lost(settings: Settings, at_once: bool) {
    let setting = format!("{}, at once: {at_once}", setting(&settings));
    let world = World::of(fast(settings).with("ResendAfter", "3s")).await;
    world.cloud.catalog.add(world.product("pp-two"));
    world.fault("servicecatalog", CALL, 2, Effect::DropAfter);
    for before in 0..2 {
        world.restart("pp-two").await;
        let is_running = || world.cloud.catalog.records().iter().any(|record| !record.is_ended());
        while world.executions("pp-two").len() == before || is_running() {
            pause(20).await;
        }
    }
    if at_once {
        // Both are due when it is over.
        world.cloud.store.pause("until both may look").await.unwrap();
        pause(5_000).await;
        world.cloud.store.resume("a test").await.unwrap();
    }
    let rows = all_ended(&world, "pp-two", 2).await;
    for row in &rows {
        assert_eq!((row.state.as_str(), row.attempts), ("succeeded", 1), "{setting}: {row:?}");
    }
    let records = |row: &OperationRow| row.record_id.clone();
    let adopted: BTreeSet<_> = rows.iter().filter_map(records).collect();
    let made: BTreeSet<_> = world.cloud.catalog.executions().into_iter().map(|made| made.record_id).collect();
    assert_eq!((adopted.len(), &adopted), (2, &made), "{setting}: each record is one operation's: {rows:?}");
    assert_eq!(world.ends("pp-two").len(), 2, "{setting}");
    world.cloud.stop().await;
}

// Hazard A2: each operation finds a record of its own.
#[tokio::test(flavor = "multi_thread")]
async fn two_lost_answers_on_one_product_are_two_records_for_two_operations() {
    join_all(settings().map(|settings| two_lost(settings, false))).await;
}

// Hazard A2: also if both look at once.
#[tokio::test(flavor = "multi_thread")]
async fn two_that_look_for_their_records_at_once_do_not_adopt_the_same() {
    two_lost(Settings::default(), true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_waits_until_its_product_is_not_under_change_any_more() {
    // Twelve minutes at AWS: six seconds here, and pauses of 0.8 seconds at most.
    let settings = Settings { update: Duration::from_mins(12), ..Settings::default() };
    let world = World::of(fast(settings)).await;
    for id in ["pp-busy", "pp-drifted"] {
        world.cloud.catalog.add(world.product(id));
        world.cloud.catalog.update(id, None);
    }
    world.restart("pp-busy").await;
    let event = world.drift("pp-drifted").await;
    let waiting = world.until("pp-busy", |row| row.state == "waiting").await;
    assert!(waiting.reason.as_deref().unwrap().contains("UNDER_CHANGE"), "{waiting:?}");
    let of_request = world.ended("pp-busy").await;
    let of_drift = world.drift_ended(&event).await;
    for (id, ended) in [("pp-busy", of_request), ("pp-drifted", of_drift)] {
        assert_eq!(ended.state, "succeeded", "{ended:?}");
        assert_eq!(world.executions(id), [ended.token], "{id}");
    }
    let calls = world.calls("ExecuteActionFunction", &format!("servicecatalog:{CALL}"));
    assert!(calls > 6, "refused for longer than five tries, not {calls}");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_for_good_is_not_sent_again() {
    let world = World::new().await;
    for (id, code, calls) in [
        ("pp-invalid", "InvalidParametersException", 1),
        ("pp-notfound", "ResourceNotFoundException", 1),
        ("pp-denied", "AccessDeniedException", 1),
        // Busy, yet stable when it is looked at, twice.
        ("pp-state", "InvalidStateException", 2),
    ] {
        world.cloud.catalog.add(world.product(id));
        world.cloud.gateway.reset_counts();
        world.fault("servicecatalog", CALL, calls, answer(400, code, "not this one"));
        world.restart(id).await;
        let ended = world.ended(id).await;
        assert_eq!(ended.state, "failed", "{ended:?}");
        assert_eq!(world.calls("ExecuteActionFunction", &format!("servicecatalog:{CALL}")), u64::from(calls), "{id}");
        let (told, detail) = &world.told(id)[0];
        assert_eq!((told.as_str(), detail["errors"][0]["code"].as_str()), ("Operation Failed", Some(code)));
    }
    assert_eq!(world.cloud.catalog.executions().len(), 0);
    world.cloud.stop().await;
}

/// A2: two at once, both answers lost, and the second is refused because of the first. There is one record, and nobody
/// knows whose it is.
async fn two_lost_and_one_record(settings: Settings) {
    let setting = setting(&settings);
    // Eight minutes at AWS: four seconds here, so that the second call meets the first one's record.
    let world = World::of(fast(Settings { action: Duration::from_mins(8), ..settings })).await;
    world.cloud.catalog.add(world.product("pp-two"));
    world.fault("servicecatalog", CALL, 2, Effect::DropAfter);
    for _ in 0..2 {
        world.restart("pp-two").await;
    }
    let rows = all_ended(&world, "pp-two", 2).await;
    assert_eq!(world.cloud.gateway.faults().pending(), [], "{setting}");
    let tokens = world.executions("pp-two");
    let different: BTreeSet<_> = tokens.iter().collect();
    assert_eq!((different.len(), rows.len()), (tokens.len(), 2), "{setting}: each at most once: {rows:#?}");
    let mut is_said = false;
    for row in &rows {
        assert_eq!(row.attempts, 1, "{setting}: {row:?}");
        let id = OperationId::parse(&row.id).unwrap();
        let operation = world.cloud.store.operation(&id).await.unwrap().unwrap();
        let said = operation.history.iter().filter_map(|tried| tried.message.as_deref()).chain(row.reason.as_deref());
        is_said |= said.into_iter().any(|why| why.contains("ambiguous") || why.contains("outcome unknown"));
    }
    assert!(is_said, "{setting}: it is said that nobody knows: {rows:#?}");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_lost_answers_and_one_record_it_is_said_that_nobody_knows_whose_it_is() {
    join_all(settings().map(two_lost_and_one_record)).await;
}
