//! The operator's command against a cloud of its own: each command, by people who may do what the policies for people allow.

mod ask;
mod doctor;
mod keep;
mod letters;
mod mend;
mod plans;
mod stop;

use steward_local::catalog::{Script, Settings};
use steward_local::gateway::OPERATOR;
use steward_tests::command::Ran;
use steward_tests::world::{World, fast};

/// What is new in each run.
const FILTERS: [(&str, &str); 13] = [
    (r"op-[0-9a-f]{40}", "op-[40 digits]"),
    (r"op-[0-9a-f]{12}\b", "op-[12 digits]"),
    (r"cli-[0-9a-f]{32}", "cli-[32 digits]"),
    (r"rec-[0-9a-z]{13}", "rec-[13]"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[uuid]"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| UTC)", "[time]"),
    (r"\(?(\bin )?\b\d+ (s|min|h|d)\b( ago)?\)?", "[span]"),
    (r"event:[0-9a-f]{32}", "event:[32 digits]"),
    // Whether a state was seen on the way depends on who was faster.
    (r"(submitting|submitted|waiting) \(attempt \d+\)[^\n]*\n", ""),
    (r"http://127\.0\.0\.1:\d+", "http://[gateway]"),
    // As wide as what stands in the column.
    (r" {2,}", "  "),
    (r" +\n", "\n"),
    (r"tried \d+ times", "tried [n] times"),
];

/// Holds what a command printed against its snapshot.
macro_rules! assert_shown {
    ($name:literal, $ran:expr) => {{
        let shown = $ran.shown();
        insta::with_settings!({ filters => $crate::cli::FILTERS, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(concat!("cli_", $name), shown);
        });
    }};
}
use assert_shown;

async fn world() -> World {
    World::of(fast(Settings::default())).await
}

/// Runs the command as somebody with the policies of an operator.
async fn operate(world: &World, arguments: &[&str]) -> Ran {
    world.steward_as(OPERATOR, arguments).await
}

fn fails() -> Script {
    Script::Fail(vec![("1".to_owned(), "The bucket you tried to delete is not empty".to_owned())])
}
