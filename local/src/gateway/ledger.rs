//! What was called: counts by caller and operation, the last requests, and which allowed actions were ever used.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::faults::Effect as FaultEffect;
use super::policy::{Effect, Need, Policy, Statement, matches_action, matches_resource};

/// How many requests are remembered.
const REQUESTS_MAX: usize = 10_000;
/// What a role needs but its function never calls: the platform acts with the role (the event source mapping reads the
/// queue, Lambda writes the log and the trace).
pub(super) const PLATFORM: [&str; 5] =
    ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "logs:*", "xray:*"];
/// What people may do with services that are not here.
pub(super) const ELSEWHERE: [&str; 2] = ["logs:*", "cloudwatch:*"];

/// One request, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// Who called.
    pub caller: String,
    /// Which service.
    pub service: String,
    /// Which operation.
    pub operation: String,
    /// The HTTP status that the caller saw; none if its connection was closed instead.
    pub status: Option<u16>,
    /// How long it took here.
    pub took: Duration,
    /// Length and hash of the body: enough to see a repetition, and no secret.
    pub body: String,
    /// What went wrong with it on purpose.
    pub fault: Option<FaultEffect>,
}

#[derive(Debug, Default)]
struct State {
    counts: BTreeMap<String, BTreeMap<String, u64>>,
    times: BTreeMap<String, BTreeMap<String, Duration>>,
    requests: VecDeque<Logged>,
    /// How many of them are no longer remembered.
    forgotten: usize,
    used: BTreeMap<String, BTreeSet<Need>>,
}

/// The gateway's memory of calls.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    state: Mutex<State>,
}

impl Ledger {
    /// Counts a call, whatever becomes of it.
    pub(super) fn count(&self, caller: &str, service: &str, operation: &str) {
        let mut state = self.state();
        let of_caller = state.counts.entry(caller.to_owned()).or_default();
        *of_caller.entry(format!("{service}:{operation}")).or_default() += 1;
    }

    /// Notes an action on a resource that a role allowed.
    pub(super) fn used(&self, caller: &str, need: &Need) {
        let mut state = self.state();
        match state.used.get_mut(caller) {
            Some(needs) if needs.contains(need) => {}
            _ => {
                state.used.entry(caller.to_owned()).or_default().insert(need.clone());
            }
        }
    }

    /// Keeps a finished request.
    pub(super) fn log(&self, request: Logged) {
        let mut state = self.state();
        let of_caller = state.times.entry(request.caller.clone()).or_default();
        *of_caller.entry(format!("{}:{}", request.service, request.operation)).or_default() += request.took;
        if state.requests.len() == REQUESTS_MAX {
            state.requests.pop_front();
            state.forgotten += 1;
        }
        state.requests.push_back(request);
    }

    pub(super) fn counts(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        self.state().counts.clone()
    }

    pub(super) fn times(&self) -> BTreeMap<String, BTreeMap<String, Duration>> {
        self.state().times.clone()
    }

    pub(super) fn reset(&self) {
        let mut state = self.state();
        state.counts.clear();
        state.times.clear();
    }

    pub(super) fn requests(&self) -> Vec<Logged> {
        self.state().requests.iter().cloned().collect()
    }

    /// The requests after the first `count` of all, the last `most` of them, and how many there have been.
    pub(super) fn requests_after(&self, count: usize, most: usize) -> (usize, Vec<Logged>) {
        let state = self.state();
        let total = state.forgotten + state.requests.len();
        let wanted = total.saturating_sub(count).min(most).min(state.requests.len());
        (total, state.requests.iter().skip(state.requests.len() - wanted).cloned().collect())
    }

    /// The actions that a policy allows and nobody used, each on each of its resources, by caller; callers without any are left
    /// out. `of`: the callers that are looked at; `beside`: patterns of actions that are left out.
    pub(super) fn unused(
        &self,
        policy: &Policy,
        of: impl Fn(&str) -> bool,
        beside: &[&str],
    ) -> BTreeMap<String, BTreeSet<String>> {
        let state = self.state();
        let none = BTreeSet::new();
        let unused_of = |(caller, statements): (&String, &Vec<Statement>)| {
            let used = state.used.get(caller).unwrap_or(&none);
            let allowed = statements.iter().filter(|statement| statement.effect == Effect::Allow);
            let unused: BTreeSet<String> = allowed
                .flat_map(|statement| {
                    let on = |action| statement.resources.iter().map(move |resource| (action, resource));
                    statement.actions.iter().flat_map(on)
                })
                .filter(|(action, _)| !beside.iter().any(|platform| matches_action(platform, action)))
                .filter(|(action, resource)| {
                    !used
                        .iter()
                        .any(|need| matches_action(action, &need.action) && matches_resource(resource, &need.resource))
                })
                .map(|(action, resource)| match resource.rsplit(':').next() {
                    Some("*") | None => action.clone(),
                    Some(name) => format!("{action} on {name}"),
                })
                .collect();
            (!unused.is_empty()).then(|| (caller.clone(), unused))
        };
        policy.statements.iter().filter(|(caller, _)| of(caller)).filter_map(unused_of).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Length and hash of a body. The hasher has fixed keys, so that equal bodies look equal in every run.
pub(super) fn digest(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    format!("{} bytes {:016x}", body.len(), hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowed_action_is_unused_until_a_call_needs_it() {
        let statement = |effect, actions: &[&str], resources: &[&str]| Statement {
            effect,
            actions: actions.iter().map(|&action| action.to_owned()).collect(),
            resources: resources.iter().map(|&resource| resource.to_owned()).collect(),
        };
        let statements = vec![
            statement(Effect::Allow, &["dynamodb:PutItem", "logs:PutLogEvents"], &["*"]),
            statement(Effect::Allow, &["dynamodb:Query"], &["arn:::table/T/index/a", "arn:::table/T/index/b"]),
            statement(Effect::Allow, &["sqs:ReceiveMessage", "events:Put*", "sqs:SendMessage"], &["*"]),
            statement(Effect::Deny, &["events:PutRule"], &["*"]),
        ];
        let policy = Policy { statements: BTreeMap::from([("F".to_owned(), statements)]) };
        let ledger = Ledger::default();
        let used = |action: &str, resource: &str| {
            ledger.used("F", &Need { action: action.to_owned(), resource: resource.to_owned() });
        };
        used("events:PutEvents", "arn:::event-bus/b");
        used("dynamodb:PutItem", "arn:::table/T");
        used("dynamodb:Query", "arn:::table/T/index/a");
        let unused = ledger.unused(&policy, |_| true, &PLATFORM);
        let left: Vec<&str> = unused["F"].iter().map(String::as_str).collect();
        assert_eq!(left, ["dynamodb:Query on table/T/index/b", "sqs:SendMessage"]);
        used("dynamodb:Query", "arn:::table/T/index/b");
        used("sqs:SendMessage", "arn:::q");
        assert!(ledger.unused(&policy, |_| true, &PLATFORM).is_empty());
        let all = ledger.unused(&policy, |_| true, &[]);
        assert_eq!(all["F"].iter().collect::<Vec<_>>(), ["logs:PutLogEvents", "sqs:ReceiveMessage"]);
        assert!(ledger.unused(&policy, |caller| caller != "F", &[]).is_empty());
    }

    #[test]
    fn the_log_forgets_the_oldest() {
        let ledger = Ledger::default();
        for n in 0..=REQUESTS_MAX {
            ledger.log(Logged {
                at: DateTime::UNIX_EPOCH,
                caller: "F".to_owned(),
                service: "dynamodb".to_owned(),
                operation: format!("Op{n}"),
                status: Some(200),
                took: Duration::ZERO,
                body: digest(b""),
                fault: None,
            });
        }
        let last: Vec<String> = ledger.requests_after(9_998, 2).1.into_iter().map(|one| one.operation).collect();
        assert_eq!(last, ["Op9999", "Op10000"]);
        assert_eq!(ledger.requests_after(10_000, 9).1.len(), 1);
        assert_eq!(ledger.requests_after(10_001, 9), (10_001, Vec::new()));
        let requests = ledger.requests();
        assert_eq!(requests.len(), REQUESTS_MAX);
        assert_eq!(requests[0].operation, "Op1");
    }

    #[test]
    fn equal_bodies_have_equal_digests() {
        assert_eq!(digest(b"abc"), digest(b"abc"));
        assert_ne!(digest(b"abc"), digest(b"abd"));
    }
}
