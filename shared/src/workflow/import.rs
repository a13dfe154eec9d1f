//! Imports: one at a time, in the order in which they came.

use std::time::Duration;

use crate::clock::Time;
use crate::judge::Verdict;
use crate::operation::{Event, Notice, Operation, State};
use crate::ports::{Bus, CallError, Catalog, ImportSlot, Record, Sought, Stamp, Store};
use crate::request::{self, Kind, ProductRef, Target};
use crate::workflow::submit::{Found, Look, Seen, Step, Submission, Work, candidate};
use crate::workflow::{Edges, Trouble};

/// How often a slot whose owner has ended is passed on before this claim waits its turn.
const PASSES_MAX: u32 = 3;

/// The workflow of `import`.
pub type Imports<C, S, B> = Submission<C, S, B, Import>;

/// The adoption of a stack.
#[derive(Debug)]
pub struct Import;

impl Work for Import {
    type What = request::Import;
    const KIND: Kind = Kind::Import;
    const ASKS_SWITCH: bool = true;

    async fn look<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &mut Operation,
    ) -> Result<Look<request::Import>, Trouble> {
        let Target::Import(request) = &operation.target else {
            let why = format!("an operation of kind {} is not for import", operation.kind.as_str());
            return Ok(Look::Ends(Box::new(Step::new(Event::Denied).why(why))));
        };
        let notice = Notice { name: Some(request.provisioned_product_name.clone()), ..Notice::default() };
        Ok(Look::Seen(Seen { what: request.clone(), paused: edges.paused().await?, notice }))
    }

    /// There is no product to ask the history of until one of the name and the stack is there.
    async fn find<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &Operation,
        seen: &Seen<request::Import>,
        settled: Duration,
    ) -> Result<Found, Trouble> {
        let by_name = ProductRef::Name(seen.what.provisioned_product_name.clone());
        let product = match edges.catalog.describe(&by_name).await {
            Ok(Some(product)) => product,
            Ok(None) => return Ok(Found::Nothing),
            Err(error) => return Ok(Found::Blind(error)),
        };
        let row = match edges.catalog.search(Sought::Product(&product.id)).await {
            Ok(row) => row,
            Err(error) => return Ok(Found::Blind(error)),
        };
        match row.and_then(|row| row.physical_id) {
            Some(stack) if stack == seen.what.physical_id => {
                candidate(edges, operation, &product.id, None, settled).await
            }
            Some(stack) => {
                let why = format!("the name belongs to {}, whose stack is {stack}", product.id);
                Ok(Found::Ends(Box::new(Step::new(Event::Denied).why(why))))
            }
            None => {
                let why = format!("an answer was lost; the search does not show the stack of {} yet", product.id);
                Ok(Found::Ends(Box::new(Step::new(Event::Held).why(why))))
            }
        }
    }

    fn judge(&self, _: &Operation, _: &Seen<request::Import>, _: Time) -> Verdict {
        Verdict::Send
    }

    fn in_words(&self, _: &Operation, seen: &Seen<request::Import>) -> String {
        format!("it would be adopted as {}", seen.what.provisioned_product_name)
    }

    /// The service allows one import at a time: waiting for the slot costs it no call.
    async fn reserve<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &mut Operation,
        _: &Seen<request::Import>,
    ) -> Result<Option<Step>, Trouble> {
        let mut owner = None;
        for _ in 0..PASSES_MAX {
            let (holder, place) = match edges.store.take_import_slot(&operation.id).await? {
                ImportSlot::Ours => return Ok(None),
                ImportSlot::Line(holder) => (holder, "in line behind it"),
                ImportSlot::Full(holder) => (holder, "the line behind it is full"),
            };
            owner = Some(format!("another import is at work, {holder}; {place}"));
            let alive = edges.store.standing(&holder).await?.is_some_and(|(state, _): (State, Time)| state.is_live());
            if alive {
                break;
            }
            // It ended without a word, or was deleted: the slot goes on as if it had passed it.
            edges.hand_over(&holder).await?;
        }
        Ok(owner.map(|why| Step::new(Event::Held).why(why).in_line()))
    }

    async fn call<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        _: &Operation,
        seen: &Seen<request::Import>,
        stamp: Stamp<'_>,
    ) -> Result<Record, CallError> {
        edges.catalog.import(&seen.what, stamp).await
    }
}
