//! Records: followed to whatever end they come to.

use steward_local::catalog::{AccessDeniedAs, AccessLevel, Script, Settings};
use steward_tests::world::{World, fast};

fn fails() -> Script {
    Script::Fail(vec![("1".to_owned(), "The bucket you tried to delete is not empty".to_owned())])
}

#[tokio::test(flavor = "multi_thread")]
async fn two_failed_records_are_two_attempts_each_with_its_own_token() {
    let world = World::new().await;
    let event = world.expired(world.product("pp-twice").scripts([fails(), fails()])).await;
    world.put(&event).await;
    let ended = world.ended("pp-twice").await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 3));
    let tokens = world.executions("pp-twice");
    let ends: Vec<&str> = tokens.iter().map(|token| &token[token.len() - 3..]).collect();
    assert_eq!(ends, ["-a1", "-a2", "-a3"]);
    assert_eq!(world.told("pp-twice").len(), 1, "only the end is told");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_failed_records_are_the_end_and_it_is_told_with_the_service_s_words() {
    let world = World::new().await;
    let event = world.expired(world.product("pp-thrice").scripts([fails(), fails(), fails()])).await;
    world.put(&event).await;
    let ended = world.ended("pp-thrice").await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("failed", 3));
    let (told, detail) = &world.told("pp-thrice")[0];
    assert_eq!(told, "Operation Failed");
    assert_eq!(detail["errors"][0]["description"], "The bucket you tried to delete is not empty");
    assert_eq!(detail["recordId"].as_str(), ended.record_id.as_deref());
    world.put(&event).await;
    world.quiet().await;
    assert_eq!(world.executions("pp-thrice").len(), 3, "what failed for good is not restarted by a duplicate");
    world.cloud.stop().await;
}

// Hazard B16: one that hangs is looked at slowly.
#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_never_answers_is_followed_slowly_and_never_asked_twice() {
    let world = World::of(fast(Settings::default()).with("StalledAfter", "1s").with("FirstPoll", "300ms")).await;
    let event = world.expired(world.product("pp-never").scripts([Script::Never])).await;
    world.put(&event).await;
    world.until("pp-never", |row| row.state == "submitted").await;
    let said = |world: &World| {
        let lines = world.cloud.functions.log();
        lines.iter().filter(|line| line.text.contains("is stalled")).count()
    };
    while said(&world) == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let looks = || world.calls("ReconcileFunction", "servicecatalog:DescribeRecord");
    let before = looks();
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert!(looks() - before <= 4, "slowly: {} looks in three seconds", looks() - before);
    assert_eq!(said(&world), 1, "said once");
    world.put(&event).await;
    world.quiet().await;
    assert_eq!(world.executions("pp-never").len(), 1);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_nobody_knows_is_no_end() {
    let world = World::new().await;
    let event = world.expired(world.product("pp-new").scripts([Script::UnknownStatus("THINKING".to_owned())])).await;
    world.put(&event).await;
    let ended = world.ended("pp-new").await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1));
    world.cloud.stop().await;
}

// Hazard B16: an unreadable record is not looked at for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_may_not_be_read_is_looked_for_elsewhere() {
    for denied_as in [AccessDeniedAs::AccessDenied, AccessDeniedAs::NotFound] {
        let settings = Settings {
            access_denied_as: denied_as,
            access_levels: [("ReconcileFunction".to_owned(), AccessLevel::User)].into(),
            ..Settings::default()
        };
        let world = World::of(fast(settings)).await;
        let event = world.expired(world.product("pp-unread")).await;
        world.put(&event).await;
        let ended = world.ended("pp-unread").await;
        assert_eq!(ended.state, "succeeded", "{denied_as:?}: {ended:?}");
        world.cloud.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_attempt_that_stalls_is_said() {
    // Six minutes at AWS: three seconds here, so that the first attempt stalls before it fails.
    let settings = Settings { termination: std::time::Duration::from_mins(6), ..Settings::default() };
    let world = World::of(fast(settings).with("StalledAfter", "1s").with("FirstPoll", "300ms")).await;
    let event = world.expired(world.product("pp-slow").scripts([fails(), Script::Never])).await;
    world.put(&event).await;
    world.until("pp-slow", |row| row.state == "submitted" && row.attempts == 2).await;
    let said = || world.cloud.functions.log().iter().filter(|line| line.text.contains("is stalled")).count();
    let began = std::time::Instant::now();
    while said() < 2 {
        assert!(began.elapsed().as_secs() < 30, "the second attempt stalls in silence: said {} times", said());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    world.cloud.stop().await;
}
