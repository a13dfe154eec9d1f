//! Claims: the first one wins, the others get what is there.

use shared::operation::{Event, Operation, State};
use shared::ports::{Claim, Fence, Store, Written};
use steward_tests::at;

use super::{bench, ended, import, operation, step, takeover, won};

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

// Hazard B2: only what never left is claimed anew.
#[tokio::test]
async fn what_holds_no_place_is_claimed_anew() {
    for event in [Event::Skipped, Event::Rejected] {
        let bench = bench().await;
        let first = operation("pp-a", "n1", at(0));
        won(&bench, &first).await;
        let written = bench.store.write(&first.id, &Fence::of(&first), &step(&first, event, at(1))).await.unwrap();
        assert_eq!(written, Written::Applied);
        won(&bench, &operation("pp-a", "n2", at(2))).await;
    }
}

// Hazard B6: a second message finds nothing that is due.
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
    let late = bench.store.write(&op.id, &Fence::of(&op), &step(&op, Event::Lost, at(122))).await.unwrap();
    assert_eq!(late, Written::Fenced, "the dead worker wakes up");
    let nobody = operation("pp-b", "n", at(0)).id;
    assert_eq!(bench.store.take_over(&nobody, takeover("n5", at(500))).await.unwrap(), None);
}

#[tokio::test]
async fn a_skip_that_is_kept_holds_its_place_and_a_plain_one_does_not() {
    let bench = bench().await;
    for (product, event, is_held) in [("pp-kept", Event::SkippedForGood, true), ("pp-plain", Event::Skipped, false)] {
        ended(&bench, &operation(product, "n1", at(0)), event).await;
        let again = operation(product, "n2", at(2));
        match bench.store.claim(&again).await.unwrap() {
            Claim::Held(held) => assert!(is_held && held.standing.kept, "{held:?}"),
            claim => assert!(claim == Claim::Won && !is_held, "{product}: {claim:?}"),
        }
        let stored = bench.stored(&again.id).await;
        assert_eq!(stored.standing.state, if is_held { State::Skipped } else { State::Submitting });
        let again = operation(product, "n3", at(3));
        assert!(matches!(bench.store.claim(&again).await.unwrap(), Claim::Held(_)), "{product}: held either way now");
    }
}

#[tokio::test]
async fn an_import_takes_the_slot_with_its_claim_if_that_is_free() {
    let bench = bench().await;
    let [first, second] = ["first", "second"].map(|name| import(name, "n1", at(0)));
    assert_eq!(bench.store.claim(&first).await.unwrap(), Claim::WonWithSlot);
    assert_eq!(bench.store.claim(&second).await.unwrap(), Claim::Won, "claimed all the same");
    for op in [first, second] {
        assert_eq!(bench.stored(&op.id).await, op);
        let again = bench.store.claim(&Operation { nonce: "n2".to_owned(), ..op.clone() }).await.unwrap();
        assert_eq!(again, Claim::Held(Box::new(op)), "a second delivery, slot or not");
    }
}

#[tokio::test]
async fn what_is_skipped_as_it_comes_takes_no_slot() {
    let bench = bench().await;
    let skipped = import("skipped", "n1", at(0));
    let standing = shared::operation::next(skipped.standing, Event::Skipped).unwrap();
    won(&bench, &Operation { standing, retry_at: None, due_at: None, ..skipped }).await;
    assert_eq!(bench.store.claim(&import("next", "n1", at(1))).await.unwrap(), Claim::WonWithSlot);
}

#[tokio::test]
async fn of_ten_claims_of_one_import_at_once_one_wins() {
    let bench = bench().await;
    let claims = (0..10).map(|n| import("one", &format!("n{n}"), at(0)));
    let store = &bench.store;
    let claims = claims.map(|op| async move { (op.nonce.clone(), store.claim(&op).await.unwrap()) });
    let claims = futures_util::future::join_all(claims).await;
    let won: Vec<&String> =
        claims.iter().filter(|(_, claim)| *claim == Claim::WonWithSlot).map(|(nonce, _)| nonce).collect();
    let [winner] = won[..] else { panic!("{} have won", won.len()) };
    for (nonce, claim) in claims.iter().filter(|(nonce, _)| nonce != winner) {
        let Claim::Held(held) = claim else { panic!("{nonce} came to {claim:?}") };
        assert_eq!(held.nonce, *winner, "{nonce}");
    }
    assert_eq!(bench.calls("TransactWriteItems") + bench.calls("PutItem"), 10, "a duplicate is one call");
}

#[tokio::test]
async fn of_fifty_imports_claimed_at_once_one_has_the_slot() {
    let bench = bench().await;
    let ops: Vec<Operation> = (0..50).map(|n| import(&format!("stack-{n}"), "n1", at(0))).collect();
    let claims = futures_util::future::join_all(ops.iter().map(|op| bench.store.claim(op))).await;
    let claims: Vec<Claim> = claims.into_iter().map(Result::unwrap).collect();
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::WonWithSlot).count(), 1);
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::Won).count(), 49);
    for op in &ops {
        assert_eq!(bench.stored(&op.id).await.standing, op.standing);
    }
}
