//! When to try again: exponential backoff with full jitter.
//!
//! Full jitter (a uniform draw between nothing and the ceiling) spreads a herd that was refused at the same moment best;
//! the ceiling doubles with each try and is capped.

use std::time::Duration;

use chrono::TimeDelta;

use crate::clock::Time;

/// The spacing of tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The first ceiling.
    pub base: Duration,
    /// No ceiling is higher.
    pub max: Duration,
}

impl Backoff {
    /// The longest pause before the try after `tries` tries.
    #[must_use]
    pub fn ceiling(self, tries: u32) -> Duration {
        doubled(self.base, tries.saturating_sub(1), self.max)
    }

    /// The pause: `fraction` (of `0.0..1.0`, drawn by the caller) of the ceiling.
    #[must_use]
    pub fn pause(self, tries: u32, fraction: f64) -> Duration {
        self.ceiling(tries).mul_f64(fraction.clamp(0.0, 1.0))
    }
}

/// `base` doubled `times` times, at most `max`.
#[must_use]
pub fn doubled(base: Duration, times: u32, max: Duration) -> Duration {
    // 2^31 of any base of a second is beyond every `max`; shifting further would overflow.
    base.checked_mul(1_u32 << times.min(31)).map_or(max, |pause| pause.min(max))
}

/// The instant `pause` after `now`.
#[must_use]
pub fn after(now: Time, pause: Duration) -> Time {
    now + TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff { base: Duration::from_secs(30), max: Duration::from_mins(15) };

    #[test]
    fn the_ceiling_doubles_up_to_the_maximum() {
        let seconds: Vec<u64> = (0..8).map(|tries| BACKOFF.ceiling(tries).as_secs()).collect();
        assert_eq!(seconds, [30, 30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(BACKOFF.ceiling(u32::MAX).as_secs(), 900);
    }

    #[test]
    fn the_jitter_is_full() {
        assert_eq!(BACKOFF.pause(3, 0.0), Duration::ZERO);
        assert_eq!(BACKOFF.pause(3, 0.5), Duration::from_mins(1));
        assert!(BACKOFF.pause(3, 0.999_999) < Duration::from_mins(2));
    }
}
