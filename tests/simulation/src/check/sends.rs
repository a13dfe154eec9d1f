//! Before a call that acts leaves, and when one was carried out.

use std::time::Duration;

use chrono::TimeDelta;
use shared::clock::Time;
use shared::operation::{Operation, State};
use shared::plan::{self, Plan};
use shared::ports::{self, CallError, Guard, Refusal};
use shared::request::{Kind, Origin, Target};
use shared::retry::after;

use super::{Described, Guarded, Planned, operation_of};
use crate::process::{Here, TaskId};
use crate::service::Record;
use crate::world::World;

/// The shortest lead of the simulation's warnings.
pub(crate) const SHORTEST_LEAD: TimeDelta = TimeDelta::minutes(30);
/// The cool-down of the simulation's repairs.
pub(crate) const COOLDOWN: Duration = Duration::from_hours(1);

impl World {
    /// A task has seen what guards a product.
    pub(crate) fn looked_at_guard(&mut self, here: Here, product_id: &str, guard: &Guard) {
        let clock = self.clock_of(here.process);
        let item = guard.product.as_ref();
        let seen = Guarded {
            is_protected: item
                .and_then(|item| item.protection.as_ref())
                .is_some_and(|protection| protection.holds(clock)),
            lease_until: item.and_then(|item| item.lease_until),
            is_paused: guard.paused.is_some(),
        };
        self.ledger.guarded.insert((here.task, product_id.to_owned()), seen);
    }

    /// A task has seen a product.
    pub(crate) fn looked_at_product(&mut self, here: Here, product_id: &str) {
        if let Some(product) = self.service.products.get(product_id) {
            let seen = Described { expires_at: product.expires_at, is_protected: product.is_protected };
            self.ledger.described.insert((here.task, product_id.to_owned()), seen);
        }
    }

    /// A task has seen a plan.
    pub(crate) fn looked_at_plan(&mut self, here: Here, plan: Option<&Plan>) {
        if let Some(plan) = plan {
            let seen = Planned {
                status: plan.status.clone(),
                digest: plan::digest(plan),
                destroys: plan.changes.iter().any(plan::ResourceChange::may_destroy),
            };
            self.ledger.planned.insert((here.task, plan.id.clone()), seen);
        }
    }

    /// A call that acts leaves.
    pub(crate) fn check_send(&mut self, number: u64, token: &str) {
        self.ledger.sent.entry(token.to_owned()).or_default().count += 1;
        if !self.ledger.tokens.contains(token) {
            return self.violated("no token leaves that was not stored before", token.to_owned());
        }
        let Some((process, task)) = self.calls.get(&number).map(|call| (call.process, call.task)) else { return };
        let operation = operation_of(token).and_then(|(id, _)| self.table.operation(&id)).cloned();
        let Some(operation) = operation else { return };
        let clock = self.clock_of(process);
        let bad = match operation.kind {
            Kind::Terminate => self.bad_termination(&operation, task, clock),
            Kind::ExecuteAction if operation.remedy.is_some() => self.bad_repair(&operation),
            Kind::ExecutePlan => self.bad_plan(&operation, task),
            Kind::ExecuteAction | Kind::Import => None,
        };
        if let Some(words) = bad {
            let words = format!("{token} on {}: {words}", operation.subject);
            self.violated("nothing is touched that is protected, leased, unexpired or unapproved", words);
        }
    }

    fn bad_termination(&self, operation: &Operation, task: TaskId, clock: Time) -> Option<String> {
        let id = operation.product_id.clone()?;
        let key = (task, id.clone());
        let (Some(guard), Some(seen)) = (self.ledger.guarded.get(&key), self.ledger.described.get(&key)) else {
            return Some("nobody has looked".to_owned());
        };
        if guard.is_paused {
            return Some("paused".to_owned());
        }
        if guard.is_protected || seen.is_protected {
            return Some("protected".to_owned());
        }
        if operation.origin != Origin::Expiry {
            return None;
        }
        let Some(end) = seen.expires_at else { return Some("it has no end".to_owned()) };
        let end = guard.lease_until.map_or(end, |lease| end.max(lease));
        if end > clock {
            return Some(format!("it lives until {end}"));
        }
        if self.ledger.judged_before.contains(&id) {
            return None;
        }
        // When it was told is written down before it is told, by another clock.
        let skew = TimeDelta::from_std(self.weather.skew * 2).unwrap_or_default() + TimeDelta::minutes(1);
        let warned = self.ledger.warned.get(&(id, end.timestamp_millis()));
        let is_noticed = warned.is_some_and(|at| *at + SHORTEST_LEAD <= self.now + skew);
        (!is_noticed).then(|| format!("nobody was warned in time of its end at {end}: {warned:?}"))
    }

    /// One repair at a time, and none before the product has cooled down.
    fn bad_repair(&self, operation: &Operation) -> Option<String> {
        let skew = self.weather.skew * 2;
        let others = self.table.operations().map(|item| &item.operation).filter(|other| {
            other.id != operation.id && other.product_id == operation.product_id && other.remedy.is_some()
        });
        for other in others {
            if other.standing.state.is_live() && other.standing.sent {
                return Some(format!("{} is repairing it", other.id));
            }
            let ended = self.ledger.ended_at.get(&other.id);
            if let Some((State::Succeeded | State::Failed, at)) = ended
                && *at <= operation.created_at
                && after(*at, COOLDOWN) > after(self.now, skew)
                && !operation.standing.open
                && operation.standing.attempt == 1
            {
                return Some(format!("{} has repaired it at {at}", other.id));
            }
        }
        None
    }

    fn bad_plan(&self, operation: &Operation, task: TaskId) -> Option<String> {
        let Target::ExecutePlan(request) = &operation.target else { return None };
        let Some(seen) = self.ledger.planned.get(&(task, request.plan_id.clone())) else {
            return Some("nobody has looked".to_owned());
        };
        if seen.status != "CREATE_SUCCESS" {
            return Some(format!("the plan was {}", seen.status));
        }
        if request.resource_changes_digest.as_ref() != Some(&seen.digest) {
            return Some("the plan is not what was approved".to_owned());
        }
        (seen.destroys && !request.allow_replacement).then(|| "it destroys something".to_owned())
    }

    /// Whoever sent this token knows that it was refused.
    pub(crate) fn was_refused(&mut self, token: &str) {
        self.ledger.sent.entry(token.to_owned()).or_default().refused += 1;
    }

    /// What the service answers to a call that acts, if it does not look at it at all.
    pub(crate) fn refused(&mut self) -> Option<CallError> {
        if !self.chance.is(self.weather.refused) {
            return None;
        }
        let refusal = self.chance.one_of([
            Refusal::Busy,
            Refusal::Busy,
            Refusal::Throttled,
            Refusal::Credentials,
            Refusal::Invalid,
            Refusal::Denied,
        ]);
        Some(CallError::Refused { refusal, code: format!("{refusal:?}"), message: "no reason given".to_owned() })
    }

    /// The service has answered a call that acts.
    pub(crate) fn sent(&mut self, token: &str, answer: &Result<ports::Record, CallError>) {
        self.ledger.last_was_refused = answer.is_err();
        let news = self.service.executions.split_off(self.ledger.executions_seen);
        for execution in news {
            self.follow(&execution.record_id);
            self.say(|| format!("    carried out: {} on {}", execution.record_id, execution.product_id));
            self.service.executions.push(execution);
            self.check_execution(token);
        }
        self.ledger.executions_seen = self.service.executions.len();
    }

    /// At most one execution per attempt, and one effect per operation.
    fn check_execution(&mut self, token: &str) {
        let Some((id, _)) = operation_of(token) else { return };
        let of_operation: Vec<(String, bool)> = self
            .service
            .executions
            .iter()
            .filter(|execution| execution.token.starts_with(id.as_str()))
            .map(|execution| {
                let failed = self.service.records.get(&execution.record_id).is_some_and(Record::has_failed);
                (execution.token.clone(), failed)
            })
            .collect();
        let Some((last, before)) = of_operation.split_last() else { return };
        // An import that FAILED leaves nothing by which it could be found, and a termination that FAILED may be taken by another
        // termination of the product for its own. Where tokens are forgotten both may be tried once more.
        let leaves_nothing = |operation: &Operation| matches!(operation.kind, Kind::Import | Kind::Terminate);
        let is_excused = self.table.operation(&id).is_some_and(leaves_nothing);
        if before.iter().any(|(before, failed)| *before == last.0 && !(is_excused && *failed)) {
            self.violated("at most one execution per attempt", format!("{} was carried out again", last.0));
        } else if before.iter().any(|(_, failed)| !failed) {
            let words = format!("{} was carried out beside {:?}", last.0, before);
            self.violated("exactly one effect per operation", words);
        }
    }
}
