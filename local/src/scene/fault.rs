//! What is wrong with a scene, in words.

use std::fmt::Write as _;

use chrono::TimeDelta;
use regex_lite::Regex;

use super::when::When;

/// What is wrong, behind the place where it is.
pub(super) type Fault = (String, String);

pub(super) fn fault<T>(place: impl Into<String>, problem: impl Into<String>) -> Result<T, Fault> {
    Err((place.into(), problem.into()))
}

/// Something that is named and is not there; tells what is.
pub(super) fn absent<T, N: AsRef<str>>(
    place: String,
    what: &str,
    name: &str,
    there: impl Iterator<Item = N>,
) -> Result<T, Fault> {
    let mut problem = format!("there is no {what} {name:?}; there is ");
    let there: Vec<N> = there.collect();
    for (number, one) in there.iter().take(10).enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(problem, "{}{}", if number == 0 { "" } else { ", " }, one.as_ref());
    }
    match there.len() {
        0 => problem.push_str("none"),
        1..=10 => {}
        more => drop(write!(problem, " and {} more", more - 10)),
    }
    fault(place, problem)
}

pub(super) fn like(place: String, text: &str, pattern: &str, accepted: &str) -> Result<(), Fault> {
    if Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|whole| whole.is_match(text)) {
        return Ok(());
    }
    let shown: String = text.chars().take(64).collect();
    fault(place, format!("{shown:?} is not accepted; accepted: {accepted}"))
}

pub(super) fn among(place: String, text: &str, accepted: &[&str]) -> Result<(), Fault> {
    if accepted.contains(&text) {
        return Ok(());
    }
    fault(place, format!("{text:?} is not accepted; accepted: {}", accepted.join(", ")))
}

/// What has happened has happened before the start.
pub(super) fn past(place: &str, when: When) -> Result<(), Fault> {
    match when {
        When::Off(by) if by > TimeDelta::zero() => fault(place, "it lies after the start"),
        _ => Ok(()),
    }
}
