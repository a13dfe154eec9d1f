//! Answers that get lost: the SDK repeats the call, and the store knows its own.

use shared::operation::{Event, State};
use shared::ports::{Change, Claim, Fence, ImportSlot, Protection, RemediationSlot, Store, Written};
use shared::remediation::Slot;
use steward_tests::at;

use super::{bench, import, operation, step, takeover, won};

// Hazard B15: a repeated write meets itself.
#[tokio::test]
async fn a_write_whose_answer_is_lost_is_known_as_our_own() {
    let bench = bench().await;
    let op = operation("pp-a", "n1", at(0));
    bench.lose("PutItem");
    won(&bench, &op).await;
    bench.lose("UpdateItem");
    let taken = bench.store.take_over(&op.id, takeover("n2", at(130))).await.unwrap().unwrap();
    assert!(taken.standing.open && taken.nonce == "n2");
    bench.lose("UpdateItem");
    let change = Change { retry_at: Some(at(300)), due_at: Some(at(300)), ..step(&taken, Event::Lost, at(131)) };
    assert_eq!(bench.store.write(&op.id, &Fence::of(&taken), &change).await.unwrap(), Written::Applied);
    assert_eq!(bench.gateway.faults().fired().len(), 3);
}

// Hazard B15: and so does a transaction.
#[tokio::test]
async fn a_transaction_whose_answer_is_lost_is_carried_out_once() {
    let bench = bench().await;
    let op = import("lost", "n1", at(0));
    bench.lose("TransactWriteItems");
    assert_eq!(bench.store.claim(&op).await.unwrap(), Claim::WonWithSlot);
    bench.lose("TransactWriteItems");
    let protection = Protection { by: "steward".into(), reason: "adopted".into(), until: None };
    let change = Change {
        record_id: Some("rec-1".into()),
        product_id: Some("pp-lost".into()),
        protection: Some(protection.clone()),
        ..step(&op, Event::Accepted, at(1))
    };
    assert_eq!(bench.store.write(&op.id, &Fence::of(&op), &change).await.unwrap(), Written::Applied);
    assert_eq!(bench.stored(&op.id).await.standing.state, State::Submitted);
    assert_eq!(bench.store.guard("pp-lost").await.unwrap().product.unwrap().protection, Some(protection));
    assert_eq!(bench.gateway.faults().fired().len(), 2);
}

#[tokio::test]
async fn a_slot_whose_answer_is_lost_is_known_as_our_own() {
    let bench = bench().await;
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    let slot = Slot { owner: op.id.clone(), taken_at: at(1), in_vain: 0, left_alone: false };
    let change = Change { product_id: Some("pp-a".into()), ..Change::to(op.standing, at(1)) };
    bench.lose("TransactWriteItems");
    let taken = bench.store.take_remediation_slot(&op.id, &Fence::of(&op), &change, &slot, None).await.unwrap();
    assert_eq!(taken, RemediationSlot::Taken);
    bench.lose("UpdateItem");
    assert_eq!(bench.store.take_import_slot(&op.id).await.unwrap(), ImportSlot::Ours);
    let next = import("next", "n1", at(0));
    bench.lose("UpdateItem");
    assert_eq!(bench.store.take_import_slot(&next.id).await.unwrap(), ImportSlot::Line(op.id.clone()));
    assert_eq!(bench.gateway.faults().fired().len(), 3);
}

/// The slot is passed on, the answer gets lost, and the repeated call finds somebody else's slot. The next one is not sent on
/// its way then; its own time comes, and the slot is its own.
#[tokio::test]
async fn a_slot_whose_passing_on_is_not_heard_of_is_the_next_one_s() {
    let bench = bench().await;
    let [first, next] = ["first", "next"].map(|name| import(name, "n1", at(0)));
    assert_eq!(bench.store.claim(&first).await.unwrap(), Claim::WonWithSlot);
    assert_eq!(bench.store.take_import_slot(&next.id).await.unwrap(), ImportSlot::Line(first.id.clone()));
    bench.lose("UpdateItem");
    assert_eq!(bench.store.pass_import_slot(&first.id).await.unwrap(), None);
    assert_eq!(bench.store.take_import_slot(&next.id).await.unwrap(), ImportSlot::Ours);
    assert_eq!(bench.store.take_import_slot(&first.id).await.unwrap(), ImportSlot::Line(next.id));
}
