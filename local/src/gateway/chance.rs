//! Chance: faults that meet some of the calls that they could, the same ones again by the same seed.

/// That a fault meets only some of the calls that it could.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chance {
    /// Of how many in a hundred.
    pub percent: f64,
    /// The same seed and the same calls give the same draws.
    pub seed: u64,
}

/// A [`Chance`], and what it has drawn so far.
#[derive(Clone, Debug)]
pub struct Dice {
    /// What it was made from.
    pub chance: Chance,
    random: fastrand::Rng,
}

impl Dice {
    /// Dice that have not been thrown yet.
    #[must_use]
    pub fn new(chance: Chance) -> Self {
        Self { chance, random: fastrand::Rng::with_seed(chance.seed) }
    }

    /// Whether it comes to it this time.
    pub fn throw(&mut self) -> bool {
        self.random.f64() * 100.0 < self.chance.percent
    }
}
