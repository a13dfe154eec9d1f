//! What the tests share: the repository's own files, and AWS clients that talk to the local cloud.

pub mod built;
pub mod command;
pub mod load;
pub mod seen;
pub mod sweeping;
pub mod world;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::aws::Clients;
use shared::scope::Scope;
use steward_local::clients::clients;
use steward_local::clock::Clock;
use steward_local::dynamo::Dynamo;
use steward_local::gateway::{Gateway, Identities, Place, USER};

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// `template.yaml` as plain JSON, short intrinsics left out: enough for what has none.
///
/// # Panics
/// If it cannot be read.
#[must_use]
pub fn template() -> Value {
    let text = std::fs::read_to_string(root().join("template.yaml")).expect("template.yaml is readable");
    let yaml: yaml_serde::Value = yaml_serde::from_str(&text).expect("template.yaml is YAML");
    plain(&yaml)
}

fn plain(yaml: &yaml_serde::Value) -> Value {
    match yaml {
        yaml_serde::Value::Null => Value::Null,
        yaml_serde::Value::Bool(flag) => Value::Bool(*flag),
        yaml_serde::Value::Number(number) => serde_json::to_value(number).unwrap_or_default(),
        yaml_serde::Value::String(text) => Value::String(text.clone()),
        yaml_serde::Value::Sequence(items) => items.iter().map(plain).collect(),
        yaml_serde::Value::Mapping(members) => members
            .iter()
            .filter_map(|(name, value)| Some((name.as_str()?.to_owned(), plain(value))))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        // `!Ref Table` as {"!Ref": "Table"}.
        yaml_serde::Value::Tagged(tagged) => serde_json::json!({ tagged.tag.to_string(): plain(&tagged.value) }),
    }
}

/// Account and region of the local cloud.
#[must_use]
pub fn scope() -> Scope {
    let place = Place::default();
    Scope::new(place.account, place.region)
}

/// An instant, in seconds after a fixed one.
///
/// # Panics
/// If it is out of range.
#[must_use]
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + seconds, 0).expect("an instant in range")
}

/// A gateway before a DynamoDB with Steward's table, as the template has it.
///
/// # Panics
/// If it cannot be started.
pub async fn table() -> (Gateway, Clients, Arc<Dynamo>) {
    let gateway = Gateway::start(Clock::system(1.0), Identities::new(Place::default()), 0).await.expect("a free port");
    let dynamo = Dynamo::start().await.expect("DynamoDB starts");
    dynamo.create_table("Table", &template()["Resources"]["Table"]["Properties"]).await.expect("the table is made");
    let dynamo = Arc::new(dynamo);
    gateway.register("dynamodb", Arc::<Dynamo>::clone(&dynamo));
    let clients = clients(&gateway, USER);
    (gateway, clients, dynamo)
}
