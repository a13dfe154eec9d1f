//! Recording what happened: every step is one fenced write, and an end is published before it is written.

use tracing::{info, warn};

use super::{Lease, Terminations, words};
use crate::operation::{Event, Notice, Operation, StableRefusal, State, Try, next, token};
use crate::outcome;
use crate::ports::{Bus, CallError, Catalog, Change, Due, Fence, History, Record, Store, Written};
use crate::retry::after;
use crate::workflow::{Ended, Trouble, metric};

/// Something that happened to an operation, with what is to be remembered of it.
#[derive(Debug)]
pub(super) struct Step {
    event: Event,
    why: Option<String>,
    record: Option<Record>,
    error: Option<(String, String)>,
    refusal: Option<StableRefusal>,
    notice: Option<Notice>,
    paused: bool,
}

impl Step {
    pub(super) fn new(event: Event) -> Self {
        Self { event, why: None, record: None, error: None, refusal: None, notice: None, paused: false }
    }

    pub(super) fn why(self, why: impl Into<String>) -> Self {
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

    pub(super) fn refusal(self, refusal: Option<StableRefusal>) -> Self {
        Self { refusal, ..self }
    }

    pub(super) fn notice(self, notice: Notice) -> Self {
        Self { notice: (!notice.is_empty()).then_some(notice), ..self }
    }

    pub(super) fn paused(self) -> Self {
        Self { paused: true, ..self }
    }
}

impl<C: Catalog, S: Store, B: Bus> Terminations<C, S, B> {
    /// Applies a step: decides where the operation stands then, publishes an end, and writes.
    pub(super) async fn step(&self, operation: Operation, lease: Lease, mut step: Step) -> Result<Ended, Trouble> {
        let now = self.edges.clock.now();
        let mut standing = next(operation.standing, step.event)?;
        if standing.state == State::Waiting && !step.paused && self.too_old(&operation, now) {
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
        if let Some(event) = self.end_of(&operation, &change) {
            if now >= lease.until {
                // Another claim may have come to another end by now: it is theirs to tell.
                warn!(operation = %operation.id, "the lease ran out before the end was told; left to the next claim");
                return Ok(ended);
            }
            self.edges.publish(&[event]).await?;
        }
        match self.edges.store.write(&operation.id, &fence, &change).await? {
            Written::Applied => log(&operation, &change),
            Written::Fenced => {
                let record = change.record_id.as_deref();
                warn!(operation = %operation.id, record, "fenced off: the operation is in other hands by now");
            }
        }
        Ok(ended)
    }

    /// Makes a found record the operation's own, unless another operation has done so.
    pub(super) async fn adopt(&self, operation: Operation, record: Record) -> Result<Ended, Trouble> {
        let now = self.edges.clock.now();
        let record_id = record.id.clone();
        let step = Step::new(Event::Found).why("its answer was lost; its record was found").record(record);
        let change = self.change(&operation, next(operation.standing, Event::Found)?, &step, now);
        let fence = Fence {
            nonce: Some(operation.nonce.clone()),
            states: vec![State::Submitting],
            attempt: operation.standing.attempt,
        };
        match self.edges.store.adopt(&operation.id, &fence, &change, &record_id).await? {
            Written::Applied => log(&operation, &change),
            Written::Fenced => {
                let why = "not adopted: the record or the operation is in other hands";
                warn!(operation = %operation.id, record = %record_id, "{why}");
            }
        }
        Ok(Ended { operation: Some(operation.id), state: State::Submitted, why: step.why, duplicate: false })
    }

    fn too_old(&self, operation: &Operation, now: crate::clock::Time) -> bool {
        after(operation.trying_since, self.settings.give_up_after) <= now
    }

    fn change(
        &self,
        operation: &Operation,
        standing: crate::operation::Standing,
        step: &Step,
        now: crate::clock::Time,
    ) -> Change {
        let retry_at = (standing.state == State::Waiting).then(|| self.retry_at(standing, step, now));
        let due_at = match (&step.record, standing.state) {
            (Some(record), State::Submitted) => {
                let wakes = record.product_type.as_deref() == Some("CFN_STACK");
                Some(after(now, if wakes { self.settings.first_poll } else { self.settings.poll_base }))
            }
            _ => retry_at,
        };
        let (code, message) = step.error.clone().map_or((None, None), |(code, message)| (Some(code), Some(message)));
        Change {
            retry_at,
            due_at,
            product_id: operation.product_id.clone(),
            record_id: step.record.as_ref().map(|record| record.id.clone()),
            why: step.why.clone(),
            refusal: step.refusal.clone(),
            notice: step.notice.clone(),
            token: (standing.attempt != operation.standing.attempt)
                .then(|| token::derive(&operation.id, standing.attempt)),
            restart_trying: step.paused || standing.state == State::Submitted,
            history: Some(History::Whole(operation.history_with(Try {
                at: now,
                attempt: operation.standing.attempt,
                what: format!("{:?}", step.event),
                record_id: step.record.as_ref().map(|record| record.id.clone()),
                code,
                message: message.or_else(|| step.why.clone()),
            }))),
            errors: step.error.clone().filter(|_| standing.state == State::Failed).into_iter().collect(),
            ..Change::to(standing, now)
        }
    }

    /// An open attempt is left alone for a while: what it may have caused must be there to be found.
    fn retry_at(
        &self,
        standing: crate::operation::Standing,
        step: &Step,
        now: crate::clock::Time,
    ) -> crate::clock::Time {
        if step.paused {
            return now;
        }
        let pause = self.settings.backoff.pause(standing.tries, self.edges.dice.fraction());
        after(now, if standing.open { pause.max(self.settings.resend_after) } else { pause })
    }

    fn end_of(&self, operation: &Operation, change: &Change) -> Option<outcome::Outgoing> {
        let mut told = Due::from(operation);
        told.standing = change.standing;
        told.notice = change.notice.clone().unwrap_or_default().or(told.notice);
        outcome::ended(&self.edges.scope, &told, change.standing.state, change.why.as_deref(), &change.errors)
    }
}

fn log(operation: &Operation, change: &Change) {
    let state = change.standing.state;
    metrics::counter!(match state {
        State::Submitting | State::Submitted => metric::ACCEPTED,
        State::Waiting => metric::WAITING,
        State::Succeeded => metric::SUCCEEDED,
        State::Failed => metric::FAILED,
        State::Rejected => metric::REJECTED,
        State::Skipped | State::Cancelled => metric::SKIPPED,
    })
    .increment(1);
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
