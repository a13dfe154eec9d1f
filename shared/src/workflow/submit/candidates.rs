//! Which of a product's records may be that of a call whose answer was lost.
//!
//! A record names neither its token nor its plan or action. What can be ours was created after the attempt began, is of a
//! fitting type, and belongs to no other operation.

use crate::clock::Time;
use crate::operation::{Event, Operation, OperationId, State};
use crate::ports::{Due, Record};
use crate::request::Kind;
use crate::workflow::submit::{Found, Step};

/// Clocks differ a little; a record that much older than the attempt can only be one of the same second.
const SKEW: chrono::TimeDelta = chrono::TimeDelta::seconds(5);

/// Since when a record may be the operation's own.
pub(in crate::workflow) fn since(operation: &Operation) -> Time {
    operation.attempt_since - SKEW
}

pub(super) fn is_since(operation: &Operation, record: &Record) -> bool {
    record.created_at.is_some_and(|at| at >= since(operation))
}

pub(super) fn could_be_own(operation: &Operation, record: &Record) -> bool {
    is_since(operation, record) && of_type(operation.kind, record.record_type.as_deref())
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

/// The records that could be an operation's own, sorted by who else may say so.
#[derive(Debug)]
pub(super) struct Candidates {
    /// Those that no other operation holds, the oldest first.
    free: Vec<Record>,
    /// The operations of the kind that hold the rest.
    holders: Vec<OperationId>,
    /// Another one of the kind that is being sent: it may have made any of them.
    sending: Option<OperationId>,
    /// Another one of the kind that has lost an answer, too.
    unanswered: Option<OperationId>,
}

impl Candidates {
    /// Sorts records by the product's other operations.
    pub(super) fn new(kind: Kind, records: Vec<Record>, others: &[Due]) -> Self {
        let holder = |record: &Record| others.iter().find(|other| other.record_id.as_deref() == Some(&record.id));
        let (held, mut free): (Vec<Record>, Vec<Record>) =
            records.into_iter().partition(|record| holder(record).is_some());
        free.sort_by_key(|record| record.created_at);
        // Terminating twice is terminating once: whose a record is does not matter then.
        let may_be_ours = |other: &&Due| other.kind == kind && kind != Kind::Terminate;
        let holders = held.iter().filter_map(holder).filter(may_be_ours).map(|other| other.id.clone()).collect();
        let rival = |fits: fn(&Due) -> bool| {
            let mut rivals = others.iter().filter(|other| other.kind == kind && other.standing.state.is_live());
            rivals.find(|other| fits(other)).map(|other| other.id.clone())
        };
        Self {
            free,
            holders,
            sending: rival(|other| other.standing.state == State::Submitting),
            unanswered: rival(|other| other.standing.open),
        }
    }

    /// Who holds a record that could be the operation's own, and may have found it as ours would be found.
    pub(super) fn holders(&self) -> &[OperationId] {
        &self.holders
    }

    /// What is to be made of them. `guessed`: the holder that has found its record without the service's word. `is_settled`:
    /// whether a record is so old that its own operation can be seen, whoever that is.
    ///
    /// More than one can be it: the oldest is taken, and it is said. So it is if another operation of the kind has lost an answer,
    /// too. What that one has taken for its own in such a case may be ours: nobody knows, and it is not sent again.
    pub(super) fn verdict(self, guessed: Option<OperationId>, is_settled: impl Fn(&Record) -> bool) -> Found {
        let Self { mut free, sending, unanswered, .. } = self;
        let Some(oldest) = free.first() else {
            let unknown =
                |id| format!("outcome unknown: its answer was lost, and its record may be the one that {id} has found");
            return guessed.map_or(Found::Nothing, |id| ends(Event::Denied, unknown(id)));
        };
        if !is_settled(oldest) {
            return held_for(&format!("{} is too young to be told from another's", oldest.id));
        }
        if let Some(id) = sending {
            return held_for(&format!("{} may be that of {id}, which is being sent", oldest.id));
        }
        let note = match free.len() {
            1 => unanswered.or(guessed).map(|id| format!("ambiguous: {id} has lost an answer, too")),
            several => Some(format!("ambiguous: {several} records could be its own")),
        };
        free.retain(is_settled);
        Found::Records(free, note)
    }
}

pub(super) fn held_for(why: &str) -> Found {
    ends(Event::Held, format!("its answer was lost; {why}"))
}

fn ends(event: Event, why: String) -> Found {
    Found::Ends(Box::new(Step::new(event).why(why)))
}

#[cfg(test)]
mod tests;
