//! Plans: read whole and judged against their approval before every send.

use std::time::Duration;

use crate::clock::Time;
use crate::decide::{self, Progress};
use crate::judge::Verdict;
use crate::operation::{Event, Notice, Operation};
use crate::plan::{self, Approval, Plan};
use crate::ports::{Bus, CallError, Catalog, Record, Stamp, Store};
use crate::request::{Kind, Target};
use crate::workflow::submit::{Found, Look, Seen, Step, Submission, Work, candidate};
use crate::workflow::{Edges, Trouble};

/// The workflow of `execute-plan`.
pub type Plans<C, S, B> = Submission<C, S, B, PlanExecution>;

/// The execution of an approved plan.
#[derive(Debug)]
pub struct PlanExecution {
    /// Whether an approval must say what it is for.
    pub require_digest: bool,
}

impl Work for PlanExecution {
    /// None: it is gone, but a call whose answer was lost may have executed it.
    type What = Option<Plan>;
    const KIND: Kind = Kind::ExecutePlan;
    const ASKS_SWITCH: bool = true;

    async fn look<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &mut Operation,
    ) -> Result<Look<Option<Plan>>, Trouble> {
        let Target::ExecutePlan(request) = &operation.target else {
            let why = format!("an operation of kind {} is not for execute-plan", operation.kind.as_str());
            return Ok(Look::Ends(Box::new(Step::new(Event::Denied).why(why))));
        };
        let (paused, plan) = tokio::join!(edges.paused(), edges.catalog.plan(&request.plan_id));
        let plan = match plan {
            Ok(Some(plan)) => plan,
            // What has run may well have been tidied away: its record is looked for.
            Ok(None) if operation.standing.open => {
                return Ok(Look::Seen(Seen { what: None, paused: paused?, notice: Notice::default() }));
            }
            Ok(None) => {
                let why =
                    format!("no plan {}: it was deleted, never was, or Steward may not see it", operation.subject);
                let event = if operation.standing.sent { Event::Denied } else { Event::Rejected };
                return Ok(Look::Ends(Box::new(Step::new(event).why(why))));
            }
            Err(error) => return Ok(Look::Blind(error)),
        };
        operation.product_id = operation.product_id.take().or_else(|| plan.provisioned_product_id.clone());
        operation.artifact_id = operation.artifact_id.take().or_else(|| plan.artifact_id.clone());
        let notice = Notice { name: plan.provisioned_product_name.clone(), ..Notice::default() };
        Ok(Look::Seen(Seen { what: Some(plan), paused: paused?, notice }))
    }

    async fn find<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &Operation,
        seen: &Seen<Option<Plan>>,
        settled: Duration,
    ) -> Result<Found, Trouble> {
        let Some(id) = &operation.product_id else { return Ok(Found::Nothing) };
        // An update that somebody else makes meanwhile may well be to another version.
        let found = candidate(edges, operation, id, operation.artifact_id.as_deref(), settled).await?;
        match &found {
            // A plan can be executed once. One that says that it was not, though its status may lag, is executed by nobody while
            // the record runs, nor is the record its own once that has ended: it is another plan's, or somebody's update.
            Found::Records(records, _) if seen.what.as_ref().is_some_and(Plan::is_to_be_executed) => {
                let running = records.iter().find(|record| decide::progress(&record.status) == Progress::Running);
                let waits = |record: &Record| {
                    let id = &record.id;
                    let why = format!("its answer was lost; {id} runs, but the plan says that it was not executed");
                    Found::Ends(Box::new(Step::new(Event::Held).why(why)))
                };
                Ok(running.map_or(Found::Nothing, waits))
            }
            _ => Ok(found),
        }
    }

    fn judge(&self, operation: &Operation, seen: &Seen<Option<Plan>>, _: Time) -> Verdict {
        let Target::ExecutePlan(request) = &operation.target else {
            return Verdict::Never("not the approval of a plan".to_owned());
        };
        let Some(plan) = &seen.what else {
            let id = &operation.subject;
            return Verdict::NotNow(format!(
                "{id} is gone, perhaps executed by this operation; its record is not found yet"
            ));
        };
        let approval = Approval {
            digest: request.resource_changes_digest.as_deref(),
            require_digest: self.require_digest,
            allow_replacement: request.allow_replacement,
            given_at: operation.requested_at,
            is_open: operation.standing.open,
        };
        plan::judge(plan, &approval)
    }

    fn in_words(&self, _: &Operation, seen: &Seen<Option<Plan>>) -> String {
        format!("it would be executed: {} changes", seen.what.as_ref().map_or(0, |plan| plan.changes.len()))
    }

    async fn call<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &Operation,
        _: &Seen<Option<Plan>>,
        stamp: Stamp<'_>,
    ) -> Result<Record, CallError> {
        match &operation.target {
            Target::ExecutePlan(request) => {
                edges.catalog.execute_plan(&request.plan_id, request.accept_language.as_deref(), stamp).await
            }
            _ => Err(CallError::NotSent("not the approval of a plan".to_owned())),
        }
    }
}
