//! The way from a message to a record, the same for every kind of work: claimed once, looked at, looked for if an answer was
//! lost, judged, sent with its stored token, and recorded. What differs from kind to kind is a [`Work`].

mod candidates;
mod find;
mod record;
mod work;

use std::sync::Arc;

use tracing::{info, warn};

use super::{Edges, Ended, Trouble};
use crate::clock::Time;
use crate::config::Sending;
use crate::decide::{self, Answered, Progress, progress};
use crate::inbound::{Inbound, Message};
use crate::judge::Verdict;
use crate::operation::{Claiming, Event, Operation, OperationId, State, cut, next};
use crate::outcome;
use crate::ports::{Bus, CallError, Catalog, Claim, Described, Record, Refusal, Stamp, Store, Takeover};
use crate::request::{self, Kind, Origin, ProductRef};
use crate::retry::after;

pub(super) use candidates::since;
pub(super) use find::{candidate, checked};
pub use record::Step;
pub use work::{Found, Look, Seen, Work};

/// The workflow of a request function.
#[derive(Debug)]
pub struct Submission<C, S, B, W> {
    /// The edges.
    pub edges: Arc<Edges<C, S, B>>,
    /// The parameters that all kinds share.
    pub settings: Sending,
    /// The kind of work.
    pub work: Arc<W>,
}

/// What one claim works with.
#[derive(Clone, Copy, Debug)]
struct Lease {
    /// No call leaves after it.
    send_until: Time,
    /// What the claim may still publish and write unfenced by others.
    until: Time,
}

impl<C: Catalog, S: Store, B: Bus, W: Work> Submission<C, S, B, W> {
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
        let no_need = inbound.no_need;
        let mut operation = Operation::claimed(
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
        if no_need.is_some() {
            // Never live, not even for the time of a write: the same trigger may be about to bring what there is need for.
            operation.standing = next(operation.standing, Event::Skipped)?;
            (operation.retry_at, operation.due_at, operation.why) = (None, None, no_need);
        }
        let (claim, ()) = tokio::join!(self.edges.store.claim(&operation), self.ask_switch());
        match claim? {
            Claim::Won | Claim::WonWithSlot if !operation.standing.state.is_live() => Ok(skipped(operation)),
            Claim::Won => self.drive(operation, lease, false).await,
            Claim::WonWithSlot => self.drive(operation, lease, true).await,
            Claim::Held(held) => self.held(*held, &operation).await,
        }
    }

    /// Somebody was here before: the same request again, or another one under the same trigger.
    async fn held(&self, held: Operation, now: &Operation) -> Result<Ended, Trouble> {
        if request::content(&held.target) != request::content(&now.target) {
            let difference = request::difference(&held.target, &now.target);
            let error = format!(
                "the trigger {} was used before with other content, for {}: {difference}",
                held.trigger, held.id
            );
            return self.edges.reject(now.kind, &error, &request::content(&now.target), Some(held.id)).await;
        }
        let (state, why) = (held.standing.state, held.why.clone());
        // A plan is its own trigger: this may be an honest second approval, and nobody would hear of it.
        if state == State::Failed && held.kind == Kind::ExecutePlan {
            let error = format!(
                "failed before, and not tried again by itself: {}; `steward retry` starts it anew",
                why.as_deref().unwrap_or("no reason given")
            );
            return self.edges.reject(now.kind, &error, &request::content(&now.target), Some(held.id)).await;
        }
        info!(operation = %held.id, state = state.as_str(), "a duplicate of what is known");
        Ok(Ended { operation: Some(held.id), state, why, duplicate: true })
    }

    async fn due(&self, id: &OperationId, answer_by: Time) -> Result<Ended, Trouble> {
        let (takeover, lease) = self.lease(self.edges.clock.now(), answer_by);
        let (taken, ()) = tokio::join!(self.edges.store.take_over(id, takeover), self.ask_switch());
        if let Some(mut operation) = taken? {
            if !self.work.may_have_left(&operation) {
                (operation.standing.open, operation.standing.sent) = (false, false);
            }
            return self.drive(operation, lease, false).await;
        }
        let why = "not due: it is done, or in other hands";
        info!(operation = %id, "{why}");
        Ok(Ended { operation: Some(id.clone()), state: State::Skipped, why: Some(why.to_owned()), duplicate: true })
    }

    /// Asks the switch beside the claim, so that nobody waits for it. What it says is looked up when it counts, and so is
    /// that it does not answer.
    async fn ask_switch(&self) {
        if W::ASKS_SWITCH {
            let _ = self.edges.paused().await;
        }
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

    /// Takes a claimed operation as far as it goes. `has_slot`: the claim has brought the slot in which its work runs.
    async fn drive(&self, mut operation: Operation, lease: Lease, has_slot: bool) -> Result<Ended, Trouble> {
        if let Some(ending) = operation.ending.clone() {
            return self.step(operation, lease, Step::ending(ending)).await;
        }
        let seen = match self.work.look(&self.edges, &mut operation).await? {
            Look::Seen(seen) => seen,
            Look::Ends(step) => return self.step(operation, lease, *step).await,
            Look::Blind(error) => {
                let step = blind(&error, operation.standing.open);
                return self.step(operation, lease, step).await;
            }
        };
        if operation.standing.open {
            match self.work.find(&self.edges, &operation, &seen, self.settings.resend_after).await? {
                Found::Records(records, note) => {
                    let is_running = records.iter().any(|record| progress(&record.status) == Progress::Running);
                    if let Some(ended) = self.adopt(&operation, records, note.as_deref()).await? {
                        return Ok(ended);
                    }
                    // Another operation was faster, or has held them for long. Terminating twice is terminating once; of anything
                    // else nobody knows whether one of them was ours, until the index shows who holds them and why.
                    if is_running || W::KIND != Kind::Terminate {
                        let step =
                            Step::new(Event::Held).why("its answer was lost; its record may be another operation's");
                        return self.step(operation, lease, step).await;
                    }
                }
                Found::Nothing => {}
                Found::Ends(step) => return self.step(operation, lease, *step).await,
                Found::Blind(error) => return self.step(operation, lease, blind(&error, true)).await,
            }
        }
        if let Some(step) = self.hold_back(&operation, &seen) {
            return self.step(operation, lease, step).await;
        }
        if !has_slot && let Some(step) = self.work.reserve(&self.edges, &mut operation, &seen).await? {
            return self.step(operation, lease, step).await;
        }
        self.send(operation, lease, seen).await
    }

    /// What keeps the operation from being sent now, if anything does.
    fn hold_back(&self, operation: &Operation, seen: &Seen<W::What>) -> Option<Step> {
        let verdict = self.work.judge(operation, seen, self.edges.clock.now());
        let unsent = !operation.standing.sent;
        let step = match verdict {
            // The sweep judges an expiry again; nobody judges a request again but whoever made it.
            Verdict::NotNow(why) | Verdict::Never(why) if unsent && operation.origin == Origin::Expiry => {
                Step::new(Event::Skipped).why(why)
            }
            Verdict::Needless(why) if unsent => Step::new(Event::Skipped).why(why),
            Verdict::Never(why) if unsent => Step::new(Event::Rejected).why(why),
            Verdict::Never(why) | Verdict::Needless(why) => Step::new(Event::Denied).why(why),
            Verdict::NotNow(why) => Step::new(Event::Held).why(why),
            Verdict::NothingToDo(why) => Step::new(Event::NothingToDo).why(why),
            Verdict::Send => match &seen.paused {
                Some(reason) => Step::new(Event::Held).why(format!("paused: {reason}")).paused(),
                None if !self.settings.dry_run.contains(&operation.kind) => return None,
                None => {
                    let what = self.work.in_words(operation, seen);
                    if unsent {
                        Step::new(Event::Skipped).why(format!("dry run: {what} now"))
                    } else {
                        Step::new(Event::Held).why(format!("dry run: it was sent before, and again {what} now"))
                    }
                }
            },
        };
        Some(step.notice(seen.notice.clone()))
    }

    async fn send(&self, operation: Operation, lease: Lease, seen: Seen<W::What>) -> Result<Ended, Trouble> {
        let answer = if self.edges.clock.now() >= lease.send_until {
            Err(CallError::NotSent("too little time is left in this claim".to_owned()))
        } else {
            let stamp = Stamp { token: &operation.token, send_until: lease.send_until };
            self.work.call(&self.edges, &operation, &seen, stamp).await
        };
        let step = match (decide::answer(operation.kind, &answer), answer) {
            (Answered::Step(event), Ok(record)) => Step::new(event).record(record),
            (Answered::Step(event), Err(error)) => Step::new(event).error(&error),
            (Answered::Describe, answer) => self.described(&operation, answer).await,
        };
        self.step(operation, lease, step.notice(seen.notice)).await
    }

    /// What a refusal that needs a look at the product comes to.
    async fn described(&self, operation: &Operation, answer: Result<Record, CallError>) -> Step {
        let error = match answer {
            Ok(record) => return Step::new(Event::Accepted).record(record),
            Err(error) => error,
        };
        let product = match &operation.product_id {
            Some(id) => self.edges.catalog.describe(&ProductRef::Id(id.clone())).await,
            None => Err(CallError::NotSent("the provisioned product is not known".to_owned())),
        };
        let (event, refusal) = match (&error, product) {
            (CallError::Refused { refusal, code, .. }, Ok(product)) => {
                let stable = product.as_ref().is_some_and(|product| is_ready(operation.kind, product));
                decide::refused(*refusal, code, product.as_ref(), stable, operation.refusal.as_ref())
            }
            // Not a word about the product: it may pass.
            _ => (Event::RefusedBusy, None),
        };
        let step = Step::new(event).error(&error).refusal(refusal);
        if event == Event::NothingToDo { step.why("the product is gone: somebody else removed it") } else { step }
    }
}

impl<C: Catalog, S: Store, B: Bus> Edges<C, S, B> {
    /// Passes the slot in which imports run on from an operation that needs it no longer, and sends the next one on its way.
    ///
    /// # Errors
    /// If table or bus do not answer. Then whoever comes next finds that the slot's owner has ended.
    pub(super) async fn hand_over(&self, from: &OperationId) -> Result<(), Trouble> {
        if let Some(to) = self.store.pass_import_slot(from).await? {
            info!(operation = %to, from = %from, "the slot in which imports run is handed over");
            self.publish(&[outcome::due(&to, Kind::Import)]).await?;
        }
        Ok(())
    }
}

/// Whether the service is ready to do this kind of work on a product.
fn is_ready(kind: Kind, product: &Described) -> bool {
    // A product that its plan is to make stays in progress until the plan is executed.
    product.is_stable() || (kind == Kind::ExecutePlan && product.status == "PLAN_IN_PROGRESS")
}

fn skipped(operation: Operation) -> Ended {
    let why = operation.why;
    info!(operation = %operation.id, kind = operation.kind.as_str(), why, "{} is skipped", operation.subject);
    Ended { operation: Some(operation.id), state: operation.standing.state, why, duplicate: false }
}

/// A read that protects failed: nothing is sent without it, and an open attempt is not settled by it.
fn blind(error: &CallError, is_open: bool) -> Step {
    let event = match error {
        CallError::Refused { refusal: Refusal::Denied | Refusal::Invalid, .. } if !is_open => Event::Denied,
        _ => Event::Held,
    };
    let missed = if is_open {
        "its answer was lost, and it could not be looked for"
    } else {
        "it could not be looked at before the call"
    };
    Step::new(event).why(format!("{missed}: {error}"))
}

/// The service's words in a reason, cut.
fn words(error: &CallError) -> String {
    let hint = decide::hint(error).map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{}{hint}", cut(&error.to_string(), crate::operation::MESSAGE_BYTES_MAX))
}

fn fenced_off(operation: &OperationId, what: &str) {
    warn!(operation = %operation, "{what}: the operation is in other hands by now");
}
