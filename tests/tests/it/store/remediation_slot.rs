//! The slot on a product's item in which its drift is repaired.

use shared::operation::{Event, Operation, OperationId, Remedy, State};
use shared::ports::{Change, Fence, RemediationSlot, Store};
use shared::remediation::Slot;
use steward_tests::at;

use super::{Bench, bench, ended, operation, won};

const PRODUCT: &str = "pp-drifted";

fn slot(owner: &Operation, in_vain: u32) -> Slot {
    Slot { owner: owner.id.clone(), taken_at: at(1), in_vain, left_alone: false }
}

fn remedy(operation: &Operation) -> Change {
    let remedy = Remedy {
        provisioned_product_id: PRODUCT.to_owned(),
        provisioning_artifact_id: Some("pa-a".to_owned()),
        service_action_id: "act-a".to_owned(),
    };
    Change {
        product_id: Some(PRODUCT.to_owned()),
        remedy: Some(remedy),
        due_at: operation.due_at,
        retry_at: operation.retry_at,
        ..Change::to(operation.standing, at(1))
    }
}

async fn take(bench: &Bench, op: &Operation, in_vain: u32, from: Option<&OperationId>) -> RemediationSlot {
    let (fence, change, slot) = (Fence::of(op), remedy(op), slot(op, in_vain));
    bench.store.take_remediation_slot(&op.id, &fence, &change, &slot, from).await.unwrap()
}

async fn on_item(bench: &Bench) -> Option<Slot> {
    bench.store.guard(PRODUCT).await.unwrap().product.and_then(|product| product.remediation)
}

#[tokio::test]
async fn a_free_slot_is_taken_together_with_what_is_to_be_done() {
    let bench = bench().await;
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    assert_eq!(take(&bench, &op, 0, None).await, RemediationSlot::Taken);
    assert_eq!(on_item(&bench).await, Some(slot(&op, 0)));
    let stored = bench.stored(&op.id).await;
    assert_eq!((stored.remedy, stored.product_id.as_deref()), (remedy(&op).remedy, Some(PRODUCT)));
    assert_eq!(stored.due_at, op.due_at, "it lives on");
    assert_eq!(take(&bench, &op, 0, None).await, RemediationSlot::Taken, "its own may be taken again");
}

#[tokio::test]
async fn a_slot_of_another_one_is_held_and_nothing_is_written() {
    let bench = bench().await;
    let [first, second] = ["pp-a", "pp-b"].map(|id| operation(id, "n1", at(0)));
    for op in [&first, &second] {
        won(&bench, op).await;
    }
    assert_eq!(take(&bench, &first, 2, None).await, RemediationSlot::Taken);
    assert_eq!(take(&bench, &second, 0, None).await, RemediationSlot::Held(slot(&first, 2)));
    assert_eq!(bench.stored(&second.id).await, second);
}

#[tokio::test]
async fn a_slot_is_taken_from_the_owner_that_was_read_and_from_no_other() {
    let bench = bench().await;
    let [first, second, third] = ["pp-a", "pp-b", "pp-c"].map(|id| operation(id, "n1", at(0)));
    won(&bench, &first).await;
    assert_eq!(take(&bench, &first, 0, None).await, RemediationSlot::Taken);
    let over = shared::ports::Fence::of(&first);
    bench.store.write(&first.id, &over, &super::step(&first, Event::Denied, at(2))).await.unwrap();
    for op in [&second, &third] {
        won(&bench, op).await;
    }
    assert_eq!(bench.store.standing(&first.id).await.unwrap(), Some((State::Failed, at(2))));
    assert_eq!(take(&bench, &second, 1, Some(&first.id)).await, RemediationSlot::Taken);
    assert_eq!(
        take(&bench, &third, 1, Some(&first.id)).await,
        RemediationSlot::Held(slot(&second, 1)),
        "both have read the same owner"
    );
    assert_eq!(on_item(&bench).await, Some(slot(&second, 1)));
}

#[tokio::test]
async fn whose_claim_is_over_takes_no_slot() {
    let bench = bench().await;
    let op = operation("pp-a", "n1", at(0));
    ended(&bench, &op, Event::Denied).await;
    assert_eq!(take(&bench, &op, 0, None).await, RemediationSlot::Fenced);
    assert_eq!(on_item(&bench).await, None);
}

#[tokio::test]
async fn a_product_is_left_alone_until_it_is_forgotten() {
    let bench = bench().await;
    let [first, second] = ["pp-a", "pp-b"].map(|id| operation(id, "n1", at(0)));
    for op in [&first, &second] {
        won(&bench, op).await;
    }
    take(&bench, &first, 2, None).await;
    bench.store.leave_alone(PRODUCT, &slot(&first, 2)).await.unwrap();
    let alone = Slot { left_alone: true, ..slot(&first, 2) };
    assert_eq!(take(&bench, &second, 0, None).await, RemediationSlot::Held(alone));
    bench.store.forget_remediations(PRODUCT, "jo").await.unwrap();
    assert_eq!(on_item(&bench).await, None);
    assert_eq!(take(&bench, &second, 0, None).await, RemediationSlot::Taken);
    bench.store.leave_alone(PRODUCT, &slot(&first, 2)).await.unwrap();
    assert_eq!(on_item(&bench).await, Some(slot(&second, 0)), "what was read before is not what is there");
}

// Hazard A6: of ten at once one has the slot.
#[tokio::test]
async fn of_ten_that_want_the_slot_at_once_one_has_it() {
    let bench = bench().await;
    let ops: Vec<Operation> = (0..10).map(|n| operation(&format!("pp-{n}"), "n1", at(0))).collect();
    for op in &ops {
        won(&bench, op).await;
    }
    let taken = futures_util::future::join_all(ops.iter().map(|op| take(&bench, op, 0, None))).await;
    let winners: Vec<&Operation> =
        ops.iter().zip(&taken).filter(|(_, taken)| **taken == RemediationSlot::Taken).map(|(op, _)| op).collect();
    let [winner] = winners[..] else { panic!("{} have it: {taken:?}", winners.len()) };
    let held = taken.iter().filter(|taken| **taken == RemediationSlot::Held(slot(winner, 0))).count();
    assert_eq!((on_item(&bench).await, held), (Some(slot(winner, 0)), 9));
}
