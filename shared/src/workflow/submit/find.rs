//! Looking for the record of a call whose answer was lost.

use std::time::Duration;

use super::candidates::{Candidates, could_be_own, held_for, is_since, since};
use crate::decide::{Progress, progress};
use crate::operation::{Event, Operation, OperationId};
use crate::ports::{Bus, CallError, Catalog, Record, Store};
use crate::request::Kind;
use crate::retry::after;
use crate::workflow::submit::Found;
use crate::workflow::{Edges, Trouble};

/// How many operations of a product are looked at for who holds a record.
const OPERATIONS_MAX: u32 = 100;

/// Finds the record in the account's history of a product: of the provisioning artifact, if it is known which. `settled`: when a
/// record's own operation can be seen in the index, whoever that is.
pub(in crate::workflow) async fn candidate<C: Catalog, S: Store, B: Bus>(
    edges: &Edges<C, S, B>,
    operation: &Operation,
    product_id: &str,
    artifact_id: Option<&str>,
    settled: Duration,
) -> Result<Found, Trouble> {
    let is_of_artifact =
        |record: &Record| artifact_id.zip(record.artifact_id.as_deref()).is_none_or(|(wanted, found)| wanted == found);
    let records = match edges.catalog.history(product_id, since(operation)).await {
        Ok(records) => records,
        Err(error) => return Ok(Found::Blind(error)),
    };
    let is_known = |record: &Record| Some(record.id.as_str()) == operation.record_id.as_deref();
    let fits = |record: &Record| !is_known(record) && could_be_own(operation, record) && is_of_artifact(record);
    let fitting: Vec<Record> = records.into_iter().filter(fits).collect();
    if fitting.is_empty() {
        return Ok(Found::Nothing);
    }
    let mut others = edges.store.of_product(product_id, OPERATIONS_MAX).await?;
    if operation.kind == Kind::ExecutePlan {
        // Of a plan nobody knows the product until its first write, and a worker may die before.
        let live = edges.store.live(OPERATIONS_MAX).await?;
        others.extend(live.into_iter().filter(|other| other.kind == operation.kind && other.product_id.is_none()));
    }
    others.retain(|other| other.id != operation.id);
    let candidates = Candidates::new(operation.kind, fitting, &others);
    let guessed = guessed(edges, candidates.holders()).await?;
    let now = edges.clock.now();
    let is_settled = |record: &Record| record.created_at.is_none_or(|at| after(at, settled) <= now);
    Ok(candidates.verdict(guessed, is_settled))
}

/// Who holds a record that could be the operation's own without the service's word: it was found, as ours would be.
async fn guessed<C: Catalog, S: Store, B: Bus>(
    edges: &Edges<C, S, B>,
    holders: &[OperationId],
) -> Result<Option<OperationId>, Trouble> {
    for id in holders {
        let Some(holder) = edges.store.operation(id).await? else { continue };
        let found = format!("{:?}", Event::Found);
        if holder.history.iter().any(|tried| tried.what == found && tried.record_id == holder.record_id) {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}

/// A record that may be the operation's own, if it is and no other operation holds it. And whether it was made since the attempt
/// began, by whomever.
pub(in crate::workflow) async fn checked<C: Catalog, S: Store, B: Bus>(
    edges: &Edges<C, S, B>,
    operation: &Operation,
    product_id: &str,
    record_id: &str,
) -> Result<(Found, bool), Trouble> {
    let record = match edges.catalog.record(record_id).await {
        Ok(Some(record)) if could_be_own(operation, &record) => record,
        Ok(Some(record)) => return Ok((Found::Nothing, is_since(operation, &record))),
        // Unread is not another's.
        Ok(None) => return Ok((Found::Blind(CallError::NotSent(format!("{record_id} cannot be read"))), true)),
        Err(error) => return Ok((Found::Blind(error), true)),
    };
    let others = edges.store.of_product(product_id, OPERATIONS_MAX).await?;
    let taken = others.iter().any(|other| other.id != operation.id && other.record_id.as_deref() == Some(record_id));
    let is_running = progress(&record.status) == Progress::Running;
    let found = match (taken, is_running) {
        (false, _) => Found::Records(vec![record], None),
        // It may be ours all the same, and what comes of it is not known yet.
        (true, true) => held_for(&format!("{} runs, which another operation has found or made", record.id)),
        (true, false) => Found::Nothing,
    };
    Ok((found, true))
}
