//! The local cloud's clock. Instants are real, so that the functions' own clock agrees with them; what is scaled is how
//! long records and schedules take. A test holds the clock by hand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

/// A clock that runs by itself, or by hand.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Set: the clock stands at this instant until it is advanced.
    held: Option<Arc<Mutex<DateTime<Utc>>>>,
    /// Tells sleepers that a held clock was advanced.
    moved: Arc<Notify>,
    /// How many times faster than in reality records and schedules pass.
    speed: f64,
}

impl Clock {
    /// The machine's clock; records and schedules run `speed` times as fast as in reality.
    #[must_use]
    pub fn system(speed: f64) -> Self {
        Self { held: None, moved: Arc::new(Notify::new()), speed: speed.max(0.001) }
    }

    /// A clock that moves only by [`Clock::advance`].
    #[must_use]
    pub fn held(at: DateTime<Utc>) -> Self {
        Self { held: Some(Arc::new(Mutex::new(at))), moved: Arc::new(Notify::new()), speed: 1.0 }
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
        real.div_f64(self.speed)
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
