//! The event bus, as the workflow asks it.

use std::future::Future;

use thiserror::Error;

use crate::outcome::Outgoing;

/// Why an event was not taken.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the bus: {0}")]
pub struct BusError(pub String);

/// The event bus.
pub trait Bus: Send + Sync + 'static {
    /// Publishes events; one answer for each, in order. Batches are cut by entries and by bytes.
    fn publish(&self, events: &[Outgoing]) -> impl Future<Output = Vec<Result<(), BusError>>> + Send;
}
