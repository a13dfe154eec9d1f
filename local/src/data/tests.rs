//! A cloud that stops and starts again, in every way.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::ports::{Products as _, Protection, Store as _};

use super::*;
use crate::api::{Call, Caller, Service as _};
use crate::catalog::{NewProduct, Provisioned};
use crate::cloud::{Cloud, Options};
use crate::scene::Scene;

/// A directory of a test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("steward-data-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn open(&self) -> Result<Data, String> {
        Data::open(&self.0).map_err(|error| error.to_string())
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A cloud without functions, whose records take as long as `speed` says.
async fn try_start(folder: &Folder, speed: f64) -> Result<Cloud, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let data = Some(std::sync::Arc::new(folder.open()?));
    let options = Options { only: Some(Vec::new()), hold_schedules: true, speed, data, ..Options::quick(&root, &root) };
    Cloud::start(options).await.map_err(|error| error.to_string())
}

async fn start(folder: &Folder, speed: f64) -> Cloud {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        match try_start(folder, speed).await {
            // What a cloud that was dropped has left lets the directory go in a moment.
            Err(problem) if problem.ends_with("another process uses it") && Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            cloud => return cloud.unwrap(),
        }
    }
}

async fn stop(cloud: Cloud) {
    cloud.stop().await;
    cloud.save("test").unwrap();
}

async fn call(cloud: &Cloud, operation: &str, body: Value) -> Value {
    let caller = Caller { name: "user".to_owned(), arn: "arn:aws:iam::111122223333:user/admin".to_owned() };
    let (operation, body) = (operation.to_owned(), body.to_string().into());
    let answer = cloud.catalog.call(Call { caller, operation, headers: Vec::new(), body }).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    serde_json::from_slice(&answer.body).unwrap()
}

/// What EventBridge answers a person.
async fn events(cloud: &Cloud, operation: &str, body: &Value) -> Value {
    let caller = Caller { name: "user".to_owned(), arn: "arn:aws:iam::111122223333:user/admin".to_owned() };
    let call = Call { caller, operation: operation.to_owned(), headers: Vec::new(), body: body.to_string().into() };
    let answer = cloud.wiring.call(call).await;
    assert_eq!(answer.status, 200, "{operation}: {:?}", answer.body);
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

async fn terminate(cloud: &Cloud, id: &str) -> String {
    let body = json!({ "ProvisionedProductId": id, "TerminateToken": format!("end-{id}") });
    let answer = call(cloud, "TerminateProvisionedProduct", body).await;
    answer["RecordDetail"]["RecordId"].as_str().unwrap().to_owned()
}

fn product(cloud: &Cloud, id: &str) -> Provisioned {
    cloud.catalog.product(id).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_again() {
    let folder = Folder::new("again");
    // An hour takes an hour: nothing ends by itself.
    let cloud = start(&folder, 1.0).await;
    Scene::demo().unwrap().apply(&cloud).await.unwrap();
    let made = call(
        &cloud,
        "CreatePortfolio",
        json!({ "DisplayName": "New", "ProviderName": "me", "IdempotencyToken": "once" }),
    )
    .await;
    let record = terminate(&cloud, "pp-workshopberlin").await;
    let protection = Protection { by: "jo".to_owned(), reason: "why not".to_owned(), until: None };
    cloud.store.protect("pp-churnmodel", Some(&protection), cloud.clock.now()).await.unwrap();
    // A dead-letter queue: nobody reads it.
    let queue = cloud.wiring.queues().iter().find(|(_, queue)| !queue.is_read()).unwrap().0.clone();
    assert!(cloud.wiring.send(&queue, "a message".to_owned()));
    let mapping = cloud.wiring.mappings().into_keys().next().unwrap();
    assert!(cloud.wiring.enable_mapping(&mapping, false));
    let rule = events(&cloud, "ListRules", &json!({})).await["Rules"][0].take();
    events(&cloud, "DisableRule", &json!({ "Name": rule["Name"] })).await;
    let (products, records, plans, stacks) =
        (cloud.catalog.products(), cloud.catalog.records(), cloud.catalog.plans(), cloud.catalog.stacks());
    let pending = cloud.later.pending();
    assert!(pending.len() >= 4 && plans.len() == 2);
    stop(cloud).await;

    let cloud = start(&folder, 1.0).await;
    assert_eq!(cloud.catalog.products(), products);
    assert_eq!(cloud.catalog.records(), records);
    assert_eq!((cloud.catalog.plans(), cloud.catalog.stacks()), (plans, stacks));
    assert_eq!(cloud.later.pending(), pending);
    assert_eq!(cloud.wiring.queue(&queue).unwrap().messages()[0].body, "a message");
    assert!(!cloud.wiring.mappings()[&mapping].0);
    let described = events(&cloud, "DescribeRule", &json!({ "Name": rule["Name"] })).await;
    assert_eq!((&rule["State"], &described["State"]), (&json!("ENABLED"), &json!("DISABLED")));
    let item = cloud.store.guard("pp-churnmodel").await.unwrap().product.unwrap();
    assert_eq!(item.protection, Some(protection));
    // Tokens are remembered: of a call that makes no record, and of one whose record has not ended.
    let again = call(
        &cloud,
        "CreatePortfolio",
        json!({ "DisplayName": "New", "ProviderName": "me", "IdempotencyToken": "once" }),
    )
    .await;
    assert_eq!(again, made);
    assert_eq!(terminate(&cloud, "pp-workshopberlin").await, record);
    // What the search shows.
    let found = call(
        &cloud,
        "SearchProvisionedProducts",
        json!({ "AccessLevelFilter": { "Key": "Account", "Value": "self" } }),
    )
    .await;
    assert_eq!(found["TotalResultsCount"], 18, "{found}");
    // New identifiers are new.
    let other = call(
        &cloud,
        "CreatePortfolio",
        json!({ "DisplayName": "New", "ProviderName": "me", "IdempotencyToken": "two" }),
    )
    .await;
    assert_ne!(other["PortfolioDetail"]["Id"], made["PortfolioDetail"]["Id"]);
    stop(cloud).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_going_on_goes_on() {
    let folder = Folder::new("goes-on");
    let cloud = start(&folder, 60.0).await;
    cloud.catalog.add(NewProduct::new("pp-a", "a", cloud.clock.now()));
    let record = terminate(&cloud, "pp-a").await;
    // Two minutes at AWS; half a second here is not its end.
    stop(cloud).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let cloud = start(&folder, 60.0).await;
    // Its time has passed meanwhile: it ends at once, and its events come.
    let detail = call(&cloud, "DescribeRecord", json!({ "Id": record })).await["RecordDetail"].take();
    assert_eq!(detail["Status"], "SUCCEEDED", "{detail}");
    assert!(product(&cloud, "pp-a").gone);
    let until = Instant::now() + Duration::from_secs(10);
    while !cloud.wiring.seen().iter().any(|seen| seen.event["detail"]["status-details"]["status"] == "DELETE_COMPLETE")
    {
        assert!(Instant::now() < until, "{:?}", cloud.wiring.seen());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop(cloud).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_on_the_disk_within_a_second_or_so_and_needs_no_end() {
    let folder = Folder::new("killed");
    let cloud = start(&folder, 1.0).await;
    let keeping = tokio::spawn(cloud.keep("test").unwrap());
    cloud.catalog.add(NewProduct::new("pp-a", "a", cloud.clock.now()));
    let until = Instant::now() + Duration::from_secs(10);
    while !std::fs::read_to_string(folder.0.join(STATE)).unwrap().contains("pp-a") {
        assert!(Instant::now() < until, "it was never saved");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // A process that is killed saves nothing more, here in the midst of writing.
    keeping.abort();
    let _ = keeping.await;
    drop(cloud);
    folder.write(UNFINISHED, "{\"version\": 1, \"scene\": \"te");
    let cloud = start(&folder, 1.0).await;
    assert_eq!(product(&cloud, "pp-a").name, "a");
    assert_eq!(cloud.data.as_ref().unwrap().scene(), Some("test"));
    stop(cloud).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_killed_while_it_was_set_up_begins_anew() {
    let folder = Folder::new("setting-up");
    let cloud = start(&folder, 1.0).await;
    cloud.catalog.add(NewProduct::new("pp-a", "a", cloud.clock.now()));
    let protection = Protection { by: "jo".to_owned(), reason: "why not".to_owned(), until: None };
    cloud.store.protect("pp-a", Some(&protection), cloud.clock.now()).await.unwrap();
    cloud.stop().await;
    drop(cloud);
    let cloud = start(&folder, 1.0).await;
    assert!(cloud.catalog.products().is_empty());
    assert_eq!(cloud.store.guard("pp-a").await.unwrap().product, None);
    stop(cloud).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_is_for_one() {
    let folder = Folder::new("two");
    let first = folder.open().unwrap();
    let problem = folder.open().unwrap_err();
    assert_eq!(problem, format!("--data {}: another process uses it", folder.0.display()));
    drop(first);
    folder.open().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_an_error_and_stays_as_it_is() {
    let folder = Folder::new("broken");
    let cloud = start(&folder, 1.0).await;
    cloud.catalog.add(NewProduct::new("pp-a", "a", cloud.clock.now()));
    stop(cloud).await;
    let good = std::fs::read_to_string(folder.0.join(STATE)).unwrap();
    let catalog = good.replacen("\"products\":[{\"id\"", "\"products\":[{\"identifier\"", 2);
    assert_ne!(catalog, good);
    for (text, expected) in [
        ("", "state.json is broken: EOF while parsing"),
        (&good[..good.len() / 2], "state.json is broken: EOF while parsing"),
        ("[]", "state.json is broken: invalid length 0"),
        ("{}", "state.json is broken: missing field `version`"),
        (
            &good.replacen("\"version\":1", "\"version\":2", 1),
            "state.json is of version 2, and this program reads version 1 alone",
        ),
        (&good.replacen("\"later\":", "\"now\":", 1), "state.json is broken: missing field `later`"),
        (&catalog, "the catalog of its state is broken: "),
        (&good.replacen("\"AttributeName\"", "\"Name\"", 1), "its table is another one than template.yaml says now"),
        (
            &good.replacen("\"queues\":{}", "\"queues\":{\"Gone\":[]}", 1),
            "wiring: 0 messages were kept for Gone, which is no queue any more",
        ),
    ] {
        folder.write(STATE, text);
        let problem = try_start(&folder, 1.0).await.map(drop).expect_err(expected);
        assert!(problem.contains(expected), "{problem}\n{expected}");
        assert_eq!(std::fs::read_to_string(folder.0.join(STATE)).unwrap(), text, "{expected}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    folder.write(STATE, &good);
    stop(start(&folder, 1.0).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_part_is_an_error() {
    let folder = Folder::new("missing");
    let cloud = start(&folder, 1.0).await;
    stop(cloud).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let away = folder.0.join("away");
    std::fs::rename(folder.0.join(STATE), &away).unwrap();
    let problem = folder.open().unwrap_err();
    assert!(problem.ends_with("state.json is missing; put it back, or take another directory"), "{problem}");
    std::fs::rename(&away, folder.0.join(STATE)).unwrap();
    std::fs::write(folder.0.join(DATABASE), "no database at all, and long enough to be seen as none").unwrap();
    let problem = try_start(&folder, 1.0).await.map(drop).unwrap_err();
    assert!(problem.contains("dynamodb.sqlite: "), "{problem}");
    std::fs::remove_file(folder.0.join(DATABASE)).unwrap();
    let problem = folder.open().unwrap_err();
    assert!(problem.contains("dynamodb.sqlite is missing"), "{problem}");
}

#[test]
fn somebody_elses_directory_is_left_alone() {
    let folder = Folder::new("others");
    std::fs::create_dir_all(&folder.0).unwrap();
    folder.write("letter.txt", "to my aunt");
    let problem = folder.open().unwrap_err();
    assert!(problem.contains("it holds something else; accepted: a directory that is new or empty"), "{problem}");
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1);
}
