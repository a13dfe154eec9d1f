//! The ends of products: when each ends and why, by the sweep's own rules, and what became of it, by what was said and done.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use shared::config::{Environment, Sweeping};
use shared::expiry::{Expiry, Policy, subject};
use shared::ports::{ProductItem, SearchRow};

use super::report::OperationRow;
use crate::catalog::Provisioned;
use crate::cloud::Cloud;
use crate::wiring::Seen;

/// What is known of ends.
pub(crate) struct Ends {
    /// The rules, if the function has any that can be read.
    policy: Option<Policy>,
    /// What the table says of products, by id.
    items: BTreeMap<String, ProductItem>,
    said: Said,
    now: DateTime<Utc>,
}

/// The operations that end products that have run out, by product.
pub(super) type Expiries<'a> = BTreeMap<&'a str, &'a OperationRow>;

/// Those of them all; of one product the first.
pub(super) fn expiries(operations: &[OperationRow]) -> Expiries<'_> {
    operations.iter().rev().filter(|row| row.is_expiry()).map(|row| (row.subject.as_str(), row)).collect()
}

/// A product whose end somebody has asked for, by a tag or in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndRow {
    /// The provisioned product's name.
    pub name: String,
    /// When it ends, as seen from the present: `1h ago`, `in 30d`; nothing if it has no end.
    pub ends: Option<String>,
    /// Why it ends, or why not.
    pub why: String,
    /// What became of it.
    pub became: String,
}

/// What the functions have said, by product: the latest word counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// Why the last sweep has left what was due.
    left: BTreeMap<String, String>,
    /// Warnings, extensions, protections.
    told: BTreeMap<String, String>,
    /// How the last sweep ended.
    sweep: Option<String>,
}

impl Ends {
    /// All that is known by now.
    pub(super) fn read(cloud: &Cloud, items: &[Value]) -> Self {
        Self::with(cloud, items, Said::of(&cloud.wiring.seen()))
    }

    /// The same for who has listened all the time.
    pub(crate) fn with(cloud: &Cloud, items: &[Value], said: Said) -> Self {
        let sweep = cloud.template.functions.values().find(|function| super::folder(&function.code_uri) == "sweep");
        let variables = sweep.iter().flat_map(|function| &function.environment.variables);
        let environment = Environment::of(variables.map(|(name, value)| (name.as_str(), value.as_str())));
        let items = items.iter().filter_map(|item| {
            let id = item.get("pk")?.as_str()?.strip_prefix("product#")?.rsplit('#').next()?;
            Some((id.to_owned(), serde_json::from_value(item.clone()).ok()?))
        });
        Self {
            policy: sweep.and(Sweeping::read(&environment).ok()).map(|sweeping| sweeping.policy),
            items: items.collect(),
            said,
            now: cloud.clock.now(),
        }
    }

    /// How the last sweep ended, in words.
    pub(crate) fn sweep(&self) -> Option<String> {
        self.said.sweep.clone()
    }

    /// When a product ends, and why, or why not.
    pub(super) fn end(&self, product: &Provisioned) -> (Option<DateTime<Utc>>, Option<String>) {
        match self.expiry(product) {
            None => (None, None),
            Some(Expiry::At(at, why)) => (Some(at), Some(why)),
            Some(Expiry::Outside(why) | Expiry::Protected(why) | Expiry::Unreadable(why) | Expiry::Never(why)) => {
                (None, Some(why))
            }
        }
    }

    /// What the table says of a product.
    pub(crate) fn item(&self, product_id: &str) -> Option<&ProductItem> {
        self.items.get(product_id)
    }

    /// What the rules say of a product; `None`: there are none that can be read.
    pub(crate) fn expiry(&self, product: &Provisioned) -> Option<Expiry> {
        let policy = self.policy.as_ref()?;
        let row = SearchRow {
            tags: product.tags.clone(),
            product_id: Some(product.product_id.clone()),
            product_type: Some(product.product_type.clone()),
            created_at: Some(product.created_at),
            ..SearchRow::default()
        };
        Some(policy.expiry(&subject(&row, self.items.get(&product.id)), self.now))
    }

    /// What became of a product; `None`: it is nobody's wish that it ends, or does not.
    pub(super) fn row(&self, product: &Provisioned, expiries: &Expiries<'_>) -> Option<EndRow> {
        let is_tagged = |policy: &Policy| product.tags.iter().any(|(key, _)| policy.heeds(key));
        let said = || self.said.left.contains_key(&product.id) || self.said.told.contains_key(&product.id);
        if !self.policy.as_ref().is_some_and(is_tagged) && !said() {
            return None;
        }
        let (at, why) = self.end(product);
        Some(EndRow {
            name: product.name.clone(),
            ends: at.map(|at| apart(at, self.now)),
            became: self.became(product, why.as_deref(), expiries),
            why: why.unwrap_or_default(),
        })
    }

    /// Facts before words, and the sweep's words before others.
    fn became(&self, product: &Provisioned, why: Option<&str>, expiries: &Expiries<'_>) -> String {
        if product.gone {
            return "terminated".to_owned();
        }
        if let Some(left) = self.said.left.get(&product.id) {
            return if why == Some(left) { "left as it is".to_owned() } else { format!("left as it is: {left}") };
        }
        if let Some(operation) = expiries.get(product.id.as_str()) {
            return format!("{}: {}", operation.state, operation.reason.as_deref().unwrap_or("no reason given"));
        }
        if let Some(told) = self.said.told.get(&product.id) {
            return told.clone();
        }
        let due_at = self.items.get(&product.id).and_then(|item| item.due_at);
        due_at.map_or_else(|| "lives on".to_owned(), |at| format!("noted: looked at again {}", apart(at, self.now)))
    }
}

impl Said {
    fn of(seen: &[Seen]) -> Self {
        let mut said = Self::default();
        said.hear(seen);
        said
    }

    /// Takes in what was said since.
    pub(crate) fn hear(&mut self, seen: &[Seen]) {
        let said = self;
        for event in seen.iter().map(|seen| &seen.event).filter(|event| event["source"] == "steward") {
            let (kind, detail) = (event["detail-type"].as_str().unwrap_or_default(), &event["detail"]);
            let told = match kind {
                "Sweep Completed" => {
                    said.left = left(&detail["sample"]);
                    said.sweep = Some(counts(&detail["counts"]));
                    continue;
                }
                "Sweep Halted" => {
                    said.sweep = Some(format!("halted: {}", text(&detail["why"])));
                    continue;
                }
                "Provisioned Product Expiring" if detail["lead"] == "0" => {
                    format!("told that its time is over: it is ended at {}", day(&detail["endsAt"]))
                }
                "Provisioned Product Expiring" => {
                    format!("warned {} before: it is ended at {}", text(&detail["lead"]), day(&detail["endsAt"]))
                }
                "Extension Granted" => {
                    format!("extended until {} by {}", day(&detail["until"]), text(&detail["requestedBy"]))
                }
                "Protection Changed" => {
                    let until = || format!("protected until {}", day(&detail["until"]));
                    let what = match (&detail["protected"], &detail["until"]) {
                        (Value::Bool(true), Value::Null) => "protected for good".to_owned(),
                        (Value::Bool(true), _) => until(),
                        _ => "no longer protected".to_owned(),
                    };
                    format!("{what}, by {}", text(&detail["requestedBy"]))
                }
                _ => continue,
            };
            said.told.insert(text(&detail["provisionedProductId"]).to_owned(), told);
        }
    }
}

fn left(sample: &Value) -> BTreeMap<String, String> {
    let lines = sample.as_array().into_iter().flatten();
    lines.map(|line| (text(&line["provisionedProductId"]).to_owned(), text(&line["why"]).to_owned())).collect()
}

/// `expired 6, seen 81`.
fn counts(counts: &Value) -> String {
    let counts = counts.as_object().into_iter().flatten();
    counts.map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}

/// An instant of an event, to the minute.
fn day(value: &Value) -> String {
    let at = value.as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    at.map_or_else(|| text(value).to_owned(), |at| at.format("%Y-%m-%d %H:%M").to_string())
}

/// How far an instant is from now, in the largest unit that says enough.
fn apart(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (at - now).num_seconds();
    let units = [(TimeDelta::days(1), 2, "d"), (TimeDelta::hours(1), 2, "h"), (TimeDelta::minutes(1), 2, "m")];
    let fits = |(unit, least, _): &(TimeDelta, i64, &str)| seconds.abs() >= least * unit.num_seconds();
    let words = units.into_iter().find(fits).map_or_else(
        || format!("{} s", seconds.abs()),
        |(unit, _, name)| format!("{} {name}", (seconds.abs() + unit.num_seconds() / 2) / unit.num_seconds()),
    );
    if seconds > 0 { format!("in {words}") } else { format!("{words} ago") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn how_far_it_is_is_said_in_one_unit() {
        let now = DateTime::UNIX_EPOCH;
        for (seconds, words) in [
            (5, "in 5 s"),
            (-119, "119 s ago"),
            (-7_209, "2 h ago"),
            (5_390, "in 90 m"),
            (-3_609, "60 m ago"),
            (172_799, "in 48 h"),
            (2_592_000, "in 30 d"),
        ] {
            assert_eq!(apart(now + TimeDelta::seconds(seconds), now), words);
        }
    }

    fn seen(kind: &str, detail: &Value) -> Seen {
        let event = json!({ "source": "steward", "detail-type": kind, "detail": detail });
        Seen { at: DateTime::UNIX_EPOCH, bus: "steward".to_owned(), event, rules: Vec::new() }
    }

    #[test]
    fn the_latest_word_on_a_product_counts() {
        let said = Said::of(&[
            seen(
                "Sweep Completed",
                &json!({"counts": {"seen": 9}, "sample": [{"provisionedProductId": "pp-a", "why": "x"}]}),
            ),
            seen(
                "Provisioned Product Expiring",
                &json!({"provisionedProductId": "pp-b", "lead": "2h", "endsAt": "2026-11-20T12:00:00Z"}),
            ),
            seen(
                "Extension Granted",
                &json!({"provisionedProductId": "pp-b", "until": "2026-11-22T12:00:00Z", "requestedBy": "jo"}),
            ),
            seen(
                "Protection Changed",
                &json!({"provisionedProductId": "pp-c", "protected": true, "until": null, "requestedBy": "jo"}),
            ),
            seen("Sweep Completed", &json!({"counts": {"seen": 8, "expired": 1}, "sample": []})),
        ]);
        assert_eq!(said.left, BTreeMap::new(), "the last sweep has left nothing");
        assert_eq!(said.told["pp-b"], "extended until 2026-11-22 12:00 by jo");
        assert_eq!(said.told["pp-c"], "protected for good, by jo");
        assert_eq!(said.sweep.as_deref(), Some("expired 1, seen 8"));
        let halted = Said::of(&[seen("Sweep Halted", &json!({"why": "too many"}))]);
        assert_eq!(halted.sweep.as_deref(), Some("halted: too many"));
    }
}
