//! Bad input: whatever comes, it is read or it is refused, in words. Properties over the samples in `events/`, bent in all
//! ways, and a table of what each rule says to those who break it.
//!
//! Each property takes some seconds. For a long run say how many cases it is to have: `PROPTEST_CASES=200000`, and
//! `cargo test --release -p steward-tests -p shared --test bad_input`.
#![cfg(feature = "lambda")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod payloads;
mod readers;
mod rows;
mod samples;
mod table;
mod texts;
mod trees;
mod words;

use proptest::test_runner::Config;

/// So many cases, if nobody says otherwise.
fn cases(cases: u32) -> Config {
    let said = std::env::var_os("PROPTEST_CASES").is_some();
    let cases = if said { Config::default().cases } else { cases };
    Config { cases, failure_persistence: None, ..Config::default() }
}
