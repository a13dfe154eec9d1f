//! Events, as a portal of somebody's would put them.

use serde_json::{Value, json};

use super::now;

/// A whole event of a new id.
#[must_use]
pub fn event(source: &str, detail_type: &str, detail: &Value) -> Value {
    json!({
        "version": "0",
        "id": format!("{:032x}", fastrand::u128(..)),
        "detail-type": detail_type,
        "source": source,
        "account": "111122223333",
        "time": now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "region": "eu-central-1",
        "resources": [],
        "detail": detail,
    })
}

/// A `Termination Requested`.
#[must_use]
pub fn asked(detail: &Value) -> Value {
    event("platform.portal", "Termination Requested", detail)
}

/// A `Service Action Requested`.
#[must_use]
pub fn action_requested(detail: &Value) -> Value {
    event("platform.portal", "Service Action Requested", detail)
}

/// A `Plan Approved`.
#[must_use]
pub fn approved(detail: &Value) -> Value {
    event("platform.portal", "Plan Approved", detail)
}
