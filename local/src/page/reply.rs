//! Answers, each with what keeps a browser from doing more with it than it should.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::http::response::Builder;
use axum::http::{Method, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use serde::Serialize;
use serde_json::{Value, json};

use crate::gateway::Body;

/// Scripts, styles and connections of this address alone; nobody frames the page; no text becomes markup or code.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

/// An answer.
pub(super) type Reply = Response<Body>;

/// Why something was not done: the status, and one line for people.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) u16, pub(super) String);

impl Refused {
    /// What was asked for makes no sense.
    pub(super) fn bad(text: impl Into<String>) -> Self {
        Self(400, text.into())
    }
}

impl From<Refused> for Reply {
    fn from(Refused(status, text): Refused) -> Self {
        json(status, &json!({ "error": text }))
    }
}

/// Any JSON.
pub(super) fn json(status: u16, body: &impl Serialize) -> Reply {
    // Rows of texts and numbers: what cannot be written is a mistake of this program.
    let text = serde_json::to_string(body).unwrap_or_else(|error| json!({ "error": error.to_string() }).to_string());
    whole(head(status, "application/json"), text)
}

/// A piece of the page.
pub(super) fn asset(kind: &str, text: &'static str) -> Reply {
    whole(head(200, kind), text)
}

/// A method that a path does not know.
pub(super) fn wrong_method(method: &Method, allowed: &'static str) -> Reply {
    let error: Value = json!({ "error": format!("{method} is not accepted here; accepted: {allowed}") });
    whole(head(405, "application/json").header("allow", allowed), error.to_string())
}

/// An answer that goes on.
pub(super) fn stream(body: UnsyncBoxBody<Bytes, Infallible>) -> Reply {
    finish(head(200, "text/event-stream"), body)
}

fn whole(head: Builder, body: impl Into<Bytes>) -> Reply {
    finish(head, Full::new(body.into()).boxed_unsync())
}

fn head(status: u16, kind: &str) -> Builder {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let utf8 = if kind.starts_with("image/") || kind.ends_with("json") { "" } else { "; charset=utf-8" };
    Response::builder()
        .status(status)
        .header("content-type", format!("{kind}{utf8}"))
        .header("cache-control", "no-store")
        .header("content-security-policy", POLICY)
        .header("cross-origin-opener-policy", "same-origin")
        .header("cross-origin-resource-policy", "same-origin")
        .header("referrer-policy", "no-referrer")
        .header("x-content-type-options", "nosniff")
}

fn finish(head: Builder, body: Body) -> Reply {
    // All names and values above are HTTP's own letters.
    head.body(body).unwrap_or_default()
}
