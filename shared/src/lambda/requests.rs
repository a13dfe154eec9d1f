//! What the four request functions have in common: a payload taken apart, each message carried out, and answered.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tracing::Instrument as _;

use super::batch;
use super::payload::{self, Delivery, Payload};
use super::start::{AwsEdges, Failure, Invocation};
use crate::aws::{DynamoStore, EventBridgeBus, ServiceCatalog};
use crate::clock::Time;
use crate::config::{BadVariable, Environment, Sending};
use crate::inbound::{Carrier, Message};
use crate::request::Invalid;
use crate::workflow::submit::{Submission, Work};
use crate::workflow::{Ended, Trouble};

/// After a send, a claim may still describe the product, publish and write, each within five seconds, and leave some time
/// to answer: nothing is sent later than this before the function's end.
const ANSWER_MARGIN: Duration = Duration::from_secs(20);

/// How long before the function's end a batch is cut off.
const STOP_MARGIN: Duration = Duration::from_secs(1);

/// The parameters of a request function.
#[derive(Clone, Debug)]
pub struct Parameters<W> {
    /// Those that all have.
    pub sending: Sending,
    /// Its own, with what it keeps from one invocation to the next.
    pub work: Arc<W>,
}

impl<W: Work> Parameters<W> {
    /// Reads them.
    ///
    /// # Errors
    /// The first variable that is bad.
    pub fn read(
        environment: &Environment,
        work: impl FnOnce(&Environment) -> Result<W, BadVariable>,
    ) -> Result<Self, BadVariable> {
        Ok(Self { sending: Sending::read(environment, W::KIND)?, work: Arc::new(work(environment)?) })
    }
}

type AwsSubmission<W> = Submission<ServiceCatalog, DynamoStore, EventBridgeBus, W>;

/// Answers one payload: a batch with the messages that have to come again, anything else with where its operation stands.
///
/// # Errors
/// If it has to come again as a whole.
pub async fn handle<W: Work>(
    parameters: Arc<Parameters<W>>,
    invocation: Invocation,
    payload: String,
) -> Result<Value, Failure> {
    let until = invocation.until(ANSWER_MARGIN);
    let submission = Arc::new(Submission {
        edges: Arc::clone(&invocation.edges),
        settings: parameters.sending.clone(),
        work: Arc::clone(&parameters.work),
    });
    match payload::split(&payload) {
        Payload::Batch(deliveries) => {
            let messages = deliveries.into_iter().map(|delivery| (delivery.message_id.clone(), delivery)).collect();
            batch::run(messages, invocation.time_left(STOP_MARGIN), |delivery: Delivery| {
                let submission = Arc::clone(&submission);
                let span = tracing::Span::current();
                async move { one_of_batch(&submission, delivery, until).await.map(|_| ()) }.instrument(span)
            })
            .await
            .map_err(|error| Failure { kind: "NamelessMessage", message: error.to_string() })
        }
        Payload::One(request) => {
            let carrier = carrier(&invocation.edges, None);
            let message = payload::read_text(W::KIND, &request, &carrier);
            let ended = one(&submission, message, &request, until).await;
            ended
                .map(|ended| answer(&ended))
                .map_err(|trouble| Failure { kind: "Trouble", message: trouble.to_string() })
        }
    }
}

async fn one_of_batch<W: Work>(
    submission: &AwsSubmission<W>,
    delivery: Delivery,
    until: Time,
) -> Result<Ended, Trouble> {
    let carrier = carrier(&submission.edges, delivery.sent_at);
    let message = delivery.body.as_deref().map_err(Invalid::clone);
    let message = message.and_then(|body| payload::read_text(W::KIND, body, &carrier));
    let body = delivery.body.unwrap_or_else(|_| delivery.raw.unwrap_or_default());
    one(submission, message, &body, until).await
}

fn carrier(edges: &AwsEdges, sent_at: Option<Time>) -> Carrier {
    let now = edges.clock.now();
    Carrier { sns_id: None, sent_at: sent_at.map_or(now, |at| at.min(now)), scope: edges.scope.clone() }
}

async fn one<W: Work>(
    submission: &AwsSubmission<W>,
    message: Result<Message, Invalid>,
    body: &str,
    until: Time,
) -> Result<Ended, Trouble> {
    match message {
        // Boxed: the state of a whole operation is large, and a batch has ten.
        Ok(message) => Box::pin(submission.handle(message, until)).await,
        Err(invalid) => submission.edges.reject(W::KIND, &invalid.to_string(), body, None).await,
    }
}

fn answer(ended: &Ended) -> Value {
    json!({ "operation": ended.operation, "state": ended.state, "why": ended.why, "duplicate": ended.duplicate })
}
