//! What the table says of a product.

use chrono::serde::{ts_milliseconds, ts_milliseconds_option};
use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::operation::Notice;
use crate::remediation::Slot;

/// What was judged of a product's expiry by whoever published it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
