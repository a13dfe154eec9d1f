//! The shipped binary says in one line why it does not start.

use std::process::Command;

#[test]
fn a_bad_variable_is_named_with_its_value() {
    let variables = [("TABLE_NAME", "t"), ("EVENT_BUS_NAME", "b"), ("REMEDIATION_COOLDOWN", "soon")];
    let output = Command::new(env!("CARGO_BIN_EXE_execute-action")).env_clear().envs(variables).output().unwrap();
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        line["message"],
        "REMEDIATION_COOLDOWN is \"soon\"; accepted: a whole number and a unit: 500ms, 30s, 15m, 24h or 7d"
    );
}
