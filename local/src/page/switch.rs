//! Switches beside faults: how fast time passes, and whether Steward is paused.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::ports::StoreError;

use super::reply::Refused;
use crate::clock::SPEEDS;
use crate::cloud::Cloud;

/// The longest reason for a pause, in bytes.
const REASON_MAX: usize = 256;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Speed {
    speed: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pause {
    reason: String,
}

/// Lets time pass that fast from now on.
pub(super) fn speed(cloud: &Cloud, wanted: &Speed) -> Result<Value, Refused> {
    if !SPEEDS.contains(&wanted.speed) {
        return Err(Refused::bad(format!("speed is a number from {} to {}", SPEEDS.start(), SPEEDS.end())));
    }
    cloud.clock.set_speed(wanted.speed);
    Ok(json!({ "speed": cloud.clock.speed() }))
}

/// Pauses Steward.
pub(super) async fn pause(cloud: &Cloud, wanted: &Pause) -> Result<Value, Refused> {
    let reason = wanted.reason.trim();
    if reason.is_empty() || reason.len() > REASON_MAX {
        return Err(Refused::bad(format!("reason is a text of 1 to {REASON_MAX} bytes")));
    }
    let before = cloud.store.pause(reason).await.map_err(not_taken)?;
    Ok(json!({ "paused": before.as_deref().unwrap_or(reason) }))
}

/// Lets Steward go on.
pub(super) async fn resume(cloud: &Cloud) -> Result<Value, Refused> {
    cloud.store.resume("the status page").await.map_err(not_taken)?;
    Ok(json!({ "paused": null }))
}

#[expect(clippy::needless_pass_by_value, reason = "an error is mapped to it")]
fn not_taken(error: StoreError) -> Refused {
    Refused(502, format!("the table did not take it: {error}"))
}
