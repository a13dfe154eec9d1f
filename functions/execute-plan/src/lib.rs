//! Executes approved plans, if they still are what was approved.
//!
//! Takes an SQS batch, one `EventBridge` event or one bare request (see `events/execute-plan/`).

use std::sync::Arc;

use serde_json::Value;
use shared::config::{BadVariable, Environment};
use shared::lambda::requests;
use shared::lambda::start::{Failure, Invocation};
use shared::workflow::execute_plan::PlanExecution;

/// What the function is told at its start.
pub type Parameters = requests::Parameters<PlanExecution>;

/// Reads its variables.
///
/// # Errors
/// The first one that is bad.
pub fn parameters(environment: &Environment) -> Result<Parameters, BadVariable> {
    Parameters::read(environment, PlanExecution::read)
}

/// Answers one payload.
///
/// # Errors
/// If it has to come again as a whole.
pub async fn handle(parameters: Arc<Parameters>, invocation: Invocation, payload: String) -> Result<Value, Failure> {
    requests::handle(parameters, invocation, payload).await
}
