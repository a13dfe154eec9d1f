//! What goes to the bus at once, and what is made of an answer that takes some of it.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use shared::aws::EventBridgeBus;
use shared::outcome::Outgoing;
use shared::ports::Bus as _;
use steward_local::api::{Answer, Call, Service};
use steward_tests::table;

/// A bus that takes what is not to be refused, and remembers what came together.
#[derive(Default)]
struct Choosy {
    refused: Vec<u64>,
    batches: Mutex<Vec<Vec<Value>>>,
}

impl Service for Choosy {
    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let body: Value = serde_json::from_slice(&call.body).unwrap();
            let detail = |entry: &Value| serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
            let batch: Vec<Value> = body["Entries"].as_array().unwrap().iter().map(detail).collect();
            let is_refused = |detail: &Value| self.refused.contains(&detail["id"].as_u64().unwrap());
            let entries: Vec<Value> = batch
                .iter()
                .map(|detail| {
                    if is_refused(detail) {
                        json!({ "ErrorCode": "InternalFailure", "ErrorMessage": "oops" })
                    } else {
                        json!({ "EventId": "e" })
                    }
                })
                .collect();
            let failed = batch.iter().filter(|detail| is_refused(detail)).count();
            self.batches.lock().unwrap().push(batch);
            Answer::ok(&json!({ "FailedEntryCount": failed, "Entries": entries }))
        })
    }
}

fn events(number: u64, bytes: usize) -> Vec<Outgoing> {
    let event =
        |id| Outgoing { detail_type: "Operation Failed", detail: json!({ "id": id, "why": "x".repeat(bytes) }) };
    (0..number).map(event).collect()
}

// Hazard C12: each entry has its own answer.
#[tokio::test]
async fn only_the_entries_that_were_refused_are_not_told() {
    let (gateway, clients, _dynamo) = table().await;
    gateway.register("events", Arc::new(Choosy { refused: vec![3, 11], ..Choosy::default() }));
    let answers = EventBridgeBus::new(clients.eventbridge, "b".to_owned()).publish(&events(12, 1)).await;
    let untold: Vec<usize> = (0..12).filter(|at| answers[*at].is_err()).collect();
    assert_eq!((answers.len(), untold), (12, vec![3, 11]));
}

// Hazard B12: nor does a batch of events.
#[tokio::test]
async fn a_batch_is_cut_by_entries_and_by_bytes() {
    for (bytes, most) in [(1, 10), (30_000, 6)] {
        let (gateway, clients, _dynamo) = table().await;
        let bus = Arc::new(Choosy::default());
        gateway.register("events", Arc::<Choosy>::clone(&bus));
        let answers = EventBridgeBus::new(clients.eventbridge, "b".to_owned()).publish(&events(25, bytes)).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let batches = bus.batches.lock().unwrap();
        assert!(batches.iter().all(|batch| batch.len() <= most), "{bytes} bytes");
        let ids: Vec<u64> = batches.iter().flatten().map(|detail| detail["id"].as_u64().unwrap()).collect();
        assert_eq!(ids, (0..25).collect::<Vec<_>>(), "each once, in order");
    }
}
