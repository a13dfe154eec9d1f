//! What the network and the service do to the call: under every setting of what nobody knows of the real service, one
//! execution.

use std::time::Duration;

use steward_local::catalog::{NewPlan, PlanFor, Script, Settings, StateCheck, TokenMemory};
use steward_local::gateway::faults::Effect;
use steward_tests::world::{World, fast};

use super::{EXECUTE, PLAN, PRODUCT, a_topic, add, answer, existing, spent};

const CALL: &str = "ExecuteProvisionedProductPlan";

fn settings() -> impl Iterator<Item = Settings> {
    [TokenMemory::WhileRunning, TokenMemory::ForEver, TokenMemory::None].into_iter().flat_map(|token_memory| {
        [StateCheck::BeforeToken, StateCheck::AfterToken].map(|state_check| Settings {
            token_memory,
            state_check,
            // The plan says that it can be executed for as long as any of it takes: twenty hours at AWS, ten minutes here.
            plan_lag: Duration::from_hours(20),
            update: Duration::from_mins(1),
            ..Settings::default()
        })
    })
}

/// What happens to the call, how often, and the attempt that is the last one.
fn faults() -> Vec<(&'static str, u32, Effect, u64)> {
    let failed_after =
        Effect::AnswerAfter { status: 500, code: "InternalFailure".to_owned(), message: "oops".to_owned() };
    vec![
        // The SDK itself tries three times; the fourth is the next claim's.
        ("throttled", 4, answer(400, "ThrottlingException", "Rate exceeded"), 1),
        ("failed-after", 1, failed_after, 1),
        ("lost-before", 1, Effect::DropBefore, 1),
        ("lost-after", 1, Effect::DropAfter, 1),
        ("dies-before", 1, Effect::KillBefore, 1),
        ("dies-after", 1, Effect::KillAfter, 1),
        // Refused, yet stable when it is looked at: once is a change that has just ended.
        ("refused-once", 1, answer(400, "InvalidStateException", "is in UNDER_CHANGE"), 2),
    ]
}

/// A plan whose answer was lost ran, whatever a refusal or its status says.
async fn each_fault(settings: Settings) {
    let of = format!("{:?}, {:?}", settings.token_memory, settings.state_check);
    let world = World::of(fast(settings)).await;
    for (name, times, effect, attempt) in faults() {
        let (plan, product) = (format!("plan-{name}"), format!("pp-{name}"));
        let approval = world.planned(existing(&world, &plan, &product, [add("Topic")]));
        world.fault("servicecatalog", CALL, times, effect);
        world.put(&approval).await;
        let ended = world.ended(&plan).await;
        let setting = format!("{name} under {of}");
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", attempt), "{setting}: {ended:?}");
        assert_eq!(world.executions(&product), [ended.token], "{setting}");
        let told = world.told(&plan);
        assert!(!told.is_empty() && told.iter().all(|again| again == &told[0]), "{setting}: {told:#?}");
        let status = world.cloud.catalog.plans().into_iter().find(|found| found.id == plan).unwrap().status;
        assert_eq!(status, "CREATE_SUCCESS", "{setting}: it lags");
    }
    assert_eq!(world.cloud.gateway.faults().pending(), [], "every fault met its calls");
    world.cloud.stop().await;
}

// Hazard A1: a plan whose answer is lost is executed once.
#[tokio::test(flavor = "multi_thread")]
async fn under_every_setting_one_execution() {
    futures_util::future::join_all(settings().map(each_fault)).await;
}

async fn lost_and_failed(settings: Settings) {
    // Ten minutes at AWS: five seconds here, so that the record is found while it runs.
    let settings = Settings { update: Duration::from_mins(10), ..settings };
    let of = format!("{:?}, {:?}", settings.token_memory, settings.state_check);
    let world = World::of(fast(settings)).await;
    let fails = Script::Fail(vec![("1".to_owned(), "the bucket exists".to_owned())]);
    let approval = world.planned(existing(&world, PLAN, PRODUCT, [add("Bucket")]).script(fails));
    world.fault("servicecatalog", CALL, 1, Effect::DropAfter);
    world.put(&approval).await;
    let waiting = world.until(PLAN, |row| row.state == "waiting").await;
    assert_eq!(waiting.record_id, None, "{of}: nobody has told");
    let adopted = world.until(PLAN, |row| row.state == "submitted").await;
    let record = world.cloud.catalog.executions()[0].record_id.clone();
    assert_eq!(adopted.record_id, Some(record), "{of}: found in the history");
    let ended = world.ended(PLAN).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("failed", 1), "{of}: {ended:?}");
    assert_eq!(world.executions(PRODUCT), [ended.token], "{of}");
    assert_eq!(spent(&world, [EXECUTE]), [1], "{of}: found, and not sent again");
    assert_eq!(world.told(PLAN)[0].1["errors"][0]["description"], "the bucket exists", "{of}");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_lost_answer_is_found_adopted_and_followed_to_its_failure() {
    futures_util::future::join_all(settings().map(lost_and_failed)).await;
}

/// The history, too, is behind: what is looked for is not there yet, and the call is sent again with its token.
async fn lost_twice(settings: Settings) {
    let settings = Settings {
        // Ten seconds here, for looks that each take about two.
        history_lag: Duration::from_mins(20),
        ..settings
    };
    let of = format!("{:?}, {:?}", settings.token_memory, settings.state_check);
    let world = World::of(fast(settings)).await;
    let approval = a_topic(&world);
    world.fault("servicecatalog", CALL, 1, Effect::DropAfter);
    world.put(&approval).await;
    let ended = world.ended(PLAN).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{of}: {ended:?}");
    assert_eq!(world.executions(PRODUCT), [ended.token], "{of}");
    assert!(spent(&world, [EXECUTE]) > [1], "{of}: sent again, as long as nothing was found");
    world.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_history_lags_a_call_that_is_sent_again_executes_nothing_twice() {
    futures_util::future::join_all(settings().map(lost_twice)).await;
}

/// Of which type the record of an executed plan is, is published nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_new_product_is_found_by_the_id_that_its_plan_names_whatever_its_type() {
    for record_type in ["PROVISION_PRODUCT", "EXECUTE_PROVISIONED_PRODUCT_PLAN", "SOMETHING_NEW"] {
        let settings = Settings { planned_provision_record_type: record_type.to_owned(), ..Settings::default() };
        let world = World::of(fast(settings)).await;
        let product = PlanFor::New { id: PRODUCT.to_owned(), name: "planned".to_owned() };
        let approval = world.planned(NewPlan::new(PLAN, product, [add("Topic")]));
        world.fault("servicecatalog", CALL, 1, Effect::DropAfter);
        world.put(&approval).await;
        let ended = world.ended(PLAN).await;
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{record_type}: {ended:?}");
        assert_eq!(world.executions(PRODUCT), [ended.token], "{record_type}");
        assert_eq!(spent(&world, [EXECUTE]), [1], "{record_type}");
        world.cloud.stop().await;
    }
}

// Hazard A1: that the plan cannot be looked at any more does not say that it did not run.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_deleted_after_its_answer_was_lost_is_followed_all_the_same() {
    let world = World::new().await;
    let approval = a_topic(&world);
    world.fault("servicecatalog", CALL, 1, Effect::DropAfter);
    world.put(&approval).await;
    world.until(PLAN, |row| row.state == "waiting").await;
    world.cloud.catalog.change_plan(PLAN, |plan| plan.gone = true);
    let ended = world.ended(PLAN).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
    assert_eq!(world.executions(PRODUCT), [ended.token]);
    world.cloud.stop().await;
}

// Hazard A1: nor that it is another one by now, as long as the history lags. It is not sent again either.
// Hazard C7: nor that it is another one by now, as long as the history lags. It is not sent again either.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_changed_after_its_answer_was_lost_is_followed_and_not_sent_again() {
    // Six seconds here, for looks that each take about two.
    let settings = Settings { history_lag: Duration::from_mins(12), ..Settings::default() };
    let world = World::of(fast(Settings { plan_lag: Duration::from_hours(20), ..settings })).await;
    let approval = a_topic(&world);
    world.fault("servicecatalog", CALL, 1, Effect::DropAfter);
    world.put(&approval).await;
    world.until(PLAN, |row| row.state == "waiting").await;
    world.cloud.catalog.change_plan(PLAN, |plan| plan.changes.clear());
    let wanted =
        |why: &str| why.contains("perhaps executed by this operation") && why.contains("not what was approved");
    world.until(PLAN, |row| row.reason.as_deref().is_some_and(wanted)).await;
    let ended = world.ended(PLAN).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
    assert_eq!((world.executions(PRODUCT), spent(&world, [EXECUTE])), (vec![ended.token], [1]));
    world.cloud.stop().await;
}

// Hazard A2: the record of an update that somebody else makes meanwhile, to another version, is not taken for its own.
#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_another_version_is_somebody_else_s() {
    for (effect, others) in [(Effect::DropBefore, 1), (Effect::DropAfter, 0)] {
        let world = World::new().await;
        let plan = existing(&world, PLAN, PRODUCT, [add("Topic")]);
        world.cloud.catalog.add_plan(plan);
        world.cloud.catalog.change_plan(PLAN, |plan| plan.artifact_id = "pa-sandbox0000002".to_owned());
        world.fault("servicecatalog", CALL, 1, effect);
        world.put(&world.approval(PLAN)).await;
        world.until(PLAN, |row| row.state == "waiting").await;
        for _ in 0..others {
            world.cloud.catalog.update_at_once(PRODUCT);
        }
        let ended = world.ended(PLAN).await;
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
        assert_eq!(world.executions(PRODUCT), [ended.token]);
        let executed = world.cloud.catalog.plans().remove(0).record_id;
        assert_eq!(ended.record_id, executed, "its own record");
        world.cloud.stop().await;
    }
}

// Hazard A1: nor does a refusal to let it be looked at, or to let its record be looked for.
#[tokio::test(flavor = "multi_thread")]
async fn a_denied_look_after_a_lost_answer_settles_nothing() {
    for read in ["DescribeProvisionedProductPlan", "ListRecordHistory"] {
        let world = World::new().await;
        let approval = a_topic(&world);
        world.fault("servicecatalog", CALL, 1, Effect::DropAfter);
        world.put(&approval).await;
        world.until(PLAN, |row| row.state == "waiting").await;
        world.fault("servicecatalog", read, 1, answer(400, "AccessDeniedException", "User: x is not authorized"));
        let ended = world.ended(PLAN).await;
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{read}: {ended:?}");
        assert_eq!(world.executions(PRODUCT), [ended.token], "{read}");
        assert_eq!(world.cloud.gateway.faults().pending(), [], "{read}");
        world.cloud.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_twice_while_nothing_happens_is_refused_for_good() {
    let world = World::new().await;
    world.fault("servicecatalog", CALL, 2, answer(400, "InvalidStateException", "not this one"));
    world.put(&a_topic(&world)).await;
    let ended = world.ended(PLAN).await;
    assert_eq!((ended.state.as_str(), ended.attempts), ("failed", 2), "{ended:?}");
    assert_eq!(world.executions(PRODUCT), Vec::<String>::new());
    assert_eq!(world.told(PLAN)[0].1["errors"][0]["code"], "InvalidStateException");
    world.cloud.stop().await;
}

/// A2: nor is it when the plan is gone by then and cannot say any more which version it was for.
#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_another_version_is_somebody_else_s_though_the_plan_is_deleted() {
    let world = World::of(fast(Settings::default()).with("GiveUpAfter", "8s")).await;
    world.cloud.catalog.add_plan(existing(&world, PLAN, PRODUCT, [add("Topic")]));
    world.cloud.catalog.change_plan(PLAN, |plan| plan.artifact_id = "pa-sandbox0000002".to_owned());
    world.fault("servicecatalog", CALL, 1, Effect::DropBefore);
    world.put(&world.approval(PLAN)).await;
    world.until(PLAN, |row| row.state == "waiting").await;
    world.cloud.catalog.change_plan(PLAN, |plan| plan.gone = true);
    world.cloud.catalog.update_at_once(PRODUCT);
    let ended = world.ended(PLAN).await;
    assert_eq!((ended.state.as_str(), ended.record_id), ("failed", None), "{:?}", ended.reason);
    assert!(ended.reason.as_deref().unwrap().starts_with("outcome unknown"), "{:?}", ended.reason);
    assert_eq!((world.executions(PRODUCT), spent(&world, [EXECUTE])), (Vec::new(), [1]));
    world.cloud.stop().await;
}
