//! A termination's way: claimed once, looked at, judged, sent with its stored token, and recorded.

mod look;
mod record;

use std::sync::Arc;

use tracing::info;

use super::{Edges, Ended, Trouble, metric};
use crate::clock::Time;
use crate::config::Sending;
use crate::decide::{self, Answered};
use crate::inbound::{Inbound, Message};
use crate::judge::{self, Case, Verdict};
use crate::operation::{Claiming, Event, Operation, OperationId, StableRefusal, State, cut};
use crate::ports::{Bus, CallError, Catalog, Claim, Described, Record, Store, Takeover};
use crate::request::{self, Kind, Origin, ProductRef, Target, Terminate};
use crate::retry::after;

use look::{Look, Seen};
use record::Step;

/// The workflow of terminations.
#[derive(Debug)]
pub struct Terminations<C, S, B> {
    /// The edges.
    pub edges: Arc<Edges<C, S, B>>,
    /// The parameters.
    pub settings: Sending,
}

/// What one claim works with.
#[derive(Clone, Copy, Debug)]
struct Lease {
    /// No call leaves after it.
    send_until: Time,
    /// What the claim may still publish and write unfenced by others.
    until: Time,
}

impl<C: Catalog, S: Store, B: Bus> Terminations<C, S, B> {
    /// Handles one message. `answer_by`: when the invocation must be over.
    ///
    /// # Errors
    /// [`Trouble`] if the message has to come again.
    pub async fn handle(&self, message: Message, answer_by: Time) -> Result<Ended, Trouble> {
        match message {
            Message::Request(inbound) => self.request(*inbound, answer_by).await,
            Message::Due(id) => self.due(&id, answer_by).await,
        }
    }

    async fn request(&self, inbound: Inbound, answer_by: Time) -> Result<Ended, Trouble> {
        let now = self.edges.clock.now();
        let (takeover, lease) = self.lease(now, answer_by);
        let operation = Operation::claimed(
            inbound.request,
            Claiming {
                scope: &self.edges.scope,
                trigger: &inbound.trigger,
                sender_account: inbound.sender_account.as_deref(),
                requested_at: inbound.requested_at,
                now,
                nonce: takeover.nonce,
                lease_until: takeover.lease_until,
                retry_at: takeover.retry_at,
            },
        );
        match self.edges.store.claim(&operation).await? {
            Claim::Won => self.drive(operation, lease).await,
            Claim::Held(held) if request::content(&held.target) == request::content(&operation.target) => {
                info!(operation = %held.id, state = held.standing.state.as_str(), "a duplicate of what is known");
                metrics::counter!(metric::DUPLICATES).increment(1);
                let (state, why) = (held.standing.state, held.why);
                Ok(Ended { operation: Some(held.id), state, why, duplicate: true })
            }
            Claim::Held(held) => {
                let error = format!(
                    "the trigger {} was used before with other content: it asked for {}, now for {}",
                    held.trigger,
                    request::content(&held.target),
                    request::content(&operation.target)
                );
                self.edges.reject(&error, &request::content(&operation.target), Some(held.id)).await
            }
        }
    }

    async fn due(&self, id: &OperationId, answer_by: Time) -> Result<Ended, Trouble> {
        let (takeover, lease) = self.lease(self.edges.clock.now(), answer_by);
        if let Some(operation) = self.edges.store.take_over(id, takeover).await? {
            return self.drive(operation, lease).await;
        }
        let why = "not due: it is done, or in other hands";
        info!(operation = %id, "{why}");
        metrics::counter!(metric::DUPLICATES).increment(1);
        Ok(Ended { operation: Some(id.clone()), state: State::Skipped, why: Some(why.to_owned()), duplicate: true })
    }

    fn lease(&self, now: Time, answer_by: Time) -> (Takeover, Lease) {
        let until = after(now, self.settings.lease);
        let last_send = until - chrono::TimeDelta::from_std(self.settings.lease_margin()).unwrap_or_default();
        let takeover = Takeover {
            nonce: self.edges.dice.nonce(),
            now,
            lease_until: until,
            // Not sooner than `resend_after` after the last send that this claim could make.
            retry_at: after(until, self.settings.resend_after),
        };
        (takeover, Lease { send_until: last_send.min(answer_by), until })
    }

    /// Takes a claimed operation as far as it goes.
    async fn drive(&self, mut operation: Operation, lease: Lease) -> Result<Ended, Trouble> {
        let seen = match self.look(&mut operation).await? {
            Look::Seen(seen) => *seen,
            Look::Gone { known: true } => {
                let by = if operation.standing.open {
                    "the product is gone; an answer was lost, so this operation or somebody else removed it"
                } else {
                    "the product is gone: somebody else removed it"
                };
                return self.step(operation, lease, Step::new(Event::Gone).why(by)).await;
            }
            Look::Gone { known: false } => {
                let why =
                    format!("no provisioned product {}: it never was, or Steward may not see it", operation.subject);
                return self.step(operation, lease, Step::new(Event::Denied).why(why)).await;
            }
            Look::Blind(error) => return self.step(operation, lease, blind(&error)).await,
        };
        if operation.standing.open {
            match self.find_record(&operation, &seen.product).await? {
                Ok(Some(record)) => return self.adopt(operation, record).await,
                Ok(None) => {}
                Err(error) => return self.step(operation, lease, blind(&error)).await,
            }
        }
        if let Some(step) = self.hold_back(&operation, &seen) {
            return self.step(operation, lease, step).await;
        }
        self.send(operation, lease, seen).await
    }

    /// What keeps the operation from being sent now, if anything does.
    fn hold_back(&self, operation: &Operation, seen: &Seen) -> Option<Step> {
        let verdict = judge::termination(
            &Case {
                origin: operation.origin,
                expires_at: operation.expires_at,
                requested_at: operation.requested_at,
                own_record: operation.record_id.as_deref(),
                guard: &seen.guard,
                product: &seen.product,
                row: seen.row.as_ref(),
                now: self.edges.clock.now(),
            },
            &self.settings.rules,
        );
        let unsent = !operation.standing.sent;
        let step = match verdict {
            // The sweep judges an expiry again; nobody judges a request again but whoever made it.
            Verdict::NotNow(why) | Verdict::Never(why) if unsent && operation.origin == Origin::Expiry => {
                Step::new(Event::Skipped).why(why)
            }
            Verdict::Never(why) if unsent => Step::new(Event::Rejected).why(why),
            Verdict::Never(why) => Step::new(Event::Denied).why(why),
            Verdict::NotNow(why) => Step::new(Event::Held).why(why),
            Verdict::Send => match &seen.guard.paused {
                Some(reason) => Step::new(Event::Held).why(format!("paused: {reason}")).paused(),
                None if !self.settings.dry_run.contains(&Kind::Terminate) => return None,
                None if unsent => Step::new(Event::Skipped).why("dry run: it would be terminated now"),
                None => Step::new(Event::Held).why("dry run: it was sent before and would be sent again now"),
            },
        };
        Some(step.notice(seen.notice()))
    }

    async fn send(&self, operation: Operation, lease: Lease, seen: Seen) -> Result<Ended, Trouble> {
        let Target::Terminate(request) = &operation.target else {
            let why = format!("an operation of kind {} is not for terminate", operation.kind.as_str());
            return self.step(operation, lease, Step::new(Event::Denied).why(why)).await;
        };
        let answer = self.call(&seen.product.id, request, &operation.token, lease).await;
        let step = match (decide::termination(&answer), answer) {
            (Answered::Step(event), Ok(record)) => Step::new(event).record(record),
            (Answered::Step(event), Err(error)) => Step::new(event).error(&error),
            (Answered::Describe, answer) => {
                let product = self.edges.catalog.describe(&ProductRef::Id(seen.product.id.clone())).await;
                described(answer, product, operation.refusal.as_ref())
            }
        };
        self.step(operation, lease, step.notice(seen.notice())).await
    }

    async fn call(&self, id: &str, request: &Terminate, token: &str, lease: Lease) -> Result<Record, CallError> {
        if self.edges.clock.now() >= lease.send_until {
            return Err(CallError::NotSent("too little time is left in this claim".to_owned()));
        }
        self.edges.catalog.terminate(id, request, token, lease.send_until).await
    }
}

/// A read that protects failed: nothing is sent without it.
fn blind(error: &CallError) -> Step {
    let event = match error {
        CallError::Refused { refusal: crate::ports::Refusal::Denied | crate::ports::Refusal::Invalid, .. } => {
            Event::Denied
        }
        _ => Event::Held,
    };
    Step::new(event).why(format!("it could not be looked at before the call: {error}"))
}

/// What a refusal that needs a look at the product comes to.
fn described(
    answer: Result<Record, CallError>,
    product: Result<Option<Described>, CallError>,
    before: Option<&StableRefusal>,
) -> Step {
    let error = match answer {
        Ok(record) => return Step::new(Event::Accepted).record(record),
        Err(error) => error,
    };
    let (event, refusal) = match (&error, product) {
        (CallError::Refused { refusal, code, .. }, Ok(product)) => {
            decide::refused(*refusal, code, product.as_ref(), before)
        }
        // Not a word about the product: it may pass.
        _ => (Event::RefusedBusy, None),
    };
    let step = Step::new(event).error(&error).refusal(refusal);
    if event == Event::Gone { step.why("the product is gone: somebody else removed it") } else { step }
}

/// The service's words in a reason, cut.
fn words(error: &CallError) -> String {
    cut(&error.to_string(), crate::operation::MESSAGE_BYTES_MAX)
}
