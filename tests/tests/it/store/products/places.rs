//! Places for terminations: all or none, and never more than there are.

use shared::ports::{Places, Store as _};
use steward_tests::at;

use super::bench;

#[tokio::test]
async fn places_are_taken_all_or_none() {
    let bench = bench().await;
    let take = async |window: &str, count, max| bench.store.take_places(window, count, max, at(60)).await.unwrap();
    assert_eq!(take("w1", 3, 5).await, Places::Taken);
    assert_eq!(take("w1", 3, 5).await, Places::Left(2));
    assert_eq!(take("w1", 2, 5).await, Places::Taken);
    assert_eq!(take("w1", 1, 5).await, Places::Left(0));
    assert_eq!(take("w2", 5, 5).await, Places::Taken, "each window has its own");
    assert_eq!(take("w3", 6, 5).await, Places::Left(5), "more than there are");
    assert_eq!(take("w3", 5, 5).await, Places::Taken, "nothing was taken");
    assert_eq!(take("w1", 1, 0).await, Places::Left(0));
    assert_eq!(take("w1", 1, 4).await, Places::Left(0), "a cap that came down");
}

// Hazard A7: whoever tells of an end has a place first.
#[tokio::test]
async fn no_more_places_are_taken_at_once_than_there_are() {
    let bench = bench().await;
    let all = (0..20).map(|_| bench.store.take_places("w1", 2, 9, at(60)));
    let taken = futures_util::future::join_all(all).await;
    let taken = taken.into_iter().filter(|places| *places.as_ref().unwrap() == Places::Taken).count();
    assert_eq!(taken, 4, "eight of nine: two at a time");
}

/// The SDK repeats the call: the places are taken twice, which lets fewer go, never more.
#[tokio::test]
async fn places_whose_answer_is_lost_count_twice_at_the_most() {
    let bench = bench().await;
    bench.lose("UpdateItem");
    assert_eq!(bench.store.take_places("w1", 2, 5, at(60)).await.unwrap(), Places::Taken);
    assert_eq!(bench.store.take_places("w1", 5, 5, at(60)).await.unwrap(), Places::Left(1));
}

#[tokio::test]
async fn a_window_is_forgotten_some_time_after_its_end() {
    let bench = bench().await;
    bench.store.take_places("w1", 2, 5, at(60)).await.unwrap();
    let ttl = bench.dynamo.scan("Table").await.unwrap()[0]["ttl"].as_i64().unwrap();
    assert!(ttl > at(60).timestamp() && ttl <= at(60).timestamp() + 86_400);
}
