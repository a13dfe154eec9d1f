//! Service actions: those that somebody asks for, and those that repair drift.

mod resolve;
mod shelf;

use std::collections::BTreeMap;
use std::time::Duration;

use tracing::warn;

use crate::clock::Time;
use crate::judge::Verdict;
use crate::operation::{Event, Notice, Operation, OperationId, Remedy};
use crate::ports::{Bus, CallError, Catalog, Change, Fence, Record, RemediationSlot, Stamp, Store};
use crate::remediation::{Slot, Turn, turn};
use crate::request::{ExecuteAction, Kind, Target, without};
use crate::workflow::submit::{Found, Look, Seen, Step, Submission, Work, candidate};
use crate::workflow::{Edges, Trouble};

use resolve::Resolved;
use shelf::Shelf;

/// The workflow of `execute-action`.
pub type Actions<C, S, B> = Submission<C, S, B, Action>;

/// The execution of a service action.
#[derive(Debug)]
pub struct Action {
    /// The name of the action that repairs drift, where no tag names another.
    pub remediation_name: String,
    /// How long after a repair new drift of its product is not repaired.
    pub cooldown: Duration,
    /// The actions of provisioning artifacts, as they were read lately.
    shelf: Shelf,
}

impl Action {
    /// With these parameters.
    #[must_use]
    pub fn new(remediation_name: String, cooldown: Duration) -> Self {
        Self { remediation_name, cooldown, shelf: Shelf::default() }
    }
}

/// What is to be executed, or why nothing is.
#[derive(Debug)]
pub enum What {
    /// This.
    Execute(ExecuteAction),
    /// This, once the product's slot is taken.
    Remedy(Remedy),
    /// Nothing now, or at all.
    Nothing(Verdict),
}

impl Work for Action {
    type What = What;
    const KIND: Kind = Kind::ExecuteAction;
    const ASKS_SWITCH: bool = true;

    fn may_have_left(&self, operation: &Operation) -> bool {
        operation.remedy.is_some() || !matches!(operation.target, Target::Remediate(_))
    }

    async fn look<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &mut Operation,
    ) -> Result<Look<What>, Trouble> {
        let paused = edges.paused().await?;
        let seen = |what, notice| Ok(Look::Seen(Seen { what, paused, notice }));
        let stack = match (&operation.target, &operation.remedy) {
            (Target::ExecuteAction(request), _) => return seen(What::Execute(request.clone()), Notice::default()),
            (Target::Remediate(_), Some(remedy)) => return seen(What::Execute(call_of(remedy)), Notice::default()),
            (Target::Remediate(stack), None) => stack,
            _ => {
                let why = format!("an operation of kind {} is not for execute-action", operation.kind.as_str());
                return Ok(Look::Ends(Box::new(Step::new(Event::Denied).why(why))));
            }
        };
        match self.resolve(edges, stack).await {
            Ok(Resolved { what, notice }) => seen(what, notice),
            Err(error) => Ok(Look::Blind(error)),
        }
    }

    async fn find<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &Operation,
        _: &Seen<What>,
        settled: Duration,
    ) -> Result<Found, Trouble> {
        match &operation.product_id {
            Some(id) => candidate(edges, operation, id, None, settled).await,
            // What was sent had its product stored before: nothing has left.
            None => Ok(Found::Nothing),
        }
    }

    fn judge(&self, _: &Operation, seen: &Seen<What>, _: Time) -> Verdict {
        match &seen.what {
            What::Execute(_) | What::Remedy(_) => Verdict::Send,
            What::Nothing(verdict) => verdict.clone(),
        }
    }

    fn in_words(&self, _: &Operation, seen: &Seen<What>) -> String {
        match &seen.what {
            What::Execute(ExecuteAction { provisioned_product_id: product, service_action_id: action, .. })
            | What::Remedy(Remedy { provisioned_product_id: product, service_action_id: action, .. }) => {
                format!("{action} would be executed on {product}")
            }
            What::Nothing(_) => "nothing would be done".to_owned(),
        }
    }

    async fn reserve<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &mut Operation,
        seen: &Seen<What>,
    ) -> Result<Option<Step>, Trouble> {
        let What::Remedy(remedy) = &seen.what else { return Ok(None) };
        let held = match take(edges, operation, remedy, 0, None).await? {
            RemediationSlot::Held(held) => held,
            taken => return Ok(kept(operation, remedy, &taken)),
        };
        let owner = edges.store.standing(&held.owner).await?;
        let now = edges.clock.now();
        let step = match turn(&held, owner, operation.requested_at, now, self.cooldown) {
            Turn::Take(in_vain) => match take(edges, operation, remedy, in_vain, Some(&held.owner)).await? {
                RemediationSlot::Held(other) => {
                    Step::new(Event::SkippedForGood).why(format!("cool-down: {} was faster", other.owner))
                }
                taken => return Ok(kept(operation, remedy, &taken)),
            },
            Turn::CoolDown(why) => Step::new(Event::SkippedForGood).why(why),
            Turn::LeaveAlone(why) => {
                warn!(operation = %operation.id, provisionedProduct = remedy.provisioned_product_id, "{why}");
                edges.store.leave_alone(&remedy.provisioned_product_id, &held).await?;
                Step::new(Event::SkippedForGood).why(format!("{why}; `steward retry` lets it be repaired again")).told()
            }
        };
        operation.product_id = Some(remedy.provisioned_product_id.clone());
        Ok(Some(step.notice(seen.notice.clone())))
    }

    async fn call<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        _: &Operation,
        seen: &Seen<What>,
        stamp: Stamp<'_>,
    ) -> Result<Record, CallError> {
        match &seen.what {
            What::Execute(request) => {
                let answer = edges.catalog.execute_action(request, stamp).await;
                answer.map_err(|error| hidden(error, &request.parameters))
            }
            What::Remedy(remedy) => edges.catalog.execute_action(&call_of(remedy), stamp).await,
            What::Nothing(_) => Err(CallError::NotSent("there is nothing to execute".to_owned())),
        }
    }
}

/// Stores what the remediation is, together with taking the product's slot.
async fn take<C: Catalog, S: Store, B: Bus>(
    edges: &Edges<C, S, B>,
    operation: &Operation,
    remedy: &Remedy,
    in_vain: u32,
    from: Option<&OperationId>,
) -> Result<RemediationSlot, Trouble> {
    let now = edges.clock.now();
    let slot = Slot { owner: operation.id.clone(), taken_at: now, in_vain, left_alone: false };
    let change = Change {
        product_id: Some(remedy.provisioned_product_id.clone()),
        remedy: Some(remedy.clone()),
        retry_at: operation.retry_at,
        due_at: operation.due_at,
        ..Change::to(operation.standing, now)
    };
    let fence = Fence::of(operation);
    Ok(edges.store.take_remediation_slot(&operation.id, &fence, &change, &slot, from).await?)
}

fn kept(operation: &mut Operation, remedy: &Remedy, taken: &RemediationSlot) -> Option<Step> {
    if *taken == RemediationSlot::Fenced {
        return Some(Step::new(Event::Held).why("the claim is in other hands by now"));
    }
    operation.product_id = Some(remedy.provisioned_product_id.clone());
    operation.remedy = Some(remedy.clone());
    None
}

/// An error without the values of parameters: the service may repeat them, and what it says is told and logged.
fn hidden(error: CallError, parameters: &BTreeMap<String, Vec<String>>) -> CallError {
    let without = |words: String| without(&words, parameters.values().flatten());
    match error {
        CallError::Refused { refusal, code, message } => {
            CallError::Refused { refusal, code, message: without(message) }
        }
        CallError::Unknown(words) => CallError::Unknown(without(words)),
        CallError::NotSent(words) => CallError::NotSent(without(words)),
    }
}

/// A remediation has no parameters of its own: the service fills in what its definition says.
fn call_of(remedy: &Remedy) -> ExecuteAction {
    ExecuteAction {
        provisioned_product_id: remedy.provisioned_product_id.clone(),
        service_action_id: remedy.service_action_id.clone(),
        parameters: BTreeMap::new(),
        accept_language: None,
    }
}
