//! A look at a record, of which there is one however many are woken for it.

use futures_util::future::join_all;
use shared::operation::{Event, Operation};
use shared::ports::{Change, Due, Fence, Store, Written};
use steward_tests::at;

use super::{Bench, bench, operation, step, won};

async fn submitted(bench: &Bench) -> Operation {
    let op = operation("pp-a", "n", at(0));
    won(bench, &op).await;
    let change =
        Change { record_id: Some("rec-1".to_owned()), due_at: Some(at(900)), ..step(&op, Event::Accepted, at(1)) };
    bench.store.write(&op.id, &Fence::of(&op), &change).await.unwrap();
    bench.stored(&op.id).await
}

async fn seen(bench: &Bench) -> Due {
    let live = bench.store.live(10).await.unwrap();
    let [due] = &live[..] else { panic!("one, not {live:#?}") };
    due.clone()
}

// Hazard B7: two runs describe a record once.
#[tokio::test]
async fn of_ten_that_are_woken_at_once_one_looks() {
    let bench = bench().await;
    let op = submitted(&bench).await;
    let fence = Fence::of(&op);
    // Each at an instant of its own: the same one would be the repetition of a lost answer.
    let looks = join_all((0..10).map(|n| bench.store.take_look(&op.id, &fence, None, at(60 + n), at(120)))).await;
    assert_eq!(looks.iter().filter(|look| **look == Ok(Written::Applied)).count(), 1, "{looks:?}");
    let seen = seen(&bench).await;
    assert!(seen.polled_at.is_some_and(|polled| (at(60)..at(70)).contains(&polled)), "{seen:?}");
    assert_eq!(bench.store.due(at(119), 10).await.unwrap().operations, []);
    assert_eq!(bench.store.due(at(120), 10).await.unwrap().len(), 1, "should whoever looks die");
}

#[tokio::test]
async fn a_look_is_taken_from_where_it_was_left_and_not_of_what_is_over() {
    let bench = bench().await;
    let op = submitted(&bench).await;
    let fence = Fence::of(&op);
    let take = async |before, now| bench.store.take_look(&op.id, &fence, before, at(now), at(900)).await.unwrap();
    assert_eq!(take(None, 60).await, Written::Applied);
    assert_eq!(take(None, 61).await, Written::Fenced);
    assert_eq!(take(Some(at(60)), 120).await, Written::Applied);
    assert_eq!(take(Some(at(60)), 121).await, Written::Fenced);
    let ended = step(&op, Event::RecordSucceeded, at(130));
    assert_eq!(bench.store.write(&op.id, &fence, &ended).await.unwrap(), Written::Applied);
    assert_eq!(take(Some(at(120)), 140).await, Written::Fenced);
    assert_eq!(bench.store.live(10).await.unwrap(), [], "and it is not due again");
}

#[tokio::test]
async fn a_look_whose_answer_is_lost_is_known_as_our_own() {
    let bench = bench().await;
    let op = submitted(&bench).await;
    bench.lose("UpdateItem");
    let before = bench.calls("UpdateItem");
    let look = bench.store.take_look(&op.id, &Fence::of(&op), None, at(60), at(120)).await;
    assert_eq!((look, bench.calls("UpdateItem") - before), (Ok(Written::Applied), 2));
}
