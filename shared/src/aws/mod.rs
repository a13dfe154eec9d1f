//! The adapters to AWS: the only modules that name the SDK.

pub mod bus;
pub mod catalog;
pub mod classify;
mod clients;
mod send_until;
pub mod store;
mod warm;

pub use bus::EventBridgeBus;
pub use catalog::ServiceCatalog;
pub use clients::Clients;
pub use store::DynamoStore;

use chrono::{DateTime, Utc};

/// An instant of the SDK as ours; `None` if it is out of range.
fn time(at: &aws_smithy_types::DateTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(at.to_millis().ok()?)
}
