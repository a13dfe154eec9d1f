//! Provisioning artifacts: the versions of a product.

use chrono::{DateTime, Utc};

/// A version.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::catalog) struct Artifact {
    /// `pa-...`.
    pub(in crate::catalog) id: String,
    pub(in crate::catalog) product_id: String,
    pub(in crate::catalog) name: String,
    pub(in crate::catalog) description: String,
    /// The template's text, JSON or YAML.
    pub(in crate::catalog) template: String,
    /// Whether new products may be provisioned from it.
    pub(in crate::catalog) active: bool,
    pub(in crate::catalog) created_at: DateTime<Utc>,
}

impl Artifact {
    /// An active version.
    pub(super) fn new(id: &str, product_id: &str, name: &str, template: String, now: DateTime<Utc>) -> Self {
        Self {
            id: id.to_owned(),
            product_id: product_id.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            template,
            active: true,
            created_at: now,
        }
    }
}
