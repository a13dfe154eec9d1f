//! The slot in which imports run, one at a time, and the line behind it.

use shared::operation::OperationId;
use shared::ports::{Claim, ImportSlot, Store};
use steward_tests::at;

use super::{Bench, bench, import};

async fn take(bench: &Bench, id: &OperationId) -> ImportSlot {
    bench.store.take_import_slot(id).await.unwrap()
}

async fn pass(bench: &Bench, id: &OperationId) -> Option<OperationId> {
    bench.store.pass_import_slot(id).await.unwrap()
}

fn ids<const N: usize>(names: [&str; N]) -> [OperationId; N] {
    names.map(|name| import(name, "n1", at(0)).id)
}

#[tokio::test]
async fn the_slot_goes_down_the_line_in_the_order_in_which_it_was_joined() {
    let bench = bench().await;
    let [a, b, c, d] = ids(["a", "b", "c", "d"]);
    assert_eq!(take(&bench, &a).await, ImportSlot::Ours);
    assert_eq!(take(&bench, &a).await, ImportSlot::Ours, "asked again, it is still its own");
    for waiting in [&c, &b, &d] {
        assert_eq!(take(&bench, waiting).await, ImportSlot::Line(a.clone()));
    }
    assert_eq!(pass(&bench, &a).await, Some(c.clone()));
    assert_eq!(take(&bench, &c).await, ImportSlot::Ours, "it need not ask before");
    assert_eq!(take(&bench, &a).await, ImportSlot::Line(c.clone()), "who comes again is the last");
    for (from, to) in [(&c, Some(b.clone())), (&b, Some(d.clone())), (&d, Some(a.clone())), (&a, None)] {
        assert_eq!(pass(&bench, from).await, to);
    }
    assert_eq!(take(&bench, &d).await, ImportSlot::Ours, "nobody is left in line");
}

#[tokio::test]
async fn a_place_in_the_line_is_taken_once() {
    let bench = bench().await;
    let [a, b] = ids(["a", "b"]);
    take(&bench, &a).await;
    for _ in 0..3 {
        assert_eq!(take(&bench, &b).await, ImportSlot::Line(a.clone()));
    }
    assert_eq!(pass(&bench, &a).await, Some(b.clone()));
    assert_eq!(pass(&bench, &b).await, None, "not a second time");
    assert_eq!(take(&bench, &a).await, ImportSlot::Ours);
}

#[tokio::test]
async fn nobody_passes_a_slot_on_that_is_another_one_s() {
    let bench = bench().await;
    let [a, b, stranger] = ids(["a", "b", "stranger"]);
    assert_eq!(pass(&bench, &stranger).await, None, "there is none yet");
    take(&bench, &a).await;
    take(&bench, &b).await;
    for other in [&stranger, &b] {
        assert_eq!(pass(&bench, other).await, None);
        assert_eq!(take(&bench, &a).await, ImportSlot::Ours, "it is where it was");
    }
    assert_eq!(pass(&bench, &a).await, Some(b.clone()));
    assert_eq!(pass(&bench, &a).await, None, "it is not its own any more");
    assert_eq!(take(&bench, &b).await, ImportSlot::Ours);
}

#[tokio::test]
async fn a_freed_slot_comes_with_the_next_claim() {
    let bench = bench().await;
    let [first, second] = ["first", "second"].map(|name| import(name, "n1", at(0)));
    assert_eq!(bench.store.claim(&first).await.unwrap(), Claim::WonWithSlot);
    assert_eq!(pass(&bench, &first.id).await, None);
    assert_eq!(bench.store.claim(&second).await.unwrap(), Claim::WonWithSlot);
    assert_eq!(take(&bench, &first.id).await, ImportSlot::Line(second.id));
}

#[tokio::test]
async fn twenty_that_join_at_once_each_have_their_turn_once() {
    let bench = bench().await;
    let [owner] = ids(["owner"]);
    take(&bench, &owner).await;
    let mut waiting: Vec<OperationId> = (0..20).map(|n| import(&format!("stack-{n}"), "n1", at(0)).id).collect();
    let places = futures_util::future::join_all(waiting.iter().map(|id| take(&bench, id))).await;
    assert!(places.iter().all(|place| *place == ImportSlot::Line(owner.clone())), "{places:?}");
    let (mut turns, mut holder) = (Vec::new(), owner);
    while let Some(next) = pass(&bench, &holder).await {
        turns.push(next.clone());
        holder = next;
    }
    turns.sort_by_key(ToString::to_string);
    waiting.sort_by_key(ToString::to_string);
    assert_eq!(turns, waiting);
}
