//! Settled by polling, where no wake-up comes: seldom, and ever more seldom.

use std::time::Duration;

use steward_local::catalog::{NewProduct, Settings};
use steward_local::cloud::Options;
use steward_tests::world::{World, fast};

use super::{RECORD, RESTART, action, offer, plan};
use crate::imports::{ask, quick, stack};

/// A cloud whose stacks and automations tell nothing.
fn silent(settings: Settings) -> Options {
    let options = fast(settings);
    let template = std::fs::read_to_string(&options.template).unwrap();
    let mute = ["[aws.cloudformation]", "[aws.ssm]"].into_iter().fold(template, |template, source| {
        assert!(template.contains(source), "{source}");
        template.replace(source, "[nobody]")
    });
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("silent.yaml");
    std::fs::write(&path, mute).unwrap();
    Options { template: path, ..options }.with("RequirePlanDigest", "false")
}

// Hazard C3: no look before the first pause is over.
#[tokio::test(flavor = "multi_thread")]
async fn what_ends_within_the_first_pause_is_looked_at_once_whatever_its_kind() {
    // The pauses of the template, at this speed: fifteen minutes, and one.
    let options = silent(Settings { update: Duration::from_mins(10), termination: Duration::from_mins(10), ..quick() })
        .with("FirstPoll", "7500ms")
        .with("PollBase", "500ms")
        .with("PollMax", "7500ms");
    let world = World::of(options).await;
    offer(&world, RESTART, "restart");
    for id in ["pp-acted", "pp-ended"] {
        world.cloud.catalog.add(world.product(id));
    }
    let adopted = stack(&world, "orders");
    let approval = plan(&world, "plan-one", 1);
    world.put(&action("pp-acted")).await;
    world.put(&approval).await;
    world.ask("pp-ended").await;
    ask(&world, &adopted).await;
    for subject in ["pp-acted", "plan-one", "pp-ended", &adopted] {
        assert_eq!(world.ended(subject).await.state, "succeeded", "{subject}");
    }
    assert_eq!(world.calls("ReconcileFunction", RECORD), 4);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_stack_is_looked_at_a_few_times_in_twenty_minutes() {
    let settings = Settings { termination: Duration::from_mins(20), ..Settings::default() };
    let world = World::of(fast(settings).with("PollBase", "500ms").with("PollMax", "7500ms")).await;
    world
        .cloud
        .catalog
        .add(NewProduct { product_type: "TERRAFORM_OPEN_SOURCE".to_owned(), ..world.product("pp-terraform") });
    world.ask("pp-terraform").await;
    assert_eq!(world.ended("pp-terraform").await.state, "succeeded");
    // After 1, 2, 4, 8, 16 and 31 minutes; or after 2, 4, 7, 12 and 21, if each just misses its minute.
    let looks = world.calls("ReconcileFunction", RECORD);
    assert!((4..=6).contains(&looks), "{looks} looks");
    assert_eq!(world.calls("ReconcileFunction", "dynamodb:UpdateItem"), looks, "a write for each look");
    world.cloud.stop().await;
}
