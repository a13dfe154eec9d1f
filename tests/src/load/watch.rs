//! What Steward tells, as it comes: by request, when first and with which ids.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::number_in;
use crate::world::World;

/// What is told of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    /// By type, the ids that it was told with.
    pub(super) ids: BTreeMap<String, BTreeSet<String>>,
    /// When first.
    pub(super) at: Option<DateTime<Utc>>,
    /// How often in all.
    pub(super) times: usize,
}

impl Told {
    fn add(&mut self, kind: &str, detail: &Value, at: DateTime<Utc>) {
        let id = detail["id"].as_str().unwrap_or_default().to_owned();
        self.ids.entry(kind.to_owned()).or_default().insert(id);
        self.at.get_or_insert(at);
        self.times += 1;
    }
}

/// All that was told.
#[derive(Debug)]
pub(super) struct Watch {
    seen: usize,
    /// By request: how it ended.
    ends: HashMap<usize, Told>,
    /// By the digest of the message: what was rejected without an operation, or beside one.
    rejections: HashMap<String, Told>,
    /// The digests of those beside one: no request ends with them.
    beside: BTreeSet<String>,
    /// By request: when it was found that its product has expired.
    expired: HashMap<usize, DateTime<Utc>>,
}

impl Watch {
    pub(super) fn new() -> Self {
        let (seen, ends, rejections, beside, expired) = Default::default();
        Self { seen, ends, rejections, beside, expired }
    }

    /// Takes in what was told since the last look.
    pub(super) fn look(&mut self, world: &World) {
        let new = world.cloud.wiring.seen_after(self.seen);
        self.seen += new.len();
        for seen in new {
            let (kind, detail) = (seen.event["detail-type"].as_str().unwrap_or_default(), &seen.event["detail"]);
            if seen.event["source"] != "steward" {
                continue;
            }
            let of = |name: &str| detail[name].as_str().and_then(number_in);
            match (kind, detail["bodySha256"].as_str(), of("subject").or_else(|| of("provisionedProductId"))) {
                ("Operation Rejected", Some(digest), _) => {
                    if detail["operation"].is_string() {
                        self.beside.insert(digest.to_owned());
                    }
                    self.rejections.entry(digest.to_owned()).or_default().add(kind, detail, seen.at);
                }
                ("Provisioned Product Expired", _, Some(number)) => {
                    self.expired.entry(number).or_insert(seen.at);
                }
                (
                    "Operation Succeeded"
                    | "Operation Failed"
                    | "Operation Rejected"
                    | "Extension Granted"
                    | "Protection Changed",
                    _,
                    Some(number),
                ) => self.ends.entry(number).or_default().add(kind, detail, seen.at),
                _ => {}
            }
        }
    }

    /// How many requests have come to an end that is told of by name.
    pub(super) fn ended(&self) -> usize {
        self.ends.len() + self.rejections.len() - self.beside.len()
    }

    /// How a request's end was told.
    pub(super) fn end(&self, number: usize) -> Option<&Told> {
        self.ends.get(&number)
    }

    /// How the rejection of a message was told.
    pub(super) fn rejection(&self, digest: &str) -> Option<&Told> {
        self.rejections.get(digest)
    }

    /// When it was told that the product of a request has expired.
    pub(super) fn expired(&self, number: usize) -> Option<DateTime<Utc>> {
        self.expired.get(&number).copied()
    }
}
