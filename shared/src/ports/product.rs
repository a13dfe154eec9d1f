//! What the table says of a product.

use chrono::serde::{ts_milliseconds, ts_milliseconds_option};
use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::expiry::Noticed;
use crate::operation::Notice;
use crate::remediation::Slot;

/// What was judged of a product's expiry by whoever published it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    /// When the product expires, without grace.
    #[serde(with = "ts_milliseconds")]
    pub expires_at: Time,
    /// When that was judged.
    #[serde(with = "ts_milliseconds")]
    pub judged_at: Time,
    /// The provisioning record whose tags were judged.
    pub last_provisioning_record_id: String,
    /// When the product was provisioned first.
    #[serde(with = "ts_milliseconds_option", default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Time>,
    /// Why it ends then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The lease that was known then.
    #[serde(with = "ts_milliseconds_option", default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Time>,
    /// By which parameters it was judged: the digest of those that say which products end, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<String>,
}

impl Judgement {
    /// Why it does not count any more, if so: somebody has extended the product since, or has changed the parameters. What a
    /// mistaken parameter had judged must not end anything once it is put right.
    #[must_use]
    pub fn outdated(&self, lease_until: Option<Time>, parameters: &str) -> Option<String> {
        // One that was known may be beyond the end: nothing lives longer than the ceiling.
        if let Some(lease) = lease_until.filter(|lease| *lease > self.expires_at && Some(*lease) != self.lease_until) {
            return Some(format!("extended until {lease}"));
        }
        let is_of_others = self.parameters.as_ref().is_some_and(|known| known != parameters);
        is_of_others.then(|| "the parameters are others than those that it was judged by".to_owned())
    }
}

/// A person's word that a product may live longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Extension {
    /// The same for every delivery of the same request.
    pub id: String,
    /// Until when.
    #[serde(with = "ts_milliseconds")]
    pub until: Time,
    /// Who said so.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    #[serde(with = "ts_milliseconds")]
    pub at: Time,
}

/// Since when a product is under change: the service says only by which record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Changing {
    /// The record.
    pub record_id: String,
    /// When it was made.
    #[serde(with = "ts_milliseconds")]
    pub since: Time,
}

/// A protection in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Protection {
    /// Who protected it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Until when; absent: for good.
    #[serde(with = "ts_milliseconds_option", default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

impl Protection {
    /// Whether it holds at an instant. Compared by its own time: an item whose time has come may still be there.
    #[must_use]
    pub fn holds(&self, now: Time) -> bool {
        self.until.is_none_or(|until| until > now)
    }

    /// For people.
    #[must_use]
    pub fn in_words(&self) -> String {
        format!("protected in the table by {}: {}", self.by, self.reason)
    }
}

/// What the table says of a product: written attribute by attribute, never whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductItem {
    /// Set while nobody may terminate it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protection: Option<Protection>,
    /// Extended until.
    #[serde(with = "ts_milliseconds_option", default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Time>,
    /// The latest judgement of its expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judgement: Option<Judgement>,
    /// What people were told of its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noticed: Option<Noticed>,
    /// When its end is looked at next.
    #[serde(with = "ts_milliseconds_option", default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Time>,
    /// How it was extended lately, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extension>,
    /// Since when it is under change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changing: Option<Changing>,
    /// Which operation repairs its drift, or did so last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Slot>,
    /// What a person needs to know of it.
    #[serde(default, skip_serializing_if = "Notice::is_empty")]
    pub notice: Notice,
}

/// What guards a send: read in one consistent call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// Whether Steward is paused, and why.
    pub paused: Option<String>,
    /// The product's item.
    pub product: Option<ProductItem>,
}
