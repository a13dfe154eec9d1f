//! What happens to records by themselves.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::accept::Stack;
use super::events;
use super::model::{Becoming, Kind, Provisioned, Record, Script, Step, passing};
use super::settings::{FailedImport, Settings};
use super::state::State;
use crate::clock::Clock;
use crate::gateway::Place;

/// How long a call waits before work begins, at AWS.
const BEGINS_AFTER: Duration = Duration::from_secs(2);

impl Record {
    /// Says what is to happen to a new record, and when.
    pub(super) fn plan_steps(&mut self, stack: Stack, clock: &Clock, settings: &Settings) {
        let now = self.created_at;
        let at = |after: Duration| now + passing(clock, after);
        let takes = self.kind.takes(settings);
        let ends = takes + settings.record_lag;
        let fails = matches!(self.script, Script::Fail(_));
        let has_stack = stack != Stack::Untouched && self.product.stack.is_some();
        self.steps = VecDeque::from([(at(BEGINS_AFTER), Step::Status("IN_PROGRESS".to_owned()))]);
        if let Script::UnknownStatus(status) = &self.script {
            self.steps.push_back((at(BEGINS_AFTER), Step::Status(status.clone())));
        }
        if let Some(status) = self.kind.stack_begins().filter(|_| has_stack) {
            self.steps.push_back((at(BEGINS_AFTER), Step::Stack(status.to_owned())));
        }
        if self.script == Script::Never {
            return;
        }
        if has_stack {
            let statuses = self.kind.stack_ends(!fails && stack != Stack::Fails);
            self.steps.extend(statuses.iter().map(|status| (at(takes), Step::Stack((*status).to_owned()))));
        }
        if self.automation.is_some() {
            self.steps.push_back((at(takes), Step::Automation(if fails { "Failed" } else { "Success" }.to_owned())));
        }
        if fails {
            self.steps.push_back((at(takes), Step::Status("IN_PROGRESS_IN_ERROR".to_owned())));
        }
        self.steps.push_back((at(ends), Step::End));
    }
}

impl State {
    /// When something happens next.
    pub(super) fn next_step(&self) -> Option<DateTime<Utc>> {
        let records = self.first_steps().map(|(at, _)| at);
        records.chain(self.plans.iter().filter_map(|plan| plan.steps.front().map(|(at, ..)| *at))).min()
    }

    /// Does everything that is due, in order; gives the events that come of it.
    pub(super) fn settle(&mut self, now: DateTime<Utc>, place: &Place) -> Vec<Value> {
        let mut events = Vec::new();
        while let Some((at, record, step)) = self.take_due(now) {
            match step {
                Step::Status(status) => {
                    self.records[record].status = status;
                    self.records[record].updated_at = at;
                }
                Step::Stack(status) => {
                    if let Some(stack) = self.records[record].product.stack.clone() {
                        events.push(events::stack_status(&stack, &status, at, place));
                        self.tell_stack(&stack, &status);
                    }
                }
                Step::Automation(status) => {
                    let record = &self.records[record];
                    let automation = record.automation.as_ref();
                    events.extend(automation.map(|run| events::automation(run, &status, record, at, place)));
                }
                Step::End => self.end(record, at),
            }
        }
        self.plans.iter_mut().for_each(|plan| plan.settle(now));
        events
    }

    fn take_due(&mut self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, usize, Step)> {
        let (at, record) = self.first_steps().min()?;
        if at > now {
            return None;
        }
        let (_, step) = self.records[record].steps.pop_front()?;
        if self.records[record].steps.is_empty() {
            self.running.retain(|running| *running != record);
        }
        Some((at, record, step))
    }

    /// When something happens next to each record, and where the record is.
    fn first_steps(&self) -> impl Iterator<Item = (DateTime<Utc>, usize)> {
        self.running.iter().filter_map(|place| Some((self.records.get(*place)?.steps.front()?.0, *place)))
    }

    fn end(&mut self, record: usize, at: DateTime<Utc>) {
        let record = &mut self.records[record];
        record.updated_at = at;
        let (id, record_id, kind) = (record.product.id.clone(), record.id.clone(), record.kind);
        let errors = match &record.script {
            Script::Fail(errors) => Some(errors.as_slice()),
            _ => None,
        };
        if let Some(plan) = self.plans.iter_mut().find(|plan| plan.record_id.as_ref() == Some(&record.id)) {
            plan.executed(at, errors);
        }
        let (before, becomes) = (record.before.clone(), record.becomes.take());
        if let Script::Fail(errors) = &record.script {
            "FAILED".clone_into(&mut record.status);
            record.errors.clone_from(errors);
            let message = errors.first().map(|(_, text)| text.clone());
            let is_removed = kind == Kind::Import && self.settings.failed_import == FailedImport::Gone;
            self.change(&id, at, |product| {
                // There is a previous version to go back to, or there is none.
                let is_whole = !product.last_successful_record_id.is_empty();
                (product.status, product.status_message) = match kind {
                    Kind::Update | Kind::PlannedUpdate if !is_whole => ("ERROR".to_owned(), message),
                    Kind::Update | Kind::PlannedUpdate | Kind::Terminate => ("TAINTED".to_owned(), message),
                    Kind::Provision | Kind::PlannedProvision | Kind::Import => ("ERROR".to_owned(), message),
                    Kind::Action | Kind::Properties => before,
                };
                product.gone |= is_removed;
            });
        } else {
            "SUCCEEDED".clone_into(&mut record.status);
            record.outputs.extend(becomes.iter().flat_map(|becomes| becomes.outputs.clone()));
            self.change(&id, at, |product| product.succeed(kind, record_id, before, becomes));
            self.renew_stack(&id);
        }
    }
}

impl Provisioned {
    fn succeed(&mut self, kind: Kind, record_id: String, before: (String, Option<String>), becomes: Option<Becoming>) {
        if !kind.provisions() {
            // A service action repairs what the stack holds, not what became of the product's last operation.
            (self.status, self.status_message) = before;
            self.drifted &= kind != Kind::Action;
            return;
        }
        self.gone |= kind == Kind::Terminate;
        "AVAILABLE".clone_into(&mut self.status);
        self.last_successful_record_id = record_id;
        if let Some(Becoming { artifact_id, path_id, parameters, outputs }) = becomes {
            (self.artifact_id, self.path_id, self.parameters, self.outputs) =
                (artifact_id, path_id, parameters, outputs);
        }
    }
}
