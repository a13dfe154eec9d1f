//! A worker whose claim is over while it works: it sends nothing more, and tells nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::json;
use shared::aws::{DynamoStore, EventBridgeBus, ServiceCatalog};
use shared::clock::{Clock, Dice, Time};
use shared::config::{Environment, Sending};
use shared::inbound::{Carrier, Message, bare};
use shared::operation::{OperationId, Trigger};
use shared::ports::{CallError, Catalog as _, Stamp, Store as _, Takeover};
use shared::request::{Kind, Origin, Request, Target};
use shared::workflow::Edges;
use shared::workflow::submit::Submission;
use shared::workflow::terminate::Termination;
use steward_local::api::{Answer, Call, Service};
use steward_local::catalog::{Catalog, NewProduct, Settings};
use steward_local::gateway::Place;
use steward_tests::{at, scope, table};

/// Whatever is called takes longer than the claim lasts, and is throttled.
#[derive(Default)]
struct Throttled {
    calls: AtomicU64,
}

static SENT_AT: AtomicI64 = AtomicI64::new(0);

impl Service for Throttled {
    fn call(&self, _call: Call) -> BoxFuture<'_, Answer> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        SENT_AT.store(60, Ordering::SeqCst);
        Box::pin(async { Answer::error(400, "ThrottlingException", "Rate exceeded") })
    }
}

// Hazard B8: neither the first try nor one that the SDK repeats.
#[tokio::test]
async fn no_try_of_a_call_leaves_after_its_claim() {
    let (gateway, clients, _dynamo) = table().await;
    let service = Arc::new(Throttled::default());
    gateway.register("servicecatalog", Arc::<Throttled>::clone(&service));
    let clock = Clock::from_fn(|| at(SENT_AT.load(Ordering::SeqCst)));
    let catalog = ServiceCatalog::new(clients.servicecatalog, clock);
    let request = Request::parse(Kind::Terminate, Origin::Asked, json!({ "provisionedProductId": "pp-a" })).unwrap();
    let Target::Terminate(terminate) = request.target else { panic!("no termination") };
    let stamp = Stamp { token: "op-a1", send_until: at(30) };
    for tries in ["the first and no second", "not even a first"] {
        let answer = catalog.terminate("pp-a", &terminate, stamp).await;
        assert!(matches!(answer, Err(CallError::NotSent(_))), "{tries}: {answer:?}");
        assert_eq!(service.calls.load(Ordering::SeqCst), 1, "{tries}");
    }
}

/// What happens while the call is on its way.
#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    TakenOver,
    LeaseOver,
}

/// A service that refuses for good, after the operation has left the hands of whoever called.
struct Refusing {
    catalog: Catalog,
    store: DynamoStore,
    meanwhile: Meanwhile,
}

static WORKED_AT: AtomicI64 = AtomicI64::new(0);

fn id() -> OperationId {
    OperationId::derive(&scope(), Kind::Terminate, "pp-a", &Trigger::Bare)
}

fn worked_at() -> Time {
    at(WORKED_AT.load(Ordering::SeqCst))
}

impl Service for Refusing {
    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            if call.operation != "TerminateProvisionedProduct" {
                return self.catalog.call(call).await;
            }
            let later = at(10_000);
            match self.meanwhile {
                Meanwhile::TakenOver => {
                    let nonce = "another".to_owned();
                    let takeover = Takeover { nonce, now: later, lease_until: at(10_060), retry_at: at(10_120) };
                    assert!(self.store.take_over(&id(), takeover).await.unwrap().is_some());
                }
                Meanwhile::LeaseOver => WORKED_AT.store(10_000, Ordering::SeqCst),
            }
            Answer::error(400, "AccessDeniedException", "no")
        })
    }
}

#[derive(Default)]
struct Bus(AtomicU64);

impl Service for Bus {
    fn call(&self, _call: Call) -> BoxFuture<'_, Answer> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Answer::ok(&json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "e" }] })) })
    }
}

// Hazard B18: neither taken over nor out of its lease.
#[tokio::test]
async fn whoever_has_lost_the_operation_tells_no_end_of_it() {
    for meanwhile in [Meanwhile::TakenOver, Meanwhile::LeaseOver] {
        WORKED_AT.store(1_000, Ordering::SeqCst);
        let (gateway, clients, _dynamo) = table().await;
        let clock = steward_local::clock::Clock::held(at(500));
        let catalog = Catalog::new(Settings::default(), clock, Place::default(), Arc::new(|_| {}));
        catalog.add(NewProduct::new("pp-a", "name-of-pp-a", at(0)));
        let store = DynamoStore::new(clients.dynamodb, "Table".to_owned(), scope(), Duration::from_hours(35 * 24));
        let bus = Arc::new(Bus::default());
        gateway.register("servicecatalog", Arc::new(Refusing { catalog, store: store.clone(), meanwhile }));
        gateway.register("events", Arc::<Bus>::clone(&bus));
        let edges = Edges {
            catalog: ServiceCatalog::new(clients.servicecatalog, Clock::from_fn(worked_at)),
            store: store.clone(),
            bus: EventBridgeBus::new(clients.eventbridge, "b".to_owned()),
            clock: Clock::from_fn(worked_at),
            switch: Arc::default(),
            dice: Dice::seeded(1),
            scope: scope(),
        };
        let environment = Environment::of([("DRY_RUN", "false")]);
        let settings = Sending::read(&environment, Kind::Terminate).unwrap();
        let work = Arc::new(Termination::read(&environment).unwrap());
        let carrier = Carrier { sns_id: None, sent_at: at(1_000), scope: scope() };
        let message: Message = bare(Kind::Terminate, json!({ "provisionedProductId": "pp-a" }), &carrier).unwrap();
        let worker = Submission { edges: Arc::new(edges), settings, work };
        Box::pin(worker.handle(message, at(1_025))).await.unwrap();
        assert_eq!(bus.0.load(Ordering::SeqCst), 0, "{meanwhile:?}");
        let stored = store.operation(&id()).await.unwrap().unwrap();
        assert!(stored.standing.state.is_live() && stored.ending.is_none(), "{meanwhile:?}: {stored:?}");
    }
}
