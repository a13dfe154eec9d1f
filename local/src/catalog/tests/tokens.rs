//! Tokens, and the names of products.

use super::super::{StateCheck, TokenMemory, TokenMismatch};
use super::*;

/// What a repeated call gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gets {
    /// The record that the first call made.
    Same,
    /// A record of its own.
    Another,
    /// The refusal of a product that changes.
    Busy,
    /// `ResourceNotFoundException`.
    Gone,
}

async fn repeated(scene: &Scene, first: &str) -> Gets {
    match scene.terminate("t").await {
        Ok(id) if id == first => Gets::Same,
        Ok(_) => Gets::Another,
        Err(code) if code == "ResourceNotFoundException" => Gets::Gone,
        Err(code) => {
            assert_eq!(code, "InvalidParametersException");
            Gets::Busy
        }
    }
}

#[tokio::test]
async fn a_repeated_call_gets_what_the_settings_say() {
    use Gets::{Another, Busy, Gone, Same};
    use StateCheck::{AfterToken, BeforeToken};
    use TokenMemory::{ForEver, None, WhileRunning};
    // While the record runs, after it succeeded, after it failed.
    for (memory, check, running, succeeded, failed) in [
        (WhileRunning, AfterToken, Same, Gone, Another),
        (WhileRunning, BeforeToken, Busy, Gone, Another),
        (ForEver, AfterToken, Same, Same, Same),
        (ForEver, BeforeToken, Busy, Same, Same),
        (None, AfterToken, Busy, Gone, Another),
        (None, BeforeToken, Busy, Gone, Another),
    ] {
        for (script, ended) in [(Script::Succeed, succeeded), (not_empty(), failed)] {
            let scene = Scene::with([script.clone()], |settings| {
                (settings.token_memory, settings.state_check) = (memory, check);
            });
            let first = scene.terminate("t").await.unwrap();
            for seconds in [0, 2, 122] {
                scene.pass(seconds);
                let place = format!("{memory:?} {check:?} {script:?}, running");
                assert_eq!(repeated(&scene, &first).await, running, "{place}");
            }
            scene.pass(1);
            assert_eq!(repeated(&scene, &first).await, ended, "{memory:?} {check:?} {script:?}, ended");
            let carried_out = if ended == Another { 2 } else { 1 };
            assert_eq!(scene.catalog.executions().len(), carried_out, "{memory:?} {check:?} {script:?}");
        }
    }
}

#[tokio::test]
async fn another_token_is_another_call() {
    let scene = Scene::new([not_empty()]);
    let first = scene.terminate("t").await.unwrap();
    assert_eq!(scene.terminate("u").await, Err("InvalidParametersException".to_owned()), "it runs");
    scene.pass(125);
    let second = scene.terminate("u").await.unwrap();
    assert_ne!(first, second);
    let done = scene.catalog.executions();
    let done: Vec<_> = done.iter().map(|done| (done.token.as_str(), done.record_id.as_str())).collect();
    assert_eq!(done, [("t", first.as_str()), ("u", second.as_str())]);
}

#[tokio::test]
async fn a_known_token_with_other_members_is_refused_or_replayed() {
    for (members, is_other) in [
        (json!({ "ProvisionedProductId": ID }), false),
        (json!({ "ProvisionedProductId": ID, "IgnoreErrors": false }), false),
        (json!({ "ProvisionedProductId": ID, "RetainPhysicalResources": null }), false),
        (json!({ "ProvisionedProductId": ID, "IgnoreErrors": true }), true),
        (json!({ "ProvisionedProductId": ID, "RetainPhysicalResources": true }), true),
        (json!({ "ProvisionedProductId": "pp-other00000001" }), true),
    ] {
        for mismatch in [TokenMismatch::Refuse, TokenMismatch::Replay] {
            let scene = Scene::with([], |settings| settings.token_mismatch = mismatch);
            scene.catalog.add(NewProduct::new("pp-other00000001", "other", start()));
            let first = scene.terminate("t").await.unwrap();
            let again = scene.terminate_so("t", members.clone()).await;
            let expected = if is_other && mismatch == TokenMismatch::Refuse {
                Err("InvalidParametersException".to_owned())
            } else {
                Ok(first)
            };
            assert_eq!(again, expected, "{mismatch:?} {members}");
            assert_eq!(scene.catalog.executions().len(), 1, "{mismatch:?} {members}");
        }
    }
}

#[tokio::test]
async fn a_token_is_free_again_with_other_members_after_a_failure() {
    let scene = Scene::new([not_empty(), not_empty()]);
    let first = scene.terminate("t").await.unwrap();
    scene.pass(125);
    let again = scene.terminate_so("t", json!({ "ProvisionedProductId": ID, "IgnoreErrors": true })).await.unwrap();
    assert_ne!(first, again);
    scene.pass(125);
    assert!(scene.product(ID).await.is_err(), "this time errors are ignored");
}

#[tokio::test]
async fn a_name_and_an_arn_name_the_living() {
    let arn = |name: &str, id: &str| format!("arn:aws:servicecatalog:eu-central-1:111122223333:stack/{name}/{id}");
    let named = |name: &str| json!({ "ProvisionedProductName": name });
    let scene = Scene::new([]);
    scene.terminate_so("t", named(NAME)).await.unwrap();
    scene.pass(125);
    assert_eq!(scene.terminate_so("u", named(NAME)).await, Err("ResourceNotFoundException".to_owned()));

    // The name is free: another product takes it.
    scene.catalog.add(NewProduct::new("pp-later00000001", NAME, scene.clock.now()));
    let by_name = scene.call("DescribeProvisionedProduct", json!({ "Name": NAME })).await.unwrap();
    assert_eq!(by_name["ProvisionedProductDetail"]["Id"], "pp-later00000001");
    assert!(scene.product(ID).await.is_err(), "the id still means the one that is gone");
    for (name, is_found) in [
        (arn(NAME, ID), false),
        (arn("other", "pp-later00000001"), false),
        (arn(NAME, "pp-later00000001").replace("1111", "9999"), false),
        (arn(NAME, "pp-later00000001").replace("eu-central-1", "us-east-1"), false),
        ("Sandbox".to_owned(), false),
        (arn(NAME, "pp-later00000001"), true),
    ] {
        let answer = scene.terminate_so("v", named(&name)).await;
        if is_found {
            assert_eq!(scene.record(&answer.unwrap()).await["ProvisionedProductId"], "pp-later00000001");
        } else {
            assert_eq!(answer, Err("ResourceNotFoundException".to_owned()), "{name}");
        }
    }
}
