//! Provisioned products and records, and how they look on the wire.

mod kind;
mod provisioned;
mod record;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

pub use kind::Kind;
pub use provisioned::{Output, Provisioned};
pub use record::{Automation, Execution, Record, Script};
pub(super) use record::{Becoming, Step};

/// An instant as the service writes it: seconds, with a fraction of milliseconds.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit a double's 53 bits")]
pub(super) fn seconds(at: DateTime<Utc>) -> f64 {
    at.timestamp_millis() as f64 / 1000.0
}

/// A duration as it passes here.
pub(super) fn passing(clock: &crate::clock::Clock, real: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(clock.scaled(real)).unwrap_or_default()
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
