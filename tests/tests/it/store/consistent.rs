//! What protects is read as it stands now, and whole.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use shared::ports::{PauseSwitch as _, Products as _, Protection, Store as _};
use steward_local::api::{Answer, Call, Service};
use steward_local::dynamo::Dynamo;
use steward_tests::at;

use super::{Bench, bench, operation, won};

/// A table that leaves the first batches unprocessed, and remembers how it was read.
struct Grudging {
    dynamo: Arc<Dynamo>,
    unprocessed: AtomicU64,
    are_consistent: Mutex<Vec<bool>>,
}

impl Service for Grudging {
    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let body: Value = serde_json::from_slice(&call.body).unwrap();
            let is_consistent = match call.operation.as_str() {
                "BatchGetItem" => &body["RequestItems"]["Table"]["ConsistentRead"],
                "GetItem" => &body["ConsistentRead"],
                _ => return self.dynamo.call(call).await,
            };
            self.are_consistent.lock().unwrap().push(is_consistent == true);
            let one_less = |left: u64| left.checked_sub(1);
            if call.operation == "BatchGetItem"
                && self.unprocessed.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok()
            {
                return Answer::ok(&json!({ "Responses": {}, "UnprocessedKeys": body["RequestItems"] }));
            }
            self.dynamo.call(call).await
        })
    }
}

async fn grudging() -> (Bench, Arc<Grudging>) {
    let bench = bench().await;
    let (dynamo, are_consistent) = (Arc::clone(&bench.dynamo), Mutex::default());
    let table = Arc::new(Grudging { dynamo, unprocessed: AtomicU64::new(0), are_consistent });
    bench.gateway.register("dynamodb", Arc::<Grudging>::clone(&table));
    (bench, table)
}

// Hazard C6: as it stands now.
#[tokio::test]
async fn what_protects_is_read_consistently() {
    let (bench, table) = grudging().await;
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    bench.store.guard("pp-a").await.unwrap();
    bench.store.paused().await.unwrap();
    bench.store.operation(&op.id).await.unwrap();
    bench.store.items(&["pp-a"]).await.unwrap();
    bench.store.standpoints(std::slice::from_ref(&op.id)).await.unwrap();
    assert_eq!(*table.are_consistent.lock().unwrap(), [true; 5]);
}

// Hazard C6: and whole.
#[tokio::test]
async fn what_is_left_unprocessed_is_asked_for_again_and_never_taken_for_nothing() {
    let (bench, table) = grudging().await;
    let protection = Protection { by: "ops".into(), reason: "audit".into(), until: None };
    bench.store.protect("pp-a", Some(&protection), at(1)).await.unwrap();
    table.unprocessed.store(2, Ordering::SeqCst);
    let guard = bench.store.guard("pp-a").await.unwrap();
    assert_eq!(guard.product.unwrap().protection, Some(protection));
    table.unprocessed.store(u64::MAX, Ordering::SeqCst);
    assert!(bench.store.guard("pp-a").await.is_err(), "unread is not unprotected");
}
