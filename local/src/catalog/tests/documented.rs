//! docs/local-cloud.md says what the code has: no operation more or less, and no guess.

use std::collections::BTreeSet;

use regex_lite::Regex;
use serde_json::json;

use super::Scene;

const PAGE: &str = include_str!("../../../../docs/local-cloud.md");
/// Where calls are told apart by their names.
const DISPATCH: [&str; 2] = [include_str!("../mod.rs"), include_str!("../offer/calls.rs")];
const SETTINGS: &str = include_str!("../settings.rs");

/// All first groups of a pattern.
fn all<'a>(pattern: &str, text: &'a str) -> Vec<&'a str> {
    let pattern = Regex::new(pattern).unwrap();
    pattern.captures_iter(text).filter_map(|found| Some(found.get(1)?.as_str())).collect()
}

/// The names in the first cells of a section's rows.
fn rows(heading: &str) -> Vec<&'static str> {
    let (_, section) = PAGE.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let cells = all("(?m)^\\| (`[^|]+`) \\|", section);
    cells.into_iter().flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches('`')).collect()
}

fn sorted<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
    let set: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(set.len(), names.len(), "one is there twice: {names:?}");
    set
}

#[test]
fn the_operations_are_those_that_the_code_has() {
    let known = DISPATCH.map(|text| all("\"([A-Z][A-Za-z]+)\" => self\\.", text)).concat();
    assert!(known.len() > 30, "{known:?}");
    assert_eq!(sorted(&rows("What it answers")), sorted(&known));
}

#[tokio::test]
async fn each_operation_of_the_page_is_answered_and_no_other() {
    let scene = Scene::empty(|_| {});
    for operation in rows("What it answers") {
        if let Err((code, message)) = scene.call(operation, json!({})).await {
            assert_ne!(code, "UnknownOperationException", "{operation}: {message}");
        }
    }
    let (code, _) = scene.call("CopyProduct", json!({})).await.unwrap_err();
    assert_eq!(code, "UnknownOperationException");
}

#[test]
fn the_guesses_are_the_settings() {
    let (_, settings) = SETTINGS.split_once("pub struct Settings {").unwrap();
    let (settings, _) = settings.split_once("\n}").unwrap();
    let known = all("pub ([a-z_]+):", settings);
    assert!(known.len() > 20, "{known:?}");
    assert_eq!(sorted(&rows("What is a guess")), sorted(&known));
}
