//! The protocol, spoken by a client in this process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use super::super::exchange::Invocation;
use super::*;

struct Rig {
    exchange: Arc<Exchange>,
    address: SocketAddr,
}

async fn rig() -> Rig {
    let exchange = Arc::new(Exchange::default());
    let api = Api {
        exchange: Arc::clone(&exchange),
        clock: Clock::held("2026-01-01T00:00:00Z".parse().unwrap()),
        timeout: Duration::from_secs(30),
        arn: "arn:aws:lambda:eu-central-1:111122223333:function:F".to_owned(),
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router(api)).await });
    Rig { exchange, address }
}

impl Rig {
    async fn send(&self, method: &str, path: &str, body: impl Into<Bytes>) -> (u16, HeaderMap, Bytes) {
        let uri = format!("http://{}/2018-06-01/runtime/{path}", self.address);
        let request = Request::builder().method(method).uri(uri).body(Full::new(body.into())).unwrap();
        let response = Client::builder(TokioExecutor::new()).build_http().request(request).await.unwrap();
        let (head, body) = response.into_parts();
        (head.status.as_u16(), head.headers, body.collect().await.unwrap().to_bytes())
    }

    fn queue(&self, id: &str) {
        let invocation =
            Invocation { id: id.to_owned(), trace: "Root=1".to_owned(), payload: Bytes::from_static(b"{\"a\":1}") };
        self.exchange.change(|state| state.queued = Some(invocation));
    }
}

#[tokio::test]
async fn an_invocation_is_waited_for_fetched_and_answered() {
    let rig = rig().await;
    let later = async {
        rig.exchange.wait(|state| state.ready.then_some(())).await;
        rig.queue("one");
    };
    let ((status, headers, body), ()) = tokio::join!(rig.send("GET", "invocation/next", ""), later);
    assert_eq!((status, &body[..]), (200, &b"{\"a\":1}"[..]));
    assert_eq!(headers["lambda-runtime-aws-request-id"], "one");
    assert_eq!(headers["lambda-runtime-deadline-ms"], "1767225630000");
    assert_eq!(headers["lambda-runtime-invoked-function-arn"], "arn:aws:lambda:eu-central-1:111122223333:function:F");
    assert_eq!(headers["lambda-runtime-trace-id"], "Root=1");
    assert_eq!(rig.send("POST", "invocation/two/response", "{}").await.0, 400);
    assert_eq!(rig.send("POST", "invocation/one/response", "{\"b\":2}").await.0, 202);
    let answer = rig.exchange.change(|state| state.report.take());
    assert!(matches!(answer, Some(Report::Response(body)) if &body[..] == b"{\"b\":2}"));
    assert_eq!(rig.send("POST", "invocation/one/response", "{}").await.0, 400, "it was answered before");
}

#[tokio::test]
async fn errors_are_told_with_their_type() {
    let rig = rig().await;
    rig.queue("one");
    rig.send("GET", "invocation/next", "").await;
    let said = "{\"errorType\":\"Transient\",\"errorMessage\":\"no store\"}";
    assert_eq!(rig.send("POST", "invocation/one/error", said).await.0, 202);
    let report = rig.exchange.change(|state| state.report.take());
    let Some(Report::Error(diagnostic)) = report else {
        panic!("{report:?}");
    };
    assert_eq!((&*diagnostic.error_type, &*diagnostic.message), ("Transient", "no store"));
    assert_eq!(rig.send("POST", "init/error", "not json").await.0, 202);
    let init = rig.exchange.read(|state| state.init_error.clone()).unwrap();
    assert_eq!(init.error_type, "Runtime.UnknownReason");
}

#[tokio::test]
async fn too_large_an_answer_fails_the_invocation() {
    let rig = rig().await;
    rig.queue("one");
    rig.send("GET", "invocation/next", "").await;
    assert_eq!(rig.send("POST", "invocation/one/response", vec![b' '; RESPONSE_MAX + 1]).await.0, 413);
    let report = rig.exchange.change(|state| state.report.take());
    assert!(
        matches!(&report, Some(Report::Error(said)) if said.error_type == "Function.ResponseSizeTooLarge"),
        "{report:?}"
    );
}

#[tokio::test]
async fn one_invocation_goes_to_one_of_two_polls() {
    let rig = rig().await;
    let polls = async { tokio::join!(rig.exchange.next(), rig.exchange.next()) };
    let give = async {
        rig.queue("one");
        rig.exchange.wait(|state| (state.running.as_deref() == Some("one")).then_some(())).await;
        rig.queue("two");
    };
    let ((first, second), ()) = tokio::join!(polls, give);
    let mut ids = [first.id, second.id];
    ids.sort();
    assert_eq!(ids, ["one", "two"]);
}
