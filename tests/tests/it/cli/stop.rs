//! Everything paused, and resumed.

use steward_tests::world::World;

use super::{assert_shown, operate, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_seen_everywhere_while_it_lasts() {
    let world: World = world().await;
    let paused = operate(&world, &["pause", "the tags of team web are wrong", "--by", "jo"]).await;
    assert_shown!("pause", paused);
    let again = operate(&world, &["pause", "something else", "--by", "bo"]).await;
    assert_eq!((again.code, again.out.contains("It was paused before, by jo since")), (0, true), "{again:?}");
    world.cloud.catalog.add(world.product("pp-waits"));
    world.ask("pp-waits").await;
    world.until("pp-waits", |row| row.state == "waiting").await;
    let listed = operate(&world, &["list"]).await;
    assert!(listed.err.contains("PAUSED: nothing is sent. jo since"), "{listed:?}");
    assert!(listed.out.contains("paused: jo since"), "it says whom it waits for: {listed:?}");
    assert_eq!(world.executions("pp-waits"), Vec::<String>::new());
    assert_shown!("resume", operate(&world, &["resume"]).await);
    assert_eq!(world.ended("pp-waits").await.state, "succeeded");
    let nothing = operate(&world, &["resume", "--json"]).await.document();
    assert_eq!(nothing["changed"], false);
    world.cloud.stop().await;
}
