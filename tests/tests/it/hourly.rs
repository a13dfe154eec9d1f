//! No more terminations in an hour than are allowed, whoever asks; the others wait.

use futures_util::future::join_all;
use steward_local::catalog::Settings;
use steward_local::run::report::OperationRow;
use steward_tests::world::{World, fast, hour};

fn is_held(row: &OperationRow) -> bool {
    row.state == "waiting" && row.reason.as_deref().is_some_and(|why| why.contains("in this hour, and no more may"))
}

// Hazard A7: nor do requests pass the limit of an hour.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_more_than_may_go_in_an_hour_waits() {
    let (world, began) = loop {
        let began = hour();
        let world = World::of(fast(Settings::default()).with("MaxTerminationsPerHour", "3")).await;
        let ids: Vec<String> = (0..6).map(|i| format!("pp-hour{i}")).collect();
        for id in &ids {
            world.cloud.catalog.add(world.product(id));
        }
        join_all(ids.iter().map(|id| world.ask(id))).await;
        for id in &ids {
            world.until(id, |row| row.state == "succeeded" || is_held(row)).await;
        }
        // An hour that ends meanwhile lets three more go.
        if hour() == began {
            break (world, began);
        }
        world.cloud.stop().await;
    };
    let rows = world.report().await.operations;
    let of = |state: &str| rows.iter().filter(|row| row.state == state).count();
    assert_eq!((of("succeeded"), of("waiting")), (3, 3), "in hour {began}: {rows:#?}");
    assert_eq!(world.calls("TerminateFunction", "servicecatalog:TerminateProvisionedProduct"), 3);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_of_none_lets_none_go() {
    let world = World::of(fast(Settings::default()).with("MaxTerminationsPerHour", "0")).await;
    world.cloud.catalog.add(world.product("pp-none"));
    world.ask("pp-none").await;
    world.until("pp-none", is_held).await;
    assert_eq!(world.calls("TerminateFunction", "servicecatalog:TerminateProvisionedProduct"), 0);
    world.cloud.stop().await;
}
