//! A deployment looked over.

use serde_json::Value;
use steward_local::clients::clients;
use steward_local::gateway::{USER, VIEWER};
use steward_tests::world::World;

use super::{assert_shown, operate, world};

/// The checks that did not find all well, and what they said.
async fn findings(world: &World) -> Vec<(String, String)> {
    let document = world.steward_as(VIEWER, &["doctor", "--json"]).await.document();
    let rows = document["findings"].as_array().cloned().unwrap_or_default();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let bad = rows.iter().filter(|row| row["verdict"] != "ok");
    bad.map(|row| (text(row, "check"), format!("{} -> {}", text(row, "says"), text(row, "mend")))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_with_what_mends_it() {
    let world = world().await;
    world.sweep().await;
    let role = "arn:aws:iam::111122223333:role/ImportRole";
    let found = findings(&world).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1.contains("can adopt nothing") && found[0].1.contains(role), "{found:?}");
    let aws = clients(&world.cloud.gateway, USER);
    let portfolios = aws.servicecatalog.list_portfolios().send().await.unwrap();
    let portfolio = portfolios.portfolio_details().first().and_then(|one| one.id()).expect("a portfolio").to_owned();
    let associate = aws.servicecatalog.associate_principal_with_portfolio().portfolio_id(portfolio);
    associate.principal_arn(role).principal_type("IAM".into()).send().await.unwrap();
    assert_shown!("doctor_well", world.steward_as(VIEWER, &["doctor"]).await);

    world.cloud.store.pause("a test").await.unwrap();
    let bus = world.cloud.bus();
    aws.eventbridge.disable_rule().event_bus_name(bus).name("TerminationRequestedRule").send().await.unwrap();
    world.cloud.wiring.queue("TerminationsDeadLetterQueue").expect("a queue").send("{}".to_owned());
    assert_shown!("doctor_ill", operate(&world, &["doctor"]).await);
    world.cloud.stop().await;
}
