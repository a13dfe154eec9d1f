//! The service allows one import at a time: the others wait in line, and that costs no call.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use steward_local::catalog::{Script, Settings};
use steward_tests::world::{World, fast};

use super::{
    ARTIFACT, IMPORT, PRODUCT, adoptions, ask, asked, name_for, one_after_the_other, order, quick, request, sent, slot,
    stack,
};

/// The calls of Service Catalog that the function made.
fn paid(world: &World) -> Vec<(String, u64)> {
    let calls = world.cloud.gateway.counts().remove("ImportFunction").unwrap_or_default();
    calls.into_iter().filter(|(call, _)| call.starts_with("servicecatalog:")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_at_once_the_second_waits_without_a_call() {
    let world = World::of(fast(quick())).await;
    let stacks = ["orders", "returns"].map(|name| stack(&world, name));
    join_all(stacks.iter().map(|stack| ask(&world, stack))).await;
    for stack in &stacks {
        let ended = world.ended(stack).await;
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
        assert_eq!(adoptions(&world, stack), [ended.token]);
    }
    assert_eq!(one_after_the_other(&world).len(), 2);
    assert_eq!(paid(&world), [(format!("servicecatalog:{IMPORT}"), 2)]);
    world.cloud.stop().await;
}

// Hazard B5: by backoff alone newcomers overtake, and the oldest give up.
#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_at_once_each_has_its_turn_in_the_order_of_the_line() {
    // Ten minutes at AWS: five seconds here, for the first one, until all others are in line.
    let world = World::of(fast(Settings { import: Duration::from_mins(10), ..Settings::default() })).await;
    let stacks: Vec<String> = (0..20).map(|n| stack(&world, &format!("stack-{n}"))).collect();
    join_all(stacks.iter().map(|stack| ask(&world, stack))).await;
    let mut line = Vec::new();
    while line.len() < 19 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let slot = slot(&world).await;
        line = slot["line"].as_array().cloned().unwrap_or_default();
        line.insert(0, slot["owner"].clone());
        line.truncate(if line.len() == 20 { 20 } else { 0 });
    }
    assert_eq!(sent(&world), 1, "who waits in line calls nobody");
    world.cloud.catalog.configure(|settings| settings.import = Duration::from_secs(5));
    for stack in &stacks {
        let ended = world.ended(stack).await;
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
        assert_eq!(adoptions(&world, stack), [ended.token], "{stack}");
    }
    let operations = world.report().await.operations;
    let subject = |id: &Value| operations.iter().find(|row| row.id == *id).map(|row| row.subject.clone());
    let in_line: Vec<String> = line.iter().filter_map(subject).collect();
    assert_eq!(order(&world), in_line);
    assert_eq!(paid(&world), [(format!("servicecatalog:{IMPORT}"), 20)], "each called once");
    assert_eq!(slot(&world).await.get("owner"), None, "free again");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_ten_times_is_one_import() {
    let world = World::of(fast(quick())).await;
    let stack = stack(&world, "orders");
    let event = asked(&request(&stack));
    join_all((0..10).map(|_| world.put(&event))).await;
    let ended = world.ended(&stack).await;
    assert_eq!((ended.state.as_str(), sent(&world)), ("succeeded", 1));
    assert_eq!(adoptions(&world, &stack), [ended.token]);
    assert_eq!(world.report().await.rejected, []);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_is_not_ready_waits_and_keeps_nobody_waiting() {
    let world = World::of(fast(quick())).await;
    let [busy, second, third] = ["busy", "second", "third"].map(|name| stack(&world, name));
    world.cloud.catalog.set_stack_status(&busy, "UPDATE_IN_PROGRESS");
    ask(&world, &busy).await;
    let waiting = world.until(&busy, |row| row.state == "waiting").await;
    assert!(waiting.reason.unwrap().contains("UPDATE_IN_PROGRESS"), "the service's words");
    for stack in [&second, &third] {
        ask(&world, stack).await;
        assert_eq!(world.ended(stack).await.state, "succeeded");
    }
    assert_eq!(world.until(&busy, |row| row.state == "waiting").await.record_id, None);
    assert_eq!(adoptions(&world, &busy), Vec::<String>::new());
    world.cloud.catalog.set_stack_status(&busy, "UPDATE_COMPLETE");
    let ended = world.ended(&busy).await;
    assert_eq!(ended.state, "succeeded", "{ended:?}");
    assert_eq!(adoptions(&world, &busy), [ended.token]);
    assert_eq!(order(&world), [second, third, busy]);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_somebody_else_is_waited_for() {
    // Six minutes at AWS: three seconds here.
    let world = World::of(fast(Settings { import: Duration::from_mins(6), ..Settings::default() })).await;
    let [theirs, ours] = ["theirs", "ours"].map(|name| stack(&world, name));
    let user = steward_local::clients::clients(&world.cloud.gateway, "user").servicecatalog;
    let call = user.import_as_provisioned_product().product_id(PRODUCT).provisioning_artifact_id(ARTIFACT);
    let call = call.provisioned_product_name(name_for(&theirs)).physical_id(&theirs).idempotency_token("theirs");
    call.send().await.unwrap();
    ask(&world, &ours).await;
    let waiting = world.until(&ours, |row| row.state == "waiting").await;
    assert!(waiting.reason.unwrap().contains("Another import is in progress"));
    let ended = world.ended(&ours).await;
    assert_eq!(ended.state, "succeeded", "{ended:?}");
    assert_eq!(adoptions(&world, &ours), [ended.token]);
    assert_eq!(order(&world), [theirs, ours]);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_failed_is_followed_by_a_new_attempt_before_the_next_in_line() {
    let world = World::of(fast(quick())).await;
    let [failing, next] = ["failing", "next"].map(|name| stack(&world, name));
    let failure = Script::Fail(vec![("InternalFailure".to_owned(), "The stack could not be adopted".to_owned())]);
    world.cloud.catalog.script_new(&name_for(&failing), [failure]);
    ask(&world, &failing).await;
    let first = world.until(&failing, |row| row.state == "submitted").await;
    ask(&world, &next).await;
    let ended = world.ended(&failing).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 2), "{ended:?}");
    assert_ne!(first.token, ended.token);
    assert_eq!(adoptions(&world, &failing), [first.token, ended.token]);
    assert_eq!(world.ended(&next).await.state, "succeeded");
    assert_eq!(order(&world), [failing.clone(), failing.clone(), next]);
    // The product of the first attempt is gone: what counts is the one of the second.
    let products = world.cloud.catalog.products().into_iter();
    let living = products.filter(|product| product.stack.as_ref() == Some(&failing) && !product.gone);
    let living: Vec<String> = living.map(|product| product.id).collect();
    let adopted = ended.provisioned_product_id.unwrap();
    assert_eq!(living, std::slice::from_ref(&adopted));
    let guard = shared::ports::Store::guard(&world.cloud.store, &adopted).await.unwrap();
    assert!(guard.product.is_some_and(|product| product.protection.is_some()), "the adopted one is protected");
    world.cloud.stop().await;
}
