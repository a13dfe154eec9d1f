//! Instants, as people and scripts read them.

use chrono::{SecondsFormat, TimeDelta};
use shared::clock::Time;

/// For scripts.
pub(crate) fn iso(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// For people: the instant, and how far it is from now.
pub(crate) fn at(at: Time, now: Time) -> String {
    format!("{} ({})", at.format("%Y-%m-%d %H:%M:%S UTC"), relative(at, now))
}

/// How far an instant is from now: `in 2 h`, `3 d ago`.
pub(crate) fn relative(at: Time, now: Time) -> String {
    let (ahead, apart) = if at >= now { (true, at - now) } else { (false, now - at) };
    let words = span(apart);
    if ahead { format!("in {words}") } else { format!("{words} ago") }
}

fn span(apart: TimeDelta) -> String {
    let (days, hours, minutes) = (apart.num_days(), apart.num_hours(), apart.num_minutes());
    if days >= 3 {
        format!("{days} d")
    } else if hours >= 3 {
        format!("{hours} h")
    } else if minutes >= 2 {
        format!("{minutes} min")
    } else {
        format!("{} s", apart.num_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_told_by_its_distance() {
        let now = Time::UNIX_EPOCH;
        for (seconds, words) in [
            (0, "in 0 s"),
            (119, "in 119 s"),
            (120, "in 2 min"),
            (-10_799, "179 min ago"),
            (10_800, "in 3 h"),
            (-259_200, "3 d ago"),
        ] {
            assert_eq!(relative(now + TimeDelta::seconds(seconds), now), words);
        }
        assert_eq!(at(now, now + TimeDelta::days(9)), "1970-01-01 00:00:00 UTC (9 d ago)");
        assert_eq!(iso(now), "1970-01-01T00:00:00.000Z");
    }
}
