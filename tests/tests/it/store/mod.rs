//! The store's contract, against DynamoDB itself (in process): what the workflow may rely on.

mod claim;
mod consistent;
mod import_slot;
mod look;
mod lost;
mod operator;
mod products;
mod read;
mod remediation_slot;
mod simulated;
mod write;

use std::sync::Arc;
use std::time::Duration;

use shared::aws::DynamoStore;
use shared::clock::Time;
use shared::operation::{Claiming, Event, Operation, OperationId, Trigger, next};
use shared::ports::{Change, Claim, Store, Takeover};
use shared::request::{Kind, Origin, Request};
use steward_local::api::{Call, Caller, Service};
use steward_local::dynamo::Dynamo;
use steward_local::gateway::Gateway;
use steward_local::gateway::faults::{Effect, Fault};
use steward_tests::{at, scope, table};

struct Bench {
    gateway: Gateway,
    store: DynamoStore,
    dynamo: Arc<Dynamo>,
}

impl Bench {
    /// The service carries the next call out, and its answer gets lost.
    fn lose(&self, operation: &str) {
        let (service, operation) = (Some("dynamodb".to_owned()), Some(operation.to_owned()));
        let effect = Effect::DropAfter;
        let _ = self.gateway.faults().add(Fault { caller: None, service, operation, skip: 0, times: 1, effect });
    }

    /// The calls that were made, by operation.
    fn calls(&self, operation: &str) -> u64 {
        let counts = self.gateway.counts();
        counts.values().filter_map(|calls| calls.get(&format!("dynamodb:{operation}"))).sum()
    }

    /// Writes into a product's item what nobody can read.
    async fn scribble(&self, product: &str) {
        let update = serde_json::json!({
            "TableName": "Table",
            "Key": { "pk": { "S": format!("product#{}#{}#{product}", scope().account, scope().region) } },
            "UpdateExpression": "SET protection = :a",
            "ExpressionAttributeValues": { ":a": { "S": "please" } },
        });
        let caller = Caller { name: "ops".to_owned(), arn: String::new() };
        let (operation, headers, body) = ("UpdateItem".to_owned(), Vec::new(), update.to_string().into());
        assert_eq!(self.dynamo.call(Call { caller, operation, headers, body }).await.status, 200);
    }

    async fn stored(&self, id: &OperationId) -> Operation {
        self.store.operation(id).await.unwrap().expect("the operation is there")
    }
}

async fn bench() -> Bench {
    let (gateway, clients, dynamo) = table().await;
    let store = DynamoStore::new(clients.dynamodb, "Table".to_owned(), scope(), Duration::from_hours(35 * 24));
    Bench { gateway, store, dynamo }
}

fn operation(product: &str, nonce: &str, now: Time) -> Operation {
    claimed(Kind::Terminate, serde_json::json!({ "provisionedProductId": product }), nonce, now)
}

/// The import of a stack of that name.
fn import(name: &str, nonce: &str, now: Time) -> Operation {
    let request = serde_json::json!({
        "productId": "prod-a",
        "provisioningArtifactId": "pa-a",
        "provisionedProductName": name,
        "physicalId": format!("arn:aws:cloudformation:eu-central-1:111122223333:stack/{name}/0a1b"),
    });
    claimed(Kind::Import, request, nonce, now)
}

fn claimed(kind: Kind, request: serde_json::Value, nonce: &str, now: Time) -> Operation {
    let lease_until = now + Duration::from_mins(1);
    Operation::claimed(
        Request::parse(kind, Origin::Asked, request).unwrap(),
        Claiming {
            scope: &scope(),
            trigger: &Trigger::Event("e-1".into()),
            sender_account: None,
            requested_at: now,
            now,
            nonce: nonce.to_owned(),
            lease_until,
            retry_at: lease_until + Duration::from_mins(1),
        },
    )
}

fn takeover(nonce: &str, now: Time) -> Takeover {
    let lease_until = now + Duration::from_mins(1);
    Takeover { nonce: nonce.to_owned(), now, lease_until, retry_at: lease_until + Duration::from_mins(1) }
}

fn step(operation: &Operation, event: Event, at: Time) -> Change {
    Change::to(next(operation.standing, event).unwrap(), at)
}

async fn won(bench: &Bench, operation: &Operation) {
    assert_eq!(bench.store.claim(operation).await.unwrap(), Claim::Won);
}

/// An operation that was claimed and has come to this.
async fn ended(bench: &Bench, operation: &Operation, event: Event) {
    won(bench, operation).await;
    let fence = shared::ports::Fence::of(operation);
    let written = bench.store.write(&operation.id, &fence, &step(operation, event, at(1))).await.unwrap();
    assert_eq!(written, shared::ports::Written::Applied);
}
