//! The pause switch.

use std::process::ExitCode;

use serde_json::json;
use shared::ports::PauseSwitch as _;

use crate::aws::Session;
use crate::print;
use crate::problem::Problem;

/// Whether Steward is paused, and by whom and why; not known is not said: the command itself will say that nothing answers.
pub(super) async fn paused(session: &Session) -> Option<String> {
    session.store.paused().await.ok().flatten()
}

pub(super) async fn pause(session: &Session, reason: &str) -> Result<ExitCode, Problem> {
    let reason = reason.trim();
    if reason.is_empty() || reason.len() > 512 {
        return Err(Problem::Usage(
            "the reason is empty or too long; accepted: text of 1 to 512 characters".to_owned(),
        ));
    }
    let since = print::iso(session.clock.now());
    let words = format!("{} since {since}: {reason}", session.by);
    let before = session.store.pause(&words).await?;
    let now = before.as_ref().unwrap_or(&words);
    print::answer(&session.global, &json!({ "paused": now, "changed": before.is_none() }), || match &before {
        None => {
            print::line(&format!("Paused by {words}"));
            print::line(
                "No termination is sent any more; of everything else nothing is within 30 seconds. Records are followed and told. Go on with: steward resume",
            );
        }
        Some(before) => print::line(&format!("It was paused before, by {before}")),
    });
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn resume(session: &Session) -> Result<ExitCode, Problem> {
    let at = print::iso(session.clock.now());
    let before = session.store.resume(&format!("{} at {at}", session.by)).await?;
    let document = json!({ "paused": null, "changed": before.is_some(), "was": before });
    print::answer(&session.global, &document, || match &before {
        Some(was) => {
            print::line(&format!("Resumed. It was paused by {was}"));
            print::line("What waited is sent within two minutes, each judged anew.");
        }
        None => print::line("It was not paused."),
    });
    Ok(ExitCode::SUCCESS)
}
