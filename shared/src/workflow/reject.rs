//! What never becomes an operation: kept, published, and acknowledged; never dropped, never looped.

use tracing::warn;

use super::{Edges, Ended, Trouble, metric};
use crate::operation::identity::{digest, sha256};
use crate::operation::{OperationId, State, cut};
use crate::outcome;
use crate::ports::{Bus, Catalog, Rejection, Store};
use crate::request::{Kind, REQUEST_BYTES_MAX};

impl<C: Catalog, S: Store, B: Bus> Edges<C, S, B> {
    /// Rejects a message of this kind of work that cannot be read, or a request that contradicts an operation.
    ///
    /// # Errors
    /// If it can be neither kept nor published: then it has to come again.
    pub async fn reject(
        &self,
        kind: Kind,
        error: &str,
        body: &str,
        beside: Option<OperationId>,
    ) -> Result<Ended, Trouble> {
        let body_sha256 = sha256(body);
        let rejection = Rejection {
            id: digest(&["rejected", &body_sha256, beside.as_ref().map_or("", OperationId::as_str)]),
            at: self.clock.now(),
            error: error.to_owned(),
            operation: beside.clone(),
            body: cut(body, REQUEST_BYTES_MAX),
            body_bytes: body.len() as u64,
            body_sha256,
        };
        warn!(
            rejection = %rejection.id,
            operation = beside.as_ref().map(tracing::field::display),
            "rejected a request: {error}"
        );
        metrics::counter!(metric::REJECTED).increment(1);
        self.store.reject(&rejection).await?;
        self.publish(&[outcome::rejected(&self.scope, kind, &rejection)]).await?;
        Ok(Ended { operation: beside, state: State::Rejected, why: Some(rejection.error), duplicate: false })
    }
}

impl<C, S, B: Bus> Edges<C, S, B> {
    /// Publishes events that must all be taken.
    ///
    /// # Errors
    /// The first refusal of the bus.
    pub(super) async fn publish(&self, events: &[outcome::Outgoing]) -> Result<(), Trouble> {
        for answer in self.bus.publish(events).await {
            answer?;
        }
        Ok(())
    }
}
