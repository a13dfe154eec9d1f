//! Fenced writes, and what is written together with them.

use shared::operation::{Event, HISTORY_MAX, Operation, State, Try, next};
use shared::ports::{Adopted, Change, Fence, History, Products as _, Protection, Rejection, Store, Written};
use steward_tests::at;

use super::{bench, operation, step, takeover, won};

// Hazard B2: a late write of the first claim does not meet the second.
#[tokio::test]
async fn a_write_is_fenced_by_claim_state_and_attempt() {
    let bench = bench().await;
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    let change = step(&op, Event::Lost, at(1));
    for bad in [
        Fence { nonce: Some("other".into()), ..Fence::of(&op) },
        Fence { states: vec![State::Waiting], ..Fence::of(&op) },
        Fence { attempt: 2, ..Fence::of(&op) },
    ] {
        assert_eq!(bench.store.write(&op.id, &bad, &change).await.unwrap(), Written::Fenced, "{bad:?}");
    }
    assert_eq!(bench.store.operation(&op.id).await.unwrap().unwrap().standing, op.standing);
    assert_eq!(bench.store.write(&op.id, &Fence::of(&op), &change).await.unwrap(), Written::Applied);
}

// Hazard B18: an accepted call is a fact, however late.
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

// Hazard B11: nothing that lives is deleted by time.
#[tokio::test]
async fn only_what_has_ended_may_be_deleted_by_time() {
    let bench = bench().await;
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    let ttl = || async { bench.dynamo.scan("Table").await.unwrap()[0]["ttl"].as_i64() };
    assert_eq!(ttl().await, None);
    bench.store.write(&op.id, &Fence::of(&op), &step(&op, Event::Skipped, at(1))).await.unwrap();
    assert_eq!(ttl().await, Some(at(1 + 35 * 86_400).timestamp()));
    won(&bench, &operation("pp-a", "n2", at(2))).await;
    assert_eq!(ttl().await, None, "claimed anew, it lives");
}

// Hazard A2: a record has one owner.
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
    let adopt = async |op: &Operation| bench.store.adopt(&op.id, &Fence::of(op), &adopted(op), "rec-1").await.unwrap();
    assert_eq!(adopt(&one).await, Adopted::Applied);
    assert_eq!(adopt(&other).await, Adopted::Others);
    let left = bench.store.operation(&other.id).await.unwrap().unwrap();
    assert_eq!((left.standing.state, left.record_id), (State::Submitting, None), "nothing of it was written");
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

fn protection(by: &str) -> Protection {
    Protection { by: by.to_owned(), reason: "adopted".to_owned(), until: None }
}

#[tokio::test]
async fn a_protection_is_written_with_the_record_or_not_at_all() {
    let bench = bench().await;
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    let change = Change {
        record_id: Some("rec-1".into()),
        product_id: Some("pp-adopted".into()),
        protection: Some(protection("steward")),
        ..step(&op, Event::Accepted, at(1))
    };
    let late = Fence { attempt: 2, ..Fence::of(&op) };
    assert_eq!(bench.store.write(&op.id, &late, &change).await.unwrap(), Written::Fenced);
    assert_eq!(bench.store.guard("pp-adopted").await.unwrap().product, None, "fenced: nothing is protected");
    assert_eq!(bench.store.write(&op.id, &Fence::of(&op), &change).await.unwrap(), Written::Applied);
    let item = bench.store.guard("pp-adopted").await.unwrap().product.unwrap();
    assert_eq!(item.protection, Some(protection("steward")));
    let stored = bench.stored(&op.id).await;
    assert_eq!((stored.standing.state, stored.record_id.as_deref()), (State::Submitted, Some("rec-1")));
    assert_eq!(stored.product_id.as_deref(), Some("pp-adopted"));
}

#[tokio::test]
async fn a_protection_is_not_written_over_somebody_s() {
    let bench = bench().await;
    let until = Protection { until: Some(at(9)), ..protection("ops") };
    bench.store.protect("pp-adopted", Some(&until), at(0)).await.unwrap();
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    let change = Change {
        record_id: Some("rec-1".into()),
        product_id: Some("pp-adopted".into()),
        protection: Some(protection("steward")),
        ..step(&op, Event::Accepted, at(1))
    };
    assert_eq!(bench.store.write(&op.id, &Fence::of(&op), &change).await.unwrap(), Written::Applied);
    assert_eq!(bench.store.guard("pp-adopted").await.unwrap().product.unwrap().protection, Some(until));
}

#[tokio::test]
async fn an_adopted_record_brings_its_protection_and_a_record_of_another_does_not() {
    let bench = bench().await;
    for (product, nonce, written) in [("pp-a", "n1", Adopted::Applied), ("pp-b", "n2", Adopted::Others)] {
        let op = operation(product, nonce, at(0));
        won(&bench, &op).await;
        let open = shared::operation::Standing { open: true, sent: true, ..op.standing };
        let change = Change {
            record_id: Some("rec-1".into()),
            product_id: Some(product.into()),
            protection: Some(protection("steward")),
            ..Change::to(next(open, Event::Found).unwrap(), at(1))
        };
        let adopted = bench.store.adopt(&op.id, &Fence::of(&op), &change, "rec-1").await.unwrap();
        assert_eq!(adopted, written, "{product}");
        let item = bench.store.guard(product).await.unwrap().product;
        assert_eq!(item.is_some_and(|item| item.protection.is_some()), written == Adopted::Applied, "{product}");
    }
}

/// An item that grew with each try could one day not be written any more, and its operation would never end.
// Hazard B12: an item does not grow without end.
#[tokio::test]
async fn of_many_tries_the_last_are_kept() {
    let bench = bench().await;
    won(&bench, &operation("pp-a", "n1", at(0))).await;
    for second in 1..50 {
        let op = bench.stored(&operation("pp-a", "n1", at(0)).id).await;
        let (what, message) = ("Held".to_owned(), Some("x".repeat(1_024)));
        let one_more = Try { at: at(second), attempt: 1, what, record_id: None, code: None, message };
        let history = Some(History::Whole(op.history_with(one_more)));
        let change = Change { history, ..Change::to(op.standing, at(second)) };
        assert_eq!(bench.store.write(&op.id, &Fence::of(&op), &change).await.unwrap(), Written::Applied);
    }
    let history = bench.stored(&operation("pp-a", "n1", at(0)).id).await.history;
    assert_eq!((history.len(), history.last().map(|last| last.at)), (HISTORY_MAX, Some(at(49))));
}
