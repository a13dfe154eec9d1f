//! The interface as a browser and a terminal see it: a cloud without functions, over real connections.

mod events;
mod faults;
mod state;
mod visitors;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use super::site::Local;
use crate::catalog::NewProduct;
use crate::cloud::{Cloud, Options};
use crate::run::cases;

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

struct Rig {
    cloud: Arc<Cloud>,
    local: Arc<Local>,
    http: Client<HttpConnector, Full<Bytes>>,
}

impl Rig {
    /// A cloud with one product, and nobody who acts on it.
    async fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let options = Options { only: Some(Vec::new()), hold_schedules: true, ..Options::quick(&root, &root) };
        let cloud = Arc::new(Cloud::start(options).await.unwrap());
        cloud.catalog.add(NewProduct::new("pp-a", "sandbox-a", cloud.clock.now()).tag("ttl", "3h"));
        let local = Arc::new(Local::new(&cloud, cases::load(&root.join("events")).unwrap()));
        cloud.gateway.set_site(Arc::<Local>::clone(&local));
        Self { cloud, local, http: Client::builder(TokioExecutor::new()).build_http() }
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        tokio::time::timeout(PATIENCE, self.http.request(request)).await.expect("an answer in time").unwrap()
    }

    /// The status and the JSON of an answer.
    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let text = body.map(|body| body.to_string()).unwrap_or_default();
        let request = Request::builder().method(method).uri(format!("{}/_local/{path}", self.cloud.gateway.url()));
        let request = request.header("content-type", "application/json").body(Full::from(text)).unwrap();
        read(self.send(request).await).await
    }

    /// The status of a call of an AWS service by somebody; none: its connection was closed.
    async fn call(&self, caller: &str, target: &str) -> Option<u16> {
        let scope = format!("AKIALOCAL{}/20260101/eu-central-1/dynamodb/aws4_request", caller.to_ascii_uppercase());
        let request = Request::post(self.cloud.gateway.url())
            .header("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"))
            .header("x-amz-date", self.cloud.clock.now().format("%Y%m%dT%H%M%SZ").to_string())
            .header("x-amz-target", target)
            .body(Full::from("{}"))
            .unwrap();
        let answer = tokio::time::timeout(PATIENCE, self.http.request(request)).await.expect("an answer in time");
        answer.ok().map(|answer| answer.status().as_u16())
    }

    /// The text of a refusal.
    async fn refused(&self, method: &str, path: &str, body: Option<Value>) -> (u16, String) {
        let (status, answer) = self.ask(method, path, body).await;
        let text = answer["error"].as_str().unwrap_or_else(|| panic!("{status}: {answer}")).to_owned();
        assert!(!text.contains('\n'), "{text}");
        (status, text)
    }
}

async fn read(response: Response<Incoming>) -> (u16, Value) {
    let status = response.status();
    let body = tokio::time::timeout(PATIENCE, response.into_body().collect()).await.unwrap().unwrap().to_bytes();
    (status.as_u16(), serde_json::from_slice(&body).unwrap_or_default())
}
