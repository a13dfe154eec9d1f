//! Terminates provisioned products: once per request, judged before every send.
//!
//! Takes an SQS batch, one `EventBridge` event or one bare request (see `events/terminate/`). A batch is answered with
//! the messages that have to come again; a single event with where its operation stands.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use shared::aws::{DynamoStore, EventBridgeBus, ServiceCatalog};
use shared::clock::Time;
use shared::config::Sending;
use shared::inbound::{Carrier, Message};
use shared::lambda::batch;
use shared::lambda::payload::{self, Delivery, Payload};
use shared::lambda::start::{AwsEdges, Failure, Invocation};
use shared::request::{Invalid, Kind};
use shared::workflow::terminate::Terminations;
use shared::workflow::{Ended, Trouble};
use tracing::Instrument as _;

/// After a send, a claim may still describe the product, publish and write, each within five seconds, and leave some time
/// to answer: nothing is sent later than this before the function's end.
const ANSWER_MARGIN: Duration = Duration::from_secs(20);

/// How long before the function's end a batch is cut off.
const STOP_MARGIN: Duration = Duration::from_secs(1);

/// Answers one payload.
///
/// # Errors
/// If it has to come again as a whole.
pub async fn handle(settings: Arc<Sending>, invocation: Invocation, payload: Value) -> Result<Value, Failure> {
    let until = invocation.until(ANSWER_MARGIN);
    let edges = Arc::clone(&invocation.edges);
    let terminations = Arc::new(Terminations { edges, settings: settings.as_ref().clone() });
    match payload::split(payload) {
        Payload::Batch(deliveries) => {
            let messages = deliveries.into_iter().map(|delivery| (delivery.message_id.clone(), delivery)).collect();
            batch::run(messages, invocation.time_left(STOP_MARGIN), |delivery: Delivery| {
                let terminations = Arc::clone(&terminations);
                let span = tracing::Span::current();
                async move { one_of_batch(&terminations, delivery, until).await.map(|_| ()) }.instrument(span)
            })
            .await
            .map_err(|error| Failure { kind: "NamelessMessage", message: error.to_string() })
        }
        Payload::One(request) => {
            let carrier = carrier(&invocation.edges, None);
            let body = request.to_string();
            let message = payload::read(Kind::Terminate, request, &carrier);
            let ended = one(&terminations, message, &body, until).await;
            ended
                .map(|ended| answer(&ended))
                .map_err(|trouble| Failure { kind: "Trouble", message: trouble.to_string() })
        }
    }
}

type AwsTerminations = Terminations<ServiceCatalog, DynamoStore, EventBridgeBus>;

async fn one_of_batch(terminations: &AwsTerminations, delivery: Delivery, until: Time) -> Result<Ended, Trouble> {
    let carrier = carrier(&terminations.edges, delivery.sent_at);
    let message = delivery.body.as_deref().map_err(Invalid::clone);
    let message = message.and_then(|body| payload::read_text(Kind::Terminate, body, &carrier));
    let body = delivery.body.unwrap_or_else(|_| delivery.raw.unwrap_or_default());
    one(terminations, message, &body, until).await
}

fn carrier(edges: &AwsEdges, sent_at: Option<Time>) -> Carrier {
    Carrier { sns_id: None, sent_at: sent_at.unwrap_or_else(|| edges.clock.now()), scope: edges.scope.clone() }
}

async fn one(
    terminations: &AwsTerminations,
    message: Result<Message, Invalid>,
    body: &str,
    until: Time,
) -> Result<Ended, Trouble> {
    match message {
        // Boxed: the state of a whole termination is large, and a batch has ten.
        Ok(message) => Box::pin(terminations.handle(message, until)).await,
        Err(invalid) => terminations.edges.reject(&invalid.to_string(), body, None).await,
    }
}

fn answer(ended: &Ended) -> Value {
    json!({ "operation": ended.operation, "state": ended.state, "why": ended.why, "duplicate": ended.duplicate })
}
