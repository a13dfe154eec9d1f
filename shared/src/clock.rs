//! Time and chance. The functions read the system clock here and nowhere else, and pass it on as an argument.

use std::sync::Mutex;

use chrono::{DateTime, Utc};

/// An instant, always UTC.
pub type Time = DateTime<Utc>;

/// The last instant that RFC 3339 can write, and so the last that can be told.
pub const LAST: Time = match DateTime::from_timestamp_millis(253_402_300_799_999) {
    Some(last) => last,
    None => Time::MAX_UTC,
};

/// An instant as the table keeps it: in milliseconds, and never nearer than it was. What is told must be what is kept.
#[must_use]
pub fn in_millis(at: Time) -> Time {
    let is_between = !at.timestamp_subsec_nanos().is_multiple_of(1_000_000);
    // A leap second has no milliseconds of its own: they are those of the second after it.
    DateTime::from_timestamp_millis(at.timestamp_millis() + i64::from(is_between)).unwrap_or(at)
}

/// Where the time comes from: the system in a function, a hand in a test.
#[derive(Clone, Copy, Debug)]
pub struct Clock(fn() -> Time);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place where the functions read the time")]
        Self(Utc::now)
    }

    /// A clock that asks `now` each time.
    #[must_use]
    pub const fn from_fn(now: fn() -> Time) -> Self {
        Self(now)
    }

    /// The present instant.
    #[must_use]
    pub fn now(self) -> Time {
        (self.0)()
    }
}

/// Chance: nonces of claims, and the jitter of the backoff. A seed makes a run repeatable.
#[derive(Debug)]
pub struct Dice(Mutex<fastrand::Rng>);

impl Dice {
    /// Seeded by the system.
    #[must_use]
    pub fn new() -> Self {
        Self(Mutex::new(fastrand::Rng::new()))
    }

    /// A repeatable sequence.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }

    /// A number in `0.0..1.0`.
    pub fn fraction(&self) -> f64 {
        self.with(fastrand::Rng::f64)
    }

    /// 128 random bits in hexadecimal.
    pub fn nonce(&self) -> String {
        format!("{:032x}", self.with(|rng| rng.u128(..)))
    }

    fn with<T>(&self, draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Default for Dice {
    fn default() -> Self {
        Self::new()
    }
}
