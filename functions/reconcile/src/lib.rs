//! Follows records to their end, settles operations, sends what is due on its way again.
//!
//! Tells of the ends of products at the minute that `sweep` has noted: that one comes, and that one has come.
//!
//! Woken by a schedule (looks at everything that is due) and by events through a queue (looks at what they tell of: the operations of
//! a stack's product, an import of a stack, service actions in flight).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use shared::aws::{DynamoStore, EventBridgeBus, ServiceCatalog};
use shared::config::{BadVariable, Environment, Following, Telling};
use shared::inbound::wake_up;
use shared::lambda::payload::{self, Delivery, Payload};
use shared::lambda::start::{Failure, Invocation};
use shared::workflow::follow::{Follower, Tally, Woken};
use tracing::{info, warn};

/// How long before the function's end no more work is taken: its one-minute schedule must not overlap itself.
const STOP_MARGIN: Duration = Duration::from_secs(10);

/// What the function is told at its start.
#[derive(Clone, Debug)]
pub struct Parameters {
    following: Following,
    telling: Telling,
}

/// Reads its variables.
///
/// # Errors
/// The first one that is bad.
pub fn parameters(environment: &Environment) -> Result<Parameters, BadVariable> {
    Ok(Parameters { following: Following::read(environment)?, telling: Telling::read(environment)? })
}

type AwsFollower = Follower<ServiceCatalog, DynamoStore, EventBridgeBus>;

/// Answers one payload.
///
/// # Errors
/// If the table cannot be read: then it comes again.
pub async fn handle(parameters: Arc<Parameters>, invocation: Invocation, payload: String) -> Result<Value, Failure> {
    let until = invocation.until(STOP_MARGIN);
    let Parameters { following: settings, telling } = parameters.as_ref().clone();
    let follower = Follower { edges: Arc::clone(&invocation.edges), settings, telling };
    let answered = match payload::split(&payload) {
        // One look for the whole batch, so that what ends is told in one call. If the table cannot be read, all of it comes
        // again: a wake-up is a hint, and costs nothing to repeat.
        Payload::Batch(deliveries) => {
            let mut woken = Woken::default();
            for delivery in deliveries {
                add(delivery, &follower, &mut woken);
            }
            follower.wake(woken, until).await.map(|tally| {
                log(tally);
                json!({ "batchItemFailures": [] })
            })
        }
        Payload::One(_) => follower.tick(until).await.map(|tally| {
            log(tally);
            let Tally { seen, settled, redriven, told, troubled } = tally;
            json!({ "seen": seen, "settled": settled, "redriven": redriven, "told": told, "troubled": troubled })
        }),
    };
    answered.map_err(|trouble| Failure { kind: "Trouble", message: trouble.to_string() })
}

fn add(delivery: Delivery, follower: &AwsFollower, woken: &mut Woken) {
    // A wake-up that names nothing wakes nothing: the schedule looks at everything anyway.
    if let Err(invalid) = delivery.body.and_then(|body| wake_up::add(&body, &follower.edges.scope, woken)) {
        warn!("a wake-up that is not understood: {invalid}");
    }
}

fn log(tally: Tally) {
    let Tally { seen, settled, redriven, told, troubled } = tally;
    if seen > 0 {
        info!(seen, settled, redriven, told, troubled, "looked at what is due");
    }
}
