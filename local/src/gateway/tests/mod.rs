//! The endpoint as a client sees it.

mod faulty;

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, Response, StatusCode};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use super::faults::{Effect, Fault};
use super::policy::{self, Policy, Statement};
use super::{Body, Gateway, Identities, Place, Site};
use crate::api::{Answer, Call, Service};
use crate::clock::Clock;

/// Remembers what it was asked and answers the operation's name.
#[derive(Debug, Default)]
struct Recorder(Mutex<Vec<Call>>);

impl Recorder {
    fn operations(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|call| call.operation.clone()).collect()
    }
}

impl Service for Recorder {
    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        assert_ne!(call.operation, "Panic", "asked to");
        let answer = Answer::ok(&json!({ "did": call.operation }));
        self.0.lock().unwrap().push(call);
        Box::pin(async { answer })
    }
}

/// Answers with what it was asked for.
struct Paths;

impl Site for Paths {
    fn answer(&self, request: Request<Bytes>) -> BoxFuture<'static, Response<Body>> {
        let text = format!("{} {} {}", request.method(), request.uri().path(), request.body().len());
        Box::pin(async { Response::new(Full::from(text).boxed_unsync()) })
    }
}

struct Rig {
    gateway: Gateway,
    service: Arc<Recorder>,
    http: Client<HttpConnector, Full<Bytes>>,
}

const NOW: &str = "20260101T120000Z";

fn now() -> DateTime<Utc> {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

/// A gateway with a recording DynamoDB, where function `F` may put into table `T` and nothing else.
async fn rig() -> Rig {
    let identities = Identities::new(Place::default()).with_function("F", "FRole");
    let gateway = Gateway::start(Clock::held(now()), identities, 0).await.unwrap();
    let service = Arc::new(Recorder::default());
    gateway.register("dynamodb", Arc::<Recorder>::clone(&service));
    let table = "arn:aws:dynamodb:eu-central-1:111122223333:table/T";
    let statement = Statement {
        effect: policy::Effect::Allow,
        actions: vec!["dynamodb:PutItem".to_owned(), "dynamodb:Query".to_owned()],
        resources: vec![table.to_owned(), format!("{table}/index/due")],
    };
    gateway.set_policy(Policy { statements: [("F".to_owned(), vec![statement])].into() });
    let http = Client::builder(TokioExecutor::new()).build_http();
    Rig { gateway, service, http }
}

impl Rig {
    fn request(&self, key: &str, target: &str, body: &Value) -> Request<Full<Bytes>> {
        let scope = format!("{key}/20260101/eu-central-1/dynamodb/aws4_request");
        Request::post(self.gateway.url())
            .header("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"))
            .header("x-amz-date", NOW)
            .header("x-amz-target", target)
            .body(Full::from(body.to_string()))
            .unwrap()
    }

    /// The status and body, or none if the connection was lost.
    async fn send(&self, request: Request<Full<Bytes>>) -> Option<(u16, String)> {
        let sent = tokio::time::timeout(Duration::from_secs(10), self.http.request(request));
        let response = sent.await.expect("an answer or a lost connection, not silence").ok()?;
        let status = response.status();
        assert!(response.headers().contains_key("x-amzn-requestid"));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Some((status.as_u16(), String::from_utf8(body.to_vec()).unwrap()))
    }

    async fn ask(&self, key: &str, operation: &str, body: Value) -> Option<(u16, String)> {
        self.send(self.request(key, &format!("DynamoDB_20120810.{operation}"), &body)).await
    }

    async fn put(&self) -> Option<(u16, String)> {
        self.ask("AKIALOCALF", "PutItem", json!({ "TableName": "T" })).await
    }

    fn fault(&self, effect: Effect) {
        let _ = self.gateway.faults().add(Fault {
            caller: Some("F".to_owned()),
            service: Some("dynamodb".to_owned()),
            operation: Some("PutItem".to_owned()),
            skip: 0,
            times: 1,
            effect,
        });
    }
}

#[tokio::test]
async fn calls_are_counted_and_logged_by_caller() {
    let rig = rig().await;
    let (status, body) = rig.put().await.unwrap();
    assert_eq!((status, body.as_str()), (200, r#"{"did":"PutItem"}"#));
    rig.put().await.unwrap();
    rig.ask("AKIALOCALUSER", "ListTables", json!({})).await.unwrap();
    let counts = rig.gateway.counts();
    assert_eq!(counts["F"]["dynamodb:PutItem"], 2);
    assert_eq!(counts["user"]["dynamodb:ListTables"], 1);
    let requests = rig.gateway.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!((requests[0].status, &requests[0].body), (Some(200), &requests[1].body));
    assert_eq!(requests[0].at, now());
    assert_eq!(rig.service.0.lock().unwrap()[0].caller.arn, "arn:aws:sts::111122223333:assumed-role/FRole/F");
    rig.gateway.reset_counts();
    assert!(rig.gateway.counts().is_empty());
}

#[tokio::test]
async fn a_role_is_enforced_in_the_words_of_aws() {
    let rig = rig().await;
    let due = json!({ "TableName": "T", "IndexName": "due" });
    let transaction = |kind: &str| json!({ "TransactItems": [{ kind: { "TableName": "T" } }] });
    for (operation, body, allowed) in [
        ("PutItem", json!({ "TableName": "T" }), true),
        ("PutItem", json!({ "TableName": "U" }), false),
        ("GetItem", json!({ "TableName": "T" }), false),
        ("Query", due, true),
        ("Query", json!({ "TableName": "T", "IndexName": "product" }), false),
        ("TransactWriteItems", transaction("Put"), true),
        ("TransactWriteItems", transaction("Delete"), false),
        ("ListTables", json!({}), false),
    ] {
        let (status, answer) = rig.ask("AKIALOCALF", operation, body.clone()).await.unwrap();
        assert_eq!(status == 200, allowed, "{operation} {body}: {answer}");
    }
    let (status, answer) = rig.ask("AKIALOCALF", "GetItem", json!({ "TableName": "T" })).await.unwrap();
    let expected = json!({
        "__type": "AccessDeniedException",
        "message": "User: arn:aws:sts::111122223333:assumed-role/FRole/F is not authorized to perform: dynamodb:GetItem \
                    on resource: arn:aws:dynamodb:eu-central-1:111122223333:table/T because no identity-based policy \
                    allows the dynamodb:GetItem action",
    });
    assert_eq!((status, serde_json::from_str(&answer).unwrap()), (400, expected));
    assert_eq!(rig.service.operations(), ["PutItem", "Query", "TransactWriteItems"]);
}

#[tokio::test]
async fn allowed_actions_that_nobody_used_are_listed() {
    let rig = rig().await;
    rig.put().await.unwrap();
    let unused = rig.gateway.unused_actions();
    // Its one statement allows both actions on both resources.
    let expected =
        ["dynamodb:PutItem on table/T/index/due", "dynamodb:Query on table/T", "dynamodb:Query on table/T/index/due"];
    assert_eq!(unused["F"].iter().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn strangers_and_old_requests_are_refused() {
    let rig = rig().await;
    let (status, body) = rig.ask("AKIAOTHER", "PutItem", json!({})).await.unwrap();
    assert!(status == 403 && body.contains("UnrecognizedClientException"), "{body}");
    let mut unsigned = rig.request("AKIALOCALUSER", "DynamoDB_20120810.ListTables", &json!({}));
    unsigned.headers_mut().remove("authorization");
    let (status, body) = rig.send(unsigned).await.unwrap();
    assert!(status == 403 && body.contains("MissingAuthenticationToken"), "{body}");
    let mut old = rig.request("AKIALOCALUSER", "DynamoDB_20120810.ListTables", &json!({}));
    old.headers_mut().insert("x-amz-date", "20260101T115459Z".parse().unwrap());
    let (status, body) = rig.send(old).await.unwrap();
    assert!(status == 403 && body.contains("InvalidSignatureException"), "{body}");
    assert!(rig.service.operations().is_empty());
}

#[tokio::test]
async fn the_service_is_found_by_its_target_or_by_the_signature() {
    let rig = rig().await;
    let mut unknown = rig.request("AKIALOCALUSER", "SomethingElse.Do", &json!({}));
    let (status, _) = rig.send(unknown.clone()).await.unwrap();
    assert_eq!((status, rig.service.operations()), (200, vec!["Do".to_owned()]));
    unknown.headers_mut().insert("x-amz-target", "AWSEvents.PutEvents".parse().unwrap());
    let (status, body) = rig.send(unknown.clone()).await.unwrap();
    assert!(status == 400 && body.contains("has no events; it has dynamodb"), "{body}");
    unknown.headers_mut().insert("x-amz-target", "DynamoDB_20120810.<script>".parse().unwrap());
    assert_eq!(rig.send(unknown).await.unwrap().0, 400);
    assert_eq!(rig.gateway.counts()["user"].len(), 2);
}

#[tokio::test]
async fn everybody_may_ask_who_they_are() {
    let rig = rig().await;
    let scope = "AKIALOCALF/20260101/eu-central-1/sts/aws4_request";
    let request = Request::post(rig.gateway.url())
        .header("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"))
        .header("x-amz-date", NOW)
        .body(Full::from("Action=GetCallerIdentity&Version=2011-06-15"))
        .unwrap();
    let (status, body) = rig.send(request).await.unwrap();
    assert_eq!(status, 200);
    assert!(body.contains("<Arn>arn:aws:sts::111122223333:assumed-role/FRole/F</Arn>"), "{body}");
    assert!(body.contains("<Account>111122223333</Account>"), "{body}");
}

#[tokio::test]
async fn a_panic_in_a_service_is_a_500_and_the_next_call_works() {
    let rig = rig().await;
    assert_eq!(rig.ask("AKIALOCALUSER", "Panic", json!({})).await.unwrap().0, 500);
    assert_eq!(rig.put().await.unwrap().0, 200);
}

#[tokio::test]
async fn a_browser_sees_the_calls_or_the_registered_site() {
    let rig = rig().await;
    rig.put().await.unwrap();
    let get = |path: &str| Request::get(format!("{}{path}", rig.gateway.url())).body(Full::default()).unwrap();
    let (status, body) = rig.send(get("/")).await.unwrap();
    assert!(status == 200 && body.contains("<td>dynamodb:PutItem</td><td>1</td>"), "{body}");
    rig.gateway.set_site(Arc::new(Paths));
    assert_eq!(rig.send(get("/")).await.unwrap().1, "GET / 0");
    assert_eq!(rig.send(get("/_local/a")).await.unwrap().1, "GET /_local/a 0");
    assert_eq!(rig.send(get("/other")).await.unwrap().0, StatusCode::NOT_FOUND);
    let post = |bytes: usize| {
        let url = format!("{}/_local/b", rig.gateway.url());
        Request::post(url).body(Full::from(vec![b' '; bytes])).unwrap()
    };
    assert_eq!(rig.send(post(65_536)).await.unwrap().1, "POST /_local/b 65536");
    let (status, body) = rig.send(post(65_537)).await.unwrap();
    assert_eq!((status, body.as_str()), (413, r#"{"error":"the request is larger than 65536 bytes"}"#));
    // What is signed is of AWS, whatever it asks for.
    let mut signed = get("/");
    signed.headers_mut().insert("authorization", "AWS4-HMAC-SHA256 Credential=a".parse().unwrap());
    assert!(rig.send(signed).await.unwrap().1.contains("UnrecognizedClientException"));
    let put = Request::put(rig.gateway.url()).body(Full::default()).unwrap();
    assert_eq!(rig.send(put).await.unwrap().0, StatusCode::METHOD_NOT_ALLOWED);
}
