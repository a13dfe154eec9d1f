//! Each way in which a plan must not be executed, tried.

use serde_json::{Value, json};
use shared::aws::Clients;
use steward_local::catalog::{NewPlan, PlanFor, Settings};
use steward_local::clients::clients;
use steward_local::gateway::USER;
use steward_local::gateway::faults::Fault;
use steward_tests::world::{World, approved, fast};

use super::{DESCRIBE_PLAN, EXECUTE, PLAN, PRODUCT, a_topic, add, answer, existing, modify, remove, spent, with};

/// Why a plan was rejected: as it was told, once.
fn why(world: &World) -> String {
    let told = world.told(PLAN);
    assert_eq!((told.len(), told[0].0.as_str()), (1, "Operation Rejected"), "{told:?}");
    told[0].1["why"].as_str().unwrap().to_owned()
}

/// Asserts that the plan was rejected, and never sent; gives why.
async fn rejected(world: &World) -> String {
    let ended = world.ended(PLAN).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("rejected", 1), "{ended:?}");
    assert_eq!(spent(world, [EXECUTE]), [0]);
    assert_eq!(world.executions(PRODUCT), Vec::<String>::new());
    why(world)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_swapped_after_the_approval_is_rejected_with_what_it_does_now() {
    let world = World::new().await;
    let approval = a_topic(&world);
    world.cloud.catalog.change_plan(PLAN, |plan| plan.changes = vec![add("Topic"), remove("Backups")]);
    world.put(&with(&approval, "allowReplacement", true)).await;
    let why = rejected(&world).await;
    assert!(why.contains("not what was approved"), "{why}");
    assert!(why.contains("by 2 changes: ADD Topic (AWS::SNS::Topic), REMOVE Backups (AWS::S3::Bucket)"), "{why}");
    assert!(why.contains(&world.digest(PLAN)), "what to approve instead: {why}");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_changes_with_other_parameters_are_something_else_and_no_value_is_told() {
    let world = World::new().await;
    let approval = a_topic(&world);
    let parameters = vec![("Password".to_owned(), "hunter2".to_owned())];
    world.cloud.catalog.change_plan(PLAN, |plan| plan.parameters = parameters);
    world.put(&approval).await;
    let why = rejected(&world).await;
    assert!(why.contains("with the parameters [Password]") && !why.contains("hunter2"), "{why}");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_destroy_needs_leave() {
    for change in [modify("Database", "TRUE"), modify("Database", "CONDITIONAL"), remove("Database")] {
        let world = World::new().await;
        let approval = world.planned(existing(&world, PLAN, PRODUCT, [add("Topic"), change.clone()]));
        world.put(&approval).await;
        let why = rejected(&world).await;
        assert!(why.contains("1 of 2 changes") && why.contains("Database"), "{change}: {why}");
        world.cloud.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_says_what_it_is_for_unless_none_has_to() {
    let approval = approved(&json!({ "planId": PLAN }));
    for (required, state) in [("true", "rejected"), ("false", "succeeded")] {
        let world = World::of(fast(Settings::default()).with("RequirePlanDigest", required)).await;
        let _ = a_topic(&world);
        world.put(&approval).await;
        let ended = world.ended(PLAN).await;
        assert_eq!(ended.state, state, "{required}: {ended:?}");
        assert_eq!(world.executions(PRODUCT).len(), usize::from(state == "succeeded"));
        world.cloud.stop().await;
    }
}

fn topics(count: u32) -> Vec<Value> {
    (0..count).map(|i| add(&format!("Topic{i:03}"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_and_fifty_changes_are_judged_whole_by_eight_calls() {
    let world = World::new().await;
    world.put(&world.planned(existing(&world, PLAN, PRODUCT, topics(150)))).await;
    assert_eq!(world.ended(PLAN).await.state, "succeeded");
    assert_eq!(spent(&world, [DESCRIBE_PLAN, EXECUTE, "dynamodb:UpdateItem"]), [8, 1, 1]);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_hides_on_the_last_page_is_found() {
    let world = World::new().await;
    let mut changes = topics(149);
    changes.push(remove("Backups"));
    world.put(&world.planned(existing(&world, PLAN, PRODUCT, changes))).await;
    let why = rejected(&world).await;
    assert!(why.contains("1 of 150 changes") && why.contains("REMOVE Backups"), "{why}");
    assert_eq!(spent(&world, [DESCRIBE_PLAN]), [8]);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_cannot_be_read_holds_the_call_back() {
    let world = World::new().await;
    let mut changes = topics(30);
    changes.push(remove("Backups"));
    let _ = world.cloud.gateway.faults().add(Fault {
        caller: None,
        service: Some("servicecatalog".to_owned()),
        operation: Some("DescribeProvisionedProductPlan".to_owned()),
        // The first page is read, the second one not, however often the SDK tries.
        skip: 1,
        times: 3,
        effect: answer(500, "InternalFailure", "oops"),
    });
    world.put(&world.planned(existing(&world, PLAN, PRODUCT, changes))).await;
    let why = rejected(&world).await;
    assert!(why.contains("1 of 31 changes"), "judged whole at the next look: {why}");
    assert_eq!(world.cloud.gateway.faults().pending(), []);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_still_being_made_is_waited_for() {
    let world = World::new().await;
    let approval = a_topic(&world);
    world.cloud.catalog.change_plan(PLAN, |plan| "CREATE_IN_PROGRESS".clone_into(&mut plan.status));
    world.put(&approval).await;
    let waiting = world.until(PLAN, |row| row.state == "waiting").await;
    assert_eq!(waiting.reason.as_deref(), Some("the plan is still being made"));
    while spent(&world, [DESCRIBE_PLAN]) < [3] {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(spent(&world, [EXECUTE]), [0]);
    world.cloud.catalog.change_plan(PLAN, |plan| "CREATE_SUCCESS".clone_into(&mut plan.status));
    let ended = world.ended(PLAN).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "waiting is no attempt: {ended:?}");
    assert_eq!(world.executions(PRODUCT), [ended.token]);
    world.cloud.stop().await;
}

// Hazard C7: what was judged before the wait is not what is sent after it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_swapped_while_it_waits_is_rejected_at_the_next_look_and_never_sent() {
    let world = World::new().await;
    let approval = a_topic(&world);
    world.cloud.store.pause("an incident").await.unwrap();
    world.put(&approval).await;
    let waiting = world.until(PLAN, |row| row.state == "waiting").await;
    assert_eq!(waiting.reason.as_deref(), Some("paused: an incident"), "it would have been sent");
    world.cloud.catalog.change_plan(PLAN, |plan| plan.changes.push(remove("Backups")));
    world.cloud.store.resume("a test").await.unwrap();
    assert!(rejected(&world).await.contains("REMOVE Backups"));
    world.cloud.stop().await;
}

// Hazard C7: refused as busy once, and swapped before the next attempt.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_swapped_while_its_product_is_under_change_fails_and_is_never_executed() {
    // Ten minutes at AWS: five seconds here.
    let settings = Settings { update: std::time::Duration::from_mins(10), ..Settings::default() };
    let world = World::of(fast(settings)).await;
    let approval = a_topic(&world);
    world.cloud.catalog.update(PRODUCT, None);
    world.put(&approval).await;
    let waiting = world.until(PLAN, |row| row.state == "waiting").await;
    assert!(waiting.reason.as_deref().is_some_and(|why| why.contains("UNDER_CHANGE")), "{waiting:?}");
    world.cloud.catalog.change_plan(PLAN, |plan| plan.changes.push(remove("Backups")));
    let ended = world.ended(PLAN).await;
    // A call has left, though it was refused: what was sent is not `rejected` any more.
    assert_eq!(ended.state, "failed", "{ended:?}");
    assert!(ended.reason.unwrap().contains("REMOVE Backups"));
    assert_eq!(world.executions(PRODUCT), Vec::<String>::new());
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_a_product_under_change_waits_for_it() {
    // Eight minutes at AWS: four seconds here.
    let settings = Settings { update: std::time::Duration::from_mins(8), ..Settings::default() };
    let world = World::of(fast(settings)).await;
    let approval = a_topic(&world);
    world.cloud.catalog.update(PRODUCT, None);
    world.put(&approval).await;
    let ended = world.ended(PLAN).await;
    assert_eq!(ended.state, "succeeded", "{ended:?}");
    assert_eq!(world.executions(PRODUCT), [ended.token]);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_while_it_waits_is_rejected() {
    let world = World::new().await;
    let approval = a_topic(&world);
    world.cloud.store.pause("an incident").await.unwrap();
    world.put(&approval).await;
    world.until(PLAN, |row| row.state == "waiting").await;
    world.cloud.catalog.change_plan(PLAN, |plan| plan.gone = true);
    world.cloud.store.resume("a test").await.unwrap();
    assert!(rejected(&world).await.contains("no plan plan-scenario001: it was deleted"));
    world.cloud.stop().await;
}

/// Somebody else's execution, by the same API.
async fn executed_by_somebody_else(world: &World) {
    let Clients { servicecatalog, .. } = clients(&world.cloud.gateway, USER);
    servicecatalog.execute_provisioned_product_plan().plan_id(PLAN).idempotency_token("theirs").send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_executes_meanwhile_is_not_executed_again() {
    let world = World::new().await;
    let approval = a_topic(&world);
    world.cloud.store.pause("an incident").await.unwrap();
    world.put(&approval).await;
    world.until(PLAN, |row| row.state == "waiting").await;
    executed_by_somebody_else(&world).await;
    while world.cloud.catalog.plans()[0].status != "EXECUTE_SUCCESS" {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    world.cloud.store.resume("a test").await.unwrap();
    let ended = world.ended(PLAN).await;
    assert_eq!(ended.state, "rejected", "{ended:?}");
    assert_eq!(why(&world), "the plan was executed before, by somebody else");
    assert_eq!((world.executions(PRODUCT), spent(&world, [EXECUTE])), (vec!["theirs".to_owned()], [0]));
    world.cloud.stop().await;
}

/// The plan says for long that it was not executed; the refusal says that it was, and is believed at the second time.
#[tokio::test(flavor = "multi_thread")]
async fn nor_when_its_status_is_far_behind() {
    let settings = Settings { plan_lag: std::time::Duration::from_hours(4), ..Settings::default() };
    let world = World::of(fast(settings)).await;
    let approval = a_topic(&world);
    executed_by_somebody_else(&world).await;
    world.put(&approval).await;
    let ended = world.ended(PLAN).await;
    assert_eq!(ended.state, "failed", "{ended:?}");
    assert!(ended.reason.as_deref().is_some_and(|why| why.contains("was executed")), "{ended:?}");
    assert_eq!(world.executions(PRODUCT), ["theirs"]);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_changes_nothing_is_done_without_a_call_and_one_that_failed_is_rejected() {
    for (words, state) in
        [("No updates are to be performed.", "succeeded"), ("Parameters: [Size] must have values", "rejected")]
    {
        let world = World::new().await;
        world.cloud.catalog.add(world.product(PRODUCT));
        let plan = NewPlan::new(PLAN, PlanFor::Existing(PRODUCT.to_owned()), []);
        let status_message = Some(words.to_owned());
        let approval = world.planned(NewPlan { status: "CREATE_FAILED".to_owned(), status_message, ..plan });
        world.put(&approval).await;
        let ended = world.ended(PLAN).await;
        assert_eq!(ended.state, state, "{ended:?}");
        assert!(ended.reason.unwrap().contains(words));
        assert_eq!(spent(&world, [DESCRIBE_PLAN, EXECUTE]), [1, 0]);
        world.cloud.stop().await;
    }
}
