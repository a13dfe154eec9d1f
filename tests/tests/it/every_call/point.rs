//! One call that goes wrong, in a world of its own.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use steward_local::gateway::faults::{Effect, Fault};
use steward_tests::seen::Seen;
use steward_tests::world::World;

use super::flow::{Flow, ID};

/// How long a flow may take to come to its end on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long it is looked whether anything happens after the end.
const AFTERWARDS: Duration = Duration::from_millis(300);

/// What a flow comes to if nothing goes wrong.
#[derive(Clone, Debug)]
pub(super) struct Clean {
    /// What each function called, in order.
    pub(super) calls: BTreeMap<&'static str, Vec<String>>,
    /// What it came to.
    pub(super) seen: Seen,
}

/// Runs a flow in which nothing goes wrong.
pub(super) async fn clean(flow: Flow, resend_after: Duration) -> Clean {
    let world = flow.world(resend_after).await;
    let event = flow.prepare(&world).await;
    let before = world.cloud.gateway.requests().len();
    flow.go(&world, &event).await;
    over(flow, &world, || async {}).await;
    let requests = world.cloud.gateway.requests().split_off(before);
    let of = |function: &str| {
        let own = requests.iter().filter(|request| request.caller == function);
        own.map(|request| format!("{}:{}", request.service, request.operation)).collect()
    };
    let calls = flow.functions().into_iter().map(|function| (function, of(function))).collect();
    let seen = world.seen().await;
    is_once(&world, &format!("{flow:?}"));
    world.cloud.stop().await;
    Clean { calls, seen }
}

/// Lets the call after `skip` calls of `function` go wrong, and all recover.
pub(super) async fn point(
    flow: Flow,
    function: &str,
    skip: u32,
    effect: Effect,
    resend_after: Duration,
    clean: &Clean,
) {
    let world = flow.world(resend_after).await;
    let event = flow.prepare(&world).await;
    let faults = world.cloud.gateway.faults().clone();
    let caller = Some(function.to_owned());
    let fault = Fault { caller, service: None, operation: None, skip, times: 1, effect: effect.clone() };
    let _ = faults.add(fault);
    let fires = async {
        let began = Instant::now();
        while faults.fired().is_empty() {
            assert!(began.elapsed() < PATIENCE, "{flow:?}: call {skip} of {function} never came");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        () = fires => {}
        () = async { flow.go(&world, &event).await; std::future::pending().await } => {}
    }
    let fired = faults.fired();
    let call = format!("{}:{}", fired[0].service, fired[0].operation);
    let case = format!("{flow:?}, {effect:?} at call {skip} of {function}, {call}");
    // From here on everything runs by itself.
    world.cloud.wiring.hold_schedules(false);
    let late = match effect {
        Effect::Delay(by) | Effect::DelayAnswer(by) => by + Duration::from_secs(1),
        _ => Duration::from_millis(500),
    };
    tokio::time::sleep(late).await;
    world
        .cloud
        .wiring
        .queues()
        .values()
        .filter(|queue| queue.is_read())
        .for_each(steward_local::wiring::Queue::show_all);
    over(flow, &world, || async {
        if flow.is_untold(&world).await {
            world.telling_over(ID).await;
        }
    })
    .await;
    tokio::time::sleep(AFTERWARDS).await;
    assert_eq!((faults.fired().len(), faults.pending()), (1, Vec::new()), "{case}");
    assert_eq!(world.seen().await, clean.seen, "{case}\n{}", world.logs());
    is_once(&world, &case);
    let dead = world.cloud.wiring.queues().iter().filter(|(_, queue)| !queue.is_empty());
    assert_eq!(dead.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [""; 0], "{case}");
    world.cloud.stop().await;
}

/// Waits until a flow is over; `help` is called again and again.
async fn over<F: Future<Output = ()>>(flow: Flow, world: &World, help: impl Fn() -> F) {
    let began = Instant::now();
    while !flow.is_over(world).await {
        if began.elapsed() > PATIENCE {
            panic!("{flow:?} is not over: {:#?}\n{}", world.report().await.operations, world.logs());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        help().await;
    }
}

/// No token was carried out twice, and no outcome has two ids.
fn is_once(world: &World, case: &str) {
    let mut tokens = world.tokens();
    let all = tokens.len();
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), all, "{case}: a token was carried out twice");
    for (about, ids) in world.outcomes() {
        assert_eq!(ids.len(), 1, "{case}: {about:?}");
    }
}
