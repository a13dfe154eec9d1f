//! What happens to records by themselves.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::model::{Provisioned, Script, Step, passing};
use super::settings::Settings;
use super::state::State;
use crate::clock::Clock;
use crate::gateway::Place;

/// How long a call waits before work begins, at AWS.
const BEGINS_AFTER: Duration = Duration::from_secs(2);

/// What is to happen to a new record; `stack`: how its stack ends, if that is deleted.
pub(super) fn steps(
    script: &Script,
    now: DateTime<Utc>,
    clock: &Clock,
    settings: &Settings,
    takes: Duration,
    stack: Option<&'static str>,
) -> VecDeque<(DateTime<Utc>, Step)> {
    let at = |after: Duration| now + passing(clock, after);
    let ends = takes + settings.record_lag;
    let mut steps = VecDeque::from([(at(BEGINS_AFTER), Step::Status("IN_PROGRESS".to_owned()))]);
    if let Script::UnknownStatus(status) = script {
        steps.push_back((at(BEGINS_AFTER), Step::Status(status.clone())));
    }
    steps.extend(stack.map(|_| (at(BEGINS_AFTER), Step::Stack("DELETE_IN_PROGRESS"))));
    if *script == Script::Never {
        return steps;
    }
    steps.extend(stack.map(|status| (at(takes), Step::Stack(status))));
    if matches!(script, Script::Fail(_)) {
        steps.push_back((at(takes), Step::Status("IN_PROGRESS_IN_ERROR".to_owned())));
    }
    steps.push_back((at(ends), Step::End));
    steps
}

impl State {
    /// When something happens next.
    pub(super) fn next_step(&self) -> Option<DateTime<Utc>> {
        self.records.iter().filter_map(|record| record.steps.front().map(|(at, _)| *at)).min()
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
                    let product = &self.records[record].product;
                    if product.product_type == "CFN_STACK" {
                        events.push(stack_event(product, status, at, place));
                    }
                }
                Step::End => self.end(record, at),
            }
        }
        events
    }

    fn take_due(&mut self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, usize, Step)> {
        let first = |(i, record): (usize, &super::Record)| record.steps.front().map(|(at, _)| (*at, i));
        let (at, record) = self.records.iter().enumerate().filter_map(first).min()?;
        if at > now {
            return None;
        }
        let (_, step) = self.records[record].steps.pop_front()?;
        Some((at, record, step))
    }

    fn end(&mut self, record: usize, at: DateTime<Utc>) {
        let record = &mut self.records[record];
        record.updated_at = at;
        let (id, record_id, is_termination) =
            (record.product.id.clone(), record.id.clone(), record.record_type.starts_with("TERMINATE"));
        if let Script::Fail(errors) = &record.script {
            "FAILED".clone_into(&mut record.status);
            record.errors.clone_from(errors);
            let message = errors.first().map(|(_, text)| text.clone());
            self.change(&id, at, |product| {
                "TAINTED".clone_into(&mut product.status);
                product.status_message = message;
            });
        } else {
            "SUCCEEDED".clone_into(&mut record.status);
            self.change(&id, at, |product| {
                product.gone |= is_termination;
                "AVAILABLE".clone_into(&mut product.status);
                product.last_successful_record_id = record_id;
            });
        }
    }
}

/// `CloudFormation Stack Status Change`, as it really looks.
fn stack_event(product: &Provisioned, status: &str, at: DateTime<Utc>, place: &Place) -> Value {
    let Place { account, region } = place;
    let stack = product.stack_arn(account, region);
    json!({
        "version": "0",
        "id": format!("{:08x}-0000-4000-8000-{:012x}", fastrand::u32(..), fastrand::u64(..) & 0xffff_ffff_ffff),
        "detail-type": "CloudFormation Stack Status Change",
        "source": "aws.cloudformation",
        "account": account,
        "time": at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "region": region,
        "resources": [stack],
        "detail": {
            "stack-id": stack,
            "status-details": { "status": status, "status-reason": "" },
            "client-request-token": "",
        },
    })
}
