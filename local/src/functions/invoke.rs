//! Invokes a function, and waits for its answer or not.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{Lambda, Refusal};
use crate::api::{Answer, InvokeError};

/// No payload is longer: of an invocation that is waited for, and of one that is not.
const WAITED_FOR_MAX: usize = 6 * 1024 * 1024;
const EVENT_MAX: usize = 1024 * 1024;
/// How long Lambda waits before it tries an event again, after the first failure and after the second.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(2)];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Invocation {
    function_name: String,
    #[serde(default)]
    qualifier: Option<String>,
    #[serde(rename = "InvocationType")]
    kind: String,
    payload: String,
}

impl Lambda {
    pub(super) async fn invoke(&self, asked: &Invocation) -> Result<Answer, Refusal> {
        let (name, _) = self.function(&asked.function_name, asked.qualifier.as_deref())?;
        let limit = if asked.kind == "Event" { EVENT_MAX } else { WAITED_FOR_MAX };
        if asked.payload.len() > limit {
            let message = format!("{} byte payload is too large (limit {limit} bytes)", asked.payload.len());
            return Err(Refusal { status: 413, code: "RequestTooLargeException", message });
        }
        // No payload at all is an empty one.
        let payload = if asked.payload.is_empty() { "{}".to_owned() } else { asked.payload.clone() };
        serde_json::from_str::<IgnoredAny>(&payload).map_err(|error| Refusal {
            status: 400,
            code: "InvalidRequestContentException",
            message: format!("Could not parse request body into json: {error}"),
        })?;
        match asked.kind.as_str() {
            "RequestResponse" => {
                let outcome = self.invoke.invoke_text(name, payload).await;
                self.answered(name, outcome)
            }
            "Event" => {
                self.send(name.to_owned(), payload);
                Ok(Answer { status: 202, headers: Vec::new(), body: axum::body::Bytes::new() })
            }
            "DryRun" => Ok(Answer { status: 204, headers: Vec::new(), body: axum::body::Bytes::new() }),
            other => Err(Refusal::invalid(format!(
                "1 validation error detected: Value '{other}' at 'invocationType' failed to satisfy constraint: Member \
                 must satisfy enum value set: [Event, RequestResponse, DryRun]"
            ))),
        }
    }

    fn answered(&self, name: &str, outcome: Result<Value, InvokeError>) -> Result<Answer, Refusal> {
        let seconds = self.functions.get(name).map_or(0, |function| function.timeout);
        let failed = |error_type: &str, message: String| json!({ "errorType": error_type, "errorMessage": message });
        let (body, failed) = match outcome {
            Ok(answer) => (answer, false),
            Err(InvokeError::Unknown) => {
                return Err(Refusal::absent(format!("Function not found: {}", self.function_arn(name))));
            }
            Err(InvokeError::Function { error_type, message }) => (failed(&error_type, message), true),
            Err(InvokeError::Crashed) => {
                (failed("Runtime.ExitError", "Error: Runtime exited without providing a reason".to_owned()), true)
            }
            Err(InvokeError::TimedOut) => {
                (failed("Sandbox.Timedout", format!("Error: Task timed out after {seconds}.00 seconds")), true)
            }
        };
        let mut answer = super::json(200, &body);
        answer.headers.push(("x-amz-executed-version".to_owned(), "$LATEST".to_owned()));
        if failed {
            answer.headers.push(("x-amz-function-error".to_owned(), "Unhandled".to_owned()));
        }
        Ok(answer)
    }

    /// An event is tried again twice; then it is lost, since no function of ours has a place for what failed.
    fn send(&self, name: String, payload: String) {
        let (invoke, clock) = (Arc::clone(&self.invoke), self.clock.clone());
        tokio::spawn(async move {
            for wait in AGAIN_AFTER.into_iter().map(Some).chain([None]) {
                match (invoke.invoke_text(&name, payload.clone()).await, wait) {
                    (Ok(_), _) => return,
                    (Err(error), None) => tracing::warn!(function = name, ?error, "an event failed three times"),
                    (Err(_), Some(wait)) => {
                        let wait = TimeDelta::from_std(clock.scaled(wait)).unwrap_or_default();
                        clock.sleep_until(clock.now() + wait).await;
                    }
                }
            }
        });
    }
}
