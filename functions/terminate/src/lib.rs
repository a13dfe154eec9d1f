//! Terminates provisioned products: once per request, judged before every send.
//!
//! Takes an SQS batch, one `EventBridge` event or one bare request (see `events/terminate/`).

use std::sync::Arc;

use serde_json::Value;
use shared::config::{BadVariable, Environment};
use shared::lambda::requests;
use shared::lambda::start::{Failure, Invocation};
use shared::workflow::terminate::Termination;

/// What the function is told at its start.
pub type Parameters = requests::Parameters<Termination>;

/// Reads its variables.
///
/// # Errors
/// The first one that is bad.
pub fn parameters(environment: &Environment) -> Result<Parameters, BadVariable> {
    Parameters::read(environment, Termination::read)
}

/// Answers one payload.
///
/// # Errors
/// If it has to come again as a whole.
pub async fn handle(parameters: Arc<Parameters>, invocation: Invocation, payload: String) -> Result<Value, Failure> {
    requests::handle(parameters, invocation, payload).await
}
