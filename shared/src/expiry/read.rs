//! What the tags of a product say of its end, in the words that people write there.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use thiserror::Error;

use crate::clock::{LAST, Time, in_millis};

/// How long a product lives from its creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ttl {
    /// For good.
    Never,
    /// So long.
    Of(TimeDelta),
}

/// When a product ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Not at all.
    Never,
    /// At the instant.
    At(Time),
}

/// A value that nobody can be sure of. It terminates nothing.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{value:?} is unreadable; accepted: {accepted}")]
pub struct Unreadable {
    /// The value, cut if it is long.
    pub value: String,
    /// What can be read.
    pub accepted: &'static str,
}

/// What a time to live looks like.
const TTL: &str = "`never`, `forever`, or a time to live like 90m, 72h, 7d, 2w or 1d12h";
/// What an end looks like.
const END: &str =
    "`never`, `forever`, an instant like 2026-11-20T18:00:00+01:00, or a day like 2026-11-20 (its end in UTC)";

/// Longest unit first, as they are written; minutes each.
const UNITS: [(char, i64); 4] = [('w', 7 * 24 * 60), ('d', 24 * 60), ('h', 60), ('m', 1)];
/// A century. Whoever means longer means `never`.
const MINUTES_MAX: i64 = 100 * 365 * 24 * 60;
/// No product is older than the service: an end before that is a slip of the pen.
const FIRST_YEAR: i32 = 2015;

/// Reads a time to live.
///
/// # Errors
/// If it is none, or nothing, or longer than a century: each unit may come once, the longer before the shorter.
pub fn ttl(text: &str) -> Result<Ttl, Unreadable> {
    let bad = || unreadable(text, TTL);
    let word = text.trim().to_ascii_lowercase();
    if is_never(&word) {
        return Ok(Ttl::Never);
    }
    let (mut rest, mut units, mut minutes) = (word.as_str(), UNITS.iter(), 0_i64);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let mut chars = after.chars();
        let unit = chars.next().ok_or_else(bad)?;
        // What was passed over cannot come any more: `12h1d` and `1h1h` are slips of somebody's.
        let (_, each) = units.find(|(name, _)| *name == unit).ok_or_else(bad)?;
        let more = number.parse::<i64>().ok().and_then(|number| number.checked_mul(*each)).ok_or_else(bad)?;
        minutes = minutes.checked_add(more).filter(|minutes| *minutes <= MINUTES_MAX).ok_or_else(bad)?;
        rest = chars.as_str();
    }
    if minutes == 0 { Err(bad()) } else { Ok(Ttl::Of(TimeDelta::minutes(minutes))) }
}

/// Reads an end.
///
/// # Errors
/// If it is none: an instant needs its offset, a day its year, and both must lie in the life of the service.
pub fn end(text: &str) -> Result<End, Unreadable> {
    let bad = || unreadable(text, END);
    let word = text.trim();
    if is_never(&word.to_ascii_lowercase()) {
        return Ok(End::Never);
    }
    // chrono is more lenient than people are sure: it pads, takes years of more digits, and a dash for a minus.
    if !word.is_ascii() {
        return Err(bad());
    }
    let at = if word.len() == "2026-11-20".len() {
        let day = NaiveDate::parse_from_str(word, "%Y-%m-%d").map_err(|_| bad())?;
        day.checked_add_days(Days::new(1)).ok_or_else(bad)?.and_time(NaiveTime::MIN).and_utc()
    } else {
        DateTime::parse_from_rfc3339(word).map_err(|_| bad())?.with_timezone(&Utc)
    };
    let is_plain = word.bytes().take(10).enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let first = NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1).ok_or_else(bad)?.and_time(NaiveTime::MIN).and_utc();
    if is_plain && at >= first { Ok(End::At(in_millis(at).min(LAST))) } else { Err(bad()) }
}

fn is_never(word: &str) -> bool {
    matches!(word, "never" | "forever")
}

fn unreadable(text: &str, accepted: &'static str) -> Unreadable {
    Unreadable { value: text.chars().take(64).collect(), accepted }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_to_live_are_read() {
        for (text, minutes) in [
            ("90m", 90),
            ("72h", 72 * 60),
            ("7d", 7 * 24 * 60),
            ("2w", 14 * 24 * 60),
            ("1d12h", 36 * 60),
            ("1w2d3h4m", ((7 + 2) * 24 + 3) * 60 + 4),
            (" 72H\t", 72 * 60),
            ("007d", 7 * 24 * 60),
            ("0d12h", 12 * 60),
        ] {
            assert_eq!(ttl(text), Ok(Ttl::Of(TimeDelta::minutes(minutes))), "{text}");
        }
        for text in ["never", "forever", " Never ", "FOREVER"] {
            assert_eq!(ttl(text), Ok(Ttl::Never), "{text}");
            assert_eq!(end(text), Ok(End::Never), "{text}");
        }
    }

    #[test]
    fn what_is_not_plainly_a_time_to_live_is_unreadable() {
        for text in [
            "",
            " ",
            "0",
            "0h",
            "0d0m",
            "7",
            "d",
            "-1d",
            "+1d",
            "1.5h",
            "1,5h",
            "1h1h",
            "12h1d",
            "1d 12h",
            "1d12",
            "30s",
            "3mo",
            "1y",
            "P1D",
            "PT1H",
            "99999999999999999999d",
            "36501d",
            "9223372036854775807w",
            "٧d",
            "7д",
            "never!",
            "none",
            "null",
            "2026-11-20",
            "1d\u{0}",
        ] {
            let error = ttl(text).expect_err(text).to_string();
            assert!(error.contains("is unreadable; accepted: `never`"), "{error}");
        }
        assert!(ttl(&"9".repeat(1000)).unwrap_err().to_string().len() < 200);
    }

    #[test]
    fn ends_are_read() {
        for (text, at) in [
            ("2026-11-20T18:00:00Z", "2026-11-20T18:00:00Z"),
            ("2026-11-20t18:00:00z", "2026-11-20T18:00:00Z"),
            ("2026-11-20T18:00:00+01:00", "2026-11-20T17:00:00Z"),
            ("2026-11-20T18:00:00.250-05:30", "2026-11-20T23:30:00.250Z"),
            ("2026-11-20 18:00:00Z", "2026-11-20T18:00:00Z"),
            ("2026-11-20T18:00:00.0001Z", "2026-11-20T18:00:00.001Z"),
            ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z"),
            (" 2026-11-20 ", "2026-11-21T00:00:00Z"),
            ("2028-02-29", "2028-03-01T00:00:00Z"),
            ("2026-12-31", "2027-01-01T00:00:00Z"),
            ("9999-12-31T00:00:00Z", "9999-12-31T00:00:00Z"),
        ] {
            let at = DateTime::parse_from_rfc3339(at).unwrap().with_timezone(&Utc);
            assert_eq!(end(text), Ok(End::At(at)), "{text}");
        }
        for text in ["9999-12-31", "9999-12-31T23:59:59-18:00"] {
            assert_eq!(end(text), Ok(End::At(LAST)), "the year after it cannot be told: {text}");
        }
    }

    #[test]
    fn what_is_not_plainly_an_end_is_unreadable() {
        for text in [
            "",
            "2026-11-20T18:00:00",
            "2026-11-20 18:00",
            "2026-11-20T18:00Z",
            "20.11.2026",
            "11/20/2026",
            "01-02-2026",
            "2026-13-01",
            "2026-02-30",
            "2027-02-29",
            "2026-11-20T24:00:01Z",
            "2026-11-20T18:00:00+25:00",
            "2026-11-20T18:00:00\u{2212}01:00",
            "2026-1-2",
            "26-11-20",
            "+2026-11-2",
            "-2026-11-20",
            "02026-11-20",
            "12026-11-20T18:00:00Z",
            "0226-11-20",
            "2014-12-31T00:00:00Z",
            "1795176001",
            "20261120",
            "tomorrow",
            "7d",
            "2026-11-20T18:00:00Z and a bit",
        ] {
            let error = end(text).expect_err(text).to_string();
            assert!(error.contains("is unreadable; accepted: `never`"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_them_panic(text in "\\PC{0,40}") {
            let _ = (ttl(&text), end(&text));
        }

        #[test]
        fn whatever_looks_alike_is_more_than_nothing(text in "[0-9wdhmWDHM ]{0,24}") {
            if let Ok(Ttl::Of(life)) = ttl(&text) {
                prop_assert!(life > TimeDelta::zero() && life <= TimeDelta::minutes(MINUTES_MAX));
            }
        }
    }
}
