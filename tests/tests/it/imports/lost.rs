//! The answer gets lost after the service has begun: whatever nobody knows of the real one, there is one import.

use std::time::Duration;

use futures_util::future::join_all;
use shared::ports::Store as _;
use steward_local::catalog::{NewProduct, Settings, StateCheck, TokenMemory};
use steward_local::gateway::faults::Effect;
use steward_tests::world::{World, fast};

use super::{IMPORT, adoptions, ask, name_for, quick, sent, stack};

fn each_setting() -> impl Iterator<Item = (TokenMemory, StateCheck)> {
    [TokenMemory::WhileRunning, TokenMemory::ForEver, TokenMemory::None]
        .into_iter()
        .flat_map(|memory| [(memory, StateCheck::BeforeToken), (memory, StateCheck::AfterToken)])
}

/// The product is found by its name, its stack by the search, its record by the history: no second call is needed.
async fn lost(settings: Settings) {
    let setting = format!("{:?}, {:?}, {:?}", settings.token_memory, settings.state_check, settings.import);
    let world = World::of(fast(settings)).await;
    let stack = stack(&world, "orders");
    world.fault("servicecatalog", IMPORT, 1, Effect::DropAfter);
    ask(&world, &stack).await;
    let waiting = world.until(&stack, |row| row.state == "waiting").await;
    assert_eq!(waiting.record_id, None, "{setting}: nobody has told");
    let ended = world.ended(&stack).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{setting}: {ended:?}");
    assert_eq!((adoptions(&world, &stack), sent(&world)), (vec![ended.token], 1), "{setting}");
    let own = world.cloud.catalog.executions()[0].clone();
    assert_eq!(ended.record_id, Some(own.record_id), "{setting}: our own record");
    assert_eq!(ended.provisioned_product_id.as_ref(), Some(&own.product_id), "{setting}");
    let guard = world.cloud.store.guard(&own.product_id).await.unwrap();
    assert!(guard.product.is_some_and(|product| product.protection.is_some()), "{setting}: protected all the same");
    world.cloud.stop().await;
}

// Hazard A1: a second try of an import would be refused because of the first.
#[tokio::test(flavor = "multi_thread")]
async fn under_every_setting_one_import() {
    for import in [Duration::from_secs(20), Duration::from_mins(10)] {
        let each = each_setting().map(|(token_memory, state_check)| Settings {
            token_memory,
            state_check,
            // Found when it has ended; five seconds here, found while it runs.
            import,
            ..Settings::default()
        });
        join_all(each.map(lost)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_search_does_not_show_yet_is_waited_for() {
    // Ten minutes at AWS: five seconds here.
    lost(Settings { search_lag: Duration::from_mins(10), ..quick() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_never_heard_is_sent_again_with_its_token() {
    let world = World::of(fast(quick())).await;
    let stack = stack(&world, "orders");
    world.fault("servicecatalog", IMPORT, 1, Effect::DropBefore);
    ask(&world, &stack).await;
    let waiting = world.until(&stack, |row| row.state == "waiting").await;
    let ended = world.ended(&stack).await;
    assert_eq!((ended.state.as_str(), &ended.token), ("succeeded", &waiting.token), "{ended:?}");
    assert_eq!((adoptions(&world, &stack), sent(&world)), (vec![ended.token], 2));
    world.cloud.stop().await;
}

// Hazard A2: a product of the same name is a stranger's.
#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_took_the_name_meanwhile_is_not_taken_for_our_own() {
    let world = World::of(fast(quick())).await;
    let stack = stack(&world, "orders");
    world.fault("servicecatalog", IMPORT, 1, Effect::DropBefore);
    ask(&world, &stack).await;
    world.until(&stack, |row| row.state == "waiting").await;
    world.cloud.catalog.add(NewProduct { name: name_for(&stack), ..world.product("pp-theirs") });
    let ended = world.ended(&stack).await;
    assert_eq!((ended.state.as_str(), ended.record_id), ("failed", None), "{:?}", ended.reason);
    assert!(ended.reason.unwrap().contains("the name belongs to pp-theirs"));
    assert_eq!(world.cloud.store.guard("pp-theirs").await.unwrap().product, None, "nor protected");
    world.cloud.stop().await;
}

/// Hazard B5: what is refused for good and may have been carried out all the same is waited for by nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_import_whose_stack_is_deleted_does_not_hold_the_next_one_up() {
    let world = World::of(fast(quick()).with("GiveUpAfter", "12s")).await;
    let next = stack(&world, "next");
    // When its call is heard at last, it is gone.
    let deleted = next.replace("/next/", "/deleted/");
    world.fault("servicecatalog", IMPORT, 1, Effect::DropBefore);
    ask(&world, &deleted).await;
    world.until(&deleted, |row| row.state == "waiting").await;
    ask(&world, &next).await;
    let adopted = world.until(&next, |row| row.state == "succeeded").await;
    let waiting = world.until(&deleted, |_| true).await;
    assert!(matches!(waiting.state.as_str(), "waiting" | "submitting"), "{waiting:?}");
    assert_eq!(adoptions(&world, &next), [adopted.token]);
    let ended = world.ended(&deleted).await;
    assert_eq!((ended.state.as_str(), ended.record_id), ("failed", None), "{:?}", ended.reason);
    let why = ended.reason.unwrap();
    assert!(why.starts_with("outcome unknown") && why.contains("does not exist"), "{why}");
    assert_eq!(adoptions(&world, &deleted), Vec::<String>::new());
    world.cloud.stop().await;
}
