//! Plans: what one is, its digest, and whether it may be executed. Pure.

mod digest;
mod judge;

use serde::{Deserialize, Serialize};

use crate::clock::Time;

pub use digest::digest;
pub use judge::{Approval, judge};

/// A plan, all pages of it. Names on the wire are the service's own: the digest is taken over them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// `plan-...`.
    pub id: String,
    /// `CREATE_SUCCESS` ...: an open list. It lags behind the execution.
    pub status: String,
    /// The service's words on the status.
    pub status_message: Option<String>,
    /// The product, `prod-...`.
    pub product_id: Option<String>,
    /// The provisioning artifact, `pa-...`.
    pub artifact_id: Option<String>,
    /// The provisioned product that it changes or makes, `pp-...`.
    pub provisioned_product_id: Option<String>,
    /// Its name.
    pub provisioned_product_name: Option<String>,
    /// When the plan changed last.
    pub updated_at: Option<Time>,
    /// The provisioning parameters.
    pub parameters: Vec<Parameter>,
    /// What it would do to the stack's resources.
    pub changes: Vec<ResourceChange>,
}

/// A provisioning parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Parameter {
    /// Its name.
    pub key: Option<String>,
    /// Its value, unless the previous one is used.
    pub value: Option<String>,
    /// Whether the previous one is used.
    pub use_previous_value: bool,
}

/// A change of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ResourceChange {
    /// `ADD`, `MODIFY`, `REMOVE`.
    pub action: Option<String>,
    /// The name in the template.
    pub logical_resource_id: Option<String>,
    /// The resource itself.
    pub physical_resource_id: Option<String>,
    /// `AWS::S3::Bucket` ...
    pub resource_type: Option<String>,
    /// `TRUE`, `FALSE`, `CONDITIONAL`.
    pub replacement: Option<String>,
    /// What of it changes: `PROPERTIES`, `TAGS` ...
    pub scope: Vec<String>,
    /// Why and how.
    pub details: Vec<ChangeDetail>,
}

/// Why and how a resource changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ChangeDetail {
    /// What changes.
    pub target: Option<ChangeTarget>,
    /// `STATIC`, `DYNAMIC`.
    pub evaluation: Option<String>,
    /// What causes the change.
    pub causing_entity: Option<String>,
}

/// What changes of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ChangeTarget {
    /// `PROPERTIES`, `TAGS` ...
    pub attribute: Option<String>,
    /// The property's name.
    pub name: Option<String>,
    /// `NEVER`, `CONDITIONALLY`, `ALWAYS`.
    pub requires_recreation: Option<String>,
}

impl ResourceChange {
    /// Whether the resource, or what is in it, may be gone afterwards.
    #[must_use]
    pub fn may_destroy(&self) -> bool {
        // Of an open list, what is not known to be harmless is not.
        !matches!(self.action.as_deref(), Some("ADD" | "MODIFY"))
            || !matches!(self.replacement.as_deref(), None | Some("" | "FALSE"))
    }

    /// The change in a few words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let of = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
        let replacement = match self.replacement.as_deref() {
            None | Some("" | "FALSE") => String::new(),
            Some(other) => format!(", replacement {other}"),
        };
        format!("{} {} ({}{replacement})", of(&self.action), of(&self.logical_resource_id), of(&self.resource_type))
    }
}

/// Some changes in words: the first few, and how many more.
fn in_words<'a>(changes: impl IntoIterator<Item = &'a ResourceChange>) -> String {
    const SHOWN: usize = 5;
    let words: Vec<String> = changes.into_iter().map(ResourceChange::in_words).collect();
    let more = words.len().saturating_sub(SHOWN);
    let shown = words[..words.len().min(SHOWN)].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
