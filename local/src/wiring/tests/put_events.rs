//! `PutEvents`: what is taken, what is refused, and by whom.

use super::*;
use crate::api::{Answer, Call, Caller, Service};

fn user() -> Caller {
    Caller { name: "user".to_owned(), arn: "arn:aws:iam::111122223333:user/admin".to_owned() }
}

fn function(name: &str, role: &str) -> Caller {
    Caller { name: name.to_owned(), arn: format!("arn:aws:sts::111122223333:assumed-role/{role}/{name}") }
}

async fn call(world: &World, caller: Caller, operation: &str, body: &str) -> (u16, Value) {
    let (operation, body) = (operation.to_owned(), body.to_owned().into());
    let Answer { status, body, .. } = world.wiring.call(Call { caller, operation, headers: Vec::new(), body }).await;
    (status, serde_json::from_slice(&body).unwrap())
}

async fn put(world: &World, caller: Caller, entries: Value) -> Value {
    let (status, body) = call(world, caller, "PutEvents", &json!({ "Entries": entries }).to_string()).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// A good entry, with one member changed.
fn entry(member: &str, value: impl Into<Value>) -> Value {
    let mut entry = json!({
        "Source": "acme.portal",
        "DetailType": "Termination Requested",
        "Detail": "{\"productId\":\"pp-a\"}",
        "EventBusName": BUS,
    });
    entry[member] = value.into();
    entry
}

#[tokio::test]
async fn an_entry_that_is_not_valid_is_refused_and_the_others_are_taken() {
    let required = |name: &str| {
        ("InvalidArgument", format!("Parameter {name} is not valid. Reason: {name} is a required argument."))
    };
    let malformed = || ("MalformedDetail", "Detail is malformed.".to_owned());
    for (bad, (code, message)) in [
        (entry("Source", Value::Null), required("Source")),
        (entry("Source", ""), required("Source")),
        (entry("Source", 5), required("Source")),
        (entry("DetailType", Value::Null), required("DetailType")),
        (entry("Detail", Value::Null), required("Detail")),
        (entry("Detail", json!({ "productId": "pp-a" })), required("Detail")),
        (entry("Detail", "{"), malformed()),
        (entry("Detail", "text"), malformed()),
        (entry("Detail", "[]"), malformed()),
        (entry("Detail", "null"), malformed()),
        (
            entry("EventBusName", "nowhere"),
            ("ResourceNotFoundException", "Event bus nowhere does not exist.".to_owned()),
        ),
        (
            entry("Source", "aws.cloudformation"),
            ("NotAuthorizedForSourceException", "Not authorized for the source.".to_owned()),
        ),
    ] {
        let world = World::new().await;
        let body =
            put(&world, user(), json!([entry("Resources", json!(["a"])), bad, entry("Resources", json!([]))])).await;
        assert_eq!(body["FailedEntryCount"], 1, "{bad}");
        assert_eq!(body["Entries"][1], json!({ "ErrorCode": code, "ErrorMessage": message }), "{bad}");
        assert_eq!(world.wiring.seen().len(), 2, "{bad}");
        for (i, seen) in [0, 2].into_iter().zip(world.wiring.seen()) {
            assert_eq!(body["Entries"][i], json!({ "EventId": seen.event["id"] }), "{bad}");
        }
    }
}

#[tokio::test]
async fn an_event_has_everything_that_eventbridge_adds() {
    let world = World::new().await;
    for (bus, named) in [
        (BUS, json!(BUS)),
        (BUS, json!("arn:aws:events:eu-central-1:111122223333:event-bus/steward-bus")),
        (DEFAULT_BUS, json!("default")),
        (DEFAULT_BUS, Value::Null),
    ] {
        put(&world, user(), json!([entry("EventBusName", named.clone())])).await;
        let mut seen = world.wiring.seen().pop().unwrap();
        assert_eq!(seen.bus, bus, "{named}");
        assert_eq!(seen.event["id"].as_str().unwrap().len(), 36);
        let mut expected = event("acme.portal", "Termination Requested", &json!({ "productId": "pp-a" }));
        expected["id"] = seen.event["id"].take();
        seen.event["id"] = expected["id"].clone();
        assert_eq!(seen.event, expected, "{named}");
    }
    let ids: std::collections::BTreeSet<_> =
        world.wiring.seen().iter().map(|seen| seen.event["id"].to_string()).collect();
    assert_eq!(ids.len(), 4, "every event has an id of its own");
}

#[tokio::test]
async fn a_request_that_is_not_valid_is_refused_whole() {
    let limit = "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length \
                 between 1 and 10";
    let entries = |count: usize| json!({ "Entries": vec![entry("Resources", json!([])); count] }).to_string();
    let large = json!({ "Entries": [entry("Resources", json!(["x".repeat(1024 * 1024)]))] }).to_string();
    for (operation, body, code, message) in [
        ("PutEvents", "{".to_owned(), "SerializationException", "The request body is no JSON."),
        ("PutEvents", "{}".to_owned(), "ValidationException", limit),
        ("PutEvents", entries(0), "ValidationException", limit),
        ("PutEvents", entries(11), "ValidationException", limit),
        ("PutEvents", large, "ValidationException", "Total size of the entries in the request is over the limit."),
        ("PutRule", entries(1), "UnknownOperationException", "The local cloud's EventBridge has no PutRule."),
    ] {
        let world = World::new().await;
        let expected = (400, json!({ "__type": code, "message": message }));
        assert_eq!(call(&world, user(), operation, &body).await, expected, "{operation}");
        assert_eq!(world.wiring.seen(), []);
    }
    let world = World::new().await;
    let (status, body) = call(&world, user(), "PutEvents", &entries(10)).await;
    assert_eq!((status, &body["FailedEntryCount"]), (200, &json!(0)), "ten are not too many");
}

#[tokio::test]
async fn nobody_else_speaks_as_steward() {
    let own = || function("TerminateFunction", "TerminateRole");
    for (caller, bus, source, allowed) in [
        (user(), BUS, "acme.portal", true),
        (user(), BUS, "steward", false),
        (user(), BUS, "steward.portal", true),
        (user(), DEFAULT_BUS, "steward", true),
        (own(), BUS, "steward", true),
        (function("ReconcileFunction", "ReconcileRole"), BUS, "steward", true),
        (own(), DEFAULT_BUS, "steward", true),
        (own(), BUS, "acme.portal", true),
        (function("Portal", "PortalRole"), BUS, "acme.portal", false),
        (function("Portal", "PortalRole"), BUS, "steward", false),
        (function("Portal", "NotTerminateRole"), BUS, "steward", false),
        (function("TerminateRole", "PortalRole"), BUS, "steward", false),
        (function("Portal", "PortalRole"), DEFAULT_BUS, "acme.portal", true),
    ] {
        let world = World::new().await;
        let mut entry = entry("Source", source);
        entry["EventBusName"] = json!(bus);
        let body = put(&world, caller.clone(), json!([entry])).await;
        let place = format!("{} {bus} {source}", caller.arn);
        assert_eq!(world.wiring.seen().len(), usize::from(allowed), "{place}");
        if !allowed {
            assert_eq!(body["FailedEntryCount"], 1, "{place}");
            let message = format!("{} is denied by the policy of the event bus {bus}.", caller.arn);
            assert_eq!(body["Entries"][0], json!({ "ErrorCode": "AccessDeniedException", "ErrorMessage": message }));
        }
    }
}

#[tokio::test]
async fn who_may_is_what_the_templates_bus_policies_say() {
    for (requesters, source, allowed) in [
        ("", "acme.portal", false),
        ("arn:aws:iam::111122223333:role/PortalRole", "acme.portal", true),
        ("arn:aws:iam::111122223333:role/Portal*", "acme.portal", true),
        ("arn:aws:iam::111122223333:role/Other, arn:aws:iam::111122223333:role/PortalRole", "acme.portal", true),
        ("arn:aws:iam::111122223333:role/PortalRoles", "acme.portal", false),
        ("arn:aws:iam::111122223333:role/*", "steward", false),
    ] {
        let overrides = BTreeMap::from([("Requesters".to_owned(), requesters.to_owned())]);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
        let template = Template::read(&path, &overrides, &Place::default()).unwrap();
        let world = World::of(&template, Clock::held(DateTime::UNIX_EPOCH)).await;
        let body = put(&world, function("Portal", "PortalRole"), json!([entry("Source", source)])).await;
        assert_eq!(body["FailedEntryCount"], u8::from(!allowed), "{source} when {requesters:?} may");
    }
}

#[tokio::test]
async fn sizes_are_counted_as_the_service_counts_them_and_times_are_kept() {
    let world = World::new().await;
    // More than the limit on the wire, where each quote has a backslash twice, but not as text.
    let detail = format!("{{\"a\":\"{}\"}}", "\\\"".repeat(400 * 1024));
    let request = json!({ "Entries": [entry("Detail", detail)] }).to_string();
    assert!(request.len() > 1024 * 1024);
    assert_eq!(call(&world, user(), "PutEvents", &request).await.0, 200);
    let half = entry("Detail", format!("{{\"a\":\"{}\"}}", "x".repeat(512 * 1024)));
    let request = json!({ "Entries": [half, half] }).to_string();
    assert_eq!(call(&world, user(), "PutEvents", &request).await.0, 400, "all entries together");
    put(&world, user(), json!([entry("Time", 1_767_225_600.75)])).await;
    assert_eq!(world.wiring.seen().pop().unwrap().event["time"], "2026-01-01T00:00:00Z");
}
