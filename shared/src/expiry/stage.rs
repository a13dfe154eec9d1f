//! What an end means now: nothing yet, a warning, or that it has come.

use chrono::TimeDelta;
use chrono::serde::{ts_milliseconds, ts_milliseconds_option};
use serde::{Deserialize, Serialize};

use crate::clock::Time;

/// How people are given notice of an end, and how much time after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// How long after its end a product lives on.
    pub grace: TimeDelta,
    /// How long before the end people are warned, each once; longest first.
    pub warn: Vec<TimeDelta>,
    /// How much notice is given of an end that was in the past when it was first seen.
    pub min_notice: TimeDelta,
}

/// What people were told of an end: kept on the product's item. It counts for that end alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Noticed {
    /// The end.
    #[serde(with = "ts_milliseconds")]
    pub expires_at: Time,
    /// When Steward saw it first.
    #[serde(with = "ts_milliseconds")]
    pub seen_at: Time,
    /// When the first warning was published.
    #[serde(with = "ts_milliseconds_option", default, skip_serializing_if = "Option::is_none")]
    pub warned_at: Option<Time>,
    /// The shortest lead, in milliseconds, that was warned of: longer ones are passed. 0: of an end that has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<i64>,
}

/// What is to be done about an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing before then.
    Keep(Time),
    /// People are to be warned, for this lead. Nothing more before then.
    Warn(TimeDelta, Time),
    /// It has come, and everybody who had to be warned was, in time.
    Expired,
}

/// Decides what is to be done about the end `at` of a product that was created then.
///
/// It has come when grace is over and people had their notice: the first warning is older than the shortest lead (unless the
/// product's whole life is shorter), and an end that was past when it was first seen was told `min_notice` ago. So arming
/// Steward, a new default, a lowered ceiling or a wrong tag never ends anything without a word.
#[must_use]
pub fn stage(at: Time, created_at: Option<Time>, noticed: Option<&Noticed>, timing: &Timing, now: Time) -> Stage {
    // The table keeps milliseconds.
    let noticed = noticed.filter(|noticed| noticed.expires_at.timestamp_millis() == at.timestamp_millis());
    let seen_at = noticed.map_or(now, |noticed| noticed.seen_at);
    let warned_at = noticed.and_then(|noticed| noticed.warned_at);
    let is_late = seen_at >= at;
    let shortest = timing.warn.last().copied();
    let notice = if is_late {
        timing.min_notice
    } else {
        let is_longer_than_life = |lead: TimeDelta| created_at.is_some_and(|created| at - created < lead);
        shortest.filter(|lead| !is_longer_than_life(*lead)).unwrap_or_default()
    };
    // Whoever is not warned, since no lead is asked for, has had notice from the moment at which it was seen.
    let told_at = if is_late || shortest.is_some() { warned_at } else { Some(seen_at) };
    let ends_at = later(at, timing.grace).max(later(told_at.unwrap_or(now), notice));
    if told_at.is_some() && ends_at <= now {
        return Stage::Expired;
    }
    let next = next_lead(at, &timing.warn, now).unwrap_or(ends_at);
    let is_told =
        |lead: &TimeDelta| noticed.and_then(|noticed| noticed.lead).is_some_and(|told| told <= lead.num_milliseconds());
    match due_lead(at, is_late, &timing.warn, now).filter(|lead| !is_told(lead)) {
        Some(lead) => Stage::Warn(lead, next),
        None => Stage::Keep(next),
    }
}

/// The nearest lead whose time has come. The longer ones are passed with it: nobody needs three warnings at once.
fn due_lead(at: Time, is_late: bool, leads: &[TimeDelta], now: Time) -> Option<TimeDelta> {
    if is_late {
        return Some(TimeDelta::zero());
    }
    leads.iter().rev().copied().find(|lead| earlier(at, *lead) <= now)
}

/// When the next lead comes.
fn next_lead(at: Time, leads: &[TimeDelta], now: Time) -> Option<Time> {
    leads.iter().map(|lead| earlier(at, *lead)).find(|comes| *comes > now)
}

fn later(at: Time, by: TimeDelta) -> Time {
    at.checked_add_signed(by).unwrap_or(Time::MAX_UTC)
}

fn earlier(at: Time, by: TimeDelta) -> Time {
    at.checked_sub_signed(by).unwrap_or(Time::MIN_UTC)
}
