//! What the network and the service do to a call: under every setting of what nobody knows of the real service, one
//! termination, and the right token kept or renewed.

use steward_local::catalog::{Record, Script, Settings, StateCheck, TokenMemory};
use steward_local::clients::clients;
use steward_local::gateway::USER;
use steward_local::gateway::faults::Effect;
use steward_tests::world::{RESTART, World, fast};

const CALL: &str = "TerminateProvisionedProduct";

fn answer(status: u16, code: &str, message: &str) -> Effect {
    Effect::Answer { status, code: code.to_owned(), message: message.to_owned() }
}

/// What happens to the call, how often, and the attempt that is the last one.
fn faults() -> Vec<(&'static str, u32, Effect, u64)> {
    let failed_after =
        Effect::AnswerAfter { status: 500, code: "InternalFailure".to_owned(), message: "oops".to_owned() };
    vec![
        // The SDK itself tries three times; the fourth is the next claim's.
        ("throttled", 4, answer(400, "ThrottlingException", "Rate exceeded"), 1),
        ("throttled-too", 4, answer(400, "ValidationException", "Rate exceeded"), 1),
        ("expired-credentials", 1, answer(400, "ExpiredTokenException", "The security token is expired"), 1),
        ("failed-before", 1, answer(500, "InternalFailure", "oops"), 1),
        ("failed-after", 1, failed_after, 1),
        ("lost-before", 1, Effect::DropBefore, 1),
        ("lost-after", 1, Effect::DropAfter, 1),
        // Refused, yet stable when it is looked at: once is a change that has just ended.
        ("refused-once", 1, answer(400, "InvalidParametersException", "UNDER_CHANGE"), 2),
        ("refused-newly", 1, answer(400, "BrandNewException", "?"), 2),
    ]
}

async fn each_fault(token_memory: TokenMemory, state_check: StateCheck) {
    let world = World::of(fast(Settings { token_memory, state_check, ..Settings::default() })).await;
    for (name, times, effect, attempt) in faults() {
        let id = format!("pp-{name}");
        let event = world.expired(world.product(&id)).await;
        world.fault("servicecatalog", CALL, times, effect);
        world.put(&event).await;
        let operation = world.ended(&id).await;
        let setting = format!("{name} under {token_memory:?}, {state_check:?}");
        assert_eq!((operation.state.as_str(), operation.attempts), ("succeeded", attempt), "{setting}: {operation:?}");
        assert_eq!(world.executions(&id), [operation.token], "{setting}");
        assert_eq!(world.ends(&id).len(), 1, "{setting}");
    }
    assert_eq!(world.cloud.gateway.faults().pending(), [], "every fault met its calls");
    world.cloud.stop().await;
}

// Hazard A1: an answer that is lost renews no token, whatever the service remembers.
#[tokio::test(flavor = "multi_thread")]
async fn under_every_setting_one_termination() {
    futures_util::future::join_all(settings().map(|(memory, check)| each_fault(memory, check))).await;
}

// Hazard B3: a refusal that stays is no change that will pass.
#[tokio::test(flavor = "multi_thread")]
async fn refused_twice_while_nothing_happens_is_refused_for_good() {
    let world = World::new().await;
    for code in ["InvalidParametersException", "InvalidStateException", "ValidationException", "ResourceInUseException"]
    {
        let id = format!("pp-{code}");
        let event = world.expired(world.product(&id)).await;
        world.fault("servicecatalog", CALL, 2, answer(400, code, "not this one"));
        world.put(&event).await;
        let operation = world.ended(&id).await;
        assert_eq!((operation.state.as_str(), operation.attempts), ("failed", 2), "{code}: {operation:?}");
        assert_eq!(world.executions(&id), Vec::<String>::new());
        let (told, detail) = &world.told(&id)[0];
        assert_eq!((told.as_str(), detail["errors"][0]["code"].as_str()), ("Operation Failed", Some(code)));
    }
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn denied_is_denied() {
    let world = World::new().await;
    let event = world.expired(world.product("pp-denied")).await;
    world.fault("servicecatalog", CALL, 1, answer(400, "AccessDeniedException", "User: x is not authorized"));
    world.put(&event).await;
    let operation = world.ended("pp-denied").await;
    assert_eq!((operation.state.as_str(), operation.attempts), ("failed", 1));
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_that_fail_hold_the_call_back() {
    let world = World::new().await;
    for (i, operation) in ["DescribeProvisionedProduct", "SearchProvisionedProducts"].into_iter().enumerate() {
        let id = format!("pp-read{i}");
        world.cloud.catalog.add(world.product(&id));
        world.fault("servicecatalog", operation, 3, answer(500, "InternalFailure", "oops"));
        world.ask(&id).await;
        let ended = world.ended(&id).await;
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{operation}: {ended:?}");
        assert_eq!(world.executions(&id).len(), 1);
    }
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_is_not_settled_until_it_can() {
    let world = World::new().await;
    let event = world.expired(world.product("pp-untold")).await;
    world.fault("events", "PutEvents", 4, answer(500, "InternalException", "oops"));
    world.put(&event).await;
    let operation = world.ended("pp-untold").await;
    assert_eq!(operation.state, "succeeded");
    assert_eq!(world.told("pp-untold").len(), 1);
    world.cloud.stop().await;
}

// Hazard C12: what was not taken is not settled.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_ends_the_one_whose_event_was_refused_is_told_again() {
    let world = World::new().await;
    let ids = ["pp-one", "pp-two"];
    let mut events = Vec::new();
    for id in ids {
        events.push(world.expired(world.product(id)).await);
    }
    world.cloud.wiring.refuse_entries(1);
    for event in &events {
        world.put(event).await;
    }
    for id in ids {
        assert_eq!(world.ended(id).await.state, "succeeded");
        assert_eq!(world.ends(id).len(), 1, "{id}");
    }
    world.cloud.stop().await;
}

// Hazard B3: what neither gets through nor fails is given up by age.
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_get_through_is_given_up_and_says_what_is_known() {
    let throttled = answer(400, "ThrottlingException", "Rate exceeded");
    for (id, effect, why) in [
        ("pp-throttled", throttled, "given up, tried since"),
        ("pp-lost", Effect::DropBefore, "outcome unknown: given up"),
    ] {
        let world = World::of(fast(Settings::default()).with("GiveUpAfter", "3s")).await;
        let event = world.expired(world.product(id)).await;
        world.fault("servicecatalog", CALL, u32::MAX, effect);
        world.put(&event).await;
        let ended = world.ended(id).await;
        assert_eq!((ended.state.as_str(), ended.attempts), ("failed", 1), "{ended:?}");
        assert!(ended.reason.as_deref().unwrap().starts_with(why), "{ended:?}");
        assert_eq!(world.executions(id), Vec::<String>::new());
        world.cloud.stop().await;
    }
}

async fn lost_and_failed(token_memory: TokenMemory, state_check: StateCheck) {
    // Ten minutes at AWS: five seconds here, so that the record is found while it runs.
    let termination = std::time::Duration::from_mins(10);
    let world = World::of(fast(Settings { token_memory, state_check, termination, ..Settings::default() })).await;
    let fails = Script::Fail(vec![("1".to_owned(), "not empty".to_owned())]);
    let event = world.expired(world.product("pp-lost").scripts([fails])).await;
    world.fault("servicecatalog", CALL, 1, Effect::DropAfter);
    world.put(&event).await;
    let setting = format!("{token_memory:?}, {state_check:?}");
    let waiting = world.until("pp-lost", |row| row.state == "waiting").await;
    assert_eq!(waiting.record_id, None, "{setting}: nobody has told");
    let adopted = world.until("pp-lost", |row| row.state == "submitted").await;
    assert_eq!(adopted.attempts, 1, "{setting}");
    let first = world.cloud.catalog.executions()[0].record_id.clone();
    assert_eq!(adopted.record_id, Some(first), "{setting}: our own record");
    let ended = world.ended("pp-lost").await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 2), "{setting}: {ended:?}");
    assert_eq!(world.executions("pp-lost"), [adopted.token, ended.token], "{setting}");
    world.cloud.stop().await;
}

// Hazard A1: the attempt whose answer was lost ends as its record does.
#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_lost_answer_is_found_adopted_and_followed_to_its_failure() {
    futures_util::future::join_all(settings().map(|(memory, check)| lost_and_failed(memory, check))).await;
}

fn settings() -> impl Iterator<Item = (TokenMemory, StateCheck)> {
    [TokenMemory::WhileRunning, TokenMemory::ForEver, TokenMemory::None]
        .into_iter()
        .flat_map(|memory| [(memory, StateCheck::BeforeToken), (memory, StateCheck::AfterToken)])
}

/// Somebody ran an action on the product since: the record of the lost termination is not the last one any more.
#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_lost_answer_is_found_behind_what_others_did_since() {
    let world = World::of(fast(Settings::default()).with("ResendAfter", "4s")).await;
    let id = "pp-behind";
    let fails = Script::Fail(vec![("1".to_owned(), "not empty".to_owned())]);
    world.cloud.catalog.add(world.product(id).scripts([fails]));
    world.fault("servicecatalog", CALL, 1, Effect::DropAfter);
    world.ask(id).await;
    let is_over = |records: Vec<Record>| records.last().is_some_and(Record::is_ended);
    while world.executions(id).is_empty() || !is_over(world.cloud.catalog.records()) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let user = clients(&world.cloud.gateway, USER).servicecatalog;
    let call = user.execute_provisioned_product_service_action().provisioned_product_id(id);
    call.service_action_id(RESTART).execute_token("theirs").send().await.unwrap();
    let waiting = world.until(id, |row| row.state == "waiting").await;
    assert_eq!(waiting.record_id, None, "nobody has told");
    let lost = world.cloud.catalog.executions()[0].record_id.clone();
    let found = world.until(id, |row| row.record_id.is_some()).await;
    assert_eq!((found.record_id, found.attempts), (Some(lost), 1));
    let ended = world.ended(id).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 2), "{ended:?}");
    assert_eq!(world.executions(id), [found.token, "theirs".to_owned(), ended.token], "none of them twice");
    world.cloud.stop().await;
}
