//! Looking before sending: everything that guards a termination, read side by side.

use super::Terminations;
use crate::operation::{Notice, Operation};
use crate::ports::{Bus, CallError, Catalog, Change, Described, Fence, Guard, Record, SearchRow, Store, Written};
use crate::request::{Origin, ProductRef, Target};
use crate::workflow::Trouble;

/// What a look shows.
#[derive(Debug)]
pub(super) enum Look {
    /// The product, and all that guards it.
    Seen(Box<Seen>),
    /// The product is not there. `known`: it was once.
    Gone {
        /// Whether it is known to have been there.
        known: bool,
    },
    /// A read failed.
    Blind(CallError),
}

/// A product, and all that guards it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) guard: Guard,
    pub(super) product: Described,
    pub(super) row: Option<SearchRow>,
}

impl Seen {
    /// What a person needs to know of the product.
    pub(super) fn notice(&self) -> Notice {
        let item = self.guard.product.as_ref().map(|item| item.notice.clone()).unwrap_or_default();
        Notice {
            name: self.product.name.clone(),
            product_name: self.row.as_ref().and_then(|row| row.product_name.clone()),
            owner: self.row.as_ref().and_then(|row| row.owner.clone()),
        }
        .or(item)
    }
}

impl<C: Catalog, S: Store, B: Bus> Terminations<C, S, B> {
    /// Reads the product, its item and the switch, and its row in the search if tags must be asked.
    pub(super) async fn look(&self, operation: &mut Operation) -> Result<Look, Trouble> {
        if let Some(id) = operation.product_id.clone() {
            let by_id = ProductRef::Id(id.clone());
            let (guard, product, row) = tokio::join!(
                self.edges.store.guard(&id),
                self.edges.catalog.describe(&by_id),
                self.tags(operation, &id)
            );
            let by_name = matches!(&operation.target, Target::Terminate(t) if matches!(t.product, ProductRef::Name(_)));
            return Ok(seen(guard?, product, row, operation.standing.sent || by_name));
        }
        self.look_by_name(operation).await
    }

    /// Resolves a name, once: the id is stored before anything is sent, and from then on the name does not matter.
    async fn look_by_name(&self, operation: &mut Operation) -> Result<Look, Trouble> {
        let Target::Terminate(request) = &operation.target else {
            return Ok(Look::Gone { known: false });
        };
        let product = match self.edges.catalog.describe(&request.product).await {
            Ok(Some(product)) => product,
            Ok(None) => return Ok(Look::Gone { known: false }),
            Err(error) => return Ok(Look::Blind(error)),
        };
        let now = self.edges.clock.now();
        let stored = Change {
            product_id: Some(product.id.clone()),
            retry_at: operation.retry_at,
            due_at: operation.due_at,
            ..Change::to(operation.standing, now)
        };
        let fence = Fence {
            nonce: Some(operation.nonce.clone()),
            states: vec![operation.standing.state],
            attempt: operation.standing.attempt,
        };
        let (guard, row, written) = tokio::join!(
            self.edges.store.guard(&product.id),
            self.tags(operation, &product.id),
            self.edges.store.write(&operation.id, &fence, &stored)
        );
        if written? == Written::Fenced {
            return Ok(Look::Blind(CallError::NotSent("the claim is in other hands by now".to_owned())));
        }
        operation.product_id = Some(product.id.clone());
        Ok(seen(guard?, Ok(Some(product)), row, true))
    }

    async fn tags(&self, operation: &Operation, id: &str) -> Result<Option<SearchRow>, CallError> {
        match operation.origin {
            Origin::Asked => self.edges.catalog.search(id).await,
            Origin::Expiry => Ok(None),
        }
    }

    /// Looks for the record of an attempt whose answer is unknown: the product's last record, if it is a termination,
    /// was created after the attempt began, and belongs to no other operation.
    pub(super) async fn find_record(
        &self,
        operation: &Operation,
        product: &Described,
    ) -> Result<Result<Option<Record>, CallError>, Trouble> {
        // Clocks differ a little; a record that much older than the attempt can only be one of the same second.
        const SKEW: chrono::TimeDelta = chrono::TimeDelta::seconds(5);
        let Some(last) = product.last_record_id.as_deref().filter(|last| Some(*last) != operation.record_id.as_deref())
        else {
            return Ok(Ok(None));
        };
        let record = match self.edges.catalog.record(last).await {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(Ok(None)),
            Err(error) => return Ok(Err(error)),
        };
        let terminates = record.record_type.as_deref().is_none_or(|kind| kind == "TERMINATE_PROVISIONED_PRODUCT");
        let in_time = record.created_at.is_some_and(|at| at + SKEW >= operation.attempt_since);
        if !terminates || !in_time {
            return Ok(Ok(None));
        }
        let others = self.edges.store.of_product(&product.id, 100).await?;
        let taken = others.iter().any(|other| other.id != operation.id && other.record_id.as_deref() == Some(last));
        Ok(Ok((!taken).then_some(record)))
    }
}

fn seen(
    guard: Guard,
    product: Result<Option<Described>, CallError>,
    row: Result<Option<SearchRow>, CallError>,
    known: bool,
) -> Look {
    match (product, row) {
        (Ok(None), _) => Look::Gone { known: known || guard.product.is_some() },
        (Ok(Some(product)), Ok(row)) => Look::Seen(Box::new(Seen { guard, product, row })),
        (Err(error), _) | (_, Err(error)) => Look::Blind(error),
    }
}
