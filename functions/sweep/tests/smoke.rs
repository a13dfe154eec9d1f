//! The shipped binary says in one line why it does not start.

use std::process::Command;

#[test]
fn a_bad_variable_is_named_with_its_value() {
    let variables = [("TABLE_NAME", "t"), ("EVENT_BUS_NAME", "b"), ("ON_TOO_MANY", "panic")];
    let output = Command::new(env!("CARGO_BIN_EXE_sweep")).env_clear().envs(variables).output().unwrap();
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(line["message"], "ON_TOO_MANY is \"panic\"; accepted: halt or oldest-first");
}
