//! The format of a scene: what its file may say. docs/local-cloud.md describes it for people.

mod plan;

use serde::Deserialize;
use serde_json::Value;

use super::pairs::{Pairs, TagValue};
use super::when::{Span, When};

pub(in crate::scene) use plan::{Change, Does, Plan, PlanStatus, Property, Recreation, Replacement};

/// Who launches and owns what nobody is named for.
const OWNER: &str = "Local cloud";

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    expecting = "a scene: portfolios, products, actions, stacks, provisioned, plans, later"
)]
pub(in crate::scene) struct File {
    pub(in crate::scene) portfolios: Vec<Portfolio>,
    pub(in crate::scene) products: Vec<Product>,
    pub(in crate::scene) actions: Vec<Action>,
    pub(in crate::scene) stacks: Vec<Stack>,
    pub(in crate::scene) provisioned: Vec<Provisioned>,
    pub(in crate::scene) plans: Vec<Plan>,
    pub(in crate::scene) later: Vec<Later>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a portfolio")]
pub(in crate::scene) struct Portfolio {
    pub(in crate::scene) id: Option<String>,
    pub(in crate::scene) name: String,
    #[serde(default)]
    pub(in crate::scene) description: String,
    #[serde(default = "owner")]
    pub(in crate::scene) provider: String,
    #[serde(default)]
    pub(in crate::scene) tags: Pairs<TagValue>,
    /// ARNs; `*`: everybody.
    #[serde(default = "everybody")]
    pub(in crate::scene) principals: Vec<String>,
    /// Ids.
    #[serde(default)]
    pub(in crate::scene) products: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a product")]
pub(in crate::scene) struct Product {
    pub(in crate::scene) id: String,
    pub(in crate::scene) name: String,
    #[serde(default = "owner")]
    pub(in crate::scene) owner: String,
    #[serde(default)]
    pub(in crate::scene) description: String,
    #[serde(default = "now")]
    pub(in crate::scene) created: When,
    pub(in crate::scene) versions: Vec<Version>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a version of a product")]
pub(in crate::scene) struct Version {
    pub(in crate::scene) id: String,
    pub(in crate::scene) name: String,
    #[serde(default)]
    pub(in crate::scene) description: String,
    #[serde(default = "yes")]
    pub(in crate::scene) active: bool,
    /// A text, or the template itself; none: a bucket.
    pub(in crate::scene) template: Option<yaml_serde::Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a service action")]
pub(in crate::scene) struct Action {
    pub(in crate::scene) id: String,
    pub(in crate::scene) name: String,
    #[serde(default)]
    pub(in crate::scene) description: String,
    pub(in crate::scene) document: String,
    #[serde(default = "first", rename = "document-version")]
    pub(in crate::scene) document_version: String,
    pub(in crate::scene) role: Option<String>,
    #[serde(default)]
    pub(in crate::scene) parameters: Vec<ActionParameter>,
    /// Ids of the versions that have it.
    #[serde(default)]
    pub(in crate::scene) versions: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a parameter of an action")]
pub(in crate::scene) struct ActionParameter {
    pub(in crate::scene) name: String,
    #[serde(rename = "type")]
    pub(in crate::scene) kind: ParameterKind,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(in crate::scene) enum ParameterKind {
    #[serde(rename = "TARGET")]
    Target,
    #[serde(rename = "TEXT_VALUE")]
    Text,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a stack")]
pub(in crate::scene) struct Stack {
    pub(in crate::scene) name: String,
    #[serde(default = "guid")]
    pub(in crate::scene) guid: String,
    #[serde(default = "created")]
    pub(in crate::scene) status: String,
    pub(in crate::scene) template: Option<yaml_serde::Value>,
    /// The id of the version whose template it has.
    pub(in crate::scene) version: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a provisioned product")]
pub(in crate::scene) struct Provisioned {
    pub(in crate::scene) id: Option<String>,
    pub(in crate::scene) name: String,
    /// The id of the version that it is of.
    pub(in crate::scene) version: String,
    #[serde(default = "stack", rename = "type")]
    pub(in crate::scene) kind: String,
    /// An ARN, or the name of a user.
    #[serde(default = "admin")]
    pub(in crate::scene) owner: String,
    #[serde(default = "now")]
    pub(in crate::scene) created: When,
    #[serde(default)]
    pub(in crate::scene) tags: Pairs<TagValue>,
    #[serde(default)]
    pub(in crate::scene) parameters: Pairs<String>,
    /// Instead of what its template puts out.
    pub(in crate::scene) outputs: Option<Pairs<String>>,
    #[serde(default)]
    pub(in crate::scene) status: Status,
    pub(in crate::scene) message: Option<String>,
    /// Since when it is under change.
    pub(in crate::scene) since: Option<When>,
    /// The name of the stack that it was made from; none: one that the service made.
    pub(in crate::scene) stack: Option<String>,
    #[serde(default)]
    pub(in crate::scene) drifted: bool,
    /// How its next records are to end, first one first.
    #[serde(default)]
    pub(in crate::scene) records: Vec<Ending>,
    #[serde(default)]
    pub(in crate::scene) steward: Known,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in crate::scene) enum Status {
    #[default]
    Available,
    UnderChange,
    Tainted,
    Error,
}

/// How a record ends: one of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "how a record ends")]
pub(in crate::scene) struct Ending {
    /// It FAILS with these words.
    pub(in crate::scene) fails: Option<String>,
    /// It is in this status for a while, which nobody knows.
    pub(in crate::scene) passes: Option<String>,
    /// Whether it ends at all.
    pub(in crate::scene) ends: Option<bool>,
}

/// What Steward's table knows of a product.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "what Steward's table knows")]
pub(in crate::scene) struct Known {
    pub(in crate::scene) protected: Option<Protected>,
    pub(in crate::scene) extended: Option<Extended>,
    pub(in crate::scene) warned: Option<Warned>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a protection")]
pub(in crate::scene) struct Protected {
    pub(in crate::scene) by: String,
    pub(in crate::scene) reason: String,
    pub(in crate::scene) until: Option<When>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an extension")]
pub(in crate::scene) struct Extended {
    pub(in crate::scene) until: When,
    pub(in crate::scene) by: String,
    pub(in crate::scene) reason: String,
}

/// That its owner was warned.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a warning")]
pub(in crate::scene) struct Warned {
    /// Of which end.
    pub(in crate::scene) ends: When,
    /// When; none: 48 hours before it.
    pub(in crate::scene) at: Option<When>,
}

/// Something that happens by itself: one of its members besides `after` and `fails`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "something that happens later")]
pub(in crate::scene) struct Later {
    pub(in crate::scene) after: Span,
    pub(in crate::scene) publish: Option<Event>,
    /// `CloudFormation` finds that this provisioned product's stack has drifted.
    pub(in crate::scene) drift: Option<String>,
    /// AWS Config does.
    pub(in crate::scene) config_drift: Option<String>,
    /// Its owner updates this provisioned product.
    pub(in crate::scene) update: Option<String>,
    /// The words with which the record of that update fails.
    pub(in crate::scene) fails: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "an event")]
pub(in crate::scene) struct Event {
    #[serde(default)]
    pub(in crate::scene) bus: BusName,
    pub(in crate::scene) source: String,
    pub(in crate::scene) detail_type: String,
    #[serde(default)]
    pub(in crate::scene) detail: Value,
    #[serde(default)]
    pub(in crate::scene) resources: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::scene) enum BusName {
    /// The account's own.
    #[default]
    Default,
    /// The template's.
    Steward,
}

fn owner() -> String {
    OWNER.to_owned()
}

fn everybody() -> Vec<String> {
    vec!["*".to_owned()]
}

fn now() -> When {
    When::Off(chrono::TimeDelta::zero())
}

fn yes() -> bool {
    true
}

fn first() -> String {
    "1".to_owned()
}

fn guid() -> String {
    "0a1b2c3d-0000-4000-8000-000000000000".to_owned()
}

fn created() -> String {
    "CREATE_COMPLETE".to_owned()
}

fn stack() -> String {
    "CFN_STACK".to_owned()
}

fn admin() -> String {
    "admin".to_owned()
}
