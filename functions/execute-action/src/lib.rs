//! Executes service actions: those that somebody asks for, and those that repair the drift of a product's stack.
//!
//! Takes an SQS batch, one `EventBridge` event (drift that `CloudFormation` or AWS Config has found too) or one bare request (see
//! `events/execute-action/`).

use std::sync::Arc;

use serde_json::Value;
use shared::config::{BadVariable, Environment};
use shared::lambda::requests;
use shared::lambda::start::{Failure, Invocation};
use shared::workflow::execute_action::Action;

/// What the function is told at its start.
pub type Parameters = requests::Parameters<Action>;

/// Reads its variables.
///
/// # Errors
/// The first one that is bad.
pub fn parameters(environment: &Environment) -> Result<Parameters, BadVariable> {
    Parameters::read(environment, Action::read)
}

/// Answers one payload.
///
/// # Errors
/// If it has to come again as a whole.
pub async fn handle(parameters: Arc<Parameters>, invocation: Invocation, payload: String) -> Result<Value, Failure> {
    requests::handle(parameters, invocation, payload).await
}
