//! One file for each thing that can be asked.

mod about;
mod dlq;
mod doctor;
mod expiring;
mod find;
mod follow;
mod keep;
mod list;
mod mend;
mod plan;
mod request;
mod show;
mod sweep;
mod switch;

use std::process::ExitCode;

use chrono::TimeDelta;
use shared::duration;

use crate::arguments::{Command, Dlq, Global, Plan};
use crate::aws::Session;
use crate::print;
use crate::problem::Problem;

/// Does what was asked, of a deployment.
pub(crate) async fn run(global: Global, command: Command) -> Result<ExitCode, Problem> {
    let session = Session::open(global).await?;
    // Whatever is asked: whoever wonders why nothing happens must not have to look for it.
    if !matches!(command, Command::Pause { .. } | Command::Resume | Command::Doctor)
        && let Some(paused) = switch::paused(&session).await
    {
        print::warning(&format!("PAUSED: nothing is sent. {paused}"));
    }
    match command {
        Command::List(list) => list::run(&session, &list).await,
        Command::Show { id } => show::run(&session, &id).await,
        Command::Retry(retry) => mend::retry(&session, &retry).await,
        Command::Cancel(cancel) => mend::cancel(&session, &cancel).await,
        Command::Request(asked) => request::run(&session, asked).await,
        Command::Extend(extend) => keep::extend(&session, &extend).await,
        Command::Protect(protect) => keep::protect(&session, &protect).await,
        Command::Unprotect(unprotect) => keep::unprotect(&session, &unprotect).await,
        Command::Expiring { within } => expiring::run(&session, &within).await,
        Command::Sweep { .. } => sweep::run(session).await,
        Command::Pause { reason } => switch::pause(&session, &reason).await,
        Command::Resume => switch::resume(&session).await,
        Command::Plan(Plan::Show { plan }) => plan::show(&session, &plan).await,
        Command::Plan(Plan::Approve { plan, digest, allow_replacement, reason, wait }) => {
            plan::approve(&session, plan::Approval { plan, digest, allow_replacement, reason, wait }).await
        }
        Command::Dlq(Dlq::List) => dlq::list(&session).await,
        Command::Dlq(Dlq::Show { queue, limit }) => dlq::show(&session, queue, limit).await,
        Command::Dlq(Dlq::Redrive { queue, limit }) => dlq::redrive(&session, queue, limit).await,
        Command::Doctor => doctor::run(&session).await,
        // Needs nobody to be signed in, and was answered before.
        Command::Completions { .. } => Ok(ExitCode::SUCCESS),
    }
}

/// A duration that a person wrote.
fn span(option: &str, text: &str) -> Result<TimeDelta, Problem> {
    let span = duration::parse(text).ok().and_then(|span| TimeDelta::from_std(span).ok());
    span.ok_or_else(|| Problem::Usage(format!("{option} is {text:?}; accepted: {}", duration::ACCEPTED)))
}
