//! What the sweep goes by, and what whoever tells of ends does.

use std::time::Duration;

use chrono::TimeDelta;

use super::{BadVariable, Environment};
use crate::duration;
use crate::expiry::{Caps, Filter, Match, OnTooMany, Policy, Rule, Tags, Timing, Ttl, ttl};
use crate::operation::identity::digest;
use crate::request::Kind;

/// The tags that count, and their keys.
const TAGS: [(&str, &str); 3] =
    [("EXPIRES_AT_TAG", "expires-at"), ("TTL_TAG", "ttl"), ("PROTECT_TAG", "steward:protect")];

/// How the sweep judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweeping {
    /// When products end.
    pub policy: Policy,
    /// How many may go at once.
    pub caps: Caps,
    /// `SWEEP_INTERVAL`: how long until the next sweep.
    pub interval: Duration,
    /// `DRY_RUN`: whether terminations are only judged.
    pub dry_run: bool,
    /// `STALLED_AFTER`: when a product that is still under change is stuck.
    pub stalled_after: Duration,
    /// `NOTICE_TAGS`: the tags that people are shown.
    pub notice_tags: Vec<String>,
    /// What it judges by, for those who carry a judgement out: see [`judged_by`].
    pub parameters: String,
}

/// How `reconcile` tells of ends, at their minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// `GRACE_PERIOD`, `WARN_BEFORE`, `MIN_NOTICE`.
    pub timing: Timing,
    /// `SWEEP_INTERVAL`: the window in which no more than `cap` are told to end.
    pub interval: Duration,
    /// `MAX_TERMINATIONS_PER_SWEEP`.
    pub cap: u32,
    /// `DRY_RUN`: whether terminations are only judged.
    pub dry_run: bool,
    /// What a judgement must have been made by: see [`judged_by`].
    pub parameters: String,
}

/// What says which products end, and when, in one word. A judgement bears it, and whoever acts on one compares: an end that a
/// mistaken parameter has noted is not carried out once the parameter is put right.
#[must_use]
pub fn judged_by(environment: &Environment) -> String {
    let [expires_at, ttl, protect] = TAGS.map(|(name, default)| text(environment, name, default));
    let [tag, products, default_ttl, max_ttl] =
        ["INCLUDE_TAG", "INCLUDE_PRODUCTS", "DEFAULT_TTL", "MAX_TTL"].map(|name| text(environment, name, ""));
    let control_tower = text(environment, "INCLUDE_CONTROL_TOWER", "false");
    digest(&[&expires_at, &ttl, &protect, &tag, &products, &control_tower, &default_ttl, &max_ttl])
}

impl Sweeping {
    /// Reads the variables.
    ///
    /// # Errors
    /// The first one that is bad.
    pub fn read(environment: &Environment) -> Result<Self, BadVariable> {
        let otherwise = Rule {
            matches: Match::default(),
            default_ttl: life(environment, "DEFAULT_TTL")?,
            max_ttl: life(environment, "MAX_TTL")?,
            timing: timing(environment)?,
            protect: false,
        };
        let [expires_at, ttl, protect] = TAGS.map(|(name, default)| text(environment, name, default));
        let tags = Tags { expires_at, ttl, protect };
        let policy = Policy { filter: filter(environment)?, tags, rules: Vec::new(), otherwise };
        let caps = Caps {
            number: cap(environment)?,
            percent: environment.count("MAX_TERMINATIONS_PERCENT", 20, 0..=100)?,
            on_too_many: match text(environment, "ON_TOO_MANY", "halt").as_str() {
                "halt" => OnTooMany::Halt,
                "oldest-first" => OnTooMany::OldestFirst,
                _ => return Err(environment.bad("ON_TOO_MANY", "halt or oldest-first")),
            },
        };
        Ok(Self {
            policy,
            caps,
            interval: interval(environment)?,
            dry_run: dry_run(environment)?,
            stalled_after: environment.positive("STALLED_AFTER", Duration::from_hours(4))?,
            notice_tags: list(environment, "NOTICE_TAGS"),
            parameters: judged_by(environment),
        })
    }
}

impl Telling {
    /// Reads the variables.
    ///
    /// # Errors
    /// The first one that is bad.
    pub fn read(environment: &Environment) -> Result<Self, BadVariable> {
        Ok(Self {
            timing: timing(environment)?,
            interval: interval(environment)?,
            cap: cap(environment)?,
            dry_run: dry_run(environment)?,
            parameters: judged_by(environment),
        })
    }
}

fn text(environment: &Environment, name: &str, default: &str) -> String {
    environment.text(name).unwrap_or_else(|| default.to_owned())
}

fn interval(environment: &Environment) -> Result<Duration, BadVariable> {
    environment.positive("SWEEP_INTERVAL", Duration::from_hours(1))
}

fn cap(environment: &Environment) -> Result<u32, BadVariable> {
    environment.count("MAX_TERMINATIONS_PER_SWEEP", 25, 0..=100_000)
}

fn dry_run(environment: &Environment) -> Result<bool, BadVariable> {
    Ok(environment.kinds("DRY_RUN", &Kind::ALL)?.contains(&Kind::Terminate))
}

fn timing(environment: &Environment) -> Result<Timing, BadVariable> {
    let delta = |duration: Duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
    let mut warn = match environment.text("WARN_BEFORE").as_deref() {
        None => ["48h", "2h", "30m"].map(str::to_owned).to_vec(),
        Some("none") => Vec::new(),
        Some(_) => list(environment, "WARN_BEFORE"),
    }
    .iter()
    .map(|lead| duration::parse(lead).ok().filter(|lead| !lead.is_zero()).map(delta))
    .collect::<Option<Vec<TimeDelta>>>()
    .ok_or_else(|| environment.bad("WARN_BEFORE", "none, or durations with commas between: 48h,2h,30m"))?;
    warn.sort_unstable_by(|a, b| b.cmp(a));
    warn.dedup();
    Ok(Timing {
        grace: delta(environment.duration("GRACE_PERIOD", Duration::ZERO)?),
        warn,
        min_notice: delta(environment.duration("MIN_NOTICE", Duration::from_hours(24))?),
    })
}

/// A time to live; `None`: there is none.
fn life(environment: &Environment, name: &'static str) -> Result<Option<TimeDelta>, BadVariable> {
    let Some(text) = environment.text(name) else { return Ok(None) };
    match ttl(&text) {
        Ok(Ttl::Of(life)) => Ok(Some(life)),
        Ok(Ttl::Never) => Ok(None),
        Err(_) => Err(environment.bad(name, "never, or a time to live: 90m, 72h, 7d, 2w or 1d12h")),
    }
}

fn filter(environment: &Environment) -> Result<Filter, BadVariable> {
    let tag = environment.text("INCLUDE_TAG").map(|tag| match tag.split_once('=') {
        Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
        None => (tag, None),
    });
    if tag.as_ref().is_some_and(|(key, _)| key.is_empty()) {
        return Err(environment.bad("INCLUDE_TAG", "the key of a tag, or key=value"));
    }
    let products = list(environment, "INCLUDE_PRODUCTS");
    if products.iter().any(|id| !id.starts_with("prod-")) {
        return Err(environment.bad("INCLUDE_PRODUCTS", "ids of products with commas between: prod-a,prod-b"));
    }
    Ok(Filter { tag, products, control_tower: environment.flag("INCLUDE_CONTROL_TOWER", false)? })
}

fn list(environment: &Environment, name: &str) -> Vec<String> {
    let text = environment.text(name).unwrap_or_default();
    text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Sweeping, String> {
        Sweeping::read(&Environment::of(variables)).map_err(|bad| bad.to_string())
    }

    #[test]
    fn defaults_are_those_of_the_template() {
        let sweeping = read([]).unwrap();
        let rule = &sweeping.policy.otherwise;
        assert_eq!((rule.default_ttl, rule.max_ttl), (None, None));
        assert_eq!(rule.timing.warn, [TimeDelta::hours(48), TimeDelta::hours(2), TimeDelta::minutes(30)]);
        assert_eq!((rule.timing.grace, rule.timing.min_notice), (TimeDelta::zero(), TimeDelta::hours(24)));
        assert_eq!(sweeping.caps, Caps { number: 25, percent: 20, on_too_many: OnTooMany::Halt });
        assert_eq!(sweeping.interval, Duration::from_hours(1));
        assert!(sweeping.dry_run, "armed on purpose");
        assert_eq!(sweeping.policy.filter, Filter::default());
    }

    // Hazard B19: interval and filters are parameters.
    #[test]
    fn all_can_be_set() {
        let sweeping = read([
            ("DEFAULT_TTL", "1w"),
            ("MAX_TTL", "90D"),
            ("WARN_BEFORE", "30m, 2h,2h"),
            ("INCLUDE_TAG", "team=a=b"),
            ("INCLUDE_PRODUCTS", "prod-a, prod-b"),
            ("ON_TOO_MANY", "oldest-first"),
            ("DRY_RUN", "import"),
            ("NOTICE_TAGS", "team,cost-centre"),
        ])
        .unwrap();
        let rule = &sweeping.policy.otherwise;
        assert_eq!((rule.default_ttl, rule.max_ttl), (Some(TimeDelta::days(7)), Some(TimeDelta::days(90))));
        assert_eq!(rule.timing.warn, [TimeDelta::hours(2), TimeDelta::minutes(30)]);
        assert_eq!(sweeping.policy.filter.tag, Some(("team".to_owned(), Some("a=b".to_owned()))));
        assert_eq!(sweeping.policy.filter.products, ["prod-a", "prod-b"]);
        assert_eq!(sweeping.caps.on_too_many, OnTooMany::OldestFirst);
        assert_eq!(sweeping.notice_tags, ["team", "cost-centre"]);
        assert!(!sweeping.dry_run, "another kind is dry");
        assert!(read([("WARN_BEFORE", "none")]).unwrap().policy.otherwise.timing.warn.is_empty());
    }

    #[test]
    fn another_policy_bears_another_name() {
        let judged_by = |variables: &[(&str, &str)]| super::judged_by(&Environment::of(variables.iter().copied()));
        let defaults = [("TTL_TAG", "ttl"), ("INCLUDE_CONTROL_TOWER", "false"), ("WARN_BEFORE", "1h"), ("MAX_TTL", "")];
        assert_eq!(judged_by(&[]), judged_by(&defaults));
        let mut names: Vec<String> = [
            ("EXPIRES_AT_TAG", "end"),
            ("TTL_TAG", "end"),
            ("PROTECT_TAG", "end"),
            ("INCLUDE_TAG", "end"),
            ("INCLUDE_PRODUCTS", "prod-a"),
            ("INCLUDE_CONTROL_TOWER", "true"),
            ("DEFAULT_TTL", "1d"),
            ("MAX_TTL", "1d"),
        ]
        .iter()
        .map(|variable| judged_by(&[*variable]))
        .collect();
        names.push(judged_by(&[]));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 9);
    }

    #[test]
    fn bad_values_are_named() {
        for (name, value) in [
            ("DEFAULT_TTL", "soon"),
            ("MAX_TTL", "0d"),
            ("WARN_BEFORE", "2h,soon"),
            ("WARN_BEFORE", "0s"),
            ("INCLUDE_TAG", "=a"),
            ("INCLUDE_PRODUCTS", "pp-a"),
            ("ON_TOO_MANY", "Halt"),
            ("MAX_TERMINATIONS_PERCENT", "101"),
            ("MAX_TERMINATIONS_PER_SWEEP", "-1"),
            ("SWEEP_INTERVAL", "0s"),
        ] {
            let error = read([(name, value)]).unwrap_err();
            assert!(error.starts_with(&format!("{name} is {value:?}; accepted: ")), "{error}");
        }
    }
}
