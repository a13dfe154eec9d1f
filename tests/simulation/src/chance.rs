//! The one source of chance of a schedule: all that may go one way or the other is drawn here, so that a seed is a schedule.

use std::time::Duration;

/// Draws.
#[derive(Debug)]
pub(crate) struct Chance(fastrand::Rng);

impl Chance {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// Whether something happens that has this probability.
    pub(crate) fn is(&mut self, probability: f64) -> bool {
        // No draw for what cannot be: it would only cost time.
        probability > 0.0 && self.0.f64() < probability
    }

    /// A number in `0..below`; 0 if there is none.
    pub(crate) fn below(&mut self, below: u64) -> u64 {
        if below == 0 { 0 } else { self.0.u64(..below) }
    }

    /// An index into `len` things.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or_default()
    }

    /// A duration between the two.
    pub(crate) fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let span = u64::try_from(most.saturating_sub(least).as_millis()).unwrap_or(u64::MAX);
        least + Duration::from_millis(self.below(span.saturating_add(1)))
    }

    /// One of several.
    pub(crate) fn one_of<T: Copy, const N: usize>(&mut self, of: [T; N]) -> T {
        of[self.index(N)]
    }

    /// A seed for something that draws on its own.
    pub(crate) fn seed(&mut self) -> u64 {
        self.0.u64(..)
    }
}
