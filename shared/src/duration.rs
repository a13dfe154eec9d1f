//! Durations as people write them in parameters: `500ms`, `30s`, `15m`, `24h`, `7d`.

use std::time::Duration;

use thiserror::Error;

/// What a duration looks like, for error messages.
pub const ACCEPTED: &str = "a whole number and a unit: 500ms, 30s, 15m, 24h or 7d";

/// The text is no duration.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0:?} is no duration; accepted: {ACCEPTED}")]
pub struct BadDuration(String);

/// Reads one duration.
///
/// # Errors
/// If the text is not a whole number followed by one unit, or too large to count in milliseconds.
pub fn parse(text: &str) -> Result<Duration, BadDuration> {
    let bad = || BadDuration(text.chars().take(64).collect());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let millis_each: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(bad()),
    };
    let millis = number.parse::<u64>().ok().and_then(|n| n.checked_mul(millis_each)).ok_or_else(bad)?;
    // A century: beyond it, adding the duration to an instant could overflow, and nobody means it.
    if millis > 100 * 365 * 86_400_000 { Err(bad()) } else { Ok(Duration::from_millis(millis)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_unit() {
        for (text, millis) in
            [("0s", 0), ("500ms", 500), ("30s", 30_000), ("15m", 900_000), ("24h", 86_400_000), ("7d", 604_800_000)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in
            ["", "s", "30", "30 s", " 30s", "-1s", "1.5h", "1h30m", "30S", "99999999999999999999s", "40000d", "30秒"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
