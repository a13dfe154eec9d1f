//! The words for times that people write: into tags, into requests, into the parameters of the stack. What is not plainly
//! one of them is unreadable, and what is unreadable ends nothing.

use std::sync::LazyLock;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use proptest::prelude::*;
use regex_lite::Regex;
use shared::clock::in_millis;
use shared::duration;
use shared::expiry::{End, Ttl, end, ttl};

use crate::{cases, texts};

const WORDS: [&str; 16] = [
    "never",
    "Forever",
    "90m",
    "72h",
    "7d",
    "2w",
    "1w2d3h4m",
    "500ms",
    "30s",
    "2026-11-20",
    "2028-02-29",
    "2026-11-20T18:00:00Z",
    "2026-11-20T18:00:00.250+01:00",
    "2026-12-31T23:59:60Z",
    "9999-12-31T23:59:59Z",
    "2015-01-01T00:00:00-00:01",
];

fn whole(pattern: &str) -> Regex {
    Regex::new(&format!(r"\A(?i:{pattern})\z")).unwrap()
}

static NEVER: LazyLock<Regex> = LazyLock::new(|| whole("never|forever"));
static TTL: LazyLock<Regex> = LazyLock::new(|| whole("([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?"));
static END: LazyLock<Regex> = LazyLock::new(|| {
    whole("[0-9]{4}-[0-9]{2}-[0-9]{2}([t ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(z|[+-][0-9]{2}:[0-9]{2}))?")
});
static DURATION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\A[0-9]+(ms|s|m|h|d)\z").unwrap());

/// Words that nearly are some.
fn word() -> impl Strategy<Value = String> {
    let digits = prop::sample::select(vec!["0", "7", "007", "٧", "७", "７", "-1", "+1", "1e3", "0x7", "1.5", "36501"]);
    let long = prop::sample::select(vec!["9223372036854775807", "18446744073709551616", "999999999999999999999999"]);
    let unit = prop::sample::select(vec![
        "", "ms", "s", "m", "h", "d", "w", "M", "y", "д", "ｄ", " d", "d ", "\u{0}", "\u{a0}d",
    ]);
    let part = (prop_oneof![3 => digits, 1 => long], unit).prop_map(|(number, unit)| format!("{number}{unit}"));
    prop_oneof![
        prop::collection::vec(part, 1..5).prop_map(|parts| parts.concat()),
        (prop::sample::select(WORDS.to_vec()), texts::slips()).prop_map(|(word, slips)| texts::bent(word, &slips)),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt _][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,12})?(Z|[+−-][0-9]{2}:?[0-9]{2})?",
        "[+-]?[0-9]{1,7}-[0-9]{1,2}-[0-9]{1,2}(T00:00:00Z)?",
        "\\PC{0,40}",
    ]
}

proptest! {
    #![proptest_config(cases(20_000))]

    #[test]
    fn an_end_is_read_only_from_what_plainly_is_one(word in word()) {
        let plain = word.trim();
        match end(&word) {
            Ok(End::Never) => prop_assert!(NEVER.is_match(plain), "{word:?}"),
            Ok(End::At(at)) => {
                prop_assert!(END.is_match(plain), "{word:?} is no end, and not {at}");
                prop_assert!(at.timestamp() >= 1_420_070_400, "{at}");
                prop_assert_eq!(DateTime::from_timestamp_millis(at.timestamp_millis()), Some(at), "what is kept");
                let told = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                prop_assert_eq!(end(&told), Ok(End::At(at)), "what is told");
            }
            Err(error) => is_clear(&error.to_string())?,
        }
        prop_assert_eq!(end(&word), end(&word));
    }

    #[test]
    fn a_time_to_live_is_read_only_from_what_plainly_is_one(word in word()) {
        let plain = word.trim();
        match ttl(&word) {
            Ok(Ttl::Never) => prop_assert!(NEVER.is_match(plain), "{word:?}"),
            Ok(Ttl::Of(life)) => {
                prop_assert!(!plain.is_empty() && TTL.is_match(plain), "{word:?} is no time to live, and not {life}");
                prop_assert!(life > TimeDelta::zero() && life <= TimeDelta::days(36_500));
            }
            Err(error) => is_clear(&error.to_string())?,
        }
        prop_assert_eq!(ttl(&word), ttl(&word));
    }

    #[test]
    fn a_duration_is_read_only_from_what_plainly_is_one(word in word()) {
        match duration::parse(&word) {
            Ok(long) => {
                prop_assert!(DURATION.is_match(&word), "{word:?} is no duration, and not {long:?}");
                prop_assert!(long <= Duration::from_hours(36_500 * 24));
            }
            Err(error) => is_clear(&error.to_string())?,
        }
    }

    #[test]
    fn what_is_written_plainly_is_read_as_it_is_meant(
        seconds in 1_420_070_400_i64..253_402_214_400,
        millis in 0..1000_u32,
        offset in -1439..1440_i32,
        parts in (0..5_200_i64, 0..36_500_i64, 0..800_000_i64, 1..50_000_i64),
        space in "[ \t]{0,2}",
    ) {
        let at = DateTime::<Utc>::from_timestamp(seconds, millis * 1_000_000).unwrap();
        let there = at.with_timezone(&chrono::FixedOffset::east_opt(offset * 60).unwrap());
        let written = there.to_rfc3339_opts(SecondsFormat::Millis, offset == 0);
        // A day at the edge may be in a year of the service in one place, and not in the other.
        if (2016..9999).contains(&chrono::Datelike::year(&at)) {
            prop_assert_eq!(end(&format!("{space}{written}{space}")), Ok(End::At(at)), "{}", written);
            let day = at.date_naive();
            let next = day.succ_opt().unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc();
            prop_assert_eq!(end(&day.to_string()), Ok(End::At(next)));
        }
        let (w, d, h, m) = parts;
        let minutes = ((w * 7 + d) * 24 + h) * 60 + m;
        let read = ttl(&format!("{space}{w}w{d}d{h}h{m}m{space}"));
        if minutes <= 36_500 * 24 * 60 {
            prop_assert_eq!(read, Ok(Ttl::Of(TimeDelta::minutes(minutes))));
        } else {
            prop_assert!(read.is_err());
        }
        prop_assert_eq!(duration::parse(&format!("{m}m")), Ok(Duration::from_mins(m.unsigned_abs())));
    }

    /// Whatever instant the clock or another's text gives: what is kept is never nearer.
    #[test]
    fn an_instant_is_kept_in_milliseconds(seconds in -8_334_601_228_800_i64..8_210_266_876_799, nanos in 0..2_000_000_000_u32) {
        if let Some(at) = DateTime::<Utc>::from_timestamp(seconds, nanos) {
            let kept = in_millis(at);
            prop_assert_eq!(DateTime::from_timestamp_millis(kept.timestamp_millis()), Some(kept), "{}", at);
            prop_assert!(kept >= at && kept - at < TimeDelta::seconds(2));
        }
    }
}

fn is_clear(error: &str) -> Result<(), TestCaseError> {
    prop_assert!(error.len() < 1024 && error.contains("; accepted: "), "{error}");
    prop_assert!(error.chars().all(|c| !c.is_control()), "{error:?}");
    Ok(())
}
