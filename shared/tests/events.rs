//! Every sample event, read as its function reads it: a case is a file, and its reading is a snapshot.
#![cfg(feature = "lambda")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::Path;

use shared::clock::Time;
use shared::inbound::{Carrier, Message};
use shared::lambda::payload::{self, Payload};
use shared::request::{Invalid, Kind};
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

fn check(kind: Kind) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(kind.as_str());
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(files.len() > 10, "{} has only {} files", folder.display(), files.len());
    let mut read = String::new();
    for file in files {
        let case = file.file_stem().unwrap().to_string_lossy();
        let event = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        writeln!(read, "{case}").unwrap();
        match payload::split(event) {
            Payload::One(one) => {
                let carrier = carrier(None);
                writeln!(read, "  {}", shown(payload::read(kind, one, &carrier))).unwrap();
            }
            Payload::Batch(deliveries) => {
                for delivery in deliveries {
                    let carrier = carrier(delivery.sent_at);
                    let id = delivery.message_id.as_deref().map_or("no id", |id| &id[id.len() - 2..]);
                    let message = delivery.body.and_then(|body| payload::read_text(kind, &body, &carrier));
                    writeln!(read, "  [{id}] {}", shown(message)).unwrap();
                }
            }
        }
    }
    insta::assert_snapshot!(format!("events of {}", kind.as_str()), read);
}

fn carrier(sent_at: Option<Time>) -> Carrier {
    let scope = Scope::new("111122223333", "eu-central-1");
    Carrier { sns_id: None, sent_at: sent_at.unwrap_or(Time::UNIX_EPOCH), scope }
}

fn shown(message: Result<Message, Invalid>) -> String {
    match message {
        Err(invalid) => format!("rejected: {invalid}"),
        Ok(Message::Due(id)) => format!("due: {id}"),
        Ok(Message::Request(inbound)) => {
            let content = shared::request::content(&inbound.request.target);
            let (trigger, at) = (&inbound.trigger, inbound.requested_at.to_rfc3339());
            let needless = inbound.no_need.map(|why| format!(", needless: {why}")).unwrap_or_default();
            format!("{:?} {content} by {trigger} of {at}{needless}", inbound.request.origin)
        }
    }
}
