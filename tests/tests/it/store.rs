//! The store's contract, against DynamoDB itself (in process): what the workflow may rely on.

use std::sync::Arc;
use std::time::Duration;

use shared::aws::DynamoStore;
use shared::aws::store::{DUE_INDEX, PRODUCT_INDEX, PROJECTED};
use shared::clock::Time;
use shared::operation::{Claiming, Event, Notice, Operation, State, Trigger, Try, next};
use shared::ports::{Change, Claim, Fence, History, Judgement, Protection, Rejection, Store, Takeover, Written};
use shared::request::{Kind, Origin, Request};
use steward_local::dynamo::Dynamo;
use steward_local::gateway::Gateway;
use steward_local::gateway::faults::{Effect, Fault};
use steward_tests::{at, scope, table, template};

struct Bench {
    gateway: Gateway,
    store: DynamoStore,
    dynamo: Arc<Dynamo>,
}

async fn bench() -> Bench {
    let (gateway, clients, dynamo) = table().await;
    let store = DynamoStore::new(clients.dynamodb, "Table".to_owned(), scope(), Duration::from_hours(35 * 24));
    Bench { gateway, store, dynamo }
}

fn operation(product: &str, nonce: &str, now: Time) -> Operation {
    let request = serde_json::json!({ "provisionedProductId": product });
    let request = Request::parse(Kind::Terminate, Origin::Asked, request).unwrap();
    let lease_until = now + Duration::from_mins(1);
    Operation::claimed(
        request,
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

fn fence(operation: &Operation) -> Fence {
    Fence {
        nonce: Some(operation.nonce.clone()),
        states: vec![operation.standing.state],
        attempt: operation.standing.attempt,
    }
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

#[tokio::test]
async fn the_first_claim_wins_and_the_item_comes_back_whole() {
    let bench = bench().await;
    let first = operation("pp-a", "n1", at(0));
    won(&bench, &first).await;
    let Claim::Held(held) = bench.store.claim(&operation("pp-a", "n2", at(1))).await.unwrap() else {
        panic!("the second claim won")
    };
    assert_eq!(*held, first);
    assert_eq!(bench.store.operation(&first.id).await.unwrap(), Some(first));
}

#[tokio::test]
async fn what_holds_no_place_is_claimed_anew() {
    for event in [Event::Skipped, Event::Rejected] {
        let bench = bench().await;
        let first = operation("pp-a", "n1", at(0));
        won(&bench, &first).await;
        let written = bench.store.write(&first.id, &fence(&first), &step(&first, event, at(1))).await.unwrap();
        assert_eq!(written, Written::Applied);
        won(&bench, &operation("pp-a", "n2", at(2))).await;
    }
}

#[tokio::test]
async fn a_write_is_fenced_by_claim_state_and_attempt() {
    let bench = bench().await;
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    let change = step(&op, Event::Lost, at(1));
    for bad in [
        Fence { nonce: Some("other".into()), ..fence(&op) },
        Fence { states: vec![State::Waiting], ..fence(&op) },
        Fence { attempt: 2, ..fence(&op) },
    ] {
        assert_eq!(bench.store.write(&op.id, &bad, &change).await.unwrap(), Written::Fenced, "{bad:?}");
    }
    assert_eq!(bench.store.operation(&op.id).await.unwrap().unwrap().standing, op.standing);
    assert_eq!(bench.store.write(&op.id, &fence(&op), &change).await.unwrap(), Written::Applied);
}

#[tokio::test]
async fn a_fact_is_written_on_the_attempt_alone() {
    let bench = bench().await;
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    let later = at(200);
    let taken = bench.store.take_over(&op.id, takeover("n2", later)).await.unwrap().unwrap();
    assert_eq!(taken.nonce, "n2");
    let change = Change { record_id: Some("rec-1".into()), ..step(&op, Event::Accepted, later) };
    let fact = Fence { nonce: None, states: vec![State::Submitting, State::Waiting], attempt: 1 };
    assert_eq!(bench.store.write(&op.id, &fact, &change).await.unwrap(), Written::Applied);
    let stored = bench.store.operation(&op.id).await.unwrap().unwrap();
    assert_eq!((stored.standing.state, stored.record_id.as_deref()), (State::Submitted, Some("rec-1")));
}

#[tokio::test]
async fn only_what_is_due_is_taken_over_and_only_once() {
    let bench = bench().await;
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    assert_eq!(bench.store.take_over(&op.id, takeover("n2", at(119))).await.unwrap(), None, "its worker may live");
    let taken = bench.store.take_over(&op.id, takeover("n3", at(120))).await.unwrap().unwrap();
    assert!(taken.standing.open && taken.standing.sent, "a dead worker's call may have left");
    assert_eq!((taken.standing.tries, taken.retry_at), (2, Some(at(240))));
    assert_eq!(bench.store.take_over(&op.id, takeover("n4", at(121))).await.unwrap(), None, "a second message");
    let late = bench.store.write(&op.id, &fence(&op), &step(&op, Event::Lost, at(122))).await.unwrap();
    assert_eq!(late, Written::Fenced, "the dead worker wakes up");
    let nobody = operation("pp-b", "n", at(0)).id;
    assert_eq!(bench.store.take_over(&nobody, takeover("n5", at(500))).await.unwrap(), None);
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_known_as_our_own() {
    let bench = bench().await;
    let lose = |operation: &str| {
        let (service, operation) = ("dynamodb".to_owned(), Some(operation.to_owned()));
        let _ = bench.gateway.faults().add(Fault {
            caller: None,
            service,
            operation,
            skip: 0,
            times: 1,
            effect: Effect::DropAfter,
        });
    };
    let op = operation("pp-a", "n1", at(0));
    lose("PutItem");
    won(&bench, &op).await;
    lose("UpdateItem");
    let taken = bench.store.take_over(&op.id, takeover("n2", at(130))).await.unwrap().unwrap();
    assert!(taken.standing.open && taken.nonce == "n2");
    lose("UpdateItem");
    let change = Change { retry_at: Some(at(300)), due_at: Some(at(300)), ..step(&taken, Event::Lost, at(131)) };
    assert_eq!(bench.store.write(&op.id, &fence(&taken), &change).await.unwrap(), Written::Applied);
    assert_eq!(bench.gateway.faults().fired().len(), 3);
}

#[tokio::test]
async fn live_operations_are_due_in_order_and_ended_ones_are_not() {
    let bench = bench().await;
    let mut ids = Vec::new();
    for (i, product) in ["pp-c", "pp-a", "pp-b"].into_iter().enumerate() {
        let now = at(i64::try_from(i).unwrap() * 10);
        let op = operation(product, "n", now);
        won(&bench, &op).await;
        ids.push(op);
    }
    let due = async |now| {
        let due = bench.store.due(now, 10).await.unwrap();
        due.into_iter().map(|operation| operation.subject).collect::<Vec<_>>()
    };
    assert_eq!(due(at(119)).await, Vec::<String>::new());
    assert_eq!(due(at(130)).await, ["pp-c", "pp-a"]);
    assert_eq!(bench.store.due(at(200), 1).await.unwrap().len(), 1, "the limit holds");
    let postponed = bench.store.postpone(&ids[0].id, &fence(&ids[0]), at(900), None).await.unwrap();
    assert_eq!(postponed, Written::Applied);
    let ended = step(&ids[1], Event::Denied, at(131));
    bench.store.write(&ids[1].id, &fence(&ids[1]), &ended).await.unwrap();
    assert_eq!(due(at(899)).await, ["pp-b"]);
}

#[tokio::test]
async fn the_indexes_carry_what_following_needs() {
    let bench = bench().await;
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    let tried = Try {
        at: at(1),
        attempt: 1,
        what: "Accepted".into(),
        record_id: Some("rec-1".into()),
        code: None,
        message: None,
    };
    let change = Change {
        record_id: Some("rec-1".into()),
        product_id: Some("pp-a".into()),
        due_at: Some(at(60)),
        polled: Some((at(2), 3)),
        stalled: Some(true),
        why: Some("because".into()),
        notice: Some(Notice { name: Some("sandbox".into()), ..Notice::default() }),
        history: Some(History::Append(tried)),
        ..step(&op, Event::Accepted, at(1))
    };
    bench.store.write(&op.id, &fence(&op), &change).await.unwrap();
    for rows in [bench.store.due(at(60), 10).await.unwrap(), bench.store.of_product("pp-a", 10).await.unwrap()] {
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((row.id.clone(), row.standing), (op.id.clone(), change.standing));
        assert_eq!((row.polled_at, row.polls, row.stalled), (Some(at(2)), 3, true));
        assert_eq!((row.record_id.as_deref(), row.notice.name.as_deref()), (Some("rec-1"), Some("sandbox")));
        assert_eq!(row.trying_since, at(0));
    }
    assert_eq!(bench.store.of_product("pp-b", 10).await.unwrap(), []);
    assert_eq!(bench.store.operation(&op.id).await.unwrap().unwrap().history.len(), 1);
}

#[tokio::test]
async fn only_what_has_ended_may_be_deleted_by_time() {
    let bench = bench().await;
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    let ttl = || async { bench.dynamo.scan("Table").await.unwrap()[0]["ttl"].as_i64() };
    assert_eq!(ttl().await, None);
    bench.store.write(&op.id, &fence(&op), &step(&op, Event::Skipped, at(1))).await.unwrap();
    assert_eq!(ttl().await, Some(at(1 + 35 * 86_400).timestamp()));
    won(&bench, &operation("pp-a", "n2", at(2))).await;
    assert_eq!(ttl().await, None, "claimed anew, it lives");
}

#[tokio::test]
async fn a_record_is_adopted_by_one_operation() {
    let bench = bench().await;
    let (one, other) = (operation("pp-a", "n1", at(0)), operation("pp-b", "n2", at(0)));
    for op in [&one, &other] {
        won(&bench, op).await;
    }
    let open = |op: &Operation| shared::operation::Standing { open: true, sent: true, ..op.standing };
    let adopted = |op: &Operation| Change {
        record_id: Some("rec-1".into()),
        ..Change::to(next(open(op), Event::Found).unwrap(), at(1))
    };
    let adopt = async |op: &Operation| bench.store.adopt(&op.id, &fence(op), &adopted(op), "rec-1").await.unwrap();
    assert_eq!(adopt(&one).await, Written::Applied);
    assert_eq!(adopt(&other).await, Written::Fenced);
    let left = bench.store.operation(&other.id).await.unwrap().unwrap();
    assert_eq!((left.standing.state, left.record_id), (State::Submitting, None), "nothing of it was written");
}

#[tokio::test]
async fn guards_are_read_together_and_written_apart() {
    let bench = bench().await;
    assert_eq!(bench.store.guard("pp-a").await.unwrap().product, None);
    let judgement = Judgement { expires_at: at(0), judged_at: at(1), last_provisioning_record_id: "rec-1".into() };
    let notice = Notice { owner: Some("arn:aws:iam::111122223333:user/jo".into()), ..Notice::default() };
    let protection = Protection { by: "ops".into(), reason: "audit".into(), until: Some(at(9)) };
    bench.store.extend("pp-a", at(5)).await.unwrap();
    bench.store.protect("pp-a", Some(&protection)).await.unwrap();
    bench.store.judge("pp-a", &judgement, &notice).await.unwrap();
    bench.store.pause(Some("an incident")).await.unwrap();
    let guard = bench.store.guard("pp-a").await.unwrap();
    let item = guard.product.unwrap();
    assert_eq!(guard.paused.as_deref(), Some("an incident"));
    assert_eq!((item.lease_until, item.protection, item.judgement), (Some(at(5)), Some(protection), Some(judgement)));
    assert_eq!(item.notice, notice);
    bench.store.protect("pp-a", None).await.unwrap();
    bench.store.pause(None).await.unwrap();
    let guard = bench.store.guard("pp-a").await.unwrap();
    assert_eq!((guard.paused, guard.product.unwrap().protection), (None, None));
    assert_eq!(bench.store.paused().await.unwrap(), None);
}

#[tokio::test]
async fn a_rejection_is_kept_once() {
    let bench = bench().await;
    let rejection = Rejection {
        id: "r1".into(),
        at: at(0),
        error: "no JSON".into(),
        operation: None,
        body: "x".repeat(64 * 1024),
        body_bytes: 1_000_000,
        body_sha256: "0".repeat(64),
    };
    bench.store.reject(&rejection).await.unwrap();
    bench.store.reject(&rejection).await.unwrap();
}

#[test]
fn the_template_s_indexes_are_those_that_are_read() {
    let template = template();
    let indexes = template["Resources"]["Table"]["Properties"]["GlobalSecondaryIndexes"].as_array().unwrap().clone();
    assert_eq!(indexes.len(), 2);
    for index in indexes {
        let name = index["IndexName"].as_str().unwrap();
        assert!([DUE_INDEX, PRODUCT_INDEX].contains(&name), "nobody reads {name}");
        let mut projected: Vec<&str> = index["Projection"]["NonKeyAttributes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|attribute| attribute.as_str().unwrap())
            .collect();
        let mut expected = PROJECTED;
        projected.sort_unstable();
        expected.sort_unstable();
        assert_eq!(projected, expected, "{name}");
    }
}
