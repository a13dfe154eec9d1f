//! What a person does to an operation: lets a failed one be tried once more, brings a waiting one forward, cancels one. Fenced
//! like every other write, so that no worker is run over; and kept in the operation's history, with who said so and why.

use thiserror::Error;

use crate::clock::Time;
use crate::operation::{Event, Illegal, Operation, OperationId, Standing, State, Try, next, token};
use crate::ports::{Change, Fence, History, Store, StoreError, Written};
use crate::request::{Kind, Origin, Target};

/// Who says so, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// Who: a claim.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
    /// When.
    pub at: Time,
}

/// Why it was not done. Nothing was written then.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Unable {
    /// There is no such operation (any more).
    #[error("there is no operation {0}: it never was, or is forgotten")]
    NotThere(OperationId),
    /// It cannot be done to an operation that stands as this one does.
    #[error("{0}")]
    No(String),
    /// It changed while it was looked at.
    #[error("{0} has moved on in this moment; look at it again")]
    MovedOn(OperationId),
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A step that the state machine forbids.
    #[error(transparent)]
    Illegal(#[from] Illegal),
}

/// Lets a failed operation be tried once more, or a waiting one now; gives how it stands then. What has an open attempt is
/// looked for before it is sent, under the same token; anything else is a new attempt. A failed repair of drift is not tried once
/// more: whoever finds the drift again makes a new one. Nor is what was to end an expired product, if its outcome is unknown.
///
/// # Errors
/// [`Unable`].
pub async fn retry<S: Store>(store: &S, id: &OperationId, word: Word<'_>) -> Result<Standing, Unable> {
    let operation = read(store, id).await?;
    let standing = match operation.standing.state {
        State::Failed if !is_repair(&operation) && !is_stale(&operation) => next(operation.standing, Event::Retried)?,
        State::Waiting if !operation.standing.open => operation.standing,
        _ => return Err(Unable::No(why_not_retried(&operation))),
    };
    let renewed = standing.attempt != operation.standing.attempt;
    let change = Change {
        retry_at: Some(word.at),
        due_at: Some(word.at),
        token: renewed.then(|| token::derive(id, standing.attempt)),
        polled: Some((word.at, 0)),
        stalled: Some(false),
        restart_trying: true,
        ..change(&operation, standing, "Retried", "retried", word)
    };
    write(store, &operation, &change).await?;
    Ok(standing)
}

/// Cancels an operation that waits, and of which nothing may be under way.
///
/// # Errors
/// [`Unable`].
pub async fn cancel<S: Store>(store: &S, id: &OperationId, word: Word<'_>) -> Result<Standing, Unable> {
    let operation = read(store, id).await?;
    if operation.standing.state != State::Waiting || operation.standing.open {
        return Err(Unable::No(why_not_cancelled(&operation)));
    }
    let standing = next(operation.standing, Event::Cancelled)?;
    write(store, &operation, &change(&operation, standing, "Cancelled", "cancelled", word)).await?;
    if operation.kind == Kind::Import {
        hasten_next(store, id, word.at).await?;
    }
    Ok(standing)
}

/// The slot in which imports run goes on to the next in line, which is sent on its way at once.
async fn hasten_next<S: Store>(store: &S, from: &OperationId, now: Time) -> Result<(), Unable> {
    if let Some(to) = store.pass_import_slot(from).await?
        && let Some(operation) = store.operation(&to).await?
        && operation.standing.state == State::Waiting
    {
        // Fenced: it is on its way already.
        store.postpone(&to, &Fence::of(&operation), now, None).await?;
    }
    Ok(())
}

async fn read<S: Store>(store: &S, id: &OperationId) -> Result<Operation, Unable> {
    store.operation(id).await?.ok_or_else(|| Unable::NotThere(id.clone()))
}

async fn write<S: Store>(store: &S, operation: &Operation, change: &Change) -> Result<(), Unable> {
    match store.write(&operation.id, &Fence::of(operation), change).await? {
        Written::Applied => Ok(()),
        Written::Fenced => Err(Unable::MovedOn(operation.id.clone())),
    }
}

fn change(operation: &Operation, standing: Standing, what: &str, done: &str, word: Word<'_>) -> Change {
    let why = format!("{done} by {}: {}", word.by, word.reason);
    Change {
        why: Some(why.clone()),
        history: Some(History::Whole(operation.history_with(Try {
            at: word.at,
            attempt: operation.standing.attempt,
            what: what.to_owned(),
            record_id: None,
            code: None,
            message: Some(why),
        }))),
        ..Change::to(standing, word.at)
    }
}

/// Whether it repairs drift. Once it has failed its product's slot is free for the next one: sent again, it would run beside that.
fn is_repair(operation: &Operation) -> bool {
    matches!(operation.target, Target::Remediate(_))
}

/// Whether it was to end what had expired, and nobody knows what became of it. A record that is found later counts as its own, and
/// hides that the product was changed, and given another end, in between.
fn is_stale(operation: &Operation) -> bool {
    operation.origin == Origin::Expiry && operation.standing.open
}

fn why_not_retried(operation: &Operation) -> String {
    let id = &operation.id;
    let until = |at: Option<Time>| at.map(|at| format!(" until {at}")).unwrap_or_default();
    match operation.standing.state {
        State::Submitting => {
            format!("{id} is being sent right now{}; nothing to retry", until(Some(operation.lease_until)))
        }
        State::Submitted => format!("{id} was accepted, and its record is followed; nothing to retry"),
        State::Waiting => {
            let at = until(operation.retry_at);
            format!("an answer to {id} was lost: it is left alone{at}, and its record is looked for then, by itself")
        }
        State::Succeeded => format!("{id} has succeeded; nothing to retry"),
        State::Rejected | State::Skipped => {
            format!("{id} was never sent, so there is nothing to retry: ask again, and it is judged anew")
        }
        State::Cancelled => format!("{id} was cancelled: ask again, under another request id"),
        State::Failed if is_stale(operation) => format!(
            "it is not known what became of {id}, and its product may have another end by now: look at the product, and ask for \
             its end yourself (steward request terminate)"
        ),
        State::Failed => format!(
            "{id} repaired drift, and another repair may be at work by now: let the drift be found again (aws cloudformation \
             detect-stack-drift); if the product is left alone, `steward retry pp-...` ends that"
        ),
    }
}

fn why_not_cancelled(operation: &Operation) -> String {
    let id = &operation.id;
    match operation.standing.state {
        State::Waiting => format!("an answer to {id} was lost: it may be under way, and cannot be cancelled"),
        State::Submitting => format!("{id} is being sent right now, and cannot be cancelled"),
        State::Submitted => format!("{id} was accepted by Service Catalog, and cannot be cancelled"),
        ended => format!("{id} is {}: there is nothing left to cancel", ended.as_str()),
    }
}
