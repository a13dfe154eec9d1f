//! Faults over HTTP.

use super::*;

const LIST: &str = "DynamoDB_20120810.ListTables";

#[tokio::test]
async fn a_fault_meets_calls_until_it_is_used_up_or_switched_off() {
    let rig = Rig::new().await;
    let wanted = json!({ "effect": "throttle", "caller": "user", "service": "dynamodb", "skip": 1, "times": 2 });
    let (status, added) = rig.ask("POST", "faults", Some(wanted)).await;
    let expected = json!({
        "id": "call-1", "effect": "throttle", "caller": "user", "service": "dynamodb", "skip": 1, "times": 2, "met": 0,
    });
    assert_eq!((status, &added), (201, &expected));
    let mut statuses = Vec::new();
    for _ in 0..2 {
        statuses.push(rig.call("user", LIST).await);
    }
    assert_eq!(statuses, [Some(200), Some(400)]);
    let (_, listed) = rig.ask("GET", "faults", None).await;
    let left = json!([{
        "id": "call-1", "effect": "throttle", "caller": "user", "service": "dynamodb", "times": 1, "met": 1,
    }]);
    assert_eq!(listed["faults"], left);
    assert_eq!(listed["effects"][0][0], "throttle");
    assert_eq!([rig.call("user", LIST).await, rig.call("user", LIST).await], [Some(400), Some(200)]);
    assert_eq!(rig.ask("GET", "faults", None).await.1["faults"], json!([]));

    let (_, added) = rig.ask("POST", "faults", Some(json!({ "effect": "drop" }))).await;
    assert_eq!([rig.call("user", LIST).await, rig.call("user", LIST).await], [None, None]);
    assert_eq!(rig.ask("DELETE", &format!("faults/{}", added["id"].as_str().unwrap()), None).await.0, 200);
    assert_eq!(rig.call("user", LIST).await, Some(200));
    let (_, state) = rig.ask("GET", "state", None).await;
    let met: Vec<&Value> = state["calls"].as_array().unwrap().iter().map(|call| &call["fault"]).collect();
    assert_eq!(json!(met), json!([null, "throttle", "throttle", null, "drop", "drop", null]));
}

#[tokio::test]
async fn a_fault_by_chance_meets_the_same_calls_by_the_same_seed() {
    let rig = Rig::new().await;
    let mut runs = Vec::new();
    for _ in 0..2 {
        let wanted = json!({ "effect": "answer 503 Busy", "percent": 50, "seed": 7 });
        let (status, added) = rig.ask("POST", "faults", Some(wanted)).await;
        assert_eq!((status, &added["percent"], &added["seed"]), (201, &json!(50.0), &json!(7)));
        let mut run = Vec::new();
        for _ in 0..30 {
            run.push(rig.call("user", LIST).await.unwrap());
        }
        assert!(run.contains(&200) && run.contains(&503), "{run:?}");
        runs.push(run);
        assert_eq!(rig.ask("DELETE", "faults", None).await, (200, json!({ "removed": 1 })));
    }
    assert_eq!(runs[0], runs[1]);
    let (_, added) = rig.ask("POST", "faults", Some(json!({ "effect": "drop", "percent": 1 }))).await;
    assert!(added["seed"].is_u64(), "a seed that can be asked for again: {added}");
}

#[tokio::test]
async fn functions_are_named_by_folder_or_by_logical_id() {
    let rig = Rig::new().await;
    for name in ["terminate", "TerminateFunction"] {
        let (_, added) = rig.ask("POST", "faults", Some(json!({ "effect": "throttle", "caller": name }))).await;
        assert_eq!(added["caller"], "terminate");
    }
    // Nobody else is met.
    assert_eq!(rig.call("user", LIST).await, Some(200));
    assert_eq!(rig.cloud.gateway.faults().pending()[0].1.caller.as_deref(), Some("TerminateFunction"));
}

#[tokio::test]
async fn records_of_a_product_fail_or_never_end() {
    let rig = Rig::new().await;
    let wanted = json!({ "effect": "record-fails It is full", "product": "sandbox-a", "times": 1 });
    let (status, added) = rig.ask("POST", "faults", Some(wanted)).await;
    let expected =
        json!({ "id": "record-1", "effect": "record-fails It is full", "product": "sandbox-a", "times": 1, "met": 0 });
    assert_eq!((status, added), (201, expected));
    let (_, added) = rig.ask("POST", "faults", Some(json!({ "effect": "record-never-ends" }))).await;
    assert_eq!((added["id"].as_str(), &added["times"]), (Some("record-2"), &Value::Null));
    assert_eq!(rig.ask("DELETE", "faults/record-1", None).await.0, 200);
    assert_eq!(rig.ask("DELETE", "faults", None).await.1, json!({ "removed": 1 }));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_in_one_line_that_says_what_does() {
    let rig = Rig::new().await;
    for (body, says) in [
        (json!({ "effect": "explode" }), "there is no effect \"explode\"; accepted: throttle | error-500"),
        (json!({ "caller": "user" }), "missing field `effect`"),
        (json!({ "effect": "drop", "colour": "red" }), "unknown field `colour`, expected one of `effect`, `caller`"),
        (json!({ "effect": "drop", "caller": "nobody" }), "accepted: execute-action execute-plan import"),
        (json!({ "effect": "drop", "service": "s3" }), "accepted: cloudformation dynamodb events"),
        (json!({ "effect": "drop", "operation": "a b" }), "1 to 128 letters and digits"),
        (json!({ "effect": "drop", "operation": "" }), "1 to 128 letters and digits"),
        (json!({ "effect": "drop", "product": "pp-a" }), "is of calls"),
        (json!({ "effect": "drop", "times": 0 }), "times is a number from 1"),
        (json!({ "effect": "drop", "times": -1 }), "not understood"),
        (json!({ "effect": "drop", "skip": 1_000_001 }), "skip is a number up to 1000000"),
        (json!({ "effect": "drop", "percent": 0 }), "percent is a number above 0"),
        (json!({ "effect": "drop", "percent": 101 }), "percent is a number above 0, up to 100"),
        (json!({ "effect": "drop", "seed": 1 }), "a seed without percent"),
        (json!({ "effect": "record-never-ends", "caller": "user" }), "accepted: product, operation"),
        (json!({ "effect": "record-never-ends", "operation": "PutItem" }), "accepted: ProvisionProduct"),
        (json!({ "effect": "record-never-ends", "product": "" }), "by its id"),
        (json!([]), "not understood"),
    ] {
        let (status, text) = rig.refused("POST", "faults", Some(body.clone())).await;
        assert!(status == 400 && text.contains(says), "{body}: {status} {text}");
    }
    let (status, text) = rig.refused("DELETE", "faults/call-1", None).await;
    assert_eq!((status, text.as_str()), (404, "there is no fault \"call-1\"; there are: none"));
    assert_eq!(rig.ask("GET", "faults", None).await.1["faults"], json!([]));
}

#[tokio::test]
async fn no_more_than_a_hundred_stand() {
    let rig = Rig::new().await;
    for _ in 0..100 {
        assert_eq!(rig.ask("POST", "faults", Some(json!({ "effect": "drop", "caller": "sweep" }))).await.0, 201);
    }
    let (status, text) = rig.refused("POST", "faults", Some(json!({ "effect": "record-never-ends" }))).await;
    assert!(status == 409 && text.contains("100 faults"), "{text}");
}
