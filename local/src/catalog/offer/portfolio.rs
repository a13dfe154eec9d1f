//! Portfolios: which products are offered to whom.

use chrono::{DateTime, Utc};

use super::Principal;

/// A portfolio.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::catalog) struct Portfolio {
    /// `port-...`.
    pub(in crate::catalog) id: String,
    pub(in crate::catalog) name: String,
    pub(in crate::catalog) description: String,
    pub(in crate::catalog) provider_name: String,
    pub(in crate::catalog) created_at: DateTime<Utc>,
    /// Key and value; the launch paths carry them.
    pub(in crate::catalog) tags: Vec<(String, String)>,
    /// Its products, each with the id of the launch path that leads to it.
    pub(super) products: Vec<(String, String)>,
    /// Who may use it.
    pub(super) principals: Vec<Principal>,
}

impl Portfolio {
    /// A portfolio with nothing in it.
    pub(super) fn new(id: &str, name: &str, now: DateTime<Utc>) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            provider_name: "Steward".to_owned(),
            created_at: now,
            tags: Vec::new(),
            products: Vec::new(),
            principals: Vec::new(),
        }
    }
}
