//! What is to be said of a product's end at the minute that was noted, by what the table knows of it.

use chrono::TimeDelta;

use super::{Outlook, Stage, Timing, outlook};
use crate::clock::Time;
use crate::ports::{Judgement, ProductItem};

/// What is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Nothing, for the reason: the next sweep looks at it anew.
    Nothing(String),
    /// Nothing yet.
    NotBefore(Time),
    /// That it ends.
    Expiring {
        /// What was judged.
        judgement: Judgement,
        /// How long before its end.
        lead: TimeDelta,
        /// When the product is ended.
        ends_at: Time,
        /// When somebody is to look again.
        next: Time,
    },
    /// That its end has come.
    Expired(Judgement),
}

/// Decides what is to be said of a product. What was said in the table after it was judged, counts more than the judgement,
/// and so do other parameters.
#[must_use]
pub fn word(item: &ProductItem, timing: &Timing, parameters: &str, now: Time) -> Word {
    let Some(judgement) = item.judgement.clone() else { return Word::Nothing("it was not judged".to_owned()) };
    if let Some(protection) = item.protection.as_ref().filter(|protection| protection.holds(now)) {
        return Word::Nothing(protection.in_words());
    }
    if let Some(why) = judgement.outdated(item.lease_until, parameters) {
        return Word::Nothing(why);
    }
    let Outlook { stage, ends_at } =
        outlook(judgement.expires_at, judgement.created_at, item.noticed.as_ref(), timing, now);
    match stage {
        Stage::Keep(next) => Word::NotBefore(next),
        Stage::Warn(lead, next) => Word::Expiring { judgement, lead, ends_at, next },
        Stage::Expired => Word::Expired(judgement),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expiry::Noticed;
    use crate::ports::Protection;

    fn at(minutes: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn item() -> ProductItem {
        ProductItem {
            judgement: Some(Judgement {
                expires_at: at(100),
                judged_at: at(0),
                last_provisioning_record_id: "rec-1".into(),
                created_at: Some(at(0)),
                lease_until: Some(at(90)),
                parameters: Some("these".into()),
                ..Judgement::default()
            }),
            noticed: Some(Noticed {
                expires_at: at(100),
                seen_at: at(0),
                warned_at: Some(at(0)),
                lead: Some(1_800_000),
            }),
            ..ProductItem::default()
        }
    }

    fn said(item: &ProductItem, now: i64) -> Word {
        let timing = Timing { grace: TimeDelta::minutes(5), warn: vec![TimeDelta::minutes(30)], ..Timing::default() };
        word(item, &timing, "these", at(now))
    }

    #[test]
    fn an_end_is_told_when_it_has_come_and_not_before() {
        assert_eq!(said(&item(), 104), Word::NotBefore(at(105)));
        assert!(matches!(said(&item(), 105), Word::Expired(_)));
        let unwarned = ProductItem { noticed: None, ..item() };
        let Word::Expiring { lead, ends_at, .. } = said(&unwarned, 80) else { panic!("it warns") };
        assert_eq!((lead, ends_at), (TimeDelta::minutes(30), at(110)), "half an hour from now");
    }

    #[test]
    fn what_was_extended_or_protected_since_is_not_told() {
        let extended = ProductItem { lease_until: Some(at(101)), ..item() };
        assert!(matches!(said(&extended, 200), Word::Nothing(why) if why.starts_with("extended until")));
        let as_judged = ProductItem { lease_until: Some(at(100)), ..item() };
        assert!(matches!(said(&as_judged, 200), Word::Expired(_)), "no longer than it lives anyway");
        let protection = Protection { by: "ops".into(), reason: "an audit".into(), until: Some(at(201)) };
        let protected = ProductItem { protection: Some(protection), ..item() };
        assert!(matches!(said(&protected, 200), Word::Nothing(why) if why.contains("ops: an audit")));
        assert!(matches!(said(&protected, 201), Word::Expired(_)), "its protection is over");
        assert!(matches!(said(&ProductItem::default(), 200), Word::Nothing(_)));
    }

    #[test]
    fn what_it_was_judged_by_must_still_hold() {
        let mut lowered = item();
        lowered.lease_until = Some(at(150));
        assert!(matches!(said(&lowered, 200), Word::Nothing(_)), "extended, and over: it is judged anew");
        lowered.judgement.as_mut().unwrap().lease_until = Some(at(150));
        assert!(
            matches!(said(&lowered, 120), Word::Expired(_)),
            "the ceiling was lowered below a lease that was known"
        );
        let mut other = item();
        other.judgement.as_mut().unwrap().parameters = Some("others".into());
        assert!(matches!(said(&other, 200), Word::Nothing(why) if why.contains("parameters")));
        other.judgement.as_mut().unwrap().parameters = None;
        assert!(matches!(said(&other, 200), Word::Expired(_)), "judged by a person");
    }
}
