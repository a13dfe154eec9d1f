//! What the service refuses for good is told in its own words, with what a person can do about it.

use serde_json::json;
use steward_local::catalog::{FailedImport, NewOffer, NewProduct, SANDBOX_TEMPLATE, Script, Settings};
use steward_tests::world::{World, fast};

use super::{adoptions, ask, asked, name_for, quick, request, sent, stack, stack_of, told_of};

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_adopted_fails_with_the_service_s_words_and_a_hint_and_the_slot_goes_on() {
    let world = World::of(fast(quick())).await;
    let [named, product, closed, good] = ["named", "product", "closed", "good"].map(|name| stack(&world, name));
    let handmade = stack_of(&world, "handmade", "{\"Resources\": {\"Queue\": {\"Type\": \"AWS::SQS::Queue\"}}}");
    let catalog = &world.cloud.catalog;
    catalog.add(NewProduct { name: name_for(&named), ..world.product("pp-named") });
    catalog.add(world.product("pp-product").stack(&product));
    catalog.offer_product(NewOffer {
        product_id: "prod-closed000001".to_owned(),
        product_name: "For the security team alone".to_owned(),
        artifact_id: "pa-closed0000001".to_owned(),
        artifact_name: "v1".to_owned(),
        template: SANDBOX_TEMPLATE.to_owned(),
        principals: vec!["arn:aws:iam::111122223333:role/security".to_owned()],
    });
    let mut of_closed = request(&closed);
    of_closed["productId"] = json!("prod-closed000001");
    of_closed["provisioningArtifactId"] = json!("pa-closed0000001");
    for (stack, request, code, words, hint) in [
        (&named, request(&named), "DuplicateResourceException", "already exists", "the name is taken"),
        (&product, request(&product), "DuplicateResourceException", "is provisioned product", "product already"),
        (&handmade, request(&handmade), "InvalidParametersException", "The template of stack", "must be the"),
        (&closed, of_closed, "ResourceNotFoundException", "No launch paths", "AssociatePrincipalWithPortfolio"),
    ] {
        world.put(&asked(&request)).await;
        let ended = world.ended(stack).await;
        assert_eq!((ended.state.as_str(), ended.attempts), ("failed", 1), "{ended:?}");
        let reason = ended.reason.unwrap();
        assert!(reason.contains(words) && reason.contains("hint: ") && reason.contains(hint), "{reason}");
        let told = told_of(&world, stack);
        let [event] = &told[..] else { panic!("told once, not {told:#?}") };
        assert_eq!(event["detail-type"], "Operation Failed");
        assert_eq!(
            (event["detail"]["errors"][0]["code"].as_str(), &event["detail"]["why"]),
            (Some(code), &json!(reason))
        );
        assert_eq!(adoptions(&world, stack), Vec::<String>::new());
    }
    assert_eq!(sent(&world), 4, "each asked once");
    ask(&world, &good).await;
    assert_eq!(world.ended(&good).await.state, "succeeded");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_import_that_leaves_its_product_behind_is_not_repeated_over_it() {
    let world = World::of(fast(Settings { failed_import: FailedImport::Error, ..quick() })).await;
    let [failing, next] = ["failing", "next"].map(|name| stack(&world, name));
    let failure = Script::Fail(vec![("InternalFailure".to_owned(), "The stack could not be adopted".to_owned())]);
    world.cloud.catalog.script_new(&name_for(&failing), [failure]);
    ask(&world, &failing).await;
    ask(&world, &next).await;
    let ended = world.ended(&failing).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("failed", 2), "{ended:?}");
    assert_eq!(ended.errors[0][0], "DuplicateResourceException", "{ended:?}");
    assert_eq!(adoptions(&world, &failing).len(), 1);
    assert_eq!(world.ended(&next).await.state, "succeeded");
    world.cloud.stop().await;
}
