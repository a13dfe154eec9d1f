//! What is read, from items and from the indexes.

use shared::aws::store::{DUE_INDEX, PRODUCT_INDEX, PROJECTED};
use shared::operation::{Event, Notice, State, Try};
use shared::ports::{Change, Fence, History, Store, Written};
use steward_tests::{at, template};

use super::{bench, import, operation, step, won};

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
        due.operations.into_iter().map(|operation| operation.subject).collect::<Vec<_>>()
    };
    assert_eq!(due(at(119)).await, Vec::<String>::new());
    assert_eq!(due(at(130)).await, ["pp-c", "pp-a"]);
    assert_eq!(bench.store.due(at(200), 1).await.unwrap().len(), 1, "the limit holds");
    let postponed = bench.store.postpone(&ids[0].id, &Fence::of(&ids[0]), at(900), None).await.unwrap();
    assert_eq!(postponed, Written::Applied);
    let ended = step(&ids[1], Event::Denied, at(131));
    bench.store.write(&ids[1].id, &Fence::of(&ids[1]), &ended).await.unwrap();
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
    bench.store.write(&op.id, &Fence::of(&op), &change).await.unwrap();
    for rows in
        [bench.store.due(at(60), 10).await.unwrap().operations, bench.store.of_product("pp-a", 10).await.unwrap()]
    {
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((row.id.clone(), row.standing), (op.id.clone(), change.standing));
        assert_eq!((row.polled_at, row.polls, row.stalled), (Some(at(2)), 3, true));
        assert_eq!((row.record_id.as_deref(), row.notice.name.as_deref()), (Some("rec-1"), Some("sandbox")));
        assert_eq!(row.trying_since, at(0));
    }
    assert_eq!(bench.store.of_product("pp-b", 10).await.unwrap(), []);
    assert_eq!(bench.store.operation(&op.id).await.unwrap().unwrap().history.len(), 1);
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

#[tokio::test]
async fn a_standing_says_where_and_since_when_and_nothing_of_what_is_not_there() {
    let bench = bench().await;
    let op = operation("pp-a", "n1", at(0));
    assert_eq!(bench.store.standing(&op.id).await.unwrap(), None);
    won(&bench, &op).await;
    assert_eq!(bench.store.standing(&op.id).await.unwrap(), Some((State::Submitting, at(0))));
    bench.store.write(&op.id, &Fence::of(&op), &step(&op, Event::Denied, at(7))).await.unwrap();
    assert_eq!(bench.store.standing(&op.id).await.unwrap(), Some((State::Failed, at(7))));
}

#[tokio::test]
async fn all_that_lives_is_listed_whenever_it_is_due() {
    let bench = bench().await;
    let (running, waiting, gone) =
        (operation("pp-running", "n1", at(0)), import("waiting", "n1", at(50)), operation("pp-gone", "n1", at(0)));
    for op in [&running, &waiting, &gone] {
        bench.store.claim(op).await.unwrap();
    }
    bench.store.write(&gone.id, &Fence::of(&gone), &step(&gone, Event::Denied, at(1))).await.unwrap();
    let accepted =
        Change { record_id: Some("rec-1".into()), due_at: Some(at(9_000)), ..step(&running, Event::Accepted, at(1)) };
    bench.store.write(&running.id, &Fence::of(&running), &accepted).await.unwrap();
    let live = bench.store.live(10).await.unwrap();
    let live: Vec<_> = live.into_iter().map(|row| (row.id, row.subject, row.record_id)).collect();
    let record = Some("rec-1".to_owned());
    assert_eq!(live, [(waiting.id, waiting.subject, None), (running.id, running.subject, record)]);
    assert_eq!(bench.store.live(1).await.unwrap().len(), 1, "the limit holds");
}
