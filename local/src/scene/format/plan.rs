//! Plans, as a scene describes them.

use serde::Deserialize;

use crate::scene::pairs::Pairs;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a plan")]
pub(in crate::scene) struct Plan {
    pub(in crate::scene) id: String,
    pub(in crate::scene) name: Option<String>,
    /// The id of the provisioned product that it changes.
    #[serde(rename = "for")]
    pub(in crate::scene) existing: Option<String>,
    /// The provisioned product that it makes.
    pub(in crate::scene) new: Option<Planned>,
    #[serde(default)]
    pub(in crate::scene) changes: Vec<Change>,
    #[serde(default)]
    pub(in crate::scene) parameters: Pairs<String>,
    #[serde(default)]
    pub(in crate::scene) status: PlanStatus,
    pub(in crate::scene) message: Option<String>,
    /// The words with which the record of its execution fails.
    pub(in crate::scene) fails: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a new provisioned product")]
pub(in crate::scene) struct Planned {
    pub(in crate::scene) id: String,
    pub(in crate::scene) name: String,
    pub(in crate::scene) version: String,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in crate::scene) enum PlanStatus {
    #[default]
    CreateSuccess,
    CreateFailed,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a resource change")]
pub(in crate::scene) struct Change {
    pub(in crate::scene) action: Does,
    /// Its logical id.
    pub(in crate::scene) resource: String,
    #[serde(rename = "type")]
    pub(in crate::scene) kind: String,
    pub(in crate::scene) physical_id: Option<String>,
    pub(in crate::scene) replacement: Option<Replacement>,
    #[serde(default)]
    pub(in crate::scene) properties: Vec<Property>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in crate::scene) enum Does {
    Add,
    Modify,
    Remove,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in crate::scene) enum Replacement {
    True,
    False,
    Conditional,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a property that changes")]
pub(in crate::scene) struct Property {
    pub(in crate::scene) name: String,
    #[serde(default)]
    pub(in crate::scene) recreation: Recreation,
    /// The parameter that it changes by.
    pub(in crate::scene) caused_by: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in crate::scene) enum Recreation {
    #[default]
    Never,
    Conditionally,
    Always,
}
