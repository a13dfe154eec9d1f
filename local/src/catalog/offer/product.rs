//! Products.

use chrono::{DateTime, Utc};

/// What end users choose from.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::catalog) struct Product {
    /// `prod-...`.
    pub(in crate::catalog) id: String,
    pub(in crate::catalog) name: String,
    pub(in crate::catalog) owner: String,
    /// `CLOUD_FORMATION_TEMPLATE` ...
    pub(in crate::catalog) product_type: String,
    pub(in crate::catalog) created_at: DateTime<Utc>,
}

impl Product {
    /// A product of `CloudFormation`.
    pub(super) fn new(id: &str, name: &str, now: DateTime<Utc>) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            owner: "Steward".to_owned(),
            product_type: "CLOUD_FORMATION_TEMPLATE".to_owned(),
            created_at: now,
        }
    }
}
