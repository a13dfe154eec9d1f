//! Looking for the record of a call whose answer was lost.
//!
//! A record names neither its token nor its plan or action. What can be ours was created after the attempt began, is of a
//! fitting type, and belongs to no other operation.

use std::time::Duration;

use crate::clock::Time;
use crate::decide::{Progress, progress};
use crate::operation::{Event, Operation, OperationId, State};
use crate::ports::{Bus, CallError, Catalog, Due, Record, Store};
use crate::request::Kind;
use crate::retry::after;
use crate::workflow::submit::{Found, Step};
use crate::workflow::{Edges, Trouble};

/// Clocks differ a little; a record that much older than the attempt can only be one of the same second.
const SKEW: chrono::TimeDelta = chrono::TimeDelta::seconds(5);
/// How many operations of a product are looked at for who holds a record.
const OPERATIONS_MAX: u32 = 100;

/// Since when a record may be the operation's own.
pub(in crate::workflow) fn since(operation: &Operation) -> Time {
    operation.attempt_since - SKEW
}

/// Whether a record of this type can be a kind's. The types of actions, plans and imports are published nowhere: what is
/// known to be another one's is not theirs.
fn of_type(kind: Kind, record_type: Option<&str>) -> bool {
    let Some(record_type) = record_type else { return true };
    let is = |word: &str| record_type.contains(word);
    let provisions = matches!(record_type, "PROVISION_PRODUCT" | "UPDATE_PROVISIONED_PRODUCT");
    let terminates = record_type == "TERMINATE_PROVISIONED_PRODUCT";
    match kind {
        Kind::Terminate => terminates,
        Kind::ExecuteAction => !provisions && !terminates && !is("IMPORT"),
        // The change set of a plan provisions or updates, and may well be called so.
        Kind::ExecutePlan => !terminates && !is("SERVICE_ACTION") && !is("IMPORT"),
        Kind::Import => !provisions && !terminates && !is("SERVICE_ACTION"),
    }
}

/// Finds the record in the account's history of a product: of the provisioning artifact, if it is known which.
///
/// More than one can be it: the oldest is taken, and it is said. So it is if another operation of the kind has lost an answer, too.
/// What that one has taken for its own in such a case may be ours: nobody knows, and it is not sent again. `settled`: when a
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
    let mut fitting = Vec::new();
    for record in records {
        let is_known = Some(record.id.as_str()) == operation.record_id.as_deref();
        if !is_known && could_be_own(operation, &record) && is_of_artifact(&record) {
            fitting.push(record);
        }
    }
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
    let holder = |record: &Record| others.iter().find(|other| other.record_id.as_deref() == Some(&record.id));
    let (held, mut free): (Vec<Record>, Vec<Record>) = fitting.into_iter().partition(|record| holder(record).is_some());
    free.sort_by_key(|record| record.created_at);
    // Terminating twice is terminating once.
    let may_be_ours = |other: &&Due| other.kind == operation.kind && operation.kind != Kind::Terminate;
    let holders = held.iter().filter_map(holder).filter(may_be_ours).map(|other| other.id.clone());
    let guessed = guessed(edges, holders.collect()).await?;
    let could_be = free.len();
    let Some(oldest) = free.first() else {
        let unknown =
            |id| format!("outcome unknown: its answer was lost, and its record may be the one that {id} has found");
        let ends = |why| Found::Ends(Box::new(Step::new(Event::Denied).why(why)));
        return Ok(guessed.map_or(Found::Nothing, |id| ends(unknown(id))));
    };
    let now = edges.clock.now();
    let is_settled = |record: &Record| record.created_at.is_none_or(|at| after(at, settled) <= now);
    if !is_settled(oldest) {
        return Ok(held_for(&format!("{} is too young to be told from another's", oldest.id)));
    }
    let mut rivals = others.iter().filter(|other| other.kind == operation.kind && other.standing.state.is_live());
    if let Some(rival) = rivals.clone().find(|other| other.standing.state == State::Submitting) {
        return Ok(held_for(&format!("{} may be that of {}, which is being sent", oldest.id, rival.id)));
    }
    let note = if could_be > 1 {
        Some(format!("ambiguous: {could_be} records could be its own"))
    } else {
        let rival = rivals.find(|other| other.standing.open).map(|other| other.id.clone()).or(guessed);
        rival.map(|id| format!("ambiguous: {id} has lost an answer, too"))
    };
    free.retain(is_settled);
    Ok(Found::Records(free, note))
}

fn held_for(why: &str) -> Found {
    Found::Ends(Box::new(Step::new(Event::Held).why(format!("its answer was lost; {why}"))))
}

/// Who holds a record that could be the operation's own without the service's word: it was found, as ours would be.
async fn guessed<C: Catalog, S: Store, B: Bus>(
    edges: &Edges<C, S, B>,
    holders: Vec<OperationId>,
) -> Result<Option<OperationId>, Trouble> {
    for id in holders {
        let Some(holder) = edges.store.operation(&id).await? else { continue };
        let found = format!("{:?}", Event::Found);
        if holder.history.iter().any(|tried| tried.what == found && tried.record_id == holder.record_id) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn is_since(operation: &Operation, record: &Record) -> bool {
    record.created_at.is_some_and(|at| at >= since(operation))
}

fn could_be_own(operation: &Operation, record: &Record) -> bool {
    is_since(operation, record) && of_type(operation.kind, record.record_type.as_deref())
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

#[cfg(test)]
mod tests {
    use super::*;

    // Hazard A2: a record of another type is a stranger's.
    #[test]
    fn a_record_of_a_known_type_is_nobody_else_s() {
        let known = ["PROVISION_PRODUCT", "UPDATE_PROVISIONED_PRODUCT", "TERMINATE_PROVISIONED_PRODUCT"];
        let of = |kind: Kind| known.map(|record_type| of_type(kind, Some(record_type)));
        assert_eq!(of(Kind::Terminate), [false, false, true]);
        assert_eq!(of(Kind::ExecuteAction), [false, false, false]);
        assert_eq!(of(Kind::ExecutePlan), [true, true, false]);
        assert_eq!(of(Kind::Import), [false, false, false]);
        for kind in Kind::ALL {
            assert!(of_type(kind, None), "{kind:?}: a record without a type may be it");
            assert_eq!(of_type(kind, Some("SOMETHING_NEW")), kind != Kind::Terminate, "{kind:?}");
        }
        assert!(!of_type(Kind::Import, Some("EXECUTE_PROVISIONED_PRODUCT_SERVICE_ACTION")));
        assert!(!of_type(Kind::ExecutePlan, Some("IMPORT_PROVISIONED_PRODUCT")));
    }
}
