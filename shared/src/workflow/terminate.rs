//! Terminations: everything that guards one is read side by side, right before the call.

mod hourly;

use std::time::Duration;

use crate::clock::Time;
use crate::judge::{self, Case, Rules, Verdict};
use crate::operation::{Event, Notice, Operation};
use crate::ports::{
    Bus, CallError, Catalog, Change, Described, Fence, Guard, Record, SearchRow, Sought, Stamp, Store, Written,
};
use crate::request::{Kind, Origin, ProductRef, Target, Terminate};
use crate::workflow::submit::{Found, Look, Seen, Step, Submission, Work, candidate, checked, since};
use crate::workflow::{Edges, Trouble};

pub use hourly::Hourly;

/// The workflow of `terminate`.
pub type Terminations<C, S, B> = Submission<C, S, B, Termination>;

/// The termination of a provisioned product.
#[derive(Debug)]
pub struct Termination {
    /// The parameters that judge.
    pub rules: Rules,
    /// How many may be terminated in an hour.
    pub hourly: Hourly,
}

/// A product, and all that guards it.
#[derive(Debug)]
pub struct Guarded {
    guard: Guard,
    product: Described,
    row: Option<SearchRow>,
}

impl Work for Termination {
    type What = Guarded;
    const KIND: Kind = Kind::Terminate;
    const ASKS_SWITCH: bool = false;

    fn may_have_left(&self, operation: &Operation) -> bool {
        operation.product_id.is_some()
    }

    async fn look<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &mut Operation,
    ) -> Result<Look<Guarded>, Trouble> {
        let Some(id) = operation.product_id.clone() else { return by_name(edges, operation).await };
        let by_id = ProductRef::Id(id.clone());
        let (guard, product, row, ()) = tokio::join!(
            edges.store.guard(&id),
            edges.catalog.describe(&by_id),
            tags(edges, operation, &id),
            self.hourly.fetch(edges)
        );
        let guard = guard?;
        if product == Ok(None) {
            return match was_there(edges, operation, &id, &guard).await {
                Ok(known) => Ok(gone(operation, known)),
                Err(error) => Ok(Look::Blind(error)),
            };
        }
        Ok(seen(operation, guard, product, row))
    }

    async fn find<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &Operation,
        seen: &Seen<Guarded>,
        settled: Duration,
    ) -> Result<Found, Trouble> {
        let product = &seen.what.product;
        let Some(last) = product.last_record_id.as_deref().filter(|last| Some(*last) != operation.record_id.as_deref())
        else {
            return Ok(Found::Nothing);
        };
        match checked(edges, operation, &product.id, last).await? {
            // Something else has happened since: what was ours is not the last any more.
            (Found::Nothing, true) => candidate(edges, operation, &product.id, None, settled).await,
            (found, _) => Ok(found),
        }
    }

    fn judge(&self, operation: &Operation, seen: &Seen<Guarded>, now: Time) -> Verdict {
        let ignores_errors = matches!(&operation.target, Target::Terminate(request) if request.ignore_errors);
        let case = Case {
            ignores_errors,
            origin: operation.origin,
            expires_at: operation.expires_at,
            requested_at: operation.requested_at,
            own_record: operation.record_id.as_deref(),
            guard: &seen.what.guard,
            product: &seen.what.product,
            row: seen.what.row.as_ref(),
            now,
        };
        judge::termination(&case, &self.rules)
    }

    fn in_words(&self, _: &Operation, _: &Seen<Guarded>) -> String {
        "it would be terminated".to_owned()
    }

    /// What was sent before has had its place.
    async fn reserve<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &mut Operation,
        seen: &Seen<Guarded>,
    ) -> Result<Option<Step>, Trouble> {
        if operation.standing.sent {
            return Ok(None);
        }
        let full = self.hourly.take(edges).await?;
        Ok(full.map(|why| Step::new(Event::Held).why(why).notice(seen.notice.clone())))
    }

    async fn call<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &Operation,
        seen: &Seen<Guarded>,
        stamp: Stamp<'_>,
    ) -> Result<Record, CallError> {
        match &operation.target {
            Target::Terminate(request) => edges.catalog.terminate(&seen.what.product.id, request, stamp).await,
            _ => Err(CallError::NotSent("not a termination".to_owned())),
        }
    }
}

/// Resolves a name, once: the id is stored before anything is sent, and from then on the name does not matter.
async fn by_name<C: Catalog, S: Store, B: Bus>(
    edges: &Edges<C, S, B>,
    operation: &mut Operation,
) -> Result<Look<Guarded>, Trouble> {
    let Target::Terminate(Terminate { product, .. }) = &operation.target else {
        let why = format!("an operation of kind {} is not for terminate", operation.kind.as_str());
        return Ok(Look::Ends(Box::new(Step::new(Event::Denied).why(why))));
    };
    let product = match edges.catalog.describe(product).await {
        Ok(Some(product)) => product,
        Ok(None) => return Ok(gone(operation, false)),
        Err(error) => return Ok(Look::Blind(error)),
    };
    let now = edges.clock.now();
    let stored = Change {
        product_id: Some(product.id.clone()),
        retry_at: operation.retry_at,
        due_at: operation.due_at,
        ..Change::to(operation.standing, now)
    };
    let fence = Fence::of(operation);
    let (guard, row, written) = tokio::join!(
        edges.store.guard(&product.id),
        tags(edges, operation, &product.id),
        edges.store.write(&operation.id, &fence, &stored)
    );
    if written? == Written::Fenced {
        return Ok(Look::Blind(CallError::NotSent("the claim is in other hands by now".to_owned())));
    }
    operation.product_id = Some(product.id.clone());
    Ok(seen(operation, guard?, Ok(Some(product)), row))
}

/// Its row in the search, if tags must be asked: whoever judged an expiry has asked them.
async fn tags<C: Catalog, S: Store, B: Bus>(
    edges: &Edges<C, S, B>,
    operation: &Operation,
    id: &str,
) -> Result<Option<SearchRow>, CallError> {
    match operation.origin {
        Origin::Asked | Origin::Drift => edges.catalog.search(Sought::Product(id)).await,
        Origin::Expiry => Ok(None),
    }
}

fn seen(
    operation: &Operation,
    guard: Guard,
    product: Result<Option<Described>, CallError>,
    row: Result<Option<SearchRow>, CallError>,
) -> Look<Guarded> {
    match (product, row) {
        (Ok(None), _) => gone(operation, true),
        (Ok(Some(product)), Ok(row)) => {
            let item = guard.product.as_ref().map(|item| item.notice.clone()).unwrap_or_default();
            let notice = Notice {
                name: product.name.clone(),
                product_name: row.as_ref().and_then(|row| row.product_name.clone()),
                owner: row.as_ref().and_then(|row| row.owner.clone()),
                ..Notice::default()
            };
            let (paused, notice) = (guard.paused.clone(), notice.or(item));
            Look::Seen(Seen { what: Guarded { guard, product, row }, paused, notice })
        }
        (Err(error), _) | (_, Err(error)) => Look::Blind(error),
    }
}

/// Whether a product that is not there was there once: its name led to it, the table tells of it, or this operation has seen it.
/// A worker that died may have terminated it and told nobody: then the account's history shows that.
async fn was_there<C: Catalog, S: Store, B: Bus>(
    edges: &Edges<C, S, B>,
    operation: &Operation,
    id: &str,
    guard: &Guard,
) -> Result<bool, CallError> {
    let by_name = matches!(&operation.target, Target::Terminate(t) if matches!(t.product, ProductRef::Name(_)));
    let is_known = by_name || guard.product.is_some() || operation.record_id.is_some() || !operation.notice.is_empty();
    if is_known || !operation.standing.open {
        return Ok(is_known);
    }
    Ok(!edges.catalog.history(id, since(operation)).await?.is_empty())
}

/// The product is not there. `known`: it was once.
fn gone(operation: &Operation, known: bool) -> Look<Guarded> {
    let step = if !known && operation.standing.open {
        let id = &operation.subject;
        let why = format!(
            "outcome unknown: no provisioned product {id}: it never was, or a call whose answer was lost has removed it"
        );
        Step::new(Event::Denied).why(why)
    } else if !known {
        let why = format!("no provisioned product {}: it never was, or Steward may not see it", operation.subject);
        Step::new(Event::Denied).why(why)
    } else if operation.standing.open {
        let why = "the product is gone; an answer was lost, so this operation or somebody else removed it";
        Step::new(Event::NothingToDo).why(why)
    } else {
        Step::new(Event::NothingToDo).why("the product is gone: somebody else removed it")
    };
    Look::Ends(Box::new(step))
}
