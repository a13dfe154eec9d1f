//! What the parts of the local cloud are to each other: a service that answers calls, and functions that are invoked.

use axum::body::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;

/// Who makes a call: read from the access key in the Authorization header.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller {
    /// The function's logical id in the template (`TerminateFunction`), or `user` for a person at a terminal.
    pub name: String,
    /// The ARN of the role session (or user) that the services see, for access levels and ownership.
    pub arn: String,
}

/// One call of an AWS operation, as it came over the wire.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// The operation without its prefix: `TerminateProvisionedProduct`, `PutItem`, `PutEvents`.
    pub operation: String,
    /// All request headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The request body, unread.
    pub body: Bytes,
}

/// The answer to a [`Call`].
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `content-type` and whatever else the service sends; the gateway adds `x-amzn-requestid`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// A success in AWS JSON.
    #[must_use]
    pub fn ok(body: &Value) -> Self {
        Self::json(200, body)
    }

    /// An error in AWS JSON: the code as `__type`, the text as `message`.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &serde_json::json!({ "__type": code, "message": message }))
    }

    /// Any JSON body.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/x-amz-json-1.1".to_owned())];
        Self { status, headers, body: Bytes::from(body.to_string()) }
    }
}

/// An emulated AWS service.
pub trait Service: Send + Sync + 'static {
    /// Carries one call out. Effects are committed when the future completes.
    fn call(&self, call: Call) -> BoxFuture<'_, Answer>;
}

/// Why an invocation has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvokeError {
    /// The function reported an error (`errorType`, `errorMessage`).
    Function {
        /// `errorType` as reported.
        error_type: String,
        /// `errorMessage` as reported.
        message: String,
    },
    /// The process ended before it answered.
    Crashed,
    /// The function did not answer within its time-out and was killed.
    TimedOut,
    /// There is no function of that name.
    Unknown,
}

/// What can be invoked: the functions of the template.
pub trait Invoke: Send + Sync + 'static {
    /// Invokes a function by its logical id and waits for its answer.
    fn invoke(&self, function: &str, payload: Value) -> BoxFuture<'_, Result<Value, InvokeError>>;

    /// The same with a payload as it is written. Whoever can hands it on as it is; here it must be what a [`Value`] holds.
    fn invoke_text(&self, function: &str, payload: String) -> BoxFuture<'_, Result<Value, InvokeError>> {
        match serde_json::from_str(&payload) {
            Ok(payload) => self.invoke(function, payload),
            Err(error) => {
                let error_type = "Runtime.UnmarshalError".to_owned();
                let failed = InvokeError::Function { error_type, message: error.to_string() };
                Box::pin(std::future::ready(Err(failed)))
            }
        }
    }
}
