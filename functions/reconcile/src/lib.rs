//! Follows records to their end, settles operations, sends what is due on its way again.
//!
//! Woken by a schedule (looks at everything that is due) and by stack events through a queue (looks at the operations of
//! the products whose stacks they name).

mod wake_up;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use shared::config::Following;
use shared::lambda::batch;
use shared::lambda::payload::{self, Payload};
use shared::lambda::start::{Failure, Invocation};
use shared::workflow::follow::{Follower, Tally};
use tracing::{Instrument as _, info, warn};

/// How long before the function's end no more work is taken: its one-minute schedule must not overlap itself.
const STOP_MARGIN: Duration = Duration::from_secs(10);

/// How long before the function's end a batch is cut off.
const CUT_MARGIN: Duration = Duration::from_secs(1);

/// Answers one payload.
///
/// # Errors
/// If the table cannot be read: then it comes again.
pub async fn handle(settings: Arc<Following>, invocation: Invocation, payload: Value) -> Result<Value, Failure> {
    let until = invocation.until(STOP_MARGIN);
    let edges = Arc::clone(&invocation.edges);
    let follower = Arc::new(Follower { edges, settings: settings.as_ref().clone() });
    match payload::split(payload) {
        Payload::Batch(deliveries) => {
            let messages =
                deliveries.into_iter().map(|delivery| (delivery.message_id.clone(), delivery.body)).collect();
            batch::run(messages, invocation.time_left(CUT_MARGIN), |body| {
                let follower = Arc::clone(&follower);
                let span = tracing::Span::current();
                async move {
                    match body.and_then(|body| wake_up::product_of(&body, &follower.edges.scope)) {
                        Ok(product) => follower.wake(&Vec::from_iter(product), until).await.map(|_| ()),
                        // A wake-up that names nothing wakes nothing: the schedule looks at everything anyway.
                        Err(invalid) => {
                            warn!("a wake-up that is not understood: {invalid}");
                            Ok(())
                        }
                    }
                }
                .instrument(span)
            })
            .await
            .map_err(|error| Failure { kind: "NamelessMessage", message: error.to_string() })
        }
        Payload::One(_) => {
            let tally = follower.tick(until).await;
            let tally = tally.map_err(|trouble| Failure { kind: "Trouble", message: trouble.to_string() })?;
            Ok(answer(tally))
        }
    }
}

fn answer(tally: Tally) -> Value {
    let Tally { seen, settled, redriven, troubled } = tally;
    if seen > 0 {
        info!(seen, settled, redriven, troubled, "looked at what is due");
    }
    json!({ "seen": seen, "settled": settled, "redriven": redriven, "troubled": troubled })
}
