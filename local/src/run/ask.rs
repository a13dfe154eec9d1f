//! Asking a cloud that is served, from another terminal.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::serve::PORT;
use crate::gateway::LOCAL;

/// The largest answer.
const ANSWER_MAX: usize = 1024 * 1024;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A cloud that is served.
pub(super) struct Served {
    endpoint: String,
}

impl Served {
    /// The one at that address, or at the port that it has without another word.
    pub(super) fn at(endpoint: Option<&str>) -> Result<Self, String> {
        let Some(endpoint) = endpoint else { return Ok(Self { endpoint: format!("http://127.0.0.1:{PORT}") }) };
        let endpoint = endpoint.trim_end_matches('/');
        let is_known = endpoint.parse::<Uri>().is_ok_and(|uri| uri.scheme_str() == Some("http") && uri.path() == "/");
        if !is_known {
            return Err(format!("{endpoint:?} is no address of a local cloud; accepted: http://127.0.0.1:{PORT}"));
        }
        Ok(Self { endpoint: endpoint.to_owned() })
    }

    /// Asks something below `/_local/`; gives its answer.
    pub(super) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let url = format!("{}{LOCAL}{path}", self.endpoint);
        let text = body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder().method(method).uri(&url).header("content-type", "application/json");
        let request = request.body(Full::new(Bytes::from(text))).map_err(|error| format!("{url}: {error}"))?;
        let nobody = |why: &str| {
            format!(
                "no local cloud answers at {} ({why}); start one with `cargo local --serve`, or name it with --endpoint",
                self.endpoint
            )
        };
        let http: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let exchange = async {
            let response = http.request(request).await.map_err(|_| nobody("no connection"))?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
            let body = body.map_err(|error| format!("{url}: {error}"))?.to_bytes();
            Ok::<_, String>((status, serde_json::from_slice::<Value>(&body).unwrap_or_default()))
        };
        let (status, answer) = tokio::time::timeout(PATIENCE, exchange).await.map_err(|_| nobody("no answer"))??;
        if status.is_success() {
            return Ok(answer);
        }
        Err(answer["error"].as_str().map_or_else(|| nobody(&format!("it says {status}")), str::to_owned))
    }
}
