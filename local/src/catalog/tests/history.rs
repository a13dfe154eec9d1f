//! The record history.

use super::*;

const HISTORY: &str = "ListRecordHistory";
const LIST: &str = "RecordDetails";

fn all() -> Value {
    json!({ "AccessLevelFilter": { "Key": "Account", "Value": "self" } })
}

fn of(key: &str, value: &str) -> Value {
    let mut request = all();
    request["SearchFilter"] = json!({ "Key": key, "Value": value });
    request
}

#[tokio::test]
async fn the_history_is_filtered_and_begins_with_the_newest() {
    let scene = Scene::new([not_empty()]);
    scene.catalog.add(NewProduct::new("pp-other00000001", "other", start()));
    let failed = scene.terminate("t").await.unwrap();
    scene.pass(125);
    let second = scene.terminate("u").await.unwrap();
    scene.pass(125);
    let provisioned = scene.catalog.records()[0].id.clone();
    let other = scene.catalog.records()[1].id.clone();
    for (request, expected) in [
        (all(), vec![&second, &failed, &other, &provisioned]),
        (of("provisionedproduct", ID), vec![&second, &failed, &provisioned]),
        (of("provisionedproduct", "pp-other00000001"), vec![&other]),
        (of("provisionedproduct", "pp-nothing000001"), vec![]),
        (of("product", "prod-sandbox000001"), vec![&second, &failed, &other, &provisioned]),
        (of("product", "prod-nothing000001"), vec![]),
        // Without a filter: User. Nothing of these is the caller's.
        (json!({}), vec![]),
    ] {
        let answer = scene.call(HISTORY, request.clone()).await.unwrap();
        assert_eq!(each(&answer, LIST, "RecordId").iter().collect::<Vec<_>>(), expected, "{request}");
    }
    let answer = scene.call(HISTORY, of("provisionedproduct", ID)).await.unwrap();
    assert_eq!(each(&answer, LIST, "Status"), ["SUCCEEDED", "FAILED", "SUCCEEDED"], "also of what is gone");
    let refusal = scene.call(HISTORY, of("record", &second)).await.unwrap_err();
    let expected = "Invalid search filter key: record";
    assert_eq!(refusal, ("InvalidParametersException".to_owned(), expected.to_owned()));
}

#[tokio::test]
async fn the_history_lags_in_naming_records_but_not_in_their_status() {
    let scene = Scene::with([], |settings| settings.history_lag = Duration::from_mins(1));
    scene.pass(60);
    let id = scene.terminate("t").await.unwrap();
    for (seconds, shown) in [(0, vec![]), (59, vec![]), (1, vec!["IN_PROGRESS"]), (65, vec!["SUCCEEDED"])] {
        scene.pass(seconds);
        let answer = scene.call(HISTORY, of("provisionedproduct", ID)).await.unwrap();
        let mut statuses = each(&answer, LIST, "Status");
        assert_eq!(statuses.pop().as_deref(), Some("SUCCEEDED"), "the provisioning is old");
        assert_eq!(statuses, shown, "at {}", scene.clock.now());
        assert_ne!(scene.record(&id).await["Status"], Value::Null, "the record itself does not lag");
    }
}

#[tokio::test]
async fn pages_give_every_record_once() {
    let scene = Scene::new(vec![not_empty(); 44]);
    let mut expected = vec![scene.catalog.records()[0].id.clone()];
    for i in 0..44 {
        expected.push(scene.terminate(&format!("t{i}")).await.unwrap());
        scene.pass(125);
    }
    expected.reverse();
    for (size, sizes) in [(json!(null), vec![20, 20, 5]), (json!(0), vec![20, 20, 5]), (json!(15), vec![15, 15, 15])] {
        let mut request = of("provisionedproduct", ID);
        request["PageSize"] = size.clone();
        let (records, counts) = pages(&scene, HISTORY, LIST, "RecordId", request).await;
        assert_eq!((&records, counts), (&expected, sizes), "{size}");
    }
}
