//! The shipped binary says in one line why it does not start.

use std::process::Command;

#[test]
fn a_bad_variable_is_named_with_its_value() {
    let variables = [("TABLE_NAME", "t"), ("EVENT_BUS_NAME", "b"), ("REQUIRE_PLAN_DIGEST", "maybe")];
    let output = Command::new(env!("CARGO_BIN_EXE_execute-plan")).env_clear().envs(variables).output().unwrap();
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(line["message"], "REQUIRE_PLAN_DIGEST is \"maybe\"; accepted: true or false");
}
