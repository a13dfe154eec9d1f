//! Scenes as people write them, well and badly.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use shared::ports::Store as _;

use super::*;
use crate::api::{Call, Caller, Service as _};
use crate::catalog::Output;
use crate::clock::Clock;
use crate::cloud::{Cloud, Options};

/// The least that a provisioned product needs.
const PRODUCT: &str = "products: [{id: prod-a, name: A, versions: [{id: pa-a, name: v1}]}]\n";

fn problem(text: &str) -> String {
    Scene::parse("scene.yaml", text).map(drop).expect_err(text).to_string()
}

#[test]
fn the_demo_is_in_order_and_rich() {
    let demo = Scene::demo().unwrap();
    assert!(demo.file.provisioned.len() >= 12, "{}", demo.file.provisioned.len());
    assert!(!demo.file.plans.is_empty() && !demo.file.stacks.is_empty() && !demo.file.later.is_empty());
}

#[test]
fn nothing_is_a_scene_too() {
    for text in ["", "# nothing\n", "{}", "provisioned: []"] {
        assert!(Scene::parse("scene.yaml", text).unwrap().file.provisioned.is_empty(), "{text}");
    }
}

#[test]
fn what_is_not_of_the_format_is_named_with_its_place() {
    let of_product = |members: &str| format!("{PRODUCT}provisioned:\n  - {{name: web, version: pa-a, {members}}}\n");
    for (text, parts) in [
        ("portfolio: []".to_owned(), &["unknown field `portfolio`", "`portfolios`"][..]),
        ("provisioned: web".to_owned(), &["provisioned", "invalid type"]),
        ("- web".to_owned(), &["invalid type: sequence", "expected a scene: portfolios"]),
        ("portfolios: [".to_owned(), &["at line"]),
        ("provisioned: [web]".to_owned(), &["provisioned[0]", "expected a provisioned product", "line 1"]),
        (of_product("colour: red"), &["provisioned[0]", "unknown field `colour`", "line 3"]),
        (of_product("status: FINE"), &["provisioned[0].status", "unknown variant `FINE`", "`UNDER_CHANGE`"]),
        (of_product("created: yesterday"), &["provisioned[0].created", "\"yesterday\" is not accepted", "`-3d`"]),
        (of_product("created: 3d"), &["provisioned[0].created", "`-3d`"]),
        (of_product("tags: {ttl: 72}"), &["provisioned[0].tags", "integer `72`", "in quotes"]),
        (of_product("tags: {ttl: {in: +1h}}"), &["provisioned[0].tags", "unknown field `in`"]),
        (of_product("tags: {ttl: 1h, ttl: 2h}"), &["provisioned[0].tags", "\"ttl\" is given twice"]),
        ("later: [{after: soon, drift: pp-a}]".to_owned(), &["later[0].after", "\"soon\" is not accepted", "30s"]),
        ("later: [{after: 30, drift: pp-a}]".to_owned(), &["later[0].after", "\"30\" is not accepted", "30s"]),
    ] {
        let problem = problem(&text);
        assert!(problem.starts_with("scene.yaml: "), "{problem}");
        assert!(parts.iter().all(|part| problem.contains(part)), "{problem}\n{parts:?}");
        assert_eq!(problem.lines().count(), 1, "{problem}");
    }
}

#[test]
fn what_is_named_must_be_there() {
    let with = |more: &str| format!("{PRODUCT}{more}");
    for (text, expected) in [
        (
            with("provisioned: [{name: web, version: pa-b}]"),
            "provisioned[0] (web).version: there is no version \"pa-b\"; there is pa-a",
        ),
        (
            with("portfolios: [{name: P, products: [prod-b]}]"),
            "portfolios[0] (P).products: there is no product \"prod-b\"; there is prod-a",
        ),
        (
            with("actions: [{id: act-a, name: restart, document: D, versions: [pa-b]}]"),
            "actions[0] (restart).versions: there is no version \"pa-b\"; there is pa-a",
        ),
        (
            with("provisioned: [{name: web, version: pa-a, stack: old}]"),
            "provisioned[0] (web).stack: there is no stack \"old\"; there is none",
        ),
        (
            with("provisioned: [{name: web, version: pa-a, parameters: {Colour: red}}]"),
            "provisioned[0] (web).parameters: there is no parameter \"Colour\"; there is BucketName",
        ),
        (
            with("plans: [{id: plan-a, for: pp-a}]"),
            "plans[0] (plan-a).for: there is no provisioned product \"pp-a\"; there is none",
        ),
        (
            with("later: [{after: 30s, drift: pp-a}]"),
            "later[0].drift: there is no provisioned product \"pp-a\"; there is none",
        ),
        (
            "stacks: [{name: old, version: pa-x}]".to_owned(),
            "stacks[0] (old).version: there is no version \"pa-x\"; there is none",
        ),
    ] {
        assert_eq!(problem(&text), format!("scene.yaml: {expected}"));
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let of_product =
        |members: &str| format!("{PRODUCT}provisioned: [{{id: pp-a, name: web, version: pa-a, {members}}}]");
    for (text, expected) in [
        ("products: [{id: prod-a, name: A, versions: []}]".to_owned(), "a product has a version at least"),
        (
            "products: [{id: a, name: A, versions: [{id: pa-a, name: v1}]}]".to_owned(),
            "products[0] (A).id: \"a\" is not accepted; accepted: `prod-` and up to 40 lower-case letters and digits",
        ),
        (
            "products: [{id: prod-a, name: A, versions: [{id: pa-a, name: v1, template: {Parameters: {}}}]}]"
                .to_owned(),
            "products[0] (A).versions[0] (v1).template: Template format error: At least one Resources member",
        ),
        (
            format!(
                "{PRODUCT}provisioned: [{{id: pp-a, name: a, version: pa-a}}, {{id: pp-a, name: b, version: pa-a}}]"
            ),
            "provisioned[1] (b).id: pp-a is given twice",
        ),
        (
            format!("{PRODUCT}provisioned: [{{name: a, version: pa-a}}, {{name: a, version: pa-a}}]"),
            "provisioned[1] (a).name: another provisioned product has this name",
        ),
        (of_product("created: +1h"), "provisioned[0] (web).created: it lies after the start"),
        (of_product("since: -1h"), "provisioned[0] (web).since: only a product with `status: UNDER_CHANGE` has it"),
        (of_product("message: why"), "provisioned[0] (web).message: a product that is AVAILABLE has none"),
        (of_product("type: CAR"), "provisioned[0] (web).type: \"CAR\" is not accepted; accepted: CFN_STACK"),
        (of_product("owner: two words"), "provisioned[0] (web).owner: \"two words\" is not accepted"),
        (of_product("records: [{}]"), "provisioned[0] (web).records[0]: exactly one of `fails: WORDS`"),
        (
            of_product("type: EXTERNAL, drifted: true"),
            "provisioned[0] (web): only a CFN_STACK has `stack` or `drifted`",
        ),
        (
            of_product("type: EXTERNAL}]\nlater: [{after: 1s, drift: pp-a"),
            "later[0].drift: pp-a has no stack that could drift",
        ),
        (
            of_product("}]\nlater: [{after: 1s"),
            "later[0]: exactly one of `publish`, `drift`, `config-drift` and `update`",
        ),
        (of_product("}]\nlater: [{after: 1s, drift: pp-a, fails: so"), "later[0].fails: only an `update` has it"),
        (
            "later: [{after: 1s, publish: {source: a, detail-type: B, detail: [1]}}]".to_owned(),
            "later[0].publish.detail: [1] is no object",
        ),
        (of_product("}]\nplans: [{id: plan-a"), "plans[0] (plan-a): exactly one of `for` and `new`"),
        (
            of_product(
                "}]\nplans: [{id: plan-a, for: pp-a, changes: [{action: ADD, resource: R, type: T, replacement: \"TRUE\"}]",
            ),
            "plans[0] (plan-a).changes[0]: only a MODIFY has `replacement` and `properties`",
        ),
        ("stacks: [{name: a}, {name: a}]".to_owned(), "stacks[1] (a).name: another stack has this name"),
        ("stacks: [{name: a, status: FINE}]".to_owned(), "stacks[0] (a).status: \"FINE\" is not accepted"),
    ] {
        let problem = problem(&text);
        assert!(problem.starts_with("scene.yaml: ") && problem.contains(expected), "{problem}\n{expected}");
    }
}

#[test]
fn a_file_that_is_not_there_or_too_big_is_an_error() {
    let folder = std::env::temp_dir().join(format!("steward-scene-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let absent = Scene::read(&folder.join("none.yaml")).unwrap_err().to_string();
    assert!(absent.contains("none.yaml: No such file"), "{absent}");
    let big = folder.join("big.yaml");
    std::fs::write(&big, vec![b'#'; usize::try_from(BYTES_MAX).unwrap() + 1]).unwrap();
    let problem = Scene::read(&big).unwrap_err().to_string();
    assert!(problem.contains("it has 4194305 bytes"), "{problem}");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A cloud without functions, in which nothing acts by itself but what the scene says.
async fn set(scene: &Scene) -> Cloud {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let options = Options { only: Some(Vec::new()), hold_schedules: true, ..Options::quick(&root, &root) };
    let cloud = Cloud::start(options).await.unwrap();
    scene.apply(&cloud).await.unwrap();
    cloud
}

/// What the service answers a person.
async fn call(cloud: &Cloud, operation: &str, body: Value) -> Value {
    let caller = Caller { name: "user".to_owned(), arn: "arn:aws:iam::111122223333:user/admin".to_owned() };
    let (operation, body) = (operation.to_owned(), body.to_string().into());
    let answer = cloud.catalog.call(Call { caller, operation, headers: Vec::new(), body }).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_scene_is_empty() {
    let cloud = set(&Scene::empty()).await;
    assert_eq!(call(&cloud, "ListPortfolios", json!({})).await["PortfolioDetails"], json!([]));
    assert_eq!(call(&cloud, "SearchProducts", json!({})).await["ProductViewSummaries"], json!([]));
    assert!(cloud.catalog.products().is_empty() && cloud.catalog.stacks().is_empty());
    cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_becomes_what_it_says() {
    let before = Clock::system(1.0).now() - TimeDelta::seconds(1);
    let cloud = set(&Scene::demo().unwrap()).await;
    let product = |id: &str| cloud.catalog.product(id).unwrap();
    // Times in tags are counted from the start.
    let spike = product("pp-pricingspike");
    let (_, ends) = spike.tags.iter().find(|(key, _)| key == "expires-at").unwrap();
    let in_minutes = (ends.parse::<DateTime<Utc>>().unwrap() - before).num_seconds();
    assert!((240..300).contains(&in_minutes), "{ends}");
    assert_eq!(
        (spike.user_arn.as_str(), spike.product_name.as_str()),
        ("arn:aws:iam::111122223333:user/chris", "Notebook")
    );
    // Statuses, and an update that hangs.
    assert_eq!(product("pp-featureflags").status, "TAINTED");
    assert!(product("pp-featureflags").status_message.unwrap().contains("can not be decreased"));
    let hanging = product("pp-datalakepoc");
    let record = call(&cloud, "DescribeRecord", json!({ "Id": hanging.last_record_id })).await["RecordDetail"].take();
    assert_eq!((hanging.status.as_str(), &record["Status"]), ("UNDER_CHANGE", &json!("IN_PROGRESS")));
    assert!(product("pp-reportingdb").drifted);
    // What its template puts out, and a launch path through the portfolio.
    let outputs: Vec<String> = product("pp-paymentspage").outputs.into_iter().map(|output| output.value).collect();
    assert!(outputs.contains(&"https://payments.example.com".to_owned()), "{outputs:?}");
    let paths = call(&cloud, "ListLaunchPaths", json!({ "ProductId": "prod-postgres0001" })).await;
    assert_eq!(paths["LaunchPathSummaries"][0]["Name"], "Databases");
    let artifacts =
        call(&cloud, "DescribeProduct", json!({ "Id": "prod-website0001" })).await["ProvisioningArtifacts"].take();
    assert_eq!(artifacts.as_array().unwrap().len(), 1, "the other one is not active: {artifacts}");
    // Plans and stacks.
    let plan = call(&cloud, "DescribeProvisionedProductPlan", json!({ "PlanId": "plan-intranetv2" })).await;
    assert_eq!(plan["ResourceChanges"][1]["Details"][0]["CausingEntity"], "Name", "{plan}");
    assert_eq!(
        (product("pp-wiki").status.as_str(), product("pp-wiki").product_id.as_str()),
        ("PLAN_IN_PROGRESS", "prod-website0001")
    );
    let stacks = cloud.catalog.stacks();
    let legacy = stacks.iter().find(|stack| stack.arn.contains("stack/legacy-handbook/")).unwrap();
    assert_eq!(legacy.status, "UPDATE_COMPLETE");
    assert!(legacy.template.contains("AWS::CloudFront::Distribution"), "{}", legacy.template);
    // What the table knows.
    let guard = |id: &'static str| {
        let store = &cloud.store;
        async move { store.guard(id).await.unwrap().product.unwrap() }
    };
    assert_eq!(guard("pp-auditevidence").await.protection.unwrap().by, "compliance");
    assert!(guard("pp-tradefairdemo").await.lease_until.is_some());
    let warned = guard("pp-checkoutpreview").await;
    assert_eq!(warned.judgement.unwrap().last_provisioning_record_id, product("pp-checkoutpreview").last_record_id);
    assert!(cloud.later.pending().len() >= 4);
    cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_later_comes() {
    let text = format!(
        "{PRODUCT}provisioned: [{{id: pp-a, name: a, version: pa-a}}, {{name: b, version: pa-a, outputs: {{Key: value}}}}]\n\
         later:\n\
         - {{after: 0s, drift: pp-a}}\n\
         - {{after: 0s, update: pp-a, fails: so it is}}\n\
         - {{after: 1s, publish: {{bus: steward, source: portal, detail-type: Said, detail: {{a: 1}}}}}}\n\
         - {{after: 1h, drift: pp-a}}\n"
    );
    let cloud = set(&Scene::parse("scene.yaml", &text).unwrap()).await;
    let named = |name: &str| cloud.catalog.products().into_iter().find(|product| product.name == name).unwrap();
    assert_eq!(named("b").outputs, [Output::new("Key", "value", "")]);
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let told: Vec<String> = cloud.wiring.seen().iter().map(|seen| seen.event["detail-type"].to_string()).collect();
        let has = |what: &str| told.iter().any(|kind| kind.contains(what));
        if has("Drift Detection") && has("Said") && named("a").status == "TAINTED" {
            break;
        }
        assert!(Instant::now() < until, "{told:?}, {}", named("a").status);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(named("a").drifted);
    assert_eq!(named("a").status_message.as_deref(), Some("so it is"));
    let said = cloud.wiring.seen().into_iter().find(|seen| seen.event["source"] == "portal").unwrap();
    assert_eq!((said.bus.as_str(), &said.event["detail"]), (cloud.bus(), &json!({ "a": 1 })));
    assert_eq!(cloud.later.pending().len(), 1);
    cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scene_of_the_page_is_one() {
    let page = include_str!("../../../docs/local-cloud.md");
    let (_, scene) = page.split_once("```yaml\n# A scene\n").unwrap();
    let (scene, _) = scene.split_once("```").unwrap();
    let cloud = set(&Scene::parse("the page", scene).unwrap()).await;
    let site = cloud.catalog.product("pp-site").unwrap();
    assert_eq!((site.scripts.len(), site.outputs[0].value.as_str()), (4, "site-bucket"));
    let adopted = cloud.catalog.products().into_iter().find(|product| product.name == "adopted").unwrap();
    assert!(adopted.stack.unwrap().contains(":stack/by-hand/"));
    cloud.stop().await;
    // It has every member that there is.
    for source in [include_str!("format/mod.rs"), include_str!("format/plan.rs")] {
        let members =
            regex_lite::Regex::new(r#"(?:rename = "([a-z-]+)"\)\]\s+)?pub\(in crate::scene\) ([a-z_]+):"#).unwrap();
        for found in members.captures_iter(source) {
            let member = found.get(1).map_or_else(|| found[2].replace('_', "-"), |name| name.as_str().to_owned());
            let is_shown = scene.contains(&format!("{member}:")) || scene.contains(&format!("`{member}`"));
            assert!(is_shown, "{member}");
        }
    }
}
