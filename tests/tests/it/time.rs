//! A run that follows ends in time, however slowly the service answers, and whatever it cannot follow.

use std::sync::Arc;
use std::time::Duration;

use shared::aws::{DynamoStore, EventBridgeBus, ServiceCatalog};
use shared::clock::{Clock, Dice, Time};
use shared::config::{Environment, Following, Telling};
use shared::operation::{Claiming, Event, Operation, Trigger, next};
use shared::ports::{Change, Fence, Store as _};
use shared::request::{Kind, Origin, Request};
use shared::workflow::Edges;
use shared::workflow::follow::Follower;
use steward_local::catalog::{Catalog, NewProduct, Settings};
use steward_local::gateway::faults::{Effect, Fault};
use steward_local::gateway::{Gateway, Place};
use steward_tests::{at, scope, table};

const OPERATIONS: usize = 20;

/// An operation whose record is due to be looked at.
async fn submitted(store: &DynamoStore, catalog: &Catalog, id: &str) {
    let record_id = catalog.add(NewProduct::new(id, id, at(0)));
    let request = serde_json::json!({ "provisionedProductId": id });
    let request = Request::parse(Kind::Terminate, Origin::Asked, request).unwrap();
    let claim = Claiming {
        scope: &scope(),
        trigger: &Trigger::Bare,
        sender_account: None,
        requested_at: at(0),
        now: at(0),
        nonce: "n".to_owned(),
        lease_until: at(60),
        retry_at: at(120),
    };
    let operation = Operation::claimed(request, claim);
    store.claim(&operation).await.unwrap();
    let fence = Fence { nonce: None, states: vec![operation.standing.state], attempt: 1 };
    let standing = next(operation.standing, Event::Accepted).unwrap();
    let change = Change { record_id: Some(record_id), due_at: Some(at(1)), ..Change::to(standing, at(0)) };
    store.write(&operation.id, &fence, &change).await.unwrap();
}

/// What follows them, and the gateway at which their service answers.
async fn follower() -> (Gateway, Follower<ServiceCatalog, DynamoStore, EventBridgeBus>) {
    let (gateway, clients, _dynamo) = table().await;
    let clock = steward_local::clock::Clock::system(1.0);
    let catalog = Catalog::new(Settings::default(), clock, Place::default(), Arc::new(|_| {}));
    gateway.register("servicecatalog", Arc::new(catalog.clone()));
    let store = DynamoStore::new(clients.dynamodb, "Table".to_owned(), scope(), Duration::from_hours(35 * 24));
    for i in 0..OPERATIONS {
        submitted(&store, &catalog, &format!("pp-{i}")).await;
    }
    let edges = Edges {
        catalog: ServiceCatalog::new(clients.servicecatalog, Clock::system()),
        store,
        bus: EventBridgeBus::new(clients.eventbridge, "steward-bus".to_owned()),
        clock: Clock::system(),
        switch: std::sync::Arc::default(),
        dice: Dice::seeded(1),
        scope: scope(),
    };
    let environment = Environment::default();
    let (settings, telling) = (Following::read(&environment).unwrap(), Telling::read(&environment).unwrap());
    (gateway, Follower { edges: Arc::new(edges), settings, telling })
}

/// What meets each call of this operation, or of any.
fn always(operation: Option<&str>, effect: Effect) -> Fault {
    let (service, operation) = (Some("servicecatalog".to_owned()), operation.map(str::to_owned));
    Fault { caller: None, service, operation, skip: 0, times: u32::MAX, effect }
}

fn after(time: Duration) -> Time {
    Clock::system().now() + time
}

// Hazard B7: a run ends before its time is up.
#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_no_time_for_is_left_to_the_next_run() {
    let (gateway, follower) = follower().await;
    let slow = gateway.faults().add(always(Some("DescribeRecord"), Effect::Delay(Duration::from_secs(1))));
    let looked = follower.tick(after(Duration::from_millis(500))).await.unwrap().seen;
    assert!(looked <= 8, "only what was begun in time: {looked}");
    gateway.faults().remove(slow);
    let rest = follower.tick(after(Duration::from_mins(1))).await.unwrap().seen;
    assert_eq!((looked + rest) as usize, OPERATIONS, "nothing is left for good");
}

// Hazard B7: whatever is touched is put back.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_followed_makes_room_for_what_is_behind_it() {
    let (gateway, follower) = follower().await;
    let (code, message) = ("AccessDeniedException".to_owned(), "no".to_owned());
    let _ = gateway.faults().add(always(None, Effect::Answer { status: 400, code, message }));
    let first = follower.tick(after(Duration::from_mins(1))).await.unwrap();
    assert_eq!((first.seen as usize, first.settled), (OPERATIONS, 0), "{first:?}");
    let second = follower.tick(after(Duration::from_mins(1))).await.unwrap();
    assert_eq!(second.seen, 0, "each is put back, and none is looked at twice");
    let live = follower.edges.store.live(100).await.unwrap();
    assert_eq!(live.len(), OPERATIONS, "none is forgotten");
}
