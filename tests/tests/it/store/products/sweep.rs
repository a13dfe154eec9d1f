//! What the sweep remembers, and the lease that keeps it alone.

use std::collections::BTreeMap;

use shared::ports::{Memory, Pass, Products, SearchRow, Written};
use steward_tests::at;

use super::bench;

fn memory() -> Memory {
    let pass = Pass {
        next_page: Some("token".into()),
        announced: Some(250),
        seen: 100,
        included: 90,
        counts: BTreeMap::from([("never".to_owned(), 80)]),
        pieces: 1,
        ..Pass::new(at(5))
    };
    Memory { pass: Some(pass), believed: Some(240), doubted: Some(100), swept_at: Some(at(9)) }
}

#[tokio::test]
async fn one_sweep_at_a_time_and_what_it_leaves_is_found() {
    let bench = bench().await;
    let begin = async |nonce: &str, now, until| bench.store.begin_sweep(nonce, at(now), at(until)).await.unwrap();
    assert_eq!(begin("n1", 0, 100).await, Some(Memory::default()));
    assert_eq!(begin("n2", 99, 200).await, None, "another one is at work");
    assert_eq!(bench.store.end_sweep("n2", &Memory::default()).await.unwrap(), Written::Fenced);
    assert_eq!(bench.store.end_sweep("n1", &memory()).await.unwrap(), Written::Applied);
    assert_eq!(begin("n2", 1, 100).await, Some(memory()));
}

#[tokio::test]
async fn a_sweep_that_died_is_succeeded_and_cannot_write_any_more() {
    let bench = bench().await;
    let begin = async |nonce: &str, now, until| bench.store.begin_sweep(nonce, at(now), at(until)).await.unwrap();
    begin("n0", 0, 10).await;
    bench.store.end_sweep("n0", &memory()).await.unwrap();
    begin("n1", 0, 100).await;
    assert_eq!(begin("n2", 100, 200).await, Some(memory()), "what it had when it began");
    assert_eq!(bench.store.end_sweep("n1", &Memory::default()).await.unwrap(), Written::Fenced);
    assert_eq!(begin("n3", 150, 300).await, None, "the lease is the other one's");
}

#[tokio::test]
async fn of_ten_at_once_one_begins() {
    let bench = bench().await;
    let nonces: Vec<String> = (0..10).map(|number| format!("n{number}")).collect();
    let all = nonces.iter().map(|nonce| bench.store.begin_sweep(nonce, at(0), at(100)));
    let begun = futures_util::future::join_all(all).await;
    assert_eq!(begun.into_iter().filter(|begun| begun.as_ref().unwrap().is_some()).count(), 1);
}

#[tokio::test]
async fn a_lease_whose_answer_is_lost_is_known_as_our_own() {
    let bench = bench().await;
    bench.lose("UpdateItem");
    assert_eq!(bench.store.begin_sweep("n1", at(0), at(100)).await.unwrap(), Some(Memory::default()));
    bench.lose("UpdateItem");
    assert_eq!(bench.store.end_sweep("n1", &memory()).await.unwrap(), Written::Applied);
    assert_eq!(bench.store.begin_sweep("n2", at(1), at(100)).await.unwrap(), Some(memory()));
}

#[tokio::test]
async fn pieces_are_kept_for_their_pass_alone() {
    let bench = bench().await;
    let row = |number: u32| SearchRow {
        id: format!("pp-{number}"),
        tags: vec![("ttl".to_owned(), "7d".to_owned())],
        created_at: Some(at(1)),
        status_message: Some("words ".repeat(150)),
        ..SearchRow::default()
    };
    let pass = Pass::new(at(5));
    // As many as the sweep puts into one.
    let rows: Vec<SearchRow> = (0..150).map(row).collect();
    bench.store.keep_piece(&pass, 0, &rows).await.unwrap();
    bench.lose("UpdateItem");
    bench.store.keep_piece(&pass, 1, &rows[..1]).await.unwrap();
    assert_eq!(bench.store.piece(&pass, 0).await.unwrap(), rows);
    assert_eq!(bench.store.piece(&pass, 1).await.unwrap(), &rows[..1]);
    let error = bench.store.piece(&pass, 2).await.unwrap_err().to_string();
    assert!(error.contains("the pass cannot go on"), "{error}");
    assert!(bench.store.piece(&Pass::new(at(6)), 0).await.is_err(), "of another pass");
    let items = bench.dynamo.scan("Table").await.unwrap();
    assert!(items.iter().all(|item| item["ttl"].as_i64() == Some(at(5 + 86_400).timestamp())), "forgotten in a day");
}
