//! What was adopted carries no tags, so a default time to live would end it: it is protected, unless nobody wants that.

use serde_json::json;
use shared::ports::{Protection, Store as _};
use steward_local::gateway::faults::Effect;
use steward_tests::world::{World, fast};

use super::{IMPORT, ask, asked, quick, request, stack};

async fn protection_of(world: &World, product: &str) -> Option<Protection> {
    world.cloud.store.guard(product).await.unwrap().product.and_then(|product| product.protection)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_adopted_is_not_terminated() {
    let world = World::of(fast(quick())).await;
    let stack = stack(&world, "orders");
    ask(&world, &stack).await;
    let adopted = world.ended(&stack).await;
    let product = adopted.provisioned_product_id.unwrap();
    let protection = protection_of(&world, &product).await.unwrap();
    assert_eq!((protection.by.as_str(), protection.until), ("steward", None));
    assert!(protection.reason.contains(&adopted.id), "{protection:?}");
    world.ask(&product).await;
    let asked = world.ended(&product).await;
    assert_eq!(asked.state, "rejected", "{asked:?}");
    assert_eq!(world.executions(&product), [adopted.token], "the import, and nothing else");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_adopted_without_protection_is_terminated_when_somebody_asks() {
    let world = World::of(fast(quick())).await;
    let stack = stack(&world, "orders");
    let mut request = request(&stack);
    request["protect"] = json!(false);
    world.put(&asked(&request)).await;
    let product = world.ended(&stack).await.provisioned_product_id.unwrap();
    assert_eq!(protection_of(&world, &product).await, None);
    // Events tell whole seconds, and what was created in the same one might have been created later.
    let mut event = steward_tests::world::asked(&json!({ "provisionedProductId": product }));
    let later = event["time"].as_str().and_then(|time| chrono::DateTime::parse_from_rfc3339(time).ok()).unwrap();
    event["time"] = json!((later + chrono::TimeDelta::seconds(1)).to_rfc3339());
    world.put(&event).await;
    assert_eq!(world.ended(&product).await.state, "succeeded");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protection_that_is_there_already_stays_as_it_is() {
    let world = World::of(fast(quick())).await;
    let stack = stack(&world, "orders");
    // Somebody sees the new product, and protects it before Steward has its answer.
    world.fault("servicecatalog", IMPORT, 1, Effect::DelayAnswer(std::time::Duration::from_secs(2)));
    ask(&world, &stack).await;
    let product = loop {
        if let Some(execution) = world.cloud.catalog.executions().into_iter().next() {
            break execution.product_id;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    let until = world.product("x").created_at + chrono::TimeDelta::days(9);
    let until = chrono::DateTime::from_timestamp(until.timestamp(), 0);
    let theirs = Protection { by: "ops".to_owned(), reason: "an audit".to_owned(), until };
    world.protect(&product, Some(&theirs)).await;
    let ended = world.ended(&stack).await;
    assert_eq!((ended.state.as_str(), ended.provisioned_product_id.as_ref()), ("succeeded", Some(&product)));
    assert_eq!(protection_of(&world, &product).await, Some(theirs));
    world.cloud.stop().await;
}
