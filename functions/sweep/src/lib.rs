//! Finds the provisioned products that have run out or soon will, and notes them in the table; keeps extensions and protections.
//!
//! Woken by a schedule and by `Sweep Due` (a sweep that ran out of time goes on), and by requests through a queue.

mod keep;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use shared::config::{BadVariable, Environment, Sweeping};
use shared::lambda::batch;
use shared::lambda::payload::{self, Delivery, Payload};
use shared::lambda::start::{Failure, Invocation};
use shared::workflow::Trouble;
use shared::workflow::keep::Keeper;
use shared::workflow::sweep::{Sweeper, Swept};
use tracing::Instrument as _;

/// How long before the function's end a sweep stops: a page may take five seconds, and what was found must still be kept.
const STOP_MARGIN: Duration = Duration::from_secs(20);
/// How long before its end a batch is cut off.
const BATCH_MARGIN: Duration = Duration::from_secs(1);

/// Reads the function's variables.
///
/// # Errors
/// The first one that is bad.
pub fn parameters(environment: &Environment) -> Result<Sweeping, BadVariable> {
    Sweeping::read(environment)
}

/// Answers one payload: a batch with the messages that have to come again, anything else with what the sweep came to.
///
/// # Errors
/// If it has to come again.
pub async fn handle(settings: Arc<Sweeping>, invocation: Invocation, payload: String) -> Result<Value, Failure> {
    match payload::split(&payload) {
        Payload::Batch(deliveries) => {
            let keeper = Arc::new(Keeper { edges: Arc::clone(&invocation.edges), settings });
            let messages = deliveries.into_iter().map(|delivery| (delivery.message_id.clone(), delivery)).collect();
            batch::run(messages, invocation.time_left(BATCH_MARGIN), |delivery: Delivery| {
                let keeper = Arc::clone(&keeper);
                // Boxed: a batch has ten.
                Box::pin(async move { keep::one(&keeper, delivery).await.map(|_| ()) })
                    .instrument(tracing::Span::current())
            })
            .await
            .map_err(|error| Failure { kind: "NamelessMessage", message: error.to_string() })
        }
        // Only a queue keeps what was asked of a function that fails; what is asked without one counts all the same.
        Payload::One(request) if !starts_a_sweep(&request) => {
            let keeper = Keeper { edges: Arc::clone(&invocation.edges), settings };
            let refused = keep::one(&keeper, Delivery::alone(request)).await;
            refused.map(|why| json!({ "refused": why })).map_err(failure)
        }
        Payload::One(_) => {
            let sweeper = Sweeper { edges: Arc::clone(&invocation.edges), settings };
            let swept = sweeper.run(invocation.until(STOP_MARGIN)).await;
            swept.map(|swept| answer(&swept)).map_err(failure)
        }
    }
}

/// Whether a payload is of a schedule, whoever's: one without an input of its own says `{}`, or `Scheduled Event`. Whatever
/// looks as if somebody had asked for something is read, and rejected with a word if it cannot be.
fn starts_a_sweep(payload: &str) -> bool {
    match serde_json::from_str::<Value>(payload) {
        Ok(Value::Null) => true,
        Ok(Value::Object(members)) => match members.get("detail-type") {
            Some(detail_type) => detail_type == "Scheduled Event" || detail_type == "Sweep Due",
            None => !members.contains_key("provisionedProductId"),
        },
        _ => false,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "an error is mapped to it")]
fn failure(trouble: Trouble) -> Failure {
    Failure { kind: "Trouble", message: trouble.to_string() }
}

fn answer(swept: &Swept) -> Value {
    match swept {
        Swept::Busy => json!({ "swept": "busy" }),
        Swept::Paused(why) => json!({ "swept": "paused", "why": why }),
        Swept::Continues => json!({ "swept": "continues" }),
        Swept::Halted(why) => json!({ "swept": "halted", "why": why }),
        Swept::Completed(counts) => json!({ "swept": "completed", "counts": counts }),
    }
}
