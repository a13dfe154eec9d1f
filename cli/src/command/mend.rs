//! Trying once more, and giving up.

use std::process::ExitCode;

use serde_json::json;
use shared::ports::Products as _;
use shared::workflow::operate::{self, Word};

use super::about::{Row, short};
use super::find;
use super::follow::{Sent, follow};
use crate::arguments::{Reasoned, Retry};
use crate::aws::Session;
use crate::print;
use crate::problem::Problem;

pub(super) async fn retry(session: &Session, retry: &Retry) -> Result<ExitCode, Problem> {
    if retry.id.starts_with("pp-") {
        return let_be_repaired(session, retry).await;
    }
    let id = find::operation(session, &retry.id).await?;
    let about = Row::from(&find::stored(session, &id).await?).about();
    print::confirm(&session.global, &format!("Send {} about {about} once more?", short(id.as_str())))?;
    let at = session.clock.now();
    operate::retry(&session.store, &id, word(session, &retry.reason, at)).await?;
    follow(session, &Sent { id: &id, done: "on its way again within a minute", at }, &retry.wait).await
}

pub(super) async fn cancel(session: &Session, cancel: &Reasoned) -> Result<ExitCode, Problem> {
    let id = find::operation(session, &cancel.operation).await?;
    let about = Row::from(&find::stored(session, &id).await?).about();
    print::confirm(&session.global, &format!("Cancel {} about {about}?", short(id.as_str())))?;
    let at = session.clock.now();
    operate::cancel(&session.store, &id, word(session, &cancel.reason, at)).await?;
    print::answer(&session.global, &json!({ "operation": id, "state": "cancelled" }), || {
        print::line(&format!("cancelled: {id}"));
        print::aside("nobody is told by an event; the same request, delivered again, stays cancelled");
    });
    Ok(ExitCode::SUCCESS)
}

/// A product whose repairs did not hold three times in a day.
async fn let_be_repaired(session: &Session, retry: &Retry) -> Result<ExitCode, Problem> {
    let product = retry.id.as_str();
    if retry.wait.wait {
        return Err(Problem::Usage(format!(
            "--wait is for operations; {product} is repaired when its drift is found next"
        )));
    }
    let item = session.store.items(&[product]).await?.remove(product).transpose()?;
    let slot = item.and_then(|item| item.remediation).filter(|slot| slot.left_alone);
    if slot.is_none() {
        return Err(Problem::Refused(format!(
            "the drift of {product} is not left alone; to try an operation of it once more, name that: steward show {product}"
        )));
    }
    print::confirm(&session.global, &format!("Let the drift of {product} be repaired again?"))?;
    let by = format!("{} at {}: {}", session.by, print::iso(session.clock.now()), retry.reason);
    session.store.forget_remediations(product, &by).await?;
    print::answer(&session.global, &json!({ "provisionedProductId": product, "leftAlone": false }), || {
        print::line(&format!("The drift of {product} is repaired again when it is found next."));
    });
    Ok(ExitCode::SUCCESS)
}

fn word<'a>(session: &'a Session, reason: &'a str, at: shared::clock::Time) -> Word<'a> {
    Word { by: &session.by, reason, at }
}
