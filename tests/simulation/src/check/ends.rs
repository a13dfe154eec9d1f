//! At the end, when everything is healed and time has passed.

use std::collections::BTreeMap;

use shared::operation::State;
use shared::request::Kind;

use crate::world::World;

impl World {
    /// Everything has ended as it should.
    pub(crate) fn check_end(&mut self) {
        let bad = self.lost().or_else(|| self.untold()).or_else(|| self.held_twice());
        if let Some((rule, words)) = bad {
            self.violated(rule, words);
        }
    }

    /// What has not ended, in words.
    pub(crate) fn not_ended(&self) -> String {
        let live = self.table.operations().map(|item| &item.operation);
        let live: Vec<String> = live
            .filter(|operation| operation.standing.state.is_live())
            .map(|operation| {
                let (id, why) = (&operation.id, operation.why.as_deref().unwrap_or_default());
                format!("{id} ({}) is {}: {why}", operation.subject, operation.standing.state.as_str())
            })
            .collect();
        format!("{} operations: {}", live.len(), live.join(", "))
    }

    fn lost(&self) -> Option<(&'static str, String)> {
        let missing = self.ledger.wanted.iter().find(|id| self.table.operation(id).is_none());
        if let Some(id) = missing {
            return Some(("every accepted request ends", format!("{id} is not there")));
        }
        let (words, answered) = (self.ledger.words, self.ledger.answered);
        (answered < words).then(|| ("every accepted request ends", format!("{answered} answers to {words} words")))
    }

    fn untold(&self) -> Option<(&'static str, String)> {
        for item in self.table.operations() {
            let (id, state) = (item.operation.id.as_str().to_owned(), item.operation.standing.state);
            let of = |state: State| self.ledger.ends.get(&(id.clone(), state.as_str().to_owned()));
            let retried = self.ledger.retried.get(&item.operation.id).copied().unwrap_or_default();
            let is_told = matches!(state, State::Succeeded | State::Failed | State::Rejected);
            match of(state) {
                None if is_told => return Some(("every outcome is published", id)),
                Some(ids) if ids.len() > 1 + retried && state != State::Rejected => {
                    return Some(("an outcome is published with one id", format!("{id}: {ids:?}")));
                }
                _ => {}
            }
            if of(State::Succeeded).is_some() && of(State::Failed).is_some() && retried == 0 {
                return Some(("one outcome is published, and no other", id));
            }
        }
        None
    }

    fn held_twice(&self) -> Option<(&'static str, String)> {
        let mut holders = BTreeMap::new();
        for item in self.table.operations() {
            let operation = &item.operation;
            let Some(record) = &operation.record_id else { continue };
            // Terminating twice is terminating once, and so is adopting one stack: the service may well answer two with one record.
            if matches!(operation.kind, Kind::Terminate | Kind::Import) {
                continue;
            }
            if let Some(other) = holders.insert(record.clone(), operation.id.clone()) {
                let words = format!("{record} is of {other} and of {}", operation.id);
                return Some(("a record is of one operation", words));
            }
            let is_stranger = self.service.records.get(record).is_some_and(|record| record.token.is_none());
            if is_stranger {
                return Some(("a record is of one operation", format!("{record} is somebody else's")));
            }
        }
        None
    }
}
