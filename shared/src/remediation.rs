//! When a drifted product may be repaired again: once at a time, not before it has cooled down, and not for ever.
//!
//! The slot on the product's item names the operation that repairs it. It is held while that operation lives; what
//! counts afterwards is how and when it ended. Nobody has to free it, so nobody can forget to.

use std::time::Duration;

use chrono::serde::ts_milliseconds;
use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::operation::{OperationId, State};
use crate::retry::after;

/// How many repairs in a row may be followed by new drift within [`HELD_FOR`].
const IN_VAIN_MAX: u32 = 3;
/// A repair that lasted this long has held.
const HELD_FOR: Duration = Duration::from_hours(24);

/// The slot on a product's item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Slot {
    /// The operation that repairs, or repaired last.
    pub owner: OperationId,
    /// When it took the slot.
    #[serde(with = "ts_milliseconds")]
    pub taken_at: Time,
    /// How many repairs right before it did not hold.
    pub in_vain: u32,
    /// Whether the product is left alone until a person says otherwise.
    #[serde(default)]
    pub left_alone: bool,
}

/// What the slot says to the next drift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The slot may be taken, with so many repairs in vain before it.
    Take(u32),
    /// No repair now, for the reason.
    CoolDown(String),
    /// No repair any more: it does not hold.
    LeaveAlone(String),
}

/// Decides on a slot that is taken. `owner`: how its owner stands and since when; `None`: it is not known any more.
/// `found_at`: when the drift was found.
#[must_use]
pub fn turn(slot: &Slot, owner: Option<(State, Time)>, found_at: Time, now: Time, cooldown: Duration) -> Turn {
    if slot.left_alone {
        return Turn::LeaveAlone(in_vain(IN_VAIN_MAX));
    }
    let (state, since) = match owner {
        None => return Turn::Take(0),
        Some((state, _)) if state.is_live() => {
            return Turn::CoolDown(format!("cool-down: {} is repairing the product", slot.owner));
        }
        // It never did anything.
        Some((State::Skipped | State::Rejected | State::Cancelled, _)) => return Turn::Take(slot.in_vain),
        Some(ended) => ended,
    };
    let until = after(since, cooldown);
    if until > now {
        return Turn::CoolDown(format!("cool-down until {until}: {} {} at {since}", slot.owner, state.as_str()));
    }
    if found_at <= since {
        return Turn::CoolDown(format!("found at {found_at}, before {} {} at {since}", slot.owner, state.as_str()));
    }
    if after(since, HELD_FOR) <= found_at {
        return Turn::Take(0);
    }
    let repairs = slot.in_vain.saturating_add(1);
    if repairs >= IN_VAIN_MAX { Turn::LeaveAlone(in_vain(repairs)) } else { Turn::Take(repairs) }
}

fn in_vain(repairs: u32) -> String {
    format!(
        "left alone: {repairs} repairs in a row were each followed by new drift within a day; the action does not repair it, \
         or the drift is none (Service Catalog's own tags look like drift)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Trigger;
    use crate::request::Kind;
    use crate::scope::Scope;
    use chrono::TimeDelta;

    const COOLDOWN: Duration = Duration::from_hours(1);

    fn slot(in_vain: u32) -> Slot {
        let owner = OperationId::derive(&Scope::new("1", "r"), Kind::ExecuteAction, "stack", &Trigger::Bare);
        Slot { owner, taken_at: Time::UNIX_EPOCH, in_vain, left_alone: false }
    }

    /// The turn of drift found so many minutes after the owner ended.
    fn minutes_after(in_vain: u32, state: State, minutes: i64) -> Turn {
        let at = Time::UNIX_EPOCH + TimeDelta::minutes(minutes);
        turn(&slot(in_vain), Some((state, Time::UNIX_EPOCH)), at, at, COOLDOWN)
    }

    #[test]
    fn a_living_owner_holds_the_slot_however_long() {
        for state in [State::Submitting, State::Submitted, State::Waiting] {
            assert!(matches!(minutes_after(0, state, 100_000), Turn::CoolDown(_)), "{state:?}");
        }
    }

    // Hazard A6: the cool-down is a slot.
    #[test]
    fn the_slot_is_free_after_the_cool_down() {
        for state in [State::Succeeded, State::Failed] {
            assert!(matches!(minutes_after(0, state, 59), Turn::CoolDown(_)));
            assert_eq!(minutes_after(0, state, 60), Turn::Take(1));
            assert_eq!(minutes_after(2, state, 24 * 60), Turn::Take(0), "what lasted a day has held");
        }
        assert_eq!(minutes_after(0, State::Skipped, 0), Turn::Take(0), "what was never sent repaired nothing");
    }

    #[test]
    fn the_fourth_drift_is_left_alone() {
        assert_eq!(minutes_after(0, State::Succeeded, 90), Turn::Take(1));
        assert_eq!(minutes_after(1, State::Succeeded, 90), Turn::Take(2));
        assert!(matches!(minutes_after(2, State::Succeeded, 90), Turn::LeaveAlone(_)));
        let alone = Slot { left_alone: true, ..slot(2) };
        let years = Time::UNIX_EPOCH + TimeDelta::days(1_000);
        assert!(
            matches!(turn(&alone, None, years, years, COOLDOWN), Turn::LeaveAlone(_)),
            "until a person says otherwise"
        );
    }

    #[test]
    fn drift_found_before_the_repair_ended_is_old() {
        let (end, now) = (Time::UNIX_EPOCH + TimeDelta::hours(2), Time::UNIX_EPOCH + TimeDelta::hours(9));
        let found_before = turn(&slot(0), Some((State::Succeeded, end)), end - TimeDelta::minutes(1), now, COOLDOWN);
        assert!(matches!(found_before, Turn::CoolDown(_)), "{found_before:?}");
    }
}
