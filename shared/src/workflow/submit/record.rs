//! Recording what happened: every step is one fenced write, and an end is published before it is written.

use tracing::{info, warn};

use super::{Lease, Submission, Work, fenced_off, words};
use crate::clock::Time;
use crate::operation::{Ending, Event, Notice, Operation, StableRefusal, Standing, State, Try, next, token};
use crate::outcome;
use crate::ports::{Adopted, Bus, CallError, Catalog, Change, Due, Fence, History, Protection, Record, Store, Written};
use crate::request::{Import, Kind, Target};
use crate::retry::after;
use crate::workflow::{Ended, Trouble, metric};

/// Something that happened to an operation, with what is to be remembered of it.
#[derive(Debug)]
pub struct Step {
    pub(super) event: Event,
    pub(super) why: Option<String>,
    record: Option<Record>,
    error: Option<(String, String)>,
    refusal: Option<StableRefusal>,
    notice: Option<Notice>,
    wait: Wait,
    is_told: bool,
}

/// What a waiting operation waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// That it may pass.
    Backoff,
    /// The end of the pause.
    Resume,
    /// Its turn.
    Turn,
}

impl Step {
    pub(in crate::workflow) fn new(event: Event) -> Self {
        Self {
            event,
            why: None,
            record: None,
            error: None,
            refusal: None,
            notice: None,
            wait: Wait::Backoff,
            is_told: false,
        }
    }

    pub(in crate::workflow) fn why(self, why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..self }
    }

    pub(super) fn record(self, record: Record) -> Self {
        Self { record: Some(record), ..self }
    }

    pub(super) fn error(self, error: &CallError) -> Self {
        let code = match error {
            CallError::Refused { code, .. } => code.clone(),
            CallError::Unknown(_) => "NoAnswer".to_owned(),
            CallError::NotSent(_) => "NotSent".to_owned(),
        };
        Self { error: Some((code, words(error))), ..self }.why(words(error))
    }

    /// The end that an earlier claim has come to, and could not write.
    pub(super) fn ending(ending: Ending) -> Self {
        let is_told = matches!(ending.event, Event::Skipped | Event::SkippedForGood);
        Self { why: ending.why, error: ending.error, is_told, ..Self::new(ending.event) }
    }

    pub(super) fn refusal(self, refusal: Option<StableRefusal>) -> Self {
        Self { refusal, ..self }
    }

    pub(in crate::workflow) fn notice(self, notice: Notice) -> Self {
        Self { notice: (!notice.is_empty()).then_some(notice), ..self }
    }

    pub(super) fn paused(self) -> Self {
        Self { wait: Wait::Resume, ..self }
    }

    /// It waits in a line: whoever is before it sends it on its way.
    pub(in crate::workflow) fn in_line(self) -> Self {
        Self { wait: Wait::Turn, ..self }
    }

    /// A skip that people must hear of.
    pub(in crate::workflow) fn told(self) -> Self {
        Self { is_told: true, ..self }
    }
}

impl<C: Catalog, S: Store, B: Bus, W: Work> Submission<C, S, B, W> {
    /// Applies a step: decides where the operation stands then, publishes an end, and writes.
    pub(super) async fn step(&self, operation: Operation, lease: Lease, mut step: Step) -> Result<Ended, Trouble> {
        let now = self.edges.clock.now();
        let mut standing = next(operation.standing, step.event)?;
        if standing.state == State::Waiting && step.wait == Wait::Backoff && self.too_old(&operation, now) {
            step.why = Some(given_up(&operation, step.event, step.why.as_deref()));
            step.event = Event::GivenUp;
            standing = next(operation.standing, Event::GivenUp)?;
        }
        let change = self.change(&operation, standing, &step, now);
        let ended =
            Ended { operation: Some(operation.id.clone()), state: standing.state, why: step.why, duplicate: false };

        // An accepted call is a fact, however late: it is written on the attempt alone.
        let nonce = (step.event != Event::Accepted).then(|| operation.nonce.clone());
        let states = if nonce.is_some() { vec![State::Submitting] } else { vec![State::Submitting, State::Waiting] };
        let fence = Fence { nonce, states, attempt: operation.standing.attempt };
        if let Some(event) = self.end_of(&operation, &change, step.is_told) {
            if now >= lease.until {
                // Another claim may have come to another end by now: it is theirs to tell.
                warn!(operation = %operation.id, "the lease ran out before the end was told; left to the next claim");
                return Ok(ended);
            }
            if standing.state != State::Succeeded && !self.decide(&operation, &fence, step.event, &change).await? {
                fenced_off(&operation.id, "not told");
                return Ok(ended);
            }
            self.edges.publish(&[event]).await?;
        }
        match self.edges.store.write(&operation.id, &fence, &change).await? {
            Written::Applied => {
                log(&operation, &change);
                if operation.kind == Kind::Import && leaves_slot(step.event, standing) {
                    self.edges.hand_over(&operation.id).await?;
                }
            }
            Written::Fenced => fenced_off(&operation.id, "not written"),
        }
        Ok(ended)
    }

    /// Writes that the operation ends without success, before anybody is told. Whoever takes over from a worker that died in
    /// between would send again, and might succeed; or would not know that nothing was sent. `false`: it is in other hands by now.
    async fn decide(&self, operation: &Operation, fence: &Fence, event: Event, end: &Change) -> Result<bool, Trouble> {
        if operation.ending.is_some() {
            return Ok(true);
        }
        let event = if end.standing.state == State::Failed { Event::Denied } else { event };
        let decided = Change {
            ending: Some(Ending { event, why: end.why.clone(), error: end.errors.first().cloned() }),
            notice: end.notice.clone(),
            retry_at: operation.retry_at,
            due_at: operation.due_at,
            ..Change::to(Standing { sent: end.standing.sent, ..operation.standing }, end.at)
        };
        Ok(self.edges.store.write(&operation.id, fence, &decided).await? == Written::Applied)
    }

    /// Makes the first of the found records the operation's own that no other operation has made its own; `None`: others have all.
    pub(super) async fn adopt(
        &self,
        operation: &Operation,
        records: Vec<Record>,
        note: Option<&str>,
    ) -> Result<Option<Ended>, Trouble> {
        for record in records {
            if let Some(ended) = self.adopt_one(operation, record, note).await? {
                return Ok(Some(ended));
            }
        }
        Ok(None)
    }

    async fn adopt_one(
        &self,
        operation: &Operation,
        record: Record,
        note: Option<&str>,
    ) -> Result<Option<Ended>, Trouble> {
        let now = self.edges.clock.now();
        let record_id = record.id.clone();
        let note = note.map(|note| format!("; {note}")).unwrap_or_default();
        let step =
            Step::new(Event::Found).why(format!("its answer was lost; its record was found{note}")).record(record);
        let change = self.change(operation, next(operation.standing, Event::Found)?, &step, now);
        let fence = Fence {
            nonce: Some(operation.nonce.clone()),
            states: vec![State::Submitting],
            attempt: operation.standing.attempt,
        };
        match self.edges.store.adopt(&operation.id, &fence, &change, &record_id).await? {
            Adopted::Applied => log(operation, &change),
            Adopted::Fenced => fenced_off(&operation.id, "not adopted"),
            Adopted::Others => return Ok(None),
        }
        let id = operation.id.clone();
        Ok(Some(Ended { operation: Some(id), state: State::Submitted, why: step.why, duplicate: false }))
    }

    fn too_old(&self, operation: &Operation, now: Time) -> bool {
        after(operation.trying_since, self.settings.give_up_after) <= now
    }

    fn change(&self, operation: &Operation, standing: Standing, step: &Step, now: Time) -> Change {
        let retry_at = (standing.state == State::Waiting).then(|| self.retry_at(standing, step, now));
        let due_at = match (&step.record, standing.state) {
            (Some(record), State::Submitted) => {
                let wakes = record.product_type.as_deref() == Some("CFN_STACK");
                Some(after(now, if wakes { self.settings.first_poll } else { self.settings.poll_base }))
            }
            // Whoever is before it in the line sends it on its way; this is for the case that nobody does.
            _ if step.wait == Wait::Turn => retry_at.map(|at| after(at, self.settings.first_poll)),
            _ => retry_at,
        };
        // The record's word counts: the product of an import that FAILED is gone, and the next attempt makes another.
        let of_record = step.record.as_ref().and_then(|record| record.product_id.clone());
        let product_id = of_record.or_else(|| operation.product_id.clone());
        let (code, message) = step.error.clone().map_or((None, None), |(code, message)| (Some(code), Some(message)));
        Change {
            retry_at,
            due_at,
            product_id,
            artifact_id: operation.artifact_id.clone(),
            record_id: step.record.as_ref().map(|record| record.id.clone()),
            why: step.why.clone(),
            refusal: step.refusal.clone(),
            notice: step.notice.clone(),
            token: (standing.attempt != operation.standing.attempt)
                .then(|| token::derive(&operation.id, standing.attempt)),
            // Its turn may come so late that it would never be given up: what is open is given up all the same.
            restart_trying: match step.wait {
                Wait::Backoff => standing.state == State::Submitted,
                Wait::Turn => !standing.open,
                Wait::Resume => true,
            },
            history: Some(History::Whole(operation.history_with(Try {
                at: now,
                attempt: operation.standing.attempt,
                what: format!("{:?}", step.event),
                record_id: step.record.as_ref().map(|record| record.id.clone()),
                code,
                message: message.or_else(|| step.why.clone()),
            }))),
            errors: step.error.clone().filter(|_| standing.state == State::Failed).into_iter().collect(),
            protection: step.record.as_ref().and_then(|_| protection(operation)),
            ..Change::to(standing, now)
        }
    }

    /// An open attempt is left alone for a while: what it may have caused must be there to be found. For how long is a matter of chance
    /// all the same: two that wait for each other must not come again together for ever.
    fn retry_at(&self, standing: Standing, step: &Step, now: Time) -> Time {
        if step.wait != Wait::Backoff {
            return now;
        }
        let pause = self.settings.backoff.pause(standing.tries, self.edges.dice.fraction());
        after(now, if standing.open { pause + self.settings.resend_after } else { pause })
    }

    fn end_of(&self, operation: &Operation, change: &Change, is_told: bool) -> Option<outcome::Outgoing> {
        let mut told = Due::from(operation);
        told.standing = change.standing;
        told.notice = change.notice.clone().unwrap_or_default().or(told.notice);
        told.product_id.clone_from(&change.product_id);
        let (scope, state, why) = (&self.edges.scope, change.standing.state, change.why.as_deref());
        outcome::ended(scope, &told, state, why, &change.errors)
            .or_else(|| is_told.then(|| outcome::left_alone(scope, &told, state, why)))
    }
}

/// Whether an import leaves the slot to the next one: it has ended, or what is in its way is its own stack's business. So it is
/// too if it is refused for good while an answer is missing: nothing of it runs, and the others need not wait until it is given up.
fn leaves_slot(event: Event, standing: Standing) -> bool {
    !standing.state.is_live() || event == Event::RefusedFinally || (event == Event::RefusedBusy && !standing.open)
}

/// What Steward has adopted carries no tags, so a default time to live would end it: protected until somebody says
/// otherwise.
fn protection(operation: &Operation) -> Option<Protection> {
    match &operation.target {
        Target::Import(Import { protect: true, .. }) => Some(Protection {
            by: "steward".to_owned(),
            reason: format!("adopted by {}: it carries no tags that say how long it lives", operation.id),
            until: None,
        }),
        _ => None,
    }
}

fn log(operation: &Operation, change: &Change) {
    let state = change.standing.state;
    let counted = match state {
        State::Submitting | State::Submitted => Some(metric::ACCEPTED),
        State::Waiting => Some(metric::WAITING),
        State::Succeeded => Some(metric::SUCCEEDED),
        State::Failed => Some(metric::FAILED),
        State::Rejected => Some(metric::REJECTED),
        State::Skipped | State::Cancelled => None,
    };
    if let Some(metric) = counted {
        metrics::counter!(metric).increment(1);
    }
    let (why, record) = (change.why.as_deref(), change.record_id.as_deref());
    info!(
        operation = %operation.id,
        kind = operation.kind.as_str(),
        provisionedProduct = operation.product_id.as_deref(),
        record,
        state = state.as_str(),
        attempt = change.standing.attempt,
        why,
        "{} is {}", operation.subject, state.as_str()
    );
}

fn given_up(operation: &Operation, event: Event, why: Option<&str>) -> String {
    let since = operation.trying_since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let outcome = if operation.standing.open || event == Event::Lost { "outcome unknown: " } else { "" };
    format!("{outcome}given up, tried since {since}; last: {}", why.unwrap_or("no answer"))
}
