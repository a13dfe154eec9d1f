//! What is put on offer without a call, and who comes to it.

use super::super::Scene;
use crate::catalog::{NewAction, NewOffer};

const PRODUCT: &str = "prod-database00001";

/// A catalog that also offers a database to these.
fn database(principals: &[&str]) -> Scene {
    let scene = Scene::empty(|_| {});
    scene.catalog.offer_product(NewOffer {
        product_id: PRODUCT.to_owned(),
        product_name: "Database".to_owned(),
        artifact_id: "pa-database000001".to_owned(),
        artifact_name: "v1".to_owned(),
        template: "{}".to_owned(),
        principals: principals.iter().map(|&arn| arn.to_owned()).collect(),
    });
    scene
}

fn reaches(scene: &Scene, caller_arn: &str) -> bool {
    scene.catalog.lock().offer.launch_path(PRODUCT, caller_arn).is_some()
}

#[test]
fn the_sandbox_is_open_to_everybody() {
    let scene = Scene::empty(|_| {});
    let state = scene.catalog.lock();
    let artifact = state.offer.artifact("prod-sandbox000001", "pa-sandbox0000001").unwrap();
    assert_eq!((artifact.name.as_str(), artifact.active), ("v1", true));
    assert!(artifact.template.contains("BucketName"));
    let path = state.offer.launch_path("prod-sandbox000001", "arn:aws:sts::111122223333:assumed-role/any/one");
    assert!(path.unwrap().starts_with("lpv3-"));
    assert!(state.offer.artifact("prod-other", "pa-sandbox0000001").is_none(), "a version is one of its product");
}

#[test]
fn a_session_counts_as_its_role_whatever_path_the_role_has() {
    let scene = database(&["arn:aws:iam::111122223333:role/team/deploy"]);
    assert!(reaches(&scene, "arn:aws:sts::111122223333:assumed-role/deploy/jo"));
    assert!(reaches(&scene, "arn:aws:iam::111122223333:role/team/deploy"));
    assert!(!reaches(&scene, "arn:aws:sts::111122223333:assumed-role/deployer/jo"));
    assert!(!reaches(&scene, "arn:aws:sts::444455556666:assumed-role/deploy/jo"), "the same name elsewhere");
    assert!(!reaches(&scene, "arn:aws:iam::111122223333:user/deploy"), "a user is no role");
}

#[test]
fn a_pattern_needs_no_account_and_may_have_wildcards() {
    let scene = database(&["arn:aws:iam:::role/deploy-?", "arn:aws:iam:::user/*"]);
    for (caller, is_meant) in [
        ("arn:aws:sts::111122223333:assumed-role/deploy-a/jo", true),
        ("arn:aws:sts::111122223333:assumed-role/deploy-ab/jo", false),
        ("arn:aws:iam::111122223333:user/admin", true),
        ("arn:aws:iam::111122223333:group/admin", false),
    ] {
        assert_eq!(reaches(&scene, caller), is_meant, "{caller}");
    }
}

#[test]
fn no_principal_is_no_way() {
    let scene = database(&[]);
    assert!(!reaches(&scene, "arn:aws:iam::111122223333:user/admin"));
}

#[test]
fn a_second_version_comes_into_the_same_portfolio() {
    let scene = database(&["*"]);
    scene.catalog.offer_product(NewOffer {
        product_id: PRODUCT.to_owned(),
        product_name: "Database".to_owned(),
        artifact_id: "pa-database000002".to_owned(),
        artifact_name: "v2".to_owned(),
        template: "{}".to_owned(),
        principals: Vec::new(),
    });
    let state = scene.catalog.lock();
    let names: Vec<&str> = state.offer.artifacts_of(PRODUCT).map(|artifact| artifact.name.as_str()).collect();
    assert_eq!(names, ["v1", "v2"]);
    assert_eq!(state.offer.launch_paths(PRODUCT, "anybody").len(), 1);
}

#[test]
fn an_action_belongs_to_the_versions_that_it_is_associated_with() {
    let scene = database(&["*"]);
    scene.catalog.offer_action(NewAction {
        id: "act-restart000001".to_owned(),
        name: "Restart".to_owned(),
        associated: vec![(PRODUCT.to_owned(), "pa-database000001".to_owned())],
        ..NewAction::default()
    });
    let state = scene.catalog.lock();
    assert_eq!(state.offer.action("act-restart000001").unwrap().name, "Restart");
    assert!(state.offer.is_associated("act-restart000001", PRODUCT, "pa-database000001"));
    assert!(!state.offer.is_associated("act-restart000001", PRODUCT, "pa-database000002"));
    assert!(!state.offer.is_associated("act-other", PRODUCT, "pa-database000001"));
}
