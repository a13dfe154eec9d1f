//! Asking for work: checked before it is sent, followed to its end, and the exit code says what that was.

use chrono::TimeDelta;
use steward_local::catalog::Settings;
use steward_tests::sweeping::{hence, text};
use steward_tests::world::{REPAIR, RESTART, World, fast};

use super::{assert_shown, fails, operate, world};

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_is_asked_for_and_followed_to_its_end() {
    let world = world().await;
    world.cloud.catalog.add(world.product("pp-asked"));
    let action = ["request", "action", "pp-asked", RESTART, "--parameter", "Password=secret", "--wait"];
    assert_shown!("ask_action", operate(&world, &action).await);
    let end = ["request", "terminate", "pp-asked", "--reason", "not used", "--yes", "--wait"];
    assert_shown!("ask_terminate", operate(&world, &end).await);
    let shown = operate(&world, &["show", "pp-asked", "--json"]).await.document();
    assert_eq!((&shown["exists"], shown["operations"].as_array().map(Vec::len)), (&false.into(), Some(2)));
    let operation = shown["operations"][1]["operation"].as_str().expect("an operation").to_owned();
    let whole = operate(&world, &["show", &operation, "--json"]).await;
    assert!(!whole.out.contains("secret"), "the values of parameters are nobody's business: {}", whole.out);
    let owner = "arn:aws:sts::111122223333:assumed-role/operator/operator";
    assert_eq!(whole.document()["requestedBy"], owner);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_says_how_it_ended() {
    let world = world().await;
    let ends = async |id: &str| {
        let arguments = ["request", "terminate", id, "--yes", "--wait", "--timeout", "1m", "--by", "jo"];
        operate(&world, &arguments).await
    };
    world.cloud.catalog.add(world.product("pp-fails").scripts([fails(), fails(), fails()]));
    let failed = ends("pp-fails").await;
    assert_eq!((failed.code, failed.out.contains("is not empty")), (1, true), "{failed:?}");
    world.cloud.catalog.add(world.product("pp-kept").tag("steward:protect", "yes"));
    let rejected = ends("pp-kept").await;
    assert_eq!((rejected.code, rejected.out.contains("protected by its tag")), (6, true), "{rejected:?}");
    world.cloud.store.pause("a test").await.unwrap();
    world.cloud.catalog.add(world.product("pp-later"));
    let late = operate(&world, &["request", "terminate", "pp-later", "--yes", "--wait", "--timeout", "2s"]).await;
    assert_eq!((late.code, late.err.contains("PAUSED")), (9, true), "{late:?}");
    let row = world.until("pp-later", |row| row.state == "waiting").await;
    let cancelled = operate(&world, &["cancel", &row.id, "--reason", "no", "--yes"]).await;
    assert_eq!(cancelled.code, 0, "{cancelled:?}");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_acceptable_never_leaves() {
    let world = world().await;
    let until = text(hence(TimeDelta::days(2)));
    let stack = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/1";
    for (arguments, code, wanted) in [
        (&["request", "terminate", "pp bad", "--yes"][..], 2, "`provisionedProductId` is \"pp bad\"; accepted:"),
        (&["request", "terminate", "pp-a"], 4, "not confirmed: End pp-a?"),
        (&["request", "action", "pp-a", "act 1"], 2, "`serviceActionId` is"),
        (&["request", "action", "pp-a", REPAIR, "--parameter", "x"], 2, "accepted: NAME=VALUE"),
        (&["request", "plan", "plan-a", "--digest", "abc"], 2, "`resourceChangesDigest` is \"abc\""),
        (
            &["request", "import", "--product", "p", "--artifact", "a", "--name", "!", "--stack-arn", stack],
            2,
            "`provisionedProductName` is",
        ),
        (&["request", "terminate", "pp-a", "--yes", "--language", "fr"], 2, "`acceptLanguage` is \"fr\""),
        (&["extend", "pp-a", "--for", "soon", "--reason", "x"], 2, "`for` is \"soon\""),
        (&["extend", "pp-a", "--reason", "x"], 2, "neither `until` nor `for`"),
        (&["extend", "pp-a", "--for", "1d", "--until", &until, "--reason", "x"], 2, "cannot be used with"),
        (&["protect", "pp-a"], 2, "--reason"),
        (&["show", "op-xyz"], 2, "is no operation; accepted: op- and at least"),
        (&["pause", " "], 2, "the reason is empty"),
        (&["--stack", "other", "list"], 5, "could not read the stack other: AccessDenied"),
        (&["show", "pp-nothere"], 3, "there is no provisioned product pp-nothere"),
        (&["plan", "show", "plan-nothere"], 3, "there is no plan plan-nothere"),
    ] {
        let ran = operate(&world, arguments).await;
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(wanted) && ran.out.is_empty(), "{arguments:?}: {ran:?}");
    }
    assert_eq!(world.calls("operator", "events:PutEvents"), 0);
    let unknown = world.steward(&["--stack", "other", "list"]).await;
    assert_eq!(
        (unknown.code, unknown.err.contains("there is no stack other in eu-central-1")),
        (3, true),
        "{unknown:?}"
    );
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_among_the_requesters_is_told_so() {
    let world = World::of(fast(Settings::default()).with("Requesters", "")).await;
    let refused = operate(&world, &["request", "action", "pp-a", RESTART]).await;
    assert_eq!(refused.code, 5, "{refused:?}");
    assert!(refused.err.contains("Requesters"), "{refused:?}");
    world.cloud.stop().await;
}
