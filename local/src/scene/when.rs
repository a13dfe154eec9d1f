//! Times in a scene: most are counted from its start, so that it is as good tomorrow as today.

use std::fmt;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

/// What an instant looks like.
const WHEN: &str = "`now`, `-3d` or `+1h30m` counted from the start, or an instant like 2026-11-20T18:00:00Z";
/// What a span looks like.
const SPAN: &str = "a whole number and a unit (s, m, h, d, w), or several of them, the longest first: 30s, 90m, 1d12h";
/// Longest unit first, as they are written; seconds each.
const UNITS: [(char, i64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
/// A century.
const SECONDS_MAX: i64 = 100 * 365 * 86_400;

/// An instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// So long after the start; negative: before it.
    Off(TimeDelta),
    /// Then.
    At(DateTime<Utc>),
}

impl When {
    /// The instant, for a scene that starts then.
    pub(super) fn of(self, start: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Off(by) => start + by,
            Self::At(at) => at,
        }
    }

    fn read(text: &str) -> Option<Self> {
        if text == "now" {
            return Some(Self::Off(TimeDelta::zero()));
        }
        if let Some(span) = text.strip_prefix('-') {
            return Some(Self::Off(-self::span(span)?));
        }
        if let Some(span) = text.strip_prefix('+') {
            return Some(Self::Off(self::span(span)?));
        }
        Some(Self::At(DateTime::parse_from_rfc3339(text).ok()?.to_utc()))
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Read(Self::read, WHEN))
    }
}

/// How long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Span(pub(super) TimeDelta);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Read(|text: &str| span(text).map(Self), SPAN))
    }
}

/// A time as tags have it: in whole seconds.
pub(super) fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn span(text: &str) -> Option<TimeDelta> {
    let (mut rest, mut units, mut seconds) = (text, UNITS.iter(), 0_i64);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let unit = after.chars().next()?;
        let (_, each) = units.find(|(name, _)| *name == unit)?;
        let more = number.parse::<i64>().ok()?.checked_mul(*each)?;
        seconds = seconds.checked_add(more).filter(|seconds| *seconds <= SECONDS_MAX)?;
        rest = &after[unit.len_utf8()..];
    }
    TimeDelta::try_seconds(seconds)
}

/// Reads a text, or says what is accepted.
struct Read<F>(F, &'static str);

impl<T, F: FnOnce(&str) -> Option<T>> Visitor<'_> for Read<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let (read, accepted) = (self.0, self.1);
        let shown: String = text.chars().take(64).collect();
        read(text).ok_or_else(|| E::custom(format!("{shown:?} is not accepted (accepted: {accepted})")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_units_the_longest_first() {
        for (text, seconds) in [("30s", 30), ("90m", 5_400), ("1d12h", 129_600), ("2w", 1_209_600), ("0s", 0)] {
            assert_eq!(span(text), Some(TimeDelta::seconds(seconds)), "{text}");
        }
        for text in ["", "5", "s", "1h1d", "1h1h", "-1h", "1.5h", "5x", "5 m", "99999999999999999999s", "200000d", "3ä"]
        {
            assert_eq!(span(text), None, "{text}");
        }
    }

    #[test]
    fn an_instant_is_counted_from_the_start_or_stands_by_itself() {
        let start: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        for (text, at) in [
            ("now", "2026-11-20T12:00:00Z"),
            ("-1d", "2026-11-19T12:00:00Z"),
            ("+1h30m", "2026-11-20T13:30:00Z"),
            ("2026-01-02T03:04:05+01:00", "2026-01-02T02:04:05Z"),
        ] {
            assert_eq!(super::text(When::read(text).unwrap().of(start)), at, "{text}");
        }
        for text in ["", "-", "+", "1h", "- 1h", "yesterday", "2026-01-02", "2026-01-02T03:04:05"] {
            assert_eq!(When::read(text), None, "{text}");
        }
    }
}
