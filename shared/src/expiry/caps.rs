//! How many products may go at once.

/// Fewer than this many are no matter of percent.
const ALWAYS: u64 = 5;

/// What becomes of a sweep that would end too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTooMany {
    /// Nothing is done.
    Halt,
    /// Those go that have been due for longest, as many as may.
    OldestFirst,
}

/// The limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// So many products.
    pub number: u32,
    /// So many of a hundred that Steward looks after.
    pub percent: u32,
    /// Beyond that.
    pub on_too_many: OnTooMany,
}

/// What the limits make of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// All may go.
    All,
    /// So many may go, the oldest, for the reason.
    Oldest(u64, String),
    /// None may go, for the reason.
    Halt(String),
}

/// Rules on `ending` products, of `included` that Steward looks after.
#[must_use]
pub fn rule(caps: &Caps, ending: u64, included: u64) -> Ruling {
    let number = u64::from(caps.number);
    let share = (included.saturating_mul(u64::from(caps.percent)) / 100).max(ALWAYS);
    let most = number.min(share);
    if ending <= most {
        return Ruling::All;
    }
    let limit = if number <= share {
        format!("{number} may (MaxTerminationsPerSweep)")
    } else {
        format!("{share} may: {} percent of {included} (MaxTerminationsPercent), {ALWAYS} always", caps.percent)
    };
    let why = format!("{ending} provisioned products would end before the next sweep, and {limit}");
    match caps.on_too_many {
        OnTooMany::Halt => Ruling::Halt(why),
        OnTooMany::OldestFirst => Ruling::Oldest(most, why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruled(number: u32, percent: u32, ending: u64, included: u64) -> bool {
        rule(&Caps { number, percent, on_too_many: OnTooMany::Halt }, ending, included) == Ruling::All
    }

    #[test]
    fn both_limits_hold_and_five_are_no_matter_of_percent() {
        assert!(ruled(25, 20, 0, 0) && ruled(25, 20, 5, 5) && ruled(25, 20, 20, 100) && ruled(25, 100, 25, 25));
        for (ending, included) in [(6, 6), (6, 29), (21, 100), (26, 1_000), (u64::MAX, u64::MAX)] {
            assert!(!ruled(25, 20, ending, included), "{ending} of {included}");
        }
        assert!(ruled(25, 20, 6, 30));
        assert!(!ruled(0, 100, 1, 1_000), "a cap of none lets none go");
        assert!(!ruled(3, 0, 4, 1_000));
    }

    #[test]
    fn oldest_first_lets_as_many_go_as_may() {
        let caps = Caps { number: 25, percent: 20, on_too_many: OnTooMany::OldestFirst };
        assert!(matches!(rule(&caps, 26, 1_000), Ruling::Oldest(25, _)));
        assert!(matches!(rule(&caps, 26, 50), Ruling::Oldest(10, why) if why.contains("20 percent of 50")));
        assert!(matches!(rule(&caps, 6, 6), Ruling::Oldest(5, _)));
    }
}
