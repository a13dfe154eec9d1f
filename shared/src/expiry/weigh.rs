//! What a sweep makes of one product: nothing, a note, or a word to a person.

use chrono::TimeDelta;

use super::{Expiry, Outlook, Policy, Stage, Subject, outlook};
use crate::clock::Time;
use crate::operation::State;
use crate::ports::{ProductItem, SearchRow, Standpoint};

/// A product that its operation has terminated may stay in the index for so long.
const INDEX_LAG_MAX: TimeDelta = TimeDelta::hours(1);

/// Why a product is left as it is. The words are counted by, logged and published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Left {
    /// It is none of Steward's business.
    Outside,
    /// It is protected.
    Protected,
    /// Something of it cannot be read.
    Unreadable,
    /// It has no end.
    Never,
    /// Its end is far away.
    Later,
    /// Something is going on there, and its end has come.
    UnderChange,
    /// Its termination is on its way.
    InHand,
    /// Its termination has failed for good: a person must look at it.
    Failed,
    /// Its termination has succeeded, and it is still there.
    Contradiction,
    /// It would go, but no more than so many go at once.
    Capped,
}

impl Left {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outside => "outside",
            Self::Protected => "protected",
            Self::Unreadable => "unreadable",
            Self::Never => "never",
            Self::Later => "later",
            Self::UnderChange => "underChange",
            Self::InHand => "inHand",
            Self::Failed => "failed",
            Self::Contradiction => "contradiction",
            Self::Capped => "capped",
        }
    }
}

/// What becomes of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weighed {
    /// Nothing, for the reason.
    Left(Left, String),
    /// Its end is near, or has come.
    Ends(Ending),
}

/// An end that is near, or has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// When.
    pub at: Time,
    /// Why.
    pub why: String,
    /// What that means now.
    pub outlook: Outlook,
}

impl Ending {
    /// When somebody is to do something about it.
    #[must_use]
    pub fn next(&self, now: Time) -> Time {
        match self.outlook.stage {
            Stage::Keep(next) => next,
            Stage::Warn(..) | Stage::Expired => now,
        }
    }
}

/// How a row of the search looks to a policy.
#[must_use]
pub fn subject<'a>(row: &'a SearchRow, item: Option<&'a ProductItem>) -> Subject<'a> {
    Subject {
        product_id: row.product_id.as_deref(),
        product_type: row.product_type.as_deref(),
        tags: &row.tags,
        created_at: row.created_at,
        lease_until: item.and_then(|item| item.lease_until),
        protection: item.and_then(|item| item.protection.as_ref()),
    }
}

/// Weighs a product by its row and, if it is known yet, its item. `horizon`: how far the sweep looks ahead.
///
/// Without the item no lease and no protection is known: then what is left is left for good, and what ends may still be kept.
#[must_use]
pub fn weigh(policy: &Policy, row: &SearchRow, item: Option<&ProductItem>, now: Time, horizon: TimeDelta) -> Weighed {
    let subject = subject(row, item);
    let (at, why) = match policy.expiry(&subject, now) {
        Expiry::Outside(why) => return Weighed::Left(Left::Outside, why),
        Expiry::Protected(why) => return Weighed::Left(Left::Protected, why),
        Expiry::Unreadable(why) => return Weighed::Left(Left::Unreadable, why),
        Expiry::Never(why) => return Weighed::Left(Left::Never, why),
        Expiry::At(at, why) => (at, why),
    };
    let timing = &policy.rule(&subject).timing;
    let noticed = item.and_then(|item| item.noticed.as_ref());
    let outlook = outlook(at, row.created_at, noticed, timing, now);
    match outlook.stage {
        Stage::Keep(next) if next - now > horizon => Weighed::Left(Left::Later, format!("it ends at {at}: {why}")),
        // What its tags are worth is known by the record that they are of alone.
        _ if row.last_provisioning_record_id.is_none() => {
            Weighed::Left(Left::Unreadable, "the search does not say of which record its tags are".to_owned())
        }
        _ => Weighed::Ends(Ending { at, why, outlook }),
    }
}

/// Whether a product whose end has come may be told to end, given the operation that was to end it. `None`: it may.
#[must_use]
pub fn hindrance(row: &SearchRow, operation: Option<&Standpoint>, now: Time) -> Option<(Left, String)> {
    if let Some(operation) = operation {
        let why = operation.why.as_deref().unwrap_or("no reason given");
        match operation.state {
            State::Submitting | State::Submitted | State::Waiting => {
                return Some((Left::InHand, format!("its termination is {}", operation.state.as_str())));
            }
            State::Succeeded if now - operation.since > INDEX_LAG_MAX => {
                let why = format!("its termination succeeded at {}, and it is still there", operation.since);
                return Some((Left::Contradiction, why));
            }
            State::Succeeded => return Some((Left::InHand, "its termination has succeeded".to_owned())),
            State::Failed | State::Cancelled => {
                let why = format!("its termination {} at {}: {why}", operation.state.as_str(), operation.since);
                return Some((Left::Failed, why));
            }
            // Never sent: it is judged anew.
            State::Rejected | State::Skipped => {}
        }
    }
    let status = row.status.as_deref().unwrap_or("of unknown status");
    let words = row.status_message.as_deref().map(|text| format!(" ({text})")).unwrap_or_default();
    match status {
        "AVAILABLE" | "TAINTED" | "ERROR" => None,
        other => Some((Left::UnderChange, format!("it is {other}{words}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expiry::{Filter, Match, Rule, Tags, Timing};

    fn row(status: &str) -> SearchRow {
        SearchRow { status: Some(status.to_owned()), status_message: Some("words".to_owned()), ..SearchRow::default() }
    }

    fn standpoint(state: State, minutes_ago: i64) -> Standpoint {
        Standpoint { state, since: Time::UNIX_EPOCH - TimeDelta::minutes(minutes_ago), why: Some("words".into()) }
    }

    #[test]
    fn tags_of_no_record_end_nothing_and_are_no_matter_while_the_end_is_far() {
        let none = Rule {
            matches: Match::default(),
            default_ttl: Some(TimeDelta::days(1)),
            max_ttl: None,
            timing: Timing::default(),
            protect: false,
        };
        let tags = Tags { expires_at: "e".to_owned(), ttl: "t".to_owned(), protect: "p".to_owned() };
        let policy = Policy { filter: Filter::default(), tags, rules: Vec::new(), otherwise: none };
        let planned = SearchRow { created_at: Some(Time::UNIX_EPOCH), ..row("PLAN_IN_PROGRESS") };
        let left = |hours| {
            let now = Time::UNIX_EPOCH + TimeDelta::hours(hours);
            match weigh(&policy, &planned, None, now, TimeDelta::hours(2)) {
                Weighed::Left(left, _) => Some(left),
                Weighed::Ends(_) => None,
            }
        };
        assert_eq!(left(21), Some(Left::Later));
        for near in [22, 24, 100] {
            assert_eq!(left(near), Some(Left::Unreadable), "{near}");
        }
    }

    // Hazard A8: what has failed for good is not due again.
    #[test]
    fn what_was_sent_before_is_not_sent_again() {
        let hindered = |state, ago| {
            hindrance(&row("AVAILABLE"), Some(&standpoint(state, ago)), Time::UNIX_EPOCH).map(|(left, _)| left)
        };
        for state in [State::Submitting, State::Submitted, State::Waiting] {
            assert_eq!(hindered(state, 10_000), Some(Left::InHand), "{state:?}");
        }
        assert_eq!(hindered(State::Succeeded, 60), Some(Left::InHand));
        assert_eq!(hindered(State::Succeeded, 61), Some(Left::Contradiction));
        for state in [State::Failed, State::Cancelled] {
            assert_eq!(hindered(state, 0), Some(Left::Failed), "{state:?}");
        }
        for state in [State::Rejected, State::Skipped] {
            assert_eq!(hindered(state, 0), None, "{state:?}: judged anew");
        }
    }

    #[test]
    fn only_what_is_at_rest_may_end() {
        for status in ["AVAILABLE", "TAINTED", "ERROR"] {
            assert_eq!(hindrance(&row(status), None, Time::UNIX_EPOCH), None, "{status}");
        }
        for status in ["UNDER_CHANGE", "PLAN_IN_PROGRESS", "SOMETHING_NEW"] {
            let (left, why) = hindrance(&row(status), None, Time::UNIX_EPOCH).unwrap();
            assert!(left == Left::UnderChange && why == format!("it is {status} (words)"), "{why}");
        }
        assert!(hindrance(&SearchRow::default(), None, Time::UNIX_EPOCH).is_some());
    }
}
