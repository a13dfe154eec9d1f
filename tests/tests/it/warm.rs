//! Connections are open before the first invocation needs them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::serve::ListenerExt as _;
use steward_local::clients::clients_at;
use steward_local::gateway::USER;
use tokio::net::TcpListener;

/// A service that refuses everything: gives its address, and counts connections and signed requests.
async fn refusing() -> (String, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (connections, signed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, of_signed) = (Arc::clone(&connections), Arc::clone(&signed));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let listener = listener.tap_io(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let refuse = move |headers: HeaderMap| {
        of_signed.fetch_add(usize::from(headers.contains_key("authorization")), Ordering::SeqCst);
        async { (StatusCode::BAD_REQUEST, r#"{"__type":"MissingAuthenticationTokenException"}"#) }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(refuse)).await });
    (url, connections, signed)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_calls_find_open_connections() {
    let (url, connections, signed) = refusing().await;
    let clients = clients_at(&url, USER);
    clients.warm().await;
    assert_eq!((connections.load(Ordering::SeqCst), signed.load(Ordering::SeqCst)), (2, 0), "nobody is said to call");
    let table = clients.dynamodb.get_item().table_name("Table").send();
    let product = clients.servicecatalog.describe_provisioned_product().id("pp-a").send();
    let answers = tokio::join!(table, product);
    assert!(answers.0.is_err() && answers.1.is_err());
    assert_eq!((connections.load(Ordering::SeqCst), signed.load(Ordering::SeqCst)), (2, 2), "none is opened again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_a_network_is_no_failure() {
    // A port that takes connections and never answers, and one that nobody listens at.
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let closed = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    for address in [silent.local_addr().unwrap(), closed] {
        let began = Instant::now();
        clients_at(&format!("http://{address}"), USER).warm().await;
        assert!(began.elapsed() < Duration::from_secs(5), "it is not waited for");
    }
}
