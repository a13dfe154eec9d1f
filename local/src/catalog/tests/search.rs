//! The search (an index that lags) and the scan (which does not).

use super::*;

const SEARCH: &str = "SearchProvisionedProducts";
const SCAN: &str = "ScanProvisionedProducts";
const LIST: &str = "ProvisionedProducts";
const ACCOUNT: &str = "Account";

/// So many products, made in another order than that of their ids and names.
fn many(count: usize) -> Scene {
    let scene = Scene::empty(|_| {});
    for i in 0..count {
        let i = i * 7 % count;
        let new = NewProduct::new(&format!("pp-{i:013}"), &format!("name-{:04}", count - i), start());
        scene.catalog.add(new.tag("number", &i.to_string()));
    }
    scene
}

#[tokio::test]
async fn pages_give_every_product_once() {
    let scene = many(250);
    let (ids, names) = (|i: usize| format!("pp-{i:013}"), |i: usize| format!("name-{i:04}"));
    let (up, down): (Vec<_>, Vec<_>) = ((0..250).map(ids).collect(), (0..250).rev().map(ids).collect());
    let by_name: Vec<_> = (1..=250).map(names).collect();
    for (request, member, expected, sizes) in [
        (json!({}), "Id", &up, vec![100, 100, 50]),
        (json!({ "PageSize": 0 }), "Id", &up, vec![100, 100, 50]),
        (json!({ "PageSize": 100 }), "Id", &up, vec![100, 100, 50]),
        (json!({ "PageSize": 50 }), "Id", &up, vec![50; 5]),
        (json!({ "PageSize": 99 }), "Id", &up, vec![99, 99, 52]),
        (json!({ "SortBy": "id", "SortOrder": "DESCENDING" }), "Id", &down, vec![100, 100, 50]),
        (json!({ "SortOrder": "DESCENDING" }), "Id", &down, vec![100, 100, 50]),
        (json!({ "SortBy": "name" }), "Name", &by_name, vec![100, 100, 50]),
        (json!({ "SortBy": "arn", "SortOrder": "ASCENDING" }), "Name", &by_name, vec![100, 100, 50]),
    ] {
        let (found, counts) = pages(&scene, SEARCH, LIST, member, request.clone()).await;
        assert_eq!((&found, counts), (expected, sizes), "{request}");
    }
    let (records, _) = pages(&scene, SEARCH, LIST, "LastRecordId", json!({ "SortBy": "lastRecordId" })).await;
    assert!(records.is_sorted() && records.len() == 250);
    for request in [json!({}), json!({ "PageSize": 3 }), json!({ "PageToken": "page-200" })] {
        let answer = scene.call(SEARCH, request.clone()).await.unwrap();
        assert_eq!(answer["TotalResultsCount"], 250, "of all pages: {request}");
    }
}

#[tokio::test]
async fn a_scan_has_pages_of_twenty_and_shows_what_the_caller_has_provisioned() {
    let scene = many(45);
    let all = json!({ "AccessLevelFilter": { "Key": ACCOUNT, "Value": "self" } });
    let (mut ids, sizes) = pages(&scene, SCAN, LIST, "Id", all).await;
    ids.sort();
    assert_eq!(sizes, [20, 20, 5]);
    assert_eq!(ids, (0..45).map(|i| format!("pp-{i:013}")).collect::<Vec<_>>());

    // Without a filter: User. Nothing of these is the caller's.
    assert_eq!(pages(&scene, SCAN, LIST, "Id", json!({})).await, (vec![], vec![0]));
    let own = NewProduct { user_arn: user().arn, ..NewProduct::new(ID, NAME, start()) };
    scene.catalog.add(own);
    let answer = scene.call(SCAN, json!({})).await.unwrap();
    assert_eq!(each(&answer, LIST, "Id"), [ID]);
    let row = &answer[LIST][0];
    for absent in ["Tags", "PhysicalId", "UserArn", "ProductName"] {
        assert_eq!(row.get(absent), None, "a scan shows no {absent}");
    }
}

#[tokio::test]
async fn queries_find_what_they_name() {
    let scene = Scene::empty(|_| {});
    let account = |new: NewProduct| NewProduct { product_type: "CONTROL_TOWER_ACCOUNT".to_owned(), ..new };
    for new in [
        NewProduct::new("pp-a", "alpha", start()).tag("team", "red").tag("cost:center", "a=b"),
        NewProduct::new("pp-b", "beta", start()).tag("team", "blue"),
        account(NewProduct::new("pp-c", "alpha-2", start()).tag("team", "reddish")),
    ] {
        scene.catalog.add(new);
    }
    let arn = "arn:aws:servicecatalog:eu-central-1:111122223333:stack/alpha/pp-a";
    let stack = "arn:aws:cloudformation:eu-central-1:111122223333:stack/SC-111122223333-pp-b/0000000b-0000-4000-8000-\
                 000000000000";
    let (by_arn, by_stack) = (format!("arn:{arn}"), format!("physicalId:{stack}"));
    for (queries, expected) in [
        (vec!["id:pp-a"], vec!["pp-a"]),
        (vec!["name:alpha"], vec!["pp-a"]),
        (vec![by_arn.as_str()], vec!["pp-a"]),
        (vec![by_stack.as_str()], vec!["pp-b"]),
        (vec!["type:CFN_STACK"], vec!["pp-a", "pp-b"]),
        (vec!["status:AVAILABLE"], vec!["pp-a", "pp-b", "pp-c"]),
        (vec!["status:TAINTED"], vec![]),
        (vec!["productName:Sandbox", "provisioningArtifactName:v1"], vec!["pp-a", "pp-b", "pp-c"]),
        (vec!["userArn:arn:aws:iam::111122223333:user/jo"], vec!["pp-a", "pp-b", "pp-c"]),
        (vec!["tags:team=red"], vec!["pp-a"]),
        (vec!["tags:cost:center=a"], vec![]),
        (vec!["tags:team=green"], vec![]),
        // Free text looks everywhere, within the words.
        (vec!["alpha"], vec!["pp-a", "pp-c"]),
        (vec!["red"], vec!["pp-a", "pp-c"]),
        (vec!["color:red"], vec![]),
        // All of several.
        (vec!["alpha", "type:CFN_STACK"], vec!["pp-a"]),
        (vec!["id:pp-a", "id:pp-b"], vec![]),
        (vec![], vec!["pp-a", "pp-b", "pp-c"]),
    ] {
        let answer = scene.call(SEARCH, json!({ "Filters": { "SearchQuery": queries } })).await.unwrap();
        assert_eq!(each(&answer, LIST, "Id"), expected, "{queries:?}");
        assert_eq!(answer["TotalResultsCount"], expected.len(), "{queries:?}");
    }
    let answer = scene.call(SEARCH, json!({ "Filters": { "SearchQuery": ["id:pp-b"] } })).await.unwrap();
    let tags = answer[LIST][0]["Tags"].as_array().unwrap();
    assert!(tags.contains(&json!({ "Key": "team", "Value": "blue" })));
    let system = json!({
        "Key": "aws:servicecatalog:provisionedProductArn",
        "Value": "arn:aws:servicecatalog:eu-central-1:111122223333:stack/beta/pp-b",
    });
    assert!(tags.contains(&system), "{tags:?}");
}

#[tokio::test]
async fn the_index_lags_and_nothing_else_does() {
    let scene = Scene::with([], |settings| settings.search_lag = Duration::from_mins(1));
    let new = NewProduct::new("pp-new0000000001", "new", start() + chrono::TimeDelta::seconds(30));
    scene.catalog.add(new);
    let everything = json!({ "AccessLevelFilter": { "Key": ACCOUNT, "Value": "self" } });
    // Seconds from the last row, what the search shows, what the scan shows.
    for (seconds, found, scanned) in [
        (59, vec![], vec!["AVAILABLE"; 2]),
        (1, vec!["AVAILABLE"], vec!["AVAILABLE"; 2]),
        (29, vec!["AVAILABLE"], vec!["AVAILABLE"; 2]),
        (1, vec!["AVAILABLE"; 2], vec!["AVAILABLE"; 2]),
        // The termination begins now.
        (0, vec!["AVAILABLE"; 2], vec!["AVAILABLE", "UNDER_CHANGE"]),
        (59, vec!["AVAILABLE"; 2], vec!["AVAILABLE", "UNDER_CHANGE"]),
        (1, vec!["AVAILABLE", "UNDER_CHANGE"], vec!["AVAILABLE", "UNDER_CHANGE"]),
        (65, vec!["AVAILABLE", "UNDER_CHANGE"], vec!["AVAILABLE"]),
        (59, vec!["AVAILABLE", "UNDER_CHANGE"], vec!["AVAILABLE"]),
        (1, vec!["AVAILABLE"], vec!["AVAILABLE"]),
    ] {
        scene.pass(seconds);
        if seconds == 0 {
            scene.terminate("t").await.unwrap();
        }
        let statuses = |answer: Value| {
            let mut statuses = each(&answer, LIST, "Status");
            statuses.sort();
            statuses
        };
        let place = scene.clock.now();
        assert_eq!(statuses(scene.call(SEARCH, json!({})).await.unwrap()), found, "the search at {place}");
        assert_eq!(statuses(scene.call(SCAN, everything.clone()).await.unwrap()), scanned, "the scan at {place}");
    }
}

#[tokio::test]
async fn an_update_may_stay_unseen_and_another_without_end() {
    let scene = many(2);
    let (seen, stuck) = ("pp-0000000000000", "pp-0000000000001");
    let record = scene.catalog.update_unseen(seen).unwrap();
    scene.catalog.update_without_end(stuck, start(), "no answer").unwrap();
    scene.clock.advance(Duration::from_hours(48));
    let found = scene.call(SEARCH, json!({})).await.unwrap();
    let rows = found[LIST].as_array().unwrap();
    assert_ne!(rows[0]["LastProvisioningRecordId"], record, "the search shows what was before");
    let described = scene.call("DescribeProvisionedProduct", json!({ "Id": seen })).await.unwrap();
    assert_eq!(described["ProvisionedProductDetail"]["LastProvisioningRecordId"], record);
    assert_eq!((&rows[1]["Status"], &rows[1]["StatusMessage"]), (&json!("UNDER_CHANGE"), &json!("no answer")));
}
