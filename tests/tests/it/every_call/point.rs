//! One call that goes wrong, in a world of its own.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use steward_local::gateway::faults::{Effect, Fault, FaultId};
use steward_local::wiring::Queue;
use steward_tests::seen::Seen;
use steward_tests::world::World;

use super::flow::{Flow, ID};

/// How long a flow may take to come to its end on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long it takes without a fault; more, and the machine was too slow for the lease.
const CLEAN_MAX: Duration = Duration::from_secs(15);
/// How often a clean run is tried.
const TRIES_MAX: usize = 6;
/// How long it is looked whether anything happens after the end.
const AFTERWARDS: Duration = Duration::from_millis(300);

/// A call that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Point {
    /// Whose.
    pub(super) function: &'static str,
    /// How many calls it makes before.
    pub(super) skip: usize,
    /// What happens to it.
    pub(super) effect: Effect,
}

/// What a flow comes to if nothing goes wrong.
#[derive(Clone, Debug)]
pub(super) struct Clean {
    /// What each function called, in order.
    pub(super) calls: BTreeMap<&'static str, Vec<String>>,
    /// What it came to.
    pub(super) seen: Seen,
}

/// A flow that is about to begin, its schedules held.
struct Stage {
    flow: Flow,
    world: World,
    event: Value,
}

impl Stage {
    async fn new(flow: Flow) -> Self {
        let world = flow.world().await;
        let event = flow.prepare(&world).await;
        let stage = Self { flow, world, event };
        if let Some(operation) = flow.unanswered() {
            stage.fault(None, Some(operation), 0, Effect::DropAfter);
        }
        stage
    }

    fn fault(&self, caller: Option<&str>, operation: Option<&str>, skip: usize, effect: Effect) -> FaultId {
        self.world.cloud.gateway.faults().add(Fault {
            caller: caller.map(str::to_owned),
            service: None,
            operation: operation.map(str::to_owned),
            skip: u32::try_from(skip).unwrap(),
            times: 1,
            effect,
        })
    }

    async fn go(&self) {
        self.flow.go(&self.world, &self.event).await;
    }

    /// Waits until a fault has met its call; gives which one it was.
    async fn fired(&self, id: FaultId) -> String {
        let began = Instant::now();
        loop {
            let fired = self.world.cloud.gateway.faults().fired();
            if let Some(fired) = fired.iter().find(|fired| fired.id == id) {
                return format!("{}:{}", fired.service, fired.operation);
            }
            if began.elapsed() > CLEAN_MAX {
                // Too slow for its lease: what waits now is sent on its way again.
                self.world.cloud.wiring.hold_schedules(false);
            }
            if began.elapsed() > PATIENCE {
                let rows = self.world.report().await.operations;
                panic!("{:?}: the call never came: {rows:#?}\n{}", self.flow, self.world.logs());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until it is over.
    async fn over(&self) {
        while !self.flow.is_over(&self.world).await {
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    }

    /// Lets everything run by itself until it is over. What takes minutes is helped on.
    async fn recovers(&self, case: &str) {
        let helped = async {
            loop {
                if self.flow.is_untold(&self.world).await {
                    self.world.telling_over(ID).await;
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        };
        let over = async {
            tokio::select! { () = self.over() => {}, () = helped => {} }
        };
        if tokio::time::timeout(PATIENCE, Box::pin(over)).await.is_err() {
            let rows = self.world.report().await.operations;
            panic!("{case} is not over: {rows:#?}\n{}", self.world.logs());
        }
    }

    /// No token was carried out twice, and no outcome has two ids.
    fn is_once(&self, case: &str) {
        let mut tokens = self.world.tokens();
        let all = tokens.len();
        tokens.sort();
        tokens.dedup();
        assert_eq!(tokens.len(), all, "{case}: a token was carried out twice");
        for (about, ids) in self.world.outcomes() {
            assert_eq!(ids.len(), 1, "{case}: {about:?}");
        }
    }
}

/// Runs a flow in which nothing goes wrong.
pub(super) async fn clean(flow: Flow) -> Clean {
    for _ in 0..TRIES_MAX {
        let stage = Stage::new(flow).await;
        let before = stage.world.cloud.gateway.requests().len();
        let whole = async {
            stage.go().await;
            stage.over().await;
        };
        if tokio::time::timeout(CLEAN_MAX, whole).await.is_err() {
            stage.world.cloud.stop().await;
            continue;
        }
        let requests = stage.world.cloud.gateway.requests().split_off(before);
        let of = |function: &str| {
            let own = requests.iter().filter(|request| request.caller == function);
            own.map(|request| format!("{}:{}", request.service, request.operation)).collect()
        };
        let calls = flow.functions().into_iter().map(|function| (function, of(function))).collect();
        let seen = stage.world.seen().await;
        stage.is_once(&format!("{flow:?}"));
        stage.world.cloud.stop().await;
        return Clean { calls, seen };
    }
    panic!("{flow:?} does not come to its end although nothing goes wrong")
}

/// Lets one call go wrong, and all recover.
pub(super) async fn recovered(flow: Flow, Point { function, skip, effect }: Point, seen: Seen) {
    let stage = Stage::new(flow).await;
    let Stage { world, .. } = &stage;
    let fault = stage.fault(Some(function), None, skip, effect.clone());
    let call = tokio::select! {
        call = stage.fired(fault) => call,
        () = async { stage.go().await; std::future::pending().await } => unreachable!("it is pending"),
    };
    let case = format!("{flow:?}, {effect:?} at call {skip} of {function}, {call}");
    // From here on everything runs by itself.
    world.cloud.wiring.hold_schedules(false);
    tokio::time::sleep(match effect {
        Effect::Delay(by) | Effect::DelayAnswer(by) => by + Duration::from_secs(1),
        _ => Duration::from_millis(500),
    })
    .await;
    world.cloud.wiring.queues().values().filter(|queue| queue.is_read()).for_each(Queue::show_all);
    Box::pin(stage.recovers(&case)).await;
    tokio::time::sleep(AFTERWARDS).await;
    assert_eq!(world.cloud.gateway.faults().pending(), [], "{case}");
    assert_eq!(world.seen().await, seen, "{case}\n{}", world.logs());
    stage.is_once(&case);
    let full = world.cloud.wiring.queues().iter().filter(|(_, queue)| !queue.is_empty());
    assert_eq!(full.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [""; 0], "{case}");
    world.cloud.stop().await;
}
