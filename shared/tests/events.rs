//! Every sample event, read as its function reads it: a case is a file, and its reading is a snapshot.
#![cfg(feature = "lambda")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::Path;

use shared::clock::Time;
use shared::inbound::keep;
use shared::inbound::{Carrier, Message};
use shared::lambda::payload::{self, Payload};
use shared::request::{Invalid, Keep, Kind};
use shared::scope::Scope;

#[test]
fn terminate() {
    check(Kind::Terminate);
}

#[test]
fn execute_action() {
    check(Kind::ExecuteAction);
}

#[test]
fn execute_plan() {
    check(Kind::ExecutePlan);
}

#[test]
fn import() {
    check(Kind::Import);
}

#[test]
fn sweep() {
    let mut read = String::new();
    for (case, event) in samples("sweep") {
        writeln!(read, "{case}").unwrap();
        match payload::split(&event) {
            // Whatever comes alone starts a sweep, or lets one go on.
            Payload::One(_) => writeln!(read, "  a sweep").unwrap(),
            Payload::Batch(deliveries) => {
                for delivery in deliveries {
                    let id = last_digits(delivery.message_id.as_deref());
                    writeln!(read, "  [{id}] {}", delivery.body.and_then(|body| wish(&body)).unwrap_or_else(rejected))
                        .unwrap();
                }
            }
        }
    }
    insta::assert_snapshot!("events of sweep", read);
}

fn wish(body: &str) -> Result<String, Invalid> {
    let asked = keep::read(body, &carrier(None).scope, Time::MAX_UTC)?;
    let Keep { product_id, wish, requested_by, reason, .. } = asked.keep;
    Ok(format!(
        "{wish:?} of {product_id} by {requested_by}: {reason}, at {}, {}",
        asked.at.to_rfc3339(),
        &asked.id[..8]
    ))
}

/// The samples of a folder, by name.
fn samples(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(files.len() > 10, "{} has only {} files", folder.display(), files.len());
    files
        .into_iter()
        .map(|file| {
            let case = file.file_stem().unwrap().to_string_lossy().into_owned();
            (case, std::fs::read_to_string(&file).unwrap())
        })
        .collect()
}

fn check(kind: Kind) {
    let mut read = String::new();
    for (case, event) in samples(kind.as_str()) {
        writeln!(read, "{case}").unwrap();
        match payload::split(&event) {
            Payload::One(one) => {
                let carrier = carrier(None);
                writeln!(read, "  {}", shown(payload::read_text(kind, &one, &carrier))).unwrap();
            }
            Payload::Batch(deliveries) => {
                for delivery in deliveries {
                    let carrier = carrier(delivery.sent_at);
                    let id = last_digits(delivery.message_id.as_deref());
                    let message = delivery.body.and_then(|body| payload::read_text(kind, &body, &carrier));
                    writeln!(read, "  [{id}] {}", shown(message)).unwrap();
                }
            }
        }
    }
    insta::assert_snapshot!(format!("events of {}", kind.as_str()), read);
}

/// Enough of an id to tell it from its neighbours'.
fn last_digits(id: Option<&str>) -> &str {
    id.map_or("no id", |id| &id[id.len() - 2..])
}

#[expect(clippy::needless_pass_by_value, reason = "an error is mapped to it")]
fn rejected(invalid: Invalid) -> String {
    format!("rejected: {invalid}")
}

fn carrier(sent_at: Option<Time>) -> Carrier {
    let scope = Scope::new("111122223333", "eu-central-1");
    Carrier {
        sns_id: None,
        sent_at: sent_at.unwrap_or(chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap()),
        scope,
    }
}

fn shown(message: Result<Message, Invalid>) -> String {
    match message {
        Err(invalid) => rejected(invalid),
        Ok(Message::Due(id)) => format!("due: {id}"),
        Ok(Message::Request(inbound)) => {
            let content = shared::request::content(&inbound.request.target);
            let (trigger, at) = (&inbound.trigger, inbound.requested_at.to_rfc3339());
            let needless = inbound.no_need.map(|why| format!(", needless: {why}")).unwrap_or_default();
            format!("{:?} {content} by {trigger} of {at}{needless}", inbound.request.origin)
        }
    }
}
