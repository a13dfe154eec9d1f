//! Plans: executed once, as they were approved, or not at all.

mod faults;
mod guards;

use serde_json::{Value, json};
use steward_local::catalog::{NewPlan, PlanFor, Script, Settings};
use steward_local::gateway::faults::Effect;
use steward_tests::world::{World, fast};

const PLAN: &str = "plan-scenario001";
const PRODUCT: &str = "pp-scenario00001";
const EXECUTE: &str = "servicecatalog:ExecuteProvisionedProductPlan";
const DESCRIBE_PLAN: &str = "servicecatalog:DescribeProvisionedProductPlan";

/// How often `execute-plan` made each of these calls.
fn spent<const N: usize>(world: &World, calls: [&str; N]) -> [u64; N] {
    calls.map(|call| world.calls("ExecutePlanFunction", call))
}

/// A change that harms nothing.
fn add(name: &str) -> Value {
    json!({ "Action": "ADD", "LogicalResourceId": name, "ResourceType": "AWS::SNS::Topic" })
}

fn modify(name: &str, replacement: &str) -> Value {
    let resource_type = "AWS::RDS::DBInstance";
    json!({ "Action": "MODIFY", "LogicalResourceId": name, "ResourceType": resource_type, "Replacement": replacement })
}

fn remove(name: &str) -> Value {
    json!({ "Action": "REMOVE", "LogicalResourceId": name, "ResourceType": "AWS::S3::Bucket" })
}

/// A plan for a product that is there, which it adds.
fn existing(world: &World, id: &str, product: &str, changes: impl IntoIterator<Item = Value>) -> NewPlan {
    world.cloud.catalog.add(world.product(product));
    NewPlan::new(id, PlanFor::Existing(product.to_owned()), changes)
}

/// The approval of a plan that adds a topic to a product of its own.
fn a_topic(world: &World) -> Value {
    world.planned(existing(world, PLAN, PRODUCT, [add("Topic")]))
}

/// The same approval, with a member more.
fn with(approval: &Value, member: &str, value: impl Into<Value>) -> Value {
    let mut approval = approval.clone();
    approval["detail"][member] = value.into();
    approval
}

/// The service's answer to a call that it never hears of.
fn answer(status: u16, code: &str, message: &str) -> Effect {
    Effect::Answer { status, code: code.to_owned(), message: message.to_owned() }
}

/// The rejections that were told beside an operation.
fn told_beside(world: &World, operation: &str) -> Vec<Value> {
    let events = world.cloud.wiring.seen().into_iter().map(|seen| seen.event);
    let details =
        events.filter(|event| event["detail-type"] == "Operation Rejected").map(|event| event["detail"].clone());
    details.filter(|detail| detail["operation"] == operation && detail.get("bodySha256").is_some()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_costs_two_writes_two_reads_and_two_calls() {
    let world = World::new().await;
    world.put(&a_topic(&world)).await;
    let ended = world.ended(PLAN).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
    assert_eq!(ended.provisioned_product_id.as_deref(), Some(PRODUCT));
    assert_eq!(world.executions(PRODUCT), [ended.token]);
    let table = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:GetItem"];
    assert_eq!(spent(&world, table), [1, 1, 1], "claim, record, switch");
    assert_eq!(spent(&world, [DESCRIBE_PLAN, EXECUTE, "servicecatalog:DescribeRecord"]), [1, 1, 0]);
    let all: u64 = world.cloud.gateway.counts()["ExecutePlanFunction"].values().sum();
    assert_eq!(all, 5, "and nothing else");
    let settled =
        ["servicecatalog:DescribeRecord", "dynamodb:UpdateItem"].map(|call| world.calls("ReconcileFunction", call));
    assert_eq!(settled, [1, 1], "the wake-up finds it done");
    let told = world.told(PLAN);
    assert_eq!((told.len(), told[0].0.as_str()), (1, "Operation Succeeded"));
    assert_eq!(told[0].1["provisionedProductName"], "name-of-pp-scenario00001");
    world.cloud.stop().await;
}

// Hazard B1: two approvals of a plan are one execution.
#[tokio::test(flavor = "multi_thread")]
async fn ten_approvals_at_once_execute_once_and_nine_cost_one_write_and_one_read_each() {
    let world = World::new().await;
    let approval = a_topic(&world);
    futures_util::future::join_all((0..10).map(|_| world.put(&approval))).await;
    let ended = world.ended(PLAN).await;
    assert_eq!(ended.state, "succeeded", "{ended:?}");
    assert_eq!(world.executions(PRODUCT), [ended.token]);
    assert_eq!(spent(&world, ["dynamodb:PutItem", "dynamodb:UpdateItem", DESCRIBE_PLAN, EXECUTE]), [10, 1, 1, 1]);
    assert_eq!(world.told(PLAN).len(), 1, "told once");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_a_new_product_makes_it() {
    let world = World::new().await;
    let (id, name) = ("pp-planned000001".to_owned(), "planned".to_owned());
    let approval = world.planned(NewPlan::new(PLAN, PlanFor::New { id: id.clone(), name }, [add("Topic")]));
    world.put(&approval).await;
    let ended = world.ended(PLAN).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
    assert_eq!(ended.provisioned_product_id.as_deref(), Some(id.as_str()));
    assert_eq!(world.executions(&id), [ended.token]);
    let product = world.cloud.catalog.products().into_iter().find(|product| product.id == id).unwrap();
    assert_eq!(product.status, "AVAILABLE");
    assert_eq!(world.told(&id)[0].1["provisionedProductName"], "planned");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_execution_that_fails_is_told_in_the_service_s_words_and_never_tried_again() {
    let world = World::new().await;
    let words = "Resource handler returned message: the bucket exists";
    let script = Script::Fail(vec![("ResourceFailed".to_owned(), words.to_owned())]);
    let approval = world.planned(existing(&world, PLAN, PRODUCT, [add("Bucket")]).script(script));
    world.put(&approval).await;
    let ended = world.ended(PLAN).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("failed", 1), "{ended:?}");
    assert_eq!(ended.reason.as_deref(), Some("its record FAILED, and 1 of 1 attempts are used"));
    assert_eq!(world.executions(PRODUCT), [ended.token]);
    let told = world.told(PLAN);
    assert_eq!((told.len(), told[0].0.as_str()), (1, "Operation Failed"));
    assert_eq!(told[0].1["errors"], json!([{ "code": "ResourceFailed", "description": words }]));
    world.cloud.stop().await;
}

// Hazard C1: whoever approves in earnest once more hears why nothing happens.
#[tokio::test(flavor = "multi_thread")]
async fn approved_again_after_a_failure_is_told_as_failed_before() {
    let world = World::new().await;
    let approval = a_topic(&world);
    let denied = answer(400, "AccessDeniedException", "User: x is not authorized");
    world.fault("servicecatalog", "ExecuteProvisionedProductPlan", 1, denied);
    world.put(&approval).await;
    let failed = world.ended(PLAN).await;
    assert_eq!((failed.state.as_str(), failed.attempts), ("failed", 1), "{failed:?}");
    assert!(told_beside(&world, &failed.id).is_empty());

    world.put(&approval).await;
    world.quiet().await;
    let told = told_beside(&world, &failed.id);
    assert_eq!(told.len(), 1, "{told:?}");
    let why = told[0]["why"].as_str().unwrap();
    assert!(
        why.contains("failed before") && why.contains("is not authorized") && why.contains("steward retry"),
        "{why}"
    );
    let report = world.report().await;
    assert_eq!((report.operations.len(), &report.operations[0]), (1, &failed), "the first one stands");
    assert_eq!(report.rejected.len(), 1);
    assert_eq!(world.executions(PRODUCT), Vec::<String>::new());
    assert_eq!(spent(&world, [DESCRIBE_PLAN, EXECUTE]), [1, 1], "nothing is looked at or sent for it");
    world.cloud.stop().await;
}

// Hazard C1: what never got as far is judged anew.
#[tokio::test(flavor = "multi_thread")]
async fn approved_again_after_a_rejection_is_judged_anew_and_executed() {
    let world = World::new().await;
    let approval = world.planned(existing(&world, PLAN, PRODUCT, [modify("Database", "TRUE")]));
    world.put(&approval).await;
    assert_eq!(world.ended(PLAN).await.state, "rejected");
    // The very same once more is no duplicate either: it is told again, with the same id.
    world.put(&approval).await;
    world.quiet().await;
    let told = world.told(PLAN);
    assert_eq!((told.len(), &told[0].1["id"]), (2, &told[1].1["id"]), "{told:?}");

    world.put(&with(&approval, "allowReplacement", true)).await;
    let ended = world.until(PLAN, |row| row.state == "succeeded").await;
    assert_eq!((ended.attempts, world.executions(PRODUCT)), (1, vec![ended.token]));
    assert_eq!(world.report().await.operations.len(), 1, "a plan is its own trigger");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn approved_again_with_other_content_after_it_was_executed_is_rejected_beside_it() {
    let world = World::new().await;
    let approval = a_topic(&world);
    world.put(&approval).await;
    let ended = world.ended(PLAN).await;
    world.put(&approval).await;
    world.put(&with(&approval, "allowReplacement", true)).await;
    world.quiet().await;
    let told = told_beside(&world, &ended.id);
    assert_eq!(told.len(), 1, "the same approval is a duplicate: {told:?}");
    assert!(told[0]["why"].as_str().unwrap().contains("used before with other content"), "{told:?}");
    assert_eq!(world.executions(PRODUCT), [ended.token]);
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dry_run_judges_and_sends_nothing() {
    let world = World::of(fast(Settings::default()).with("DryRun", "true")).await;
    world.put(&a_topic(&world)).await;
    let ended = world.ended(PLAN).await;
    let why = "dry run: it would be executed: 1 changes now";
    assert_eq!((ended.state.as_str(), ended.reason.as_deref()), ("skipped", Some(why)));
    assert_eq!(world.executions(PRODUCT), Vec::<String>::new());
    world.cloud.stop().await;
}
