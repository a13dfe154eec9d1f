//! After every write to an operation.

use shared::operation::{Event, Operation, State, next, token};
use shared::request::Kind;

use crate::service::Record;
use crate::table::Written;
use crate::world::World;

impl World {
    /// Checks what was written since it was asked last.
    pub(crate) fn check_written(&mut self) {
        for written in self.table.take_written() {
            self.ledger.tokens.insert(written.after.operation.token.clone());
            if let Some(before) = &written.before
                && before.standing.state == State::Failed
                && written.after.operation.standing.state == State::Waiting
            {
                *self.ledger.retried.entry(written.after.operation.id.clone()).or_default() += 1;
            }
            let bad = self.bad_write(&written).or_else(|| self.bad_end(&written));
            if let Some((rule, words)) = bad {
                let (before, after) =
                    (written.before.as_ref().map(|before| before.standing), written.after.operation.standing);
                self.violated(rule, format!("{} from {before:?} to {after:?}: {words}", written.after.operation.id));
            }
            if !written.after.operation.standing.state.is_live() {
                let (id, state) = (written.after.operation.id.clone(), written.after.operation.standing.state);
                // By its own word: the write itself may come late.
                self.ledger.ended_at.insert(id, (state, written.after.updated_at));
            }
        }
    }

    fn bad_write(&self, Written { before, after }: &Written) -> Option<(&'static str, String)> {
        let after = &after.operation;
        if after.standing.state.is_live() != after.due_at.is_some() {
            return Some(("every live operation has a dueAt", format!("{:?}", after.due_at)));
        }
        let before = before.as_ref()?;
        let is_retried = next(before.standing, Event::Retried) == Ok(after.standing);
        if !before.standing.state.is_live() && !before.standing.holds_no_place() && !is_retried {
            return Some(("an end is left by an operator's retry of a failure alone", String::new()));
        }
        let (was, is) = (before.standing.attempt, after.standing.attempt);
        if is < was || is > was + 1 {
            return Some(("the attempt is never lowered, and grows by one", String::new()));
        }
        if is == was {
            return None;
        }
        // Renewed: a FAILED record was read, or nothing was ever carried out and each transmission was refused.
        let rule = "no attempt is renewed without a FAILED record or a certain refusal";
        let executions: Vec<bool> =
            self.service.executions_of(&before.token).map(|(_, record)| record.has_failed()).collect();
        if executions.iter().any(|failed| !failed) {
            return Some((rule, "its call was carried out, and has not failed".to_owned()));
        }
        // A termination may well have taken another one for its own.
        let record = before.record_id.as_ref().and_then(|id| self.service.records.get(id));
        if record.is_some_and(Record::has_failed) {
            return None;
        }
        let sent = self.ledger.sent.get(&before.token).copied().unwrap_or_default();
        if is_retried && sent.count == 0 {
            return None;
        }
        (executions.is_empty() && (sent.count == 0 || sent.refused < sent.count))
            .then(|| (rule, format!("nothing was carried out; {sent:?}")))
    }

    /// An end is told before it is written, and it is the truth.
    fn bad_end(&self, Written { before, after }: &Written) -> Option<(&'static str, String)> {
        let after = &after.operation;
        let state = after.standing.state;
        if before.as_ref().is_some_and(|before| before.standing.state == state) || state.is_live() {
            return None;
        }
        let key = (after.id.as_str().to_owned(), state.as_str().to_owned());
        let is_told = matches!(state, State::Succeeded | State::Failed | State::Rejected);
        if is_told && !self.ledger.ends.contains_key(&key) {
            return Some(("an end is published before it is written", String::new()));
        }
        let words = self.untrue(after)?;
        Some(("what is settled is so", words))
    }

    /// Whether it goes by another operation's record, as it may: two have asked for the same stack, or two have lost an answer on
    /// the same product and it says so.
    fn is_anothers(&self, operation: &Operation) -> bool {
        let record = operation.record_id.as_ref().and_then(|id| self.service.records.get(id));
        let Some(record) = record.filter(|record| record.has_succeeded() && record.token.is_some()) else {
            return false;
        };
        let stack = || self.service.products.get(&record.product_id).map(|product| product.stack.clone());
        if operation.kind == Kind::Import {
            stack() == Some(operation.subject.clone())
        } else {
            is_ambiguous(operation)
        }
    }

    fn untrue(&self, operation: &Operation) -> Option<String> {
        let tokens: Vec<String> =
            (1..=operation.standing.attempt).map(|attempt| token::derive(&operation.id, attempt)).collect();
        let records = || tokens.iter().flat_map(|token| self.service.executions_of(token)).map(|(_, record)| record);
        let why = operation.why.as_deref().unwrap_or_default();
        match operation.standing.state {
            State::Cancelled => {
                let mut others = records().filter(|record| !record.has_failed());
                others.next().map(|record| format!("{} has not failed", record.id))
            }
            State::Rejected | State::Skipped => {
                records().next().map(|record| format!("it was carried out: {}", record.id))
            }
            // It says that it does not know.
            State::Failed if why.contains("outcome unknown") => None,
            State::Failed if operation.kind != Kind::Terminate && is_ambiguous(operation) => None,
            State::Failed => {
                let mut others = records().filter(|record| !record.has_failed());
                others.next().map(|record| format!("{} has not failed", record.id))
            }
            State::Succeeded if operation.kind == Kind::Terminate => {
                let id = operation.product_id.clone().unwrap_or_default();
                let is_gone = self.service.products.get(&id).is_some_and(|product| product.is_gone);
                (!is_gone).then(|| format!("{id} is there, or never was"))
            }
            State::Succeeded => {
                let succeeded = records().filter(|record| record.has_succeeded()).count();
                let is_excused = succeeded == 0 && self.is_anothers(operation);
                (succeeded != 1 && !is_excused).then(|| format!("{succeeded} of its records have succeeded"))
            }
            State::Submitting | State::Submitted | State::Waiting => None,
        }
    }
}

/// Whether it says that its record may be another's.
fn is_ambiguous(operation: &Operation) -> bool {
    let mut words = operation.history.iter().filter_map(|tried| tried.message.as_deref());
    words.any(|words| words.contains("ambiguous"))
}
