//! What the table knows of products' ends: marks, and what stays as it is while they are written.

mod places;
mod sweep;
mod words;

use shared::clock::Time;
use shared::expiry::Noticed;
use shared::operation::Notice;
use shared::ports::{
    Changing, Extension, Judgement, Kept, LookAt, Mark, ProductItem, Products, Protection, Store, Written,
};
use steward_tests::at;

use super::{Bench, bench, operation, won};

fn judgement(expires_at: Time) -> Judgement {
    Judgement { expires_at, judged_at: at(0), last_provisioning_record_id: "rec-1".into(), ..Judgement::default() }
}

fn noticed(expires_at: Time) -> Noticed {
    Noticed { expires_at, seen_at: at(0), warned_at: None, lead: None }
}

fn mark(expires_at: Time, look_at: LookAt) -> Mark {
    Mark { judgement: Some(judgement(expires_at)), noticed: Some(noticed(expires_at)), look_at, ..Mark::default() }
}

fn extension(id: &str, until: Time) -> Extension {
    Extension { id: id.into(), until, by: "jo".into(), reason: "the demo".into(), at: at(0) }
}

fn protection(by: &str) -> Protection {
    Protection { by: by.into(), reason: "an audit".into(), until: None }
}

async fn item(bench: &Bench, id: &str) -> ProductItem {
    bench.store.items(&[id]).await.unwrap().remove(id).transpose().unwrap().unwrap_or_default()
}

async fn due(bench: &Bench, now: Time) -> Vec<(String, Option<Time>)> {
    let due = bench.store.due(now, 100).await.unwrap();
    due.products.into_iter().map(|product| (product.id, product.due_at)).collect()
}

#[tokio::test]
async fn a_mark_is_fenced_by_when_somebody_is_to_look() {
    let bench = bench().await;
    let noted = mark(at(100), LookAt::Then(at(90)));
    assert_eq!(bench.store.mark("pp-a", Some(at(1)), &noted).await.unwrap(), Written::Fenced, "it was never noted");
    assert_eq!(item(&bench, "pp-a").await, ProductItem::default());
    assert_eq!(bench.store.mark("pp-a", None, &noted).await.unwrap(), Written::Applied);
    let other = mark(at(200), LookAt::Then(at(95)));
    for read in [None, Some(at(89))] {
        assert_eq!(bench.store.mark("pp-a", read, &other).await.unwrap(), Written::Fenced, "{read:?}");
    }
    assert_eq!(item(&bench, "pp-a").await.judgement, Some(judgement(at(100))));
    assert_eq!(bench.store.mark("pp-a", Some(at(90)), &other).await.unwrap(), Written::Applied);
    let after = item(&bench, "pp-a").await;
    assert_eq!((after.judgement, after.noticed, after.due_at), (other.judgement, other.noticed, Some(at(95))));
}

// Hazard B14: a mark erases no lease.
#[tokio::test]
async fn a_mark_leaves_alone_what_it_does_not_name() {
    let bench = bench().await;
    bench.store.protect("pp-a", Some(&protection("ops")), at(1)).await.unwrap();
    Products::extend(&bench.store, "pp-a", None, &[extension("e1", at(500))]).await.unwrap();
    let notice = Notice { name: Some("sandbox".into()), ..Notice::default() };
    let changing = Changing { record_id: "rec-2".into(), since: at(3) };
    let all =
        Mark { notice: Some(notice.clone()), changing: Some(changing.clone()), ..mark(at(100), LookAt::Then(at(90))) };
    assert_eq!(bench.store.mark("pp-a", None, &all).await.unwrap(), Written::Applied);
    let whole = ProductItem {
        protection: Some(protection("ops")),
        lease_until: Some(at(500)),
        extensions: vec![extension("e1", at(500))],
        judgement: Some(judgement(at(100))),
        noticed: Some(noticed(at(100))),
        due_at: Some(at(90)),
        changing: Some(changing),
        notice,
        remediation: None,
    };
    assert_eq!(item(&bench, "pp-a").await, whole);
    let told = Mark { look_at: LookAt::Never, ..Mark::default() };
    assert_eq!(bench.store.mark("pp-a", Some(at(90)), &told).await.unwrap(), Written::Applied);
    assert_eq!(item(&bench, "pp-a").await, ProductItem { due_at: None, ..whole.clone() });
    let again = Mark { noticed: Some(noticed(at(200))), ..Mark::default() };
    assert_eq!(bench.store.mark("pp-a", None, &again).await.unwrap(), Written::Applied);
    let noticed = Some(noticed(at(200)));
    assert_eq!(item(&bench, "pp-a").await, ProductItem { due_at: None, noticed, ..whole });
}

#[tokio::test]
async fn of_ten_marks_at_once_one_is_written() {
    let bench = bench().await;
    bench.store.mark("pp-a", None, &mark(at(100), LookAt::Then(at(90)))).await.unwrap();
    let marks = (0..10).map(|number| {
        let store = &bench.store;
        async move { store.mark("pp-a", Some(at(90)), &mark(at(100), LookAt::Then(at(200 + number)))).await.unwrap() }
    });
    let written = futures_util::future::join_all(marks).await;
    assert_eq!(written.iter().filter(|written| **written == Written::Applied).count(), 1, "{written:?}");
}

#[tokio::test]
async fn a_mark_whose_answer_is_lost_is_known_as_our_own() {
    let bench = bench().await;
    for (read, look_at) in
        [(None, LookAt::Then(at(90))), (Some(at(90)), LookAt::Then(at(95))), (Some(at(95)), LookAt::Never)]
    {
        bench.lose("UpdateItem");
        assert_eq!(bench.store.mark("pp-a", read, &mark(at(100), look_at)).await.unwrap(), Written::Applied);
    }
    bench.lose("UpdateItem");
    let as_it_is = mark(at(300), LookAt::AsItIs);
    assert_eq!(bench.store.mark("pp-a", None, &as_it_is).await.unwrap(), Written::Applied);
    assert_eq!(item(&bench, "pp-a").await.judgement, as_it_is.judgement);
    assert_eq!(bench.gateway.faults().fired().len(), 4);
}

#[tokio::test]
async fn what_is_noted_is_due_at_its_time_beside_operations_and_hides_none() {
    let bench = bench().await;
    for (id, seconds) in [("pp-b", 200), ("pp-a", 100), ("pp-c", 9_000)] {
        bench.store.mark(id, None, &mark(at(seconds), LookAt::Then(at(seconds)))).await.unwrap();
    }
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    assert_eq!(due(&bench, at(99)).await, []);
    assert_eq!(due(&bench, at(200)).await, [("pp-a".into(), Some(at(100))), ("pp-b".into(), Some(at(200)))]);
    let all = bench.store.due(at(200), 100).await.unwrap();
    assert_eq!((all.operations.len(), all.len()), (1, 3));
    assert_eq!(bench.store.due(at(200), 2).await.unwrap().len(), 2, "the limit holds for both together");
    let live: Vec<_> = bench.store.live(10).await.unwrap().into_iter().map(|row| row.id).collect();
    assert_eq!(live, [op.id], "operations alone");
    let never = Mark { look_at: LookAt::Never, ..Mark::default() };
    bench.store.mark("pp-a", Some(at(100)), &never).await.unwrap();
    assert_eq!(due(&bench, at(200)).await, [("pp-b".into(), Some(at(200)))]);
    assert_eq!(bench.store.of_product("pp-a", 10).await.unwrap().len(), 1, "no product is taken for an operation");
}

#[tokio::test]
async fn a_crowd_of_products_does_not_hide_what_lives() {
    let bench = bench().await;
    for number in 0..150 {
        bench.store.mark(&format!("pp-{number}"), None, &mark(at(1), LookAt::Then(at(1)))).await.unwrap();
    }
    let op = operation("pp-a", "n1", at(0));
    won(&bench, &op).await;
    let live: Vec<_> = bench.store.live(10).await.unwrap().into_iter().map(|row| row.id).collect();
    assert_eq!(live, [op.id]);
}

#[tokio::test]
async fn items_are_read_by_hundreds_and_one_that_is_unreadable_hides_no_other() {
    let bench = bench().await;
    let ids: Vec<String> = (0..230).map(|number| format!("pp-{number}")).collect();
    for id in ids.iter().step_by(2) {
        bench.store.mark(id, None, &mark(at(100), LookAt::Then(at(90)))).await.unwrap();
    }
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let items = bench.store.items(&ids).await.unwrap();
    assert_eq!((items.len(), bench.calls("BatchGetItem")), (115, 3));
    assert!(items["pp-228"].as_ref().is_ok_and(|item| item.due_at == Some(at(90))) && !items.contains_key("pp-229"));
    assert!(bench.store.items(&[]).await.unwrap().is_empty());

    bench.scribble("pp-0").await;
    let items = bench.store.items(&["pp-0", "pp-2"]).await.unwrap();
    assert!(items["pp-0"].as_ref().is_err_and(|error| error.to_string().contains("cannot be read")));
    assert!(items["pp-2"].is_ok());
}

#[tokio::test]
async fn standpoints_are_read_by_hundreds() {
    let bench = bench().await;
    let operations: Vec<_> = (0..120).map(|number| operation(&format!("pp-{number}"), "n1", at(number))).collect();
    for op in operations.iter().skip(1) {
        won(&bench, op).await;
    }
    super::ended(&bench, &operation("pp-ended", "n1", at(0)), shared::operation::Event::Denied).await;
    let mut ids: Vec<_> = operations.iter().map(|op| op.id.clone()).collect();
    ids.push(operation("pp-ended", "n1", at(0)).id);
    let found = bench.store.standpoints(&ids).await.unwrap();
    assert_eq!((found.len(), bench.calls("BatchGetItem")), (120, 2));
    assert!(!found.contains_key(&ids[0]), "never claimed");
    assert_eq!(found[&ids[7]].since, at(7));
    assert_eq!((found[&ids[120]].state, found[&ids[120]].since), (shared::operation::State::Failed, at(1)));
}

// Hazard B14: not even at the same time.
#[tokio::test]
async fn a_word_and_a_mark_at_once_undo_nothing_of_each_other() {
    let bench = bench().await;
    for round in 0..10 {
        let id = format!("pp-{round}");
        let (noted, extended, protected) =
            (mark(at(100), LookAt::Then(at(90))), extension("e1", at(500)), protection("ops"));
        let (marked, kept, held) = tokio::join!(
            bench.store.mark(&id, None, &noted),
            Products::extend(&bench.store, &id, None, std::slice::from_ref(&extended)),
            bench.store.protect(&id, Some(&protected), at(1)),
        );
        assert_eq!((marked.unwrap(), kept.unwrap(), held.unwrap()), (Written::Applied, Kept::Now, Kept::Now));
        let item = item(&bench, &id).await;
        assert_eq!((item.lease_until, item.protection, item.due_at), (Some(at(500)), Some(protected), Some(at(90))));
    }
}
