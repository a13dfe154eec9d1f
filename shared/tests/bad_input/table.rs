//! What each rule says to those who break it: bad inputs, and the exact error that each gets. Read as somebody would who
//! has to mend the sender: one sentence that names what is wrong, and what is accepted.

use std::fmt::Write as _;

use serde_json::{Value, json};
use shared::inbound::{keep, wake_up};
use shared::lambda::payload::{self, Payload};
use shared::request::{Invalid, Kind};
use shared::workflow::follow::Woken;

use crate::readers::{carrier, here, is_clear};
use crate::rows::{asked, event, events, requests, texts, with};

/// The rows of the table.
#[derive(Default)]
struct Table(String);

impl Table {
    fn heading(&mut self, heading: &str) {
        writeln!(self.0, "\n# {heading}\n").unwrap();
    }

    fn row(&mut self, input: &str, read: Result<(), Invalid>) {
        let error = read.expect_err(input);
        is_clear(&error).unwrap();
        writeln!(self.0, "{}\n    {error}", shortened(input)).unwrap();
    }
}

fn shortened(input: &str) -> String {
    const CHARS_MAX: usize = 160;
    let shown: String = input.chars().take(CHARS_MAX).flat_map(char::escape_debug).collect();
    let shown = shown.replace("\\\"", "\"").replace("\\'", "'");
    if input.chars().nth(CHARS_MAX).is_some() { format!("{shown}... ({} bytes)", input.len()) } else { shown }
}

fn read(kind: Kind, body: &str) -> Result<(), Invalid> {
    payload::read_text(kind, body, &carrier()).map(|_| ())
}

// Hazard B1: what could act twice needs a trigger.
#[test]
fn each_bad_input_gets_its_error() {
    let mut table = Table::default();
    table.heading("what is no message of a queue");
    for record in [
        json!(5),
        json!([]),
        json!({}),
        json!({"messageId": "m-1", "body": 5}),
        json!({"messageId": "m-1", "body": {"provisionedProductId": "pp-a"}}),
    ] {
        let Payload::Batch(deliveries) = payload::split(&json!({"Records": [record]}).to_string()) else {
            unreachable!()
        };
        table.row(&record.to_string(), deliveries[0].body.clone().map(|_| ()));
    }
    let Payload::Batch(deliveries) = payload::split(r#"{"Records": [{"body":"\ud800"}]}"#) else { unreachable!() };
    table.row(r#"{"body":"\ud800"}"#, deliveries[0].body.clone().map(|_| ()));
    table.heading("any request");
    for text in texts() {
        table.row(&text, read(Kind::Terminate, &text));
    }
    for members in asked() {
        let body = with(&requests(Kind::Terminate).0, &members).to_string();
        table.row(&body, read(Kind::Terminate, &body));
    }
    for kind in Kind::ALL {
        table.heading(kind.as_str());
        let (good, bad) = requests(kind);
        assert_eq!(read(kind, &good.to_string()), Ok(()), "each is wrong for one reason alone");
        for body in bad.iter().map(|members| with(&good, members)).chain(events(kind)) {
            table.row(&body.to_string(), read(kind, &body.to_string()));
        }
    }
    keeps(&mut table);
    wake_ups(&mut table);
    insta::with_settings!({ prepend_module_to_snapshot => false }, { insta::assert_snapshot!("bad_input", table.0) });
}

/// Extensions and protections.
fn keeps(table: &mut Table) {
    table.heading("sweep");
    let read = |body: &str| keep::read(body, &here(), carrier().sent_at).map(|_| ());
    let good = json!({"provisionedProductId": "pp-a", "for": "2d", "requestedBy": "jo", "reason": "the demo"});
    assert_eq!(read(&event("platform.portal", "Extension Requested", &good).to_string()), Ok(()));
    for body in [good.to_string(), "5".to_owned(), "nonsense".to_owned(), "x".repeat(262_144)] {
        table.row(&body, read(&body));
    }
    let nameless = with(&event("platform.portal", "Extension Requested", &good), &json!({"id": null})).to_string();
    table.row(&nameless, read(&nameless));
    for (detail_type, members) in [
        ("Lease Requested", json!({})),
        ("Extension Requested", json!({"provisionedProductId": null})),
        ("Extension Requested", json!({"provisionedProductId": 5})),
        ("Extension Requested", json!({"provisionedProductName": "web"})),
        ("Extension Requested", json!({"for": null})),
        ("Extension Requested", json!({"for": 2})),
        ("Extension Requested", json!({"for": "two days"})),
        ("Extension Requested", json!({"for": "never"})),
        ("Extension Requested", json!({"for": "0d"})),
        ("Extension Requested", json!({"for": "٢d"})),
        ("Extension Requested", json!({"for": "99999999999999999999d"})),
        ("Extension Requested", json!({"for": "d".repeat(65)})),
        ("Extension Requested", json!({"until": "2026-11-20"})),
        ("Extension Requested", json!({"for": null, "until": "2026-02-30"})),
        ("Extension Requested", json!({"for": null, "until": "30.11.2026"})),
        ("Extension Requested", json!({"for": null, "until": "2026-11-20T18:00:00"})),
        ("Extension Requested", json!({"for": null, "until": "2026-11-20T18:00:00\u{2212}01:00"})),
        ("Extension Requested", json!({"for": null, "until": "1066-10-14"})),
        ("Extension Requested", json!({"for": null, "until": "forever"})),
        ("Extension Requested", json!({"for": null, "until": 1_795_176_001})),
        ("Extension Requested", json!({"requestedBy": null})),
        ("Extension Requested", json!({"reason": null})),
        ("Extension Requested", json!({"reason": ""})),
        ("Extension Requested", json!({"requestId": "k".repeat(257)})),
        ("Extension Requested", json!({"protect": true})),
        ("Protection Requested", json!({"protect": "yes"})),
        ("Protection Requested", json!({"protect": false})),
    ] {
        let body = event("platform.portal", detail_type, &with(&good, &members)).to_string();
        table.row(&body, read(&body));
    }
}

/// What `reconcile` only logs.
fn wake_ups(table: &mut Table) {
    table.heading("reconcile");
    let stack = |stack: Value| json!({"source": "aws.cloudformation", "detail": {"stack-id": stack}}).to_string();
    for body in [
        "nonsense".to_owned(),
        "[".repeat(200),
        "[]".to_owned(),
        json!({"source": "aws.cloudformation"}).to_string(),
        stack(json!(5)),
        stack(json!("web")),
        stack(json!(format!(
            "arn:aws:cloudformation:eu-central-1:111122223333:stack/SC-111122223333-pp-{}",
            "a".repeat(2_000)
        ))),
    ] {
        table.row(&body, wake_up::add(&body, &here(), &mut Woken::default()));
    }
}
