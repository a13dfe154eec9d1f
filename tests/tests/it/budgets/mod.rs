//! Calls are money: each path makes those of the design, and no more.

mod actions;
mod drift;
mod imports;
mod plans;
mod polling;
mod terminations;
mod wake_ups;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use steward_local::catalog::{NewAction, NewPlan, PlanFor, Settings};
use steward_local::cloud::Options;
use steward_tests::world::{World, event, fast};

const RECORD: &str = "servicecatalog:DescribeRecord";
const SANDBOX: (&str, &str) = ("prod-sandbox000001", "pa-sandbox0000001");
const RESTART: &str = "act-restart00001";

/// Nobody would look at a record by himself before a test has given up: wake-ups alone settle.
fn woken(settings: Settings) -> Options {
    fast(settings).with("FirstPoll", "10m").with("RequirePlanDigest", "false")
}

/// All that a function has called so far. How often the switch was read depends on how many processes there are: each
/// asks once in half a minute.
fn bill(world: &World, function: &str) -> BTreeMap<String, u64> {
    let mut calls = world.cloud.gateway.counts().remove(function).unwrap_or_default();
    let switch = calls.remove("dynamodb:GetItem").unwrap_or_default();
    assert!(switch <= 10, "{function} has read the switch {switch} times");
    calls
}

/// A bill as it should be.
fn of<const N: usize>(calls: [(&str, u64); N]) -> BTreeMap<String, u64> {
    calls.into_iter().map(|(call, times)| (call.to_owned(), times)).collect()
}

/// Puts an action of the sandbox's version on offer.
fn offer(world: &World, id: &str, name: &str) {
    world.cloud.catalog.offer_action(NewAction {
        id: id.to_owned(),
        name: name.to_owned(),
        document: format!("Acme-{name}"),
        version: "1".to_owned(),
        associated: vec![(SANDBOX.0.to_owned(), SANDBOX.1.to_owned())],
        ..NewAction::default()
    });
}

/// The request for an action on a product.
fn action(product: &str) -> Value {
    event(
        "platform.portal",
        "Service Action Requested",
        &json!({ "provisionedProductId": product, "serviceActionId": RESTART }),
    )
}

/// Adds a product with a plan of so many changes. Gives the plan's approval. The product has the plan's id without hyphens:
/// with one, its stack would have the name of a nested one.
fn plan(world: &World, id: &str, changes: u32) -> Value {
    let product = format!("pp-{}", id.replace('-', ""));
    world.cloud.catalog.add(world.product(&product));
    let add =
        |n| json!({ "Action": "ADD", "LogicalResourceId": format!("Topic{n:03}"), "ResourceType": "AWS::SNS::Topic" });
    world.cloud.catalog.add_plan(NewPlan::new(id, PlanFor::Existing(product), (0..changes).map(add)));
    event("platform.portal", "Plan Approved", &json!({ "planId": id }))
}
