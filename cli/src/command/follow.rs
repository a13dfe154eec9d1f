//! Following an operation to its end.

use std::process::ExitCode;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use shared::aws::store::Stored;
use shared::clock::Time;
use shared::operation::{OperationId, State};

use super::about::{document, short};
use super::span;
use crate::arguments::Wait;
use crate::aws::Session;
use crate::print;
use crate::problem::Problem;

/// The pauses between two looks grow from the first to the second: most of what is waited for takes minutes.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(5)];

/// How far this machine's clock may be from that of the functions.
const CLOCKS_APART: TimeDelta = TimeDelta::seconds(5);

/// An operation that was put on its way.
pub(super) struct Sent<'a> {
    /// Which.
    pub(super) id: &'a OperationId,
    /// What was done to it, for people: "asked for".
    pub(super) done: &'a str,
    /// When it was: what was written of it before that is not looked at.
    pub(super) at: Time,
}

/// Says what was sent and, if asked to, waits for its end; the exit code says what that was.
pub(super) async fn follow(session: &Session, sent: &Sent<'_>, wait: &Wait) -> Result<ExitCode, Problem> {
    let (id, done) = (sent.id, sent.done);
    if !wait.wait {
        print::answer(&session.global, &json!({ "operation": id, "state": null }), || {
            print::line(&format!("{done}: {id}"));
            print::aside(&format!("see what becomes of it: steward show {}", short(id.as_str())));
        });
        return Ok(ExitCode::SUCCESS);
    }
    let until = session.clock.now() + span("--timeout", &wait.timeout)?;
    let progress = print::Progress::begin(&format!("{done}: {id}"));
    if !session.global.json {
        print::aside(&format!("{done}: {id}"));
    }
    let mut pause = PAUSES[0];
    let mut last = None;
    let stored = loop {
        let found = session.store.stored(id).await?.filter(|stored| is_of(stored, sent.at));
        if let Some(stored) = &found {
            let state = stored.operation.standing.state;
            let words = stored.operation.why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            let line = format!("{} (attempt {}){words}", state.as_str(), stored.operation.standing.attempt);
            progress.say(&line);
            if !session.global.json && last.as_ref() != Some(&line) {
                print::aside(&line);
                last = Some(line);
            }
            if !state.is_live() {
                break found;
            }
        }
        if session.clock.now() >= until {
            break found;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSES[1]);
    };
    progress.end();
    Ok(ended(session, id, stored.as_ref(), &wait.timeout))
}

/// Whether what is there is what was sent, and not what was there before.
fn is_of(stored: &Stored, sent_at: Time) -> bool {
    sent_at.checked_sub_signed(CLOCKS_APART).is_none_or(|since| stored.updated_at >= since)
}

fn ended(session: &Session, id: &OperationId, stored: Option<&Stored>, timeout: &str) -> ExitCode {
    let Some(stored) = stored else {
        print::answer(&session.global, &json!({ "operation": id, "state": null }), || {
            print::line(&format!(
                "{id}: nothing is known of it after {timeout}; was it rejected? steward list --state rejected"
            ));
        });
        return ExitCode::from(9);
    };
    let state = stored.operation.standing.state;
    print::answer(&session.global, &document(stored), || {
        let why = stored.operation.why.as_deref().unwrap_or("no reason given");
        print::line(&format!("{}  {}: {why}", print::state(state.as_str()), short(id.as_str())));
        // A refusal is its own reason.
        for (code, text) in stored.errors.iter().filter(|(_, text)| state == State::Failed && text != why) {
            print::line(&format!("  {code}: {text}"));
        }
        if state.is_live() {
            print::line(&format!("not at its end after {timeout}; it goes on: steward show {}", short(id.as_str())));
        }
    });
    match state {
        State::Succeeded => ExitCode::SUCCESS,
        State::Failed => ExitCode::from(1),
        State::Rejected => ExitCode::from(6),
        State::Skipped => ExitCode::from(7),
        State::Cancelled => ExitCode::from(8),
        State::Submitting | State::Submitted | State::Waiting => ExitCode::from(9),
    }
}
