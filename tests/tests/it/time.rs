//! A run that follows ends in time, however slowly the service answers.

use std::sync::Arc;
use std::time::Duration;

use shared::aws::{DynamoStore, EventBridgeBus, ServiceCatalog};
use shared::clock::{Clock, Dice};
use shared::config::{Environment, Following, Telling};
use shared::operation::{Claiming, Event, Operation, Trigger, next};
use shared::ports::{Change, Fence, Store as _};
use shared::request::{Kind, Origin, Request};
use shared::workflow::Edges;
use shared::workflow::follow::Follower;
use steward_local::catalog::{Catalog, NewProduct, Settings};
use steward_local::gateway::Place;
use steward_local::gateway::faults::{Effect, Fault};
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

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_no_time_for_is_left_to_the_next_run() {
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
    let follower = Follower { edges: Arc::new(edges), settings, telling };
    let slow = Fault {
        caller: None,
        service: Some("servicecatalog".to_owned()),
        operation: Some("DescribeRecord".to_owned()),
        skip: 0,
        times: u32::MAX,
        effect: Effect::Delay(Duration::from_secs(1)),
    };
    let slow = gateway.faults().add(slow);
    let after = |time: Duration| Clock::system().now() + time;
    let looked = follower.tick(after(Duration::from_millis(500))).await.unwrap().seen;
    assert!(looked <= 8, "only what was begun in time: {looked}");
    gateway.faults().remove(slow);
    let rest = follower.tick(after(Duration::from_mins(1))).await.unwrap().seen;
    assert_eq!((looked + rest) as usize, OPERATIONS, "nothing is left for good");
}
