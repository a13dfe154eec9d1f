//! What is shown, and what is switched beside faults.

use super::*;

#[tokio::test]
async fn the_state_has_products_queues_events_and_what_people_have_set() {
    let rig = Rig::new().await;
    let (status, answer) = rig.ask("PUT", "pause", Some(json!({ "reason": " an incident " }))).await;
    assert_eq!((status, &answer), (200, &json!({ "paused": "an incident" })));
    assert_eq!(rig.ask("PUT", "speed", Some(json!({ "speed": 90 }))).await, (200, json!({ "speed": 90.0 })));
    let (status, published) = rig.ask("POST", "samples/terminate/expired", None).await;
    assert_eq!(
        (status, &published["deliveries"], &published["subjects"][0]),
        (200, &json!(1), &json!("pp-expired000001"))
    );

    let (status, state) = rig.ask("GET", "state", None).await;
    assert_eq!(status, 200);
    assert_eq!(state["settings"], json!({ "speed": 90.0, "paused": "an incident" }));
    let product = &state["products"]["pp-a"];
    assert_eq!(
        (&product["name"], &product["status"], &product["end"]),
        (&json!("sandbox-a"), &json!("AVAILABLE"), &json!("ends"))
    );
    let [created, ends] = ["createdAt", "expiresAt"]
        .map(|name| product[name].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap());
    assert_eq!(ends - created, chrono::TimeDelta::hours(3));
    assert_eq!(product["tags"], json!({ "ttl": "3h" }));
    assert_eq!(state["queues"]["TerminationsDeadLetterQueue"]["deadLetters"], true);
    assert_eq!(state["events"][0]["detailType"], "Provisioned Product Expired");
    assert_eq!(state["calls"][0]["call"], "dynamodb:UpdateItem", "the pause");
    assert_eq!(state["calls"][0]["caller"], "user");
    assert!((rig.cloud.clock.speed() - 90.0).abs() < f64::EPSILON);
    assert_eq!(rig.ask("DELETE", "pause", None).await, (200, json!({ "paused": null })));
}

#[tokio::test]
async fn a_protected_product_and_one_that_is_gone_say_so() {
    let rig = Rig::new().await;
    let now = rig.cloud.clock.now();
    rig.cloud.catalog.add(NewProduct::new("pp-b", "kept", now).tag("ttl", "3h").tag("steward:protect", "true"));
    rig.cloud.catalog.add(NewProduct::new("pp-c", "gone", now));
    rig.cloud.catalog.add(NewProduct::new("pp-d", "odd", now).tag("ttl", "soon"));
    rig.cloud.catalog.remove("pp-c");
    let (_, state) = rig.ask("GET", "state", None).await;
    let of = |id: &str, name: &str| state["products"][id][name].clone();
    assert_eq!(of("pp-b", "end"), "protected");
    assert!(of("pp-b", "protected").as_str().unwrap().contains("steward:protect"));
    assert_eq!((of("pp-c", "gone"), of("pp-c", "status")), (json!(true), json!("TERMINATED")));
    assert_eq!((of("pp-d", "end"), of("pp-d", "expiresAt")), (json!("unreadable"), Value::Null));
}

#[tokio::test]
async fn what_cannot_be_set_is_refused_with_what_can() {
    let rig = Rig::new().await;
    for (path, body, says) in [
        ("speed", json!({ "speed": 0 }), "speed is a number from 0.001 to 100000"),
        ("speed", json!({ "speed": 1e9 }), "speed is a number from 0.001 to 100000"),
        ("speed", json!({ "speed": "fast" }), "not understood"),
        ("speed", json!({}), "missing field `speed`"),
        ("pause", json!({ "reason": "  " }), "1 to 256 bytes"),
        ("pause", json!({ "reason": "x".repeat(257) }), "1 to 256 bytes"),
        ("pause", json!({ "why": "x" }), "unknown field `why`, expected `reason`"),
    ] {
        let (status, text) = rig.refused("PUT", path, Some(body.clone())).await;
        assert!(status == 400 && text.contains(says), "{path} {body}: {text}");
    }
}

#[tokio::test]
async fn every_sample_is_listed_with_what_it_ends_as() {
    let rig = Rig::new().await;
    let (_, listed) = rig.ask("GET", "samples", None).await;
    let samples = listed["samples"].as_array().unwrap();
    assert!(samples.len() > 100, "{}", samples.len());
    let ten = samples.iter().find(|sample| sample["name"] == "expired-ten").unwrap();
    assert_eq!((&ten["function"], &ten["endsAs"]), (&json!("terminate"), &json!({ "succeeded": 10 })));
}

#[tokio::test]
async fn settings_are_changed_one_by_one() {
    let rig = Rig::new().await;
    let (_, before) = rig.ask("GET", "settings", None).await;
    assert_eq!((&before["termination"], &before["tokenMemory"]), (&json!("2m"), &json!("while-running")));
    let wanted = json!({ "termination": "90s", "tokenMemory": "for-ever", "searchLag": "0s", "tagUpdates": true });
    let (status, after) = rig.ask("PATCH", "settings", Some(wanted.clone())).await;
    assert_eq!(status, 200);
    for (name, value) in before.as_object().unwrap() {
        assert_eq!(&after[name], wanted.get(name).unwrap_or(value), "{name}");
    }
    let mut seen = None;
    rig.cloud.catalog.configure(|settings| seen = Some((settings.termination, settings.tag_updates)));
    assert_eq!(seen, Some((Duration::from_secs(90), true)));
    for (body, says) in [
        (json!({ "colour": 1 }), "unknown field `colour`, expected one of `tokenMemory`"),
        (json!({ "tokenMemory": "sometimes" }), "expected one of `while-running`, `for-ever`, `none`"),
        (json!({ "termination": "soon" }), "accepted: a whole number and a unit"),
        (json!({ "tagUpdates": "yes" }), "expected a boolean"),
        (json!({ "termination": null }), "leave it out"),
        (json!({}), "recordLag"),
        (json!([]), "recordLag"),
    ] {
        let (status, text) = rig.refused("PATCH", "settings", Some(body.clone())).await;
        assert!(status == 400 && text.contains(says), "{body}: {text}");
    }
}
