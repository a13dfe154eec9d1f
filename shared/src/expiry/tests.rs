//! What must hold of every policy, and the cases that people meet.

use chrono::TimeDelta;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::clock::Time;
use crate::ports::Protection;

const CREATED: i64 = 1_793_577_600;

fn at(minutes: i64) -> Time {
    Time::from_timestamp(CREATED + minutes * 60, 0).unwrap()
}

fn minutes(minutes: i64) -> TimeDelta {
    TimeDelta::minutes(minutes)
}

fn timing() -> Timing {
    Timing { grace: minutes(10), warn: vec![minutes(2880), minutes(120), minutes(30)], min_notice: minutes(1440) }
}

fn policy(default_ttl: Option<i64>, max_ttl: Option<i64>) -> Policy {
    Policy {
        filter: Filter::default(),
        tags: Tags { expires_at: "expires-at".into(), ttl: "ttl".into(), protect: "steward:protect".into() },
        rules: Vec::new(),
        otherwise: Rule {
            matches: Match::default(),
            default_ttl: default_ttl.map(minutes),
            max_ttl: max_ttl.map(minutes),
            timing: timing(),
            protect: false,
        },
    }
}

fn tags(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn subject(tags: &[(String, String)]) -> Subject<'_> {
    Subject {
        product_id: Some("prod-a"),
        product_type: Some("CFN_STACK"),
        tags,
        created_at: Some(at(0)),
        lease_until: None,
        protection: None,
    }
}

fn stage(at: Time, created_at: Option<Time>, noticed: Option<&Noticed>, timing: &Timing, now: Time) -> Stage {
    outlook(at, created_at, noticed, timing, now).stage
}

fn expires(policy: &Policy, of: &[(&str, &str)], edit: impl FnOnce(&mut Subject<'_>)) -> Expiry {
    let tags = tags(of);
    let mut subject = subject(&tags);
    edit(&mut subject);
    policy.expiry(&subject, at(60))
}

fn ends(policy: &Policy, of: &[(&str, &str)], edit: impl FnOnce(&mut Subject<'_>)) -> Option<Time> {
    match expires(policy, of, edit) {
        Expiry::At(at, _) => Some(at),
        Expiry::Never(_) => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_end_counts_before_a_life_and_a_life_before_the_default() {
    let none = policy(None, None);
    let both = [("expires-at", "2026-11-03T00:00:00Z"), ("ttl", "7d")];
    assert_eq!(ends(&none, &both, |_| {}), Some(at(24 * 60)));
    assert_eq!(ends(&none, &both[1..], |_| {}), Some(at(7 * 24 * 60)));
    assert_eq!(ends(&none, &[], |_| {}), None);
    let default = policy(Some(60), None);
    assert_eq!(ends(&default, &both[1..], |_| {}), Some(at(7 * 24 * 60)));
    assert_eq!(ends(&default, &[], |_| {}), Some(at(60)));
    assert_eq!(ends(&default, &[("ttl", "never")], |_| {}), None);
    assert_eq!(ends(&default, &[("expires-at", "Forever"), ("ttl", "7d")], |_| {}), None);
}

// Hazard B20: a lease never shortens.
#[test]
fn a_lease_prolongs_what_has_an_end_and_the_ceiling_is_above_all() {
    let (none, capped) = (policy(None, None), policy(None, Some(100)));
    let leased = |subject: &mut Subject<'_>| subject.lease_until = Some(at(90));
    assert_eq!(ends(&none, &[("ttl", "1h")], leased), Some(at(90)));
    assert_eq!(ends(&none, &[("ttl", "2h")], leased), Some(at(120)));
    assert_eq!(ends(&none, &[], leased), None, "a lease gives no end");
    assert_eq!(ends(&none, &[("ttl", "never")], leased), None);
    assert_eq!(ends(&capped, &[("ttl", "1h")], |_| {}), Some(at(60)));
    for beyond in [&[("ttl", "2h")][..], &[("ttl", "never")], &[("expires-at", "2030-01-01")], &[]] {
        assert_eq!(ends(&capped, beyond, leased), Some(at(100)), "{beyond:?}");
    }
}

// Hazard B20: the unreadable ends nothing.
#[test]
fn what_cannot_be_read_ends_nothing() {
    for policy in [policy(None, None), policy(Some(1), None), policy(None, Some(1))] {
        for unreadable in [
            &[("ttl", "soon")][..],
            &[("ttl", "")],
            &[("expires-at", "01/02/2026")],
            &[("expires-at", "tomorrow"), ("ttl", "1h")],
            &[("expires-at", "2026-11-03"), ("ttl", "1x")],
        ] {
            let expiry = expires(&policy, unreadable, |_| {});
            assert!(matches!(&expiry, Expiry::Unreadable(why) if why.contains("accepted")), "{expiry:?}");
        }
    }
    let unknown = |subject: &mut Subject<'_>| subject.created_at = None;
    assert!(matches!(expires(&policy(None, None), &[("ttl", "1h")], unknown), Expiry::Unreadable(_)));
    assert!(matches!(expires(&policy(None, Some(1)), &[], unknown), Expiry::Unreadable(_)));
    let end = [("expires-at", "2026-11-03T00:00:00Z")];
    assert_eq!(ends(&policy(None, None), &end, unknown), Some(at(24 * 60)), "an instant needs no creation");
    // Keys are what they are: these are other people's tags.
    assert_eq!(ends(&policy(None, None), &[("TTL", "soon"), ("Expires-At", "x")], |_| {}), None);
}

#[test]
fn when_a_protected_product_would_end_is_known() {
    let policy = policy(None, None);
    let end = |of: &[(&str, &str)]| {
        let tags = tags(of);
        policy.unprotected_end(&subject(&tags))
    };
    assert_eq!(end(&[("steward:protect", "true"), ("ttl", "60m")]), Some(at(60)));
    for unknown in ["never", "soon"] {
        assert_eq!(end(&[("steward:protect", "true"), ("ttl", unknown)]), None, "{unknown}");
    }
    assert_eq!(end(&[("steward:protect", "true")]), None);
}

#[test]
fn what_is_protected_does_not_end() {
    let policy = policy(Some(1), Some(1));
    let protection = |until| Protection { by: "ops".into(), reason: "an audit".into(), until };
    for value in ["true", "", "yes", "FALSE?", "0"] {
        let expiry = expires(&policy, &[("steward:protect", value), ("ttl", "soon")], |_| {});
        assert!(matches!(expiry, Expiry::Protected(_)), "{value}: before what is unreadable");
    }
    assert!(matches!(expires(&policy, &[("steward:protect", " False ")], |_| {}), Expiry::At(..)));
    for (until, is_protected) in [(None, true), (Some(at(61)), true), (Some(at(60)), false), (Some(at(1)), false)] {
        let protection = protection(until);
        let tags = [];
        let subject = Subject { protection: Some(&protection), ..subject(&tags) };
        assert_eq!(matches!(policy.expiry(&subject, at(60)), Expiry::Protected(_)), is_protected, "{until:?}");
    }
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let mut policy = policy(Some(1), None);
    let tower = |subject: &mut Subject<'_>| subject.product_type = Some("CONTROL_TOWER_ACCOUNT");
    assert!(matches!(expires(&policy, &[("ttl", "soon")], tower), Expiry::Outside(_)));
    policy.filter.control_tower = true;
    assert!(matches!(expires(&policy, &[], tower), Expiry::At(..)));
    policy.filter.products = vec!["prod-b".into(), "prod-a".into()];
    assert!(matches!(expires(&policy, &[], |_| {}), Expiry::At(..)));
    for product in [Some("prod-c"), None] {
        assert!(matches!(expires(&policy, &[], |subject| subject.product_id = product), Expiry::Outside(_)));
    }
    policy.filter.tag = Some(("team".into(), None));
    assert!(matches!(expires(&policy, &[], |_| {}), Expiry::Outside(_)));
    assert!(matches!(expires(&policy, &[("team", "")], |_| {}), Expiry::At(..)));
    policy.filter.tag = Some(("team".into(), Some("a".into())));
    assert!(matches!(expires(&policy, &[("team", "b")], |_| {}), Expiry::Outside(_)));
    assert!(matches!(expires(&policy, &[("team", "a")], |_| {}), Expiry::At(..)));
}

#[test]
fn the_first_rule_that_matches_holds() {
    let mut policy = policy(Some(1), None);
    let rule = |matches: Match, life| Rule { matches, default_ttl: Some(minutes(life)), ..policy.otherwise.clone() };
    let of_tag = Match { tag: Some(("team".into(), "a".into())), ..Match::default() };
    let of_product = Match { products: vec!["prod-a".into()], ..Match::default() };
    let of_type = Match { product_type: Some("TERRAFORM_OPEN_SOURCE".into()), ..Match::default() };
    let keep = Rule { protect: true, ..rule(of_type, 4) };
    policy.rules = vec![keep, rule(of_tag, 2), rule(of_product, 3)];
    assert_eq!(ends(&policy, &[("team", "a")], |_| {}), Some(at(2)));
    assert_eq!(ends(&policy, &[], |_| {}), Some(at(3)));
    assert_eq!(ends(&policy, &[], |subject| subject.product_id = None), Some(at(1)));
    let terraform = |subject: &mut Subject<'_>| subject.product_type = Some("TERRAFORM_OPEN_SOURCE");
    assert!(matches!(expires(&policy, &[("team", "a")], terraform), Expiry::Protected(_)));
}

/// What becomes of an end at 10,000 minutes that is looked at then and then, each warning being told: when, and for what lead.
fn told(created: i64, looks: impl IntoIterator<Item = i64>) -> (Vec<(i64, i64)>, Option<i64>) {
    let (mut noticed, mut warnings): (Option<Noticed>, _) = (None, Vec::new());
    for look in looks {
        let now = at(look);
        match stage(at(10_000), Some(at(created)), noticed.as_ref(), &timing(), now) {
            Stage::Expired => return (warnings, Some(look)),
            Stage::Keep(_) => {}
            Stage::Warn(lead, _) => {
                warnings.push((look, lead.num_minutes()));
                let before = noticed.take();
                noticed = Some(Noticed {
                    expires_at: at(10_000),
                    seen_at: before.as_ref().map_or(now, |noticed| noticed.seen_at),
                    warned_at: before.and_then(|noticed| noticed.warned_at).or(Some(now)),
                    lead: Some(lead.num_milliseconds()),
                });
            }
        }
    }
    (warnings, None)
}

#[test]
fn each_lead_is_told_once_and_only_the_nearest_of_those_that_are_passed() {
    assert_eq!(told(0, 0..12_000), (vec![(7_120, 2_880), (9_880, 120), (9_970, 30)], Some(10_010)));
    let every_hour = (0..200).map(|hour| hour * 60);
    assert_eq!(
        told(0, every_hour),
        (vec![(7_140, 2_880), (9_900, 120)], Some(10_020)),
        "no lead once the end has come"
    );
}

// Hazard A9: an end in the past waits for its notice.
#[test]
fn nobody_is_ended_without_notice() {
    assert_eq!(
        told(0, 9_995..20_000),
        (vec![(9_995, 30)], Some(10_025)),
        "warned too late: the shortest lead after that"
    );
    assert_eq!(told(9_990, 9_995..20_000), (vec![(9_995, 30)], Some(10_010)), "its whole life is shorter than that");
    assert_eq!(told(0, 10_000..20_000), (vec![(10_000, 0)], Some(11_440)), "seen when it was past");
    assert_eq!(told(9_999, 15_000..20_000), (vec![(15_000, 0)], Some(16_440)), "however short its life");
}

#[test]
fn what_was_told_of_another_end_does_not_count() {
    let noticed = Noticed { expires_at: at(9_999), seen_at: at(0), warned_at: Some(at(0)), lead: Some(0) };
    let stage = stage(at(10_000), Some(at(0)), Some(&noticed), &timing(), at(20_000));
    assert_eq!(stage, Stage::Warn(TimeDelta::zero(), at(20_000 + 1_440)));
}

#[test]
fn without_leads_nobody_is_warned_of_what_was_seen_in_time() {
    let timing = Timing { warn: Vec::new(), ..timing() };
    let noticed = Noticed { expires_at: at(100), seen_at: at(50), warned_at: None, lead: None };
    assert_eq!(stage(at(100), None, None, &timing, at(50)), Stage::Keep(at(110)));
    assert_eq!(stage(at(100), None, Some(&noticed), &timing, at(109)), Stage::Keep(at(110)));
    assert_eq!(stage(at(100), None, Some(&noticed), &timing, at(110)), Stage::Expired);
    assert_eq!(stage(at(100), None, None, &timing, at(110)), Stage::Warn(TimeDelta::zero(), at(110 + 1_440)));
}

fn any_tags() -> impl Strategy<Value = Vec<(String, String)>> {
    let value = prop_oneof!["[0-9]{1,3}[mhd]", Just("never".to_owned()), Just("soon".to_owned())];
    let end = prop_oneof![(0..20_000_i64).prop_map(|minutes| at(minutes).to_rfc3339()), Just("x".to_owned())];
    (option::of(value), option::of(end)).prop_map(|(ttl, end)| {
        let ttl = ttl.map(|value| ("ttl".to_owned(), value));
        ttl.into_iter().chain(end.map(|value| ("expires-at".to_owned(), value))).collect()
    })
}

fn end_of(expiry: &Expiry) -> Option<Time> {
    if let Expiry::At(at, _) = expiry { Some(*at) } else { None }
}

proptest! {
    // Hazard B20: whatever the tags and the policy are.
    #[test]
    fn a_lease_or_a_protection_never_brings_an_end_nearer(
        tags in any_tags(),
        default in option::of(1..20_000_i64),
        max in option::of(1..20_000_i64),
        lease in 0..20_000_i64,
    ) {
        let policy = policy(default, max);
        let plain = policy.expiry(&subject(&tags), at(60));
        let leased = policy.expiry(&Subject { lease_until: Some(at(lease)), ..subject(&tags) }, at(60));
        prop_assert_eq!(end_of(&plain).is_some(), end_of(&leased).is_some());
        prop_assert!(end_of(&leased) >= end_of(&plain));
        let protection = Protection { by: "ops".into(), reason: "r".into(), until: None };
        let kept = policy.expiry(&Subject { protection: Some(&protection), ..subject(&tags) }, at(60));
        prop_assert!(matches!(kept, Expiry::Protected(_)));
        if let (Some(max), Some(end)) = (max, end_of(&leased)) {
            prop_assert!(end <= at(max), "the ceiling");
        }
        if max.is_some() {
            prop_assert!(!matches!(plain, Expiry::Never(_)), "the ceiling is for all");
        }
    }

    /// Whatever is looked at whenever, nothing ends before its end and grace, nor with less notice than is promised.
    #[test]
    fn nothing_ends_before_its_time_nor_without_notice(
        end in 0..5_000_i64,
        pauses in prop::collection::vec(1..2_000_i64, 1..40),
        grace in 0..500_i64,
        leads in prop::collection::btree_set(1..3_000_i64, 0..4),
        min_notice in 0..2_000_i64,
    ) {
        let timing = Timing {
            grace: minutes(grace),
            warn: leads.iter().rev().copied().map(minutes).collect(),
            min_notice: minutes(min_notice),
        };
        let (mut now, mut noticed, mut warnings): (_, Option<Noticed>, Vec<(i64, i64)>) = (0, None, Vec::new());
        let mut first = None;
        for pause in pauses {
            now += pause;
            let first = *first.get_or_insert(now);
            match stage(at(end), Some(at(0)), noticed.as_ref(), &timing, at(now)) {
                Stage::Expired => {
                    prop_assert!(now >= end + grace);
                    if first >= end {
                        prop_assert!(now - warnings[0].0 >= min_notice);
                    } else if let Some(shortest) = leads.first().filter(|lead| **lead <= end) {
                        prop_assert!(now - warnings[0].0 >= *shortest);
                    }
                    break;
                }
                Stage::Keep(next) => prop_assert!(next > at(now), "it is looked at again for a reason"),
                Stage::Warn(lead, next) => {
                    prop_assert!(next >= at(now));
                    prop_assert!(warnings.iter().all(|(_, told)| *told > lead.num_minutes()), "each once, nearer each time");
                    warnings.push((now, lead.num_minutes()));
                    noticed = Some(Noticed {
                        expires_at: at(end),
                        seen_at: at(first),
                        warned_at: noticed.and_then(|noticed| noticed.warned_at).or(Some(at(now))),
                        lead: Some(lead.num_milliseconds()),
                    });
                }
            }
            noticed.get_or_insert(Noticed { expires_at: at(end), seen_at: at(first), warned_at: None, lead: None });
        }
    }
}
