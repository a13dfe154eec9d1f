//! Plans that are there from the beginning.

use super::*;

#[tokio::test]
async fn a_scene_has_plans_without_templates() {
    let scene = scene(|_| {});
    ready(&scene);
    let new = PlanFor::New { id: "pp-new".to_owned(), name: "new".to_owned() };
    scene.catalog.add_plan(NewPlan::new("plan-new", new, []));
    let answer = scene.call(DESCRIBE, json!({ "PlanId": PLAN })).await.unwrap();
    assert_eq!(each(&answer, "ResourceChanges", "Action"), ["REMOVE"]);
    assert_eq!(answer["ProvisionedProductPlanDetails"]["ProvisionProductId"], ID);
    assert_eq!(scene.product("pp-new").await.unwrap()["Status"], "PLAN_IN_PROGRESS");
    execute(&scene, "plan-new", "t").await.unwrap();
    scene.pass(250);
    assert_eq!(scene.product("pp-new").await.unwrap()["Status"], "AVAILABLE");
}

#[tokio::test]
async fn the_changes_of_a_plan_can_be_swapped() {
    let scene = scene(|_| {});
    ready(&scene);
    scene
        .catalog
        .change_plan(PLAN, |plan| plan.changes = vec![json!({ "Action": "ADD" }), json!({ "Action": "MODIFY" })]);
    let answer = scene.call(DESCRIBE, json!({ "PlanId": PLAN })).await.unwrap();
    assert_eq!(each(&answer, "ResourceChanges", "Action"), ["ADD", "MODIFY"]);
    assert_eq!(scene.catalog.plans()[0].changes.len(), 2);
}

#[tokio::test]
async fn a_plan_may_say_how_its_execution_ends_and_keeps_other_parameters() {
    for (script, status, value) in [(Script::Succeed, "AVAILABLE", "new"), (not_empty(), "TAINTED", "old")] {
        let scene = Scene::empty(|_| {});
        let product = NewProduct::new(ID, NAME, start()).parameter("A", "old").parameter("B", "old");
        scene.catalog.add(product.scripts([Script::Never]));
        let plan = NewPlan::new(PLAN, PlanFor::Existing(ID.to_owned()), []).script(script);
        scene.catalog.add_plan(NewPlan { parameters: vec![("A".to_owned(), "new".to_owned())], ..plan });
        execute(&scene, PLAN, "t").await.unwrap();
        scene.pass(250);
        assert_eq!(scene.product(ID).await.unwrap()["Status"], status);
        let parameters = &scene.catalog.products()[0].parameters;
        assert!(parameters.contains(&("A".to_owned(), value.to_owned())), "{parameters:?}");
        assert!(parameters.contains(&("B".to_owned(), "old".to_owned())), "{parameters:?}");
        // What the product's own scripts say is still to come.
        scene.terminate("t").await.unwrap();
        scene.pass(1_000_000);
        assert_eq!(scene.product(ID).await.unwrap()["Status"], "UNDER_CHANGE");
    }
}
