//! Stacks are adopted: one at a time, each once, in the order in which they came.

mod crashes;
mod guards;
mod line;
mod lost;
mod protection;
mod refused;

use std::time::Duration;

use serde_json::{Value, json};
use steward_local::catalog::{Kind, NewStack, Record, SANDBOX_TEMPLATE, Settings};
use steward_tests::world::{World, event};

const IMPORT: &str = "ImportAsProvisionedProduct";
const PRODUCT: &str = "prod-sandbox000001";
const ARTIFACT: &str = "pa-sandbox0000001";

/// Imports that take a sixth of a second here.
pub(crate) fn quick() -> Settings {
    Settings { import: Duration::from_secs(20), ..Settings::default() }
}

/// A stack that was made of the sandbox's version without the catalog. Gives its ARN.
pub(crate) fn stack(world: &World, name: &str) -> String {
    stack_of(world, name, SANDBOX_TEMPLATE)
}

fn stack_of(world: &World, name: &str, template: &str) -> String {
    world.cloud.catalog.add_stack(NewStack {
        name: name.to_owned(),
        guid: "0a1b2c3d-0000-4000-8000-000000000000".to_owned(),
        status: "CREATE_COMPLETE".to_owned(),
        template: template.to_owned(),
    })
}

/// What is asked for a stack by default.
pub(crate) fn request(stack: &str) -> Value {
    json!({
        "productId": PRODUCT,
        "provisioningArtifactId": ARTIFACT,
        "provisionedProductName": name_for(stack),
        "physicalId": stack,
    })
}

/// The name that a stack's product gets.
fn name_for(stack: &str) -> String {
    format!("adopted-{}", stack.split('/').nth(1).unwrap_or_default())
}

pub(crate) fn asked(request: &Value) -> Value {
    event("platform.portal", "Import Requested", request)
}

pub(crate) async fn ask(world: &World, stack: &str) {
    world.put(&asked(&request(stack))).await;
}

/// The tokens of the imports of a stack that the service carried out, in order.
fn adoptions(world: &World, stack: &str) -> Vec<String> {
    let executions = world.cloud.catalog.executions().into_iter();
    let of_stack =
        executions.filter(|execution| execution.operation == IMPORT && execution.asked["PhysicalId"] == stack);
    of_stack.map(|execution| execution.token).collect()
}

/// How many calls have left that import something.
fn sent(world: &World) -> u64 {
    world.calls("ImportFunction", &format!("servicecatalog:{IMPORT}"))
}

/// The records of imports in the order of their beginning; none has begun before the one before it has ended.
fn one_after_the_other(world: &World) -> Vec<Record> {
    let mut records: Vec<Record> =
        world.cloud.catalog.records().into_iter().filter(|record| record.kind == Kind::Import).collect();
    records.sort_by_key(|record| record.created_at);
    for pair in records.windows(2) {
        let [before, after] = pair else { continue };
        assert!(before.is_ended() && before.updated_at <= after.created_at, "{before:#?}\n{after:#?}");
    }
    records
}

/// The stacks of imports that were carried out, in order.
fn order(world: &World) -> Vec<String> {
    one_after_the_other(world).into_iter().filter_map(|record| record.product.stack).collect()
}

/// The events that tell of the end of what was done to a subject.
fn told_of(world: &World, subject: &str) -> Vec<Value> {
    let events = world.cloud.wiring.seen().into_iter().map(|seen| seen.event);
    events.filter(|event| event["detail"]["subject"] == subject && event["source"] == "steward").collect()
}

/// What the table says of the slot in which imports run.
async fn slot(world: &World) -> Value {
    let items = world.cloud.dynamo.scan(&world.cloud.table).await.unwrap();
    items.into_iter().find(|item| item["pk"].as_str().is_some_and(|pk| pk.starts_with("slot#"))).unwrap_or_default()
}
