//! A small load; `cargo bench --bench load` carries a great one.

use steward_tests::load::Load;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_mixed_requests_are_settled_once_while_calls_go_wrong() {
    let outcome = Load { requests: 200, seed: 5, percent: 5.0, say: |_| () }.run().await;
    assert!(outcome.wrong.is_empty(), "{:#?}\n{}", outcome.wrong, outcome.figures);
}
