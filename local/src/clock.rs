//! The local cloud's clock. Instants are real, so that the functions' own clock agrees with them; what is scaled is how
//! long records and schedules take. A test holds the clock by hand.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// A clock that runs by itself, or by hand.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Set: the clock stands at this instant until it is advanced.
    held: Option<Arc<Mutex<DateTime<Utc>>>>,
    /// Tells sleepers that a held clock was advanced.
    moved: Arc<Notify>,
    /// How many times faster than in reality records and schedules pass: the bits of a number. Clones share it.
    speed: Arc<AtomicU64>,
    /// Tells who waits for a scaled time that the scale is another.
    rescaled: Arc<Notify>,
}

/// The slowest and the fastest that records and schedules pass.
pub const SPEEDS: std::ops::RangeInclusive<f64> = 0.001..=100_000.0;

impl Clock {
    /// The machine's clock; records and schedules run `speed` times as fast as in reality.
    #[must_use]
    pub fn system(speed: f64) -> Self {
        Self { held: None, ..Self::of(speed) }
    }

    /// A clock that moves only by [`Clock::advance`].
    #[must_use]
    pub fn held(at: DateTime<Utc>) -> Self {
        Self { held: Some(Arc::new(Mutex::new(at))), ..Self::of(1.0) }
    }

    fn of(speed: f64) -> Self {
        let speed = Arc::new(AtomicU64::new(within(speed).to_bits()));
        Self { held: None, moved: Arc::default(), speed, rescaled: Arc::default() }
    }

    /// The present instant.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the local cloud reads the time")]
    pub fn now(&self) -> DateTime<Utc> {
        self.held.as_ref().map_or_else(Utc::now, |held| *held.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// How long something that takes `real` at AWS takes here.
    #[must_use]
    pub fn scaled(&self, real: Duration) -> Duration {
        real.div_f64(self.speed())
    }

    /// How many times faster than in reality records and schedules pass.
    #[must_use]
    pub fn speed(&self) -> f64 {
        f64::from_bits(self.speed.load(Ordering::Relaxed))
    }

    /// Lets whatever begins from now on pass that many times faster than in reality, within [`SPEEDS`]. What has begun
    /// ends when it would have.
    pub fn set_speed(&self, speed: f64) {
        self.speed.store(within(speed).to_bits(), Ordering::Relaxed);
        self.rescaled.notify_waiters();
    }

    /// Ends once the speed is set anew after this call.
    pub(crate) fn rescaled(&self) -> Notified<'_> {
        self.rescaled.notified()
    }

    /// Moves a held clock on and wakes its sleepers. A clock that runs by itself is not moved.
    pub fn advance(&self, by: Duration) {
        if let Some(held) = &self.held {
            let mut at = held.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *at += TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
        }
        self.moved.notify_waiters();
    }

    /// Returns once the clock has reached `at`.
    pub async fn sleep_until(&self, at: DateTime<Utc>) {
        loop {
            let moved = self.moved.notified();
            let left = (at - self.now()).to_std().unwrap_or_default();
            if left.is_zero() {
                return;
            }
            if self.held.is_some() {
                moved.await;
            } else {
                tokio::time::sleep(left).await;
            }
        }
    }
}

/// A speed that can be divided by.
fn within(speed: f64) -> f64 {
    if speed.is_nan() { 1.0 } else { speed.clamp(*SPEEDS.start(), *SPEEDS.end()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speed_is_set_for_all_clones_and_within_its_bounds() {
        let clock = Clock::system(60.0);
        let other = clock.clone();
        assert_eq!(other.scaled(Duration::from_mins(1)), Duration::from_secs(1));
        clock.set_speed(120.0);
        assert_eq!(other.scaled(Duration::from_mins(1)), Duration::from_millis(500));
        for (set, is) in [(0.0, 0.001), (-5.0, 0.001), (1e9, 100_000.0), (f64::NAN, 1.0)] {
            clock.set_speed(set);
            assert!((other.speed() - is).abs() < f64::EPSILON, "{set}: {}", other.speed());
        }
    }
}
