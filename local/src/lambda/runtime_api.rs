//! The Lambda Runtime API, version 2018-06-01, for one process.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::exchange::{Diagnostic, Exchange, Report};
use crate::clock::Clock;

/// What a function may answer at most.
pub(super) const RESPONSE_MAX: usize = 6 * 1024 * 1024;

/// What the API of one process needs to know.
#[derive(Clone, Debug)]
pub(super) struct Api {
    pub(super) exchange: Arc<Exchange>,
    pub(super) clock: Clock,
    pub(super) timeout: Duration,
    pub(super) arn: String,
}

/// The routes.
pub(super) fn router(api: Api) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .layer(DefaultBodyLimit::max(RESPONSE_MAX))
        .with_state(api)
}

async fn next(State(api): State<Api>) -> Result<Response<Body>, StatusCode> {
    let invocation = api.exchange.next().await;
    let limit = chrono::TimeDelta::from_std(api.timeout).unwrap_or_default();
    let deadline = (api.clock.now() + limit).timestamp_millis();
    Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .header("lambda-runtime-aws-request-id", invocation.id)
        .header("lambda-runtime-deadline-ms", deadline)
        .header("lambda-runtime-invoked-function-arn", api.arn)
        .header("lambda-runtime-trace-id", invocation.trace)
        .body(Body::from(invocation.payload))
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn response(
    State(api): State<Api>,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> impl IntoResponse {
    let Ok(body) = body else {
        // The invocation has failed by it, so that nobody waits for its time-out.
        let message = format!("The answer is larger than {RESPONSE_MAX} bytes, or was cut off.");
        let diagnostic =
            Diagnostic { error_type: "Function.ResponseSizeTooLarge".to_owned(), message: message.clone() };
        api.exchange.report(&id, Report::Error(diagnostic));
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message);
    };
    accepted(api.exchange.report(&id, Report::Response(body)))
}

async fn error(State(api): State<Api>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    accepted(api.exchange.report(&id, Report::Error(diagnostic(&headers, &body))))
}

async fn init_error(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let diagnostic = diagnostic(&headers, &body);
    api.exchange.change(|state| state.init_error = Some(diagnostic));
    accepted(true)
}

/// `errorType` and `errorMessage` of the body; the type also comes as a header.
fn diagnostic(headers: &HeaderMap, body: &[u8]) -> Diagnostic {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let by_header = || headers.get("lambda-runtime-function-error-type")?.to_str().ok();
    let error_type = body["errorType"].as_str().or_else(by_header).unwrap_or("Runtime.UnknownReason");
    Diagnostic {
        error_type: error_type.to_owned(),
        message: body["errorMessage"].as_str().unwrap_or_default().to_owned(),
    }
}

type Reply = (StatusCode, axum::Json<Value>);

fn accepted(known: bool) -> Reply {
    if known {
        (StatusCode::ACCEPTED, axum::Json(json!({ "status": "OK" })))
    } else {
        refused(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
    }
}

fn refused(status: StatusCode, kind: &str, message: &str) -> Reply {
    (status, axum::Json(json!({ "errorType": kind, "errorMessage": message })))
}

#[cfg(test)]
mod tests;
