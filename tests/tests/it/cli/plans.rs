//! A plan, reviewed and approved.

use serde_json::json;
use steward_local::catalog::{NewPlan, PlanFor};

use super::{assert_shown, operate, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_shown_and_just_that_is_approved() {
    let world = world().await;
    world.cloud.catalog.add(world.product("pp-planned"));
    let add = json!({ "Action": "ADD", "LogicalResourceId": "Topic", "ResourceType": "AWS::SNS::Topic" });
    let replace = json!({ "Action": "MODIFY", "LogicalResourceId": "Database", "ResourceType": "AWS::RDS::DBInstance",
        "Replacement": "TRUE", "Scope": ["Properties"] });
    world.cloud.catalog.add_plan(NewPlan::new("plan-web", PlanFor::Existing("pp-planned".to_owned()), [add, replace]));
    assert_shown!("plan_show", operate(&world, &["plan", "show", "plan-web"]).await);
    let digest = world.digest("plan-web");
    let document = operate(&world, &["plan", "show", "plan-web", "--json"]).await.document();
    assert_eq!(document["resourceChangesDigest"], digest);
    let approve = ["plan", "approve", "plan-web", "--yes", "--wait", "--allow-replacement"];
    let harmful = operate(&world, &approve[..5]).await;
    assert_eq!((harmful.code, harmful.err.contains("--allow-replacement")), (4, true), "{harmful:?}");
    let other = operate(&world, &[&approve[..], &["--digest", &"0".repeat(64)]].concat()).await;
    assert_eq!((other.code, other.err.contains("is not what was reviewed")), (4, true), "{other:?}");
    assert_eq!(world.executions("pp-planned"), Vec::<String>::new());
    let approved = operate(&world, &[&approve[..], &["--digest", &digest, "--reason", "reviewed"]].concat()).await;
    assert_shown!("plan_approve", approved);
    let twice = operate(&world, &approve).await;
    assert_eq!((twice.code, twice.err.contains("executed before")), (4, true), "{twice:?}");
    assert_eq!(world.executions("pp-planned").len(), 1);
    world.cloud.stop().await;
}
