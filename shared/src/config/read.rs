//! Reading single variables.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use thiserror::Error;

use crate::duration;
use crate::request::Kind;

/// A variable that is missing or bad.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{name} is {}; accepted: {accepted}", .value.as_ref().map_or("not set".to_owned(), |value| format!("{value:?}")))]
pub struct BadVariable {
    /// Its name.
    pub name: &'static str,
    /// Its value, if it has one.
    pub value: Option<String>,
    /// What is accepted.
    pub accepted: String,
}

/// The environment, as it was at start.
#[derive(Debug, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    /// The names that were asked for: what the template must set, no more and no less.
    asked: Mutex<BTreeSet<String>>,
}

impl Environment {
    /// The environment of this process. What is no Unicode cannot be a value of ours and is passed over.
    #[must_use]
    pub fn of_process() -> Self {
        let unicode = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { variables: std::env::vars_os().filter_map(unicode).collect(), ..Self::default() }
    }

    /// An environment of these variables.
    #[must_use]
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { variables, ..Self::default() }
    }

    /// The value of a variable; empty is unset.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        self.variables.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// The names of the variables that were asked for.
    #[must_use]
    pub fn asked(&self) -> BTreeSet<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// An error about a variable.
    #[must_use]
    pub fn bad(&self, name: &'static str, accepted: impl Into<String>) -> BadVariable {
        BadVariable { name, value: self.text(name), accepted: accepted.into() }
    }

    /// A variable that must be set.
    ///
    /// # Errors
    /// If it is not.
    pub fn required(&self, name: &'static str, accepted: &str) -> Result<String, BadVariable> {
        self.text(name).ok_or_else(|| self.bad(name, accepted))
    }

    /// A duration.
    ///
    /// # Errors
    /// If it is none.
    pub fn duration(&self, name: &'static str, default: Duration) -> Result<Duration, BadVariable> {
        self.parsed(name, default, duration::ACCEPTED, |text| duration::parse(text).ok())
    }

    /// A duration that is more than nothing.
    ///
    /// # Errors
    /// If it is none, or zero.
    pub fn positive(&self, name: &'static str, default: Duration) -> Result<Duration, BadVariable> {
        let accepted = format!("{}, more than 0", duration::ACCEPTED);
        self.parsed(name, default, &accepted, |text| duration::parse(text).ok().filter(|value| !value.is_zero()))
    }

    /// A count within limits.
    ///
    /// # Errors
    /// If it is no number, or beyond them.
    pub fn count(&self, name: &'static str, default: u32, limits: RangeInclusive<u32>) -> Result<u32, BadVariable> {
        let accepted = format!("a whole number from {} to {}", limits.start(), limits.end());
        self.parsed(name, default, &accepted, |text| text.parse().ok().filter(|count| limits.contains(count)))
    }

    /// A Boolean.
    ///
    /// # Errors
    /// If it is neither `true` nor `false`.
    pub fn flag(&self, name: &'static str, default: bool) -> Result<bool, BadVariable> {
        self.parsed(name, default, "true or false", |text| text.parse().ok())
    }

    /// `true` for all kinds, `false` for none, or a list of kinds.
    ///
    /// # Errors
    /// If it is neither.
    pub fn kinds(&self, name: &'static str, default: &[Kind]) -> Result<Vec<Kind>, BadVariable> {
        let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        let accepted = format!("true, false, or some of {} with commas between", words.join(", "));
        self.parsed(name, default.to_vec(), &accepted, |text| match text {
            "true" => Some(Kind::ALL.to_vec()),
            "false" => Some(Vec::new()),
            list => {
                list.split(',').map(|word| Kind::ALL.into_iter().find(|kind| kind.as_str() == word.trim())).collect()
            }
        })
    }

    fn parsed<T>(
        &self,
        name: &'static str,
        default: T,
        accepted: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, BadVariable> {
        match self.text(name) {
            None => Ok(default),
            Some(text) => parse(&text).ok_or_else(|| self.bad(name, accepted)),
        }
    }
}
