//! The shipped binary starts, or says in one line why it does not.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

fn start(variables: &[(&str, &str)]) -> (Option<i32>, serde_json::Value) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_reconcile")).env_clear().envs(variables.iter().copied()).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count(), 1, "one line, not: {lines}");
    (output.status.code(), serde_json::from_str(&lines).unwrap())
}

#[test]
fn a_missing_variable_is_named() {
    let (code, line) = start(&[]);
    assert_eq!(code, Some(1));
    assert_eq!(line["level"], "ERROR");
    assert_eq!(line["message"], "TABLE_NAME is not set; accepted: the name of Steward's table");
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "without a timestamp Lambda takes the line for INFO");
}

#[test]
fn a_bad_variable_is_named_with_its_value() {
    let (code, line) = start(&[("TABLE_NAME", "t"), ("EVENT_BUS_NAME", "b"), ("BACKOFF_BASE", "soon")]);
    assert_eq!(code, Some(1));
    let expected =
        "BACKOFF_BASE is \"soon\"; accepted: a whole number and a unit: 500ms, 30s, 15m, 24h or 7d, more than 0";
    assert_eq!(line["message"], expected);
    let (_, line) = start(&[("LOG_LEVEL", "LOUD")]);
    assert_eq!(line["message"], "LOG_LEVEL is \"LOUD\"; accepted: ERROR, WARN, INFO, DEBUG, TRACE or OFF");
}
