//! Ends: published first, then written. A crash in between publishes again, with the same id; it loses nothing.

use tracing::{info, warn};

use super::{Follower, Tally, fence};
use crate::operation::State;
use crate::outcome::Outgoing;
use crate::ports::{Bus, Catalog, Change, Due, Products, Store, Written};
use crate::request::Kind;
use crate::workflow::metric;

/// An operation that has come to its end: what is to be told, and what is to be written of it.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) operation: Due,
    pub(super) told: Outgoing,
    pub(super) change: Change,
}

impl<C: Catalog, S: Store + Products, B: Bus> Follower<C, S, B> {
    pub(super) async fn settle(&self, ends: Vec<Settled>, tally: &mut Tally) {
        if ends.is_empty() {
            return;
        }
        let told: Vec<Outgoing> = ends.iter().map(|settled| settled.told.clone()).collect();
        let answers = self.edges.bus.publish(&told).await;
        for (Settled { operation, change, .. }, answer) in ends.into_iter().zip(answers) {
            let written = match answer {
                Ok(()) => self.edges.store.write(&operation.id, &fence(&operation), &change).await.map_err(Into::into),
                Err(error) => Err(error.into()),
            };
            match written {
                Ok(Written::Applied) => {
                    tally.settled += 1;
                    log(&operation, &change);
                    if operation.kind == Kind::Import
                        && let Err(error) = self.edges.hand_over(&operation.id).await
                    {
                        // Whoever comes next finds that the slot's owner has ended.
                        warn!(operation = %operation.id, "the slot in which imports run was not handed over: {error}");
                    }
                }
                // Somebody else has settled it, and told the same with the same id.
                Ok(Written::Fenced) => {}
                Err(error) => {
                    tally.troubled += 1;
                    self.set_back(&operation, &error).await;
                }
            }
        }
    }
}

fn log(operation: &Due, change: &Change) {
    let state = change.standing.state;
    metrics::counter!(if state == State::Succeeded { metric::SUCCEEDED } else { metric::FAILED }).increment(1);
    let why = change.why.as_deref();
    info!(
        operation = %operation.id,
        kind = operation.kind.as_str(),
        provisionedProduct = operation.product_id.as_deref(),
        record = operation.record_id.as_deref(),
        state = state.as_str(),
        why,
        "{} has {}", operation.subject, state.as_str()
    );
}
