//! What is stuck: found, understood, mended.

use std::time::Duration;

use serde_json::json;
use steward_local::catalog::Settings;
use steward_local::gateway::VIEWER;
use steward_local::gateway::faults::{Effect, Fault};

use super::{assert_shown, fails, operate, world};
use steward_tests::world::{World, asked, fast};

/// The tails of the tokens that were carried out on a product.
fn attempts(world: &World, id: &str) -> Vec<String> {
    world.executions(id).iter().map(|token| token.rsplit('-').next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_termination_is_found_understood_and_tried_once_more() {
    let world = world().await;
    world.cloud.catalog.add(world.product("pp-stuck").scripts([fails(), fails(), fails()]));
    world.ask("pp-stuck").await;
    let failed = world.ended("pp-stuck").await;
    assert_shown!("stuck_list", operate(&world, &["list", "--state", "failed"]).await);
    // Whoever looks may look at all of it, and mend nothing.
    let shown = world.steward_as(VIEWER, &["show", &failed.id[..15]]).await;
    assert_shown!("stuck_show", shown);
    let document = world.steward_as(VIEWER, &["show", &failed.id, "--json"]).await.document();
    assert_eq!(document["history"].as_array().map(Vec::len), Some(6), "three accepted, three FAILED: {document:#}");
    assert_eq!(document["record"]["status"], "FAILED");
    let retry = ["retry", &failed.id, "--reason", "the bucket is empty now", "--yes", "--wait"];
    let denied = world.steward_as(VIEWER, &retry).await;
    assert_eq!(denied.code, 5, "{denied:?}");
    assert!(denied.err.contains("dynamodb:UpdateItem"), "{denied:?}");
    let asked = operate(&world, &retry[..4]).await;
    assert_eq!(asked.code, 4, "nobody has said yes: {asked:?}");
    let retried = operate(&world, &retry).await;
    assert_eq!(retried.code, 0, "{retried:?}");
    assert_eq!(attempts(&world, "pp-stuck"), ["a1", "a2", "a3", "a4"], "never under a token that was used");
    let ends: Vec<String> = world.ends("pp-stuck").into_iter().map(|(told, _)| told).collect();
    assert_eq!(ends, ["Operation Failed", "Operation Succeeded"], "each with an id of its own");
    let again = operate(&world, &retry).await;
    assert_eq!(again.code, 4, "{again:?}");
    assert!(again.err.contains("has succeeded; nothing to retry"), "{again:?}");
    world.cloud.stop().await;
}

// Hazard B2: what may have left is looked for, under the token that it left with.
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_is_looked_for_before_it_is_sent_again() {
    let world = World::of(fast(Settings::default()).with("GiveUpAfter", "3s")).await;
    world.cloud.catalog.add(world.product("pp-lost"));
    // Carried out, and nobody hears of it; nor can it be looked for after that.
    world.fault("servicecatalog", "TerminateProvisionedProduct", 1, Effect::DropAfter);
    let effect = Effect::Answer { status: 500, code: "InternalFailure".to_owned(), message: "no".to_owned() };
    let (service, operation) = (Some("servicecatalog".to_owned()), Some("DescribeProvisionedProduct".to_owned()));
    let blind = Fault { caller: None, service, operation, skip: 1, times: 1_000, effect };
    let blind = world.cloud.gateway.faults().add(blind);
    world.ask("pp-lost").await;
    let lost = world.until("pp-lost", |row| row.state == "failed").await;
    assert!(lost.reason.as_deref().is_some_and(|why| why.starts_with("outcome unknown")), "{lost:?}");
    world.cloud.gateway.faults().remove(blind);
    let retried = operate(&world, &["retry", &lost.id, "--reason", "look again", "--yes", "--wait"]).await;
    assert_eq!(retried.code, 0, "{retried:?}");
    world.ended("pp-lost").await;
    assert_eq!(attempts(&world, "pp-lost"), ["a1"], "carried out once");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_cancelled_or_brought_forward_and_what_was_accepted_is_neither() {
    let world = world().await;
    for id in ["pp-given-up", "pp-brought"] {
        world.cloud.catalog.add(world.product(id));
        // Until nobody asks any more.
        world.cloud.catalog.update(id, None);
        world.ask(id).await;
    }
    let waiting = world.until("pp-given-up", |row| row.state == "waiting").await;
    let cancelled = operate(&world, &["cancel", &waiting.id, "--reason", "it is needed", "--yes"]).await;
    assert_shown!("cancel", cancelled);
    let ended = world.ended("pp-given-up").await;
    assert_eq!(ended.state, "cancelled");
    let why = ended.reason.unwrap_or_default();
    assert!(why.contains("assumed-role/operator/operator: it is needed"), "{why}");
    let again = operate(&world, &["cancel", &waiting.id, "--reason", "x", "--yes"]).await;
    assert_eq!((again.code, again.err.contains("nothing left to cancel")), (4, true), "{again:?}");
    let retried = operate(&world, &["retry", &waiting.id, "--reason", "x", "--yes"]).await;
    assert_eq!((retried.code, retried.err.contains("was cancelled")), (4, true), "{retried:?}");

    world.ended("pp-brought").await;
    assert_eq!(world.executions("pp-given-up"), Vec::<String>::new());
    assert_eq!(world.executions("pp-brought").len(), 1);
    let nothing = operate(&world, &["show", "op-0123456789"]).await;
    assert_eq!((nothing.code, nothing.err.contains("there is no operation")), (3, true), "{nothing:?}");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_that_was_left_alone_is_repaired_again() {
    let world = world().await;
    let refused = operate(&world, &["retry", "pp-quiet", "--reason", "x", "--yes"]).await;
    assert_eq!((refused.code, refused.err.contains("is not left alone")), (4, true), "{refused:?}");
    world.cloud.catalog.add(world.product("pp-drifter"));
    let slot = json!({ "M": {
        "owner": { "S": "op-0000000000000000000000000000000000000000" }, "takenAt": { "N": "1" },
        "inVain": { "N": "3" }, "leftAlone": { "BOOL": true },
    } });
    world.put_attribute("pp-drifter", "remediation", &slot).await;
    let event = world.drift("pp-drifter").await;
    assert_eq!(world.drift_ended(&event).await.state, "skipped");
    let mended = operate(&world, &["retry", "pp-drifter", "--reason", "the action was mended", "--yes"]).await;
    assert_eq!(mended.code, 0, "{mended:?}");
    let event = world.drift("pp-drifter").await;
    assert_eq!(world.drift_ended(&event).await.state, "succeeded");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_narrowed_and_paged() {
    let world = world().await;
    for id in ["pp-one", "pp-two", "pp-three"] {
        world.cloud.catalog.add(world.product(id));
        world.ask(id).await;
        world.ended(id).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.put(&asked(&json!({ "provisionedProductId": "pp one" }))).await;
    world.quiet().await;
    let list = async |arguments: &[&str]| {
        let all = [&["list", "--json"], arguments].concat();
        let document = operate(&world, &all).await.document();
        let rows = document["operations"].as_array().cloned().unwrap_or_default();
        let about = |row: &serde_json::Value| row["provisionedProductId"].as_str().unwrap_or("-").to_owned();
        (rows.iter().map(about).collect::<Vec<_>>(), document["next"].clone())
    };
    assert_eq!(list(&[]).await.0, ["-", "pp-three", "pp-two", "pp-one"], "newest first, rejections too");
    assert_eq!(list(&["--state", "rejected"]).await.0, ["-"]);
    assert_eq!(list(&["--kind", "terminate", "--product", "pp-two"]).await.0, ["pp-two"]);
    assert_eq!(list(&["--state", "live"]).await.0, Vec::<String>::new());
    assert_eq!(list(&["--older", "1h"]).await.0, Vec::<String>::new());
    let (page, next) = list(&["--kind", "terminate", "--limit", "2", "--newer", "1h"]).await;
    assert_eq!(page, ["pp-three", "pp-two"]);
    let next = next.as_str().expect("there is more").to_owned();
    assert_eq!(list(&["--kind", "terminate", "--before", &next]).await.0, ["pp-one"]);
    let bad = operate(&world, &["list", "--before", "yesterday"]).await;
    assert_eq!((bad.code, bad.err.contains("accepted: an instant")), (2, true), "{bad:?}");
    world.cloud.stop().await;
}

// The simulation has found what it would do: run beside the repair that has the slot by then.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_repair_is_not_tried_once_more() {
    let world = world().await;
    world.cloud.catalog.add(world.product("pp-drifted").scripts([fails(), fails(), fails()]));
    let event = world.drift("pp-drifted").await;
    let failed = world.drift_ended(&event).await;
    assert_eq!(failed.state, "failed");
    let refused = operate(&world, &["retry", &failed.id, "--reason", "x", "--yes"]).await;
    assert_eq!((refused.code, refused.err.contains("let the drift be found again")), (4, true), "{refused:?}");
    assert_eq!(world.executions("pp-drifted").len(), 3);
    world.cloud.stop().await;
}
