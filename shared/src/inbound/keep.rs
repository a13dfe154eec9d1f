//! Extensions and protections, as `sweep` gets them: only an event says which of them is asked.

use super::{Envelope, json};
use crate::clock::Time;
use crate::operation::identity::digest;
use crate::request::{EXTENSION, Invalid, Keep, PROTECTION};
use crate::scope::Scope;
use crate::workflow::keep::Asked;

/// Reads a message that was sent at `sent_at`.
///
/// # Errors
/// What is wrong with it, and what is accepted.
pub fn read(body: &str, scope: &Scope, sent_at: Time) -> Result<Asked, Invalid> {
    let event = json::read("the message", body)?;
    if event.get("detail-type").is_none() {
        return Err(Invalid::new(format!(
            "the message is no EventBridge event; accepted: an event of the type `{EXTENSION}` or `{PROTECTION}`"
        )));
    }
    let (envelope, detail) = Envelope::read(event)?;
    let keep = Keep::parse(&envelope.detail_type, detail)?;
    // With a word of its own each: a caller's key is no event's id.
    let id = match (&keep.request_id, &envelope.id) {
        (Some(key), _) => identity(scope, &envelope.detail_type, &keep.product_id, key),
        (None, Some(id)) => {
            digest(&[&scope.account, &scope.region, &envelope.detail_type, &keep.product_id, "event", id])
        }
        (None, None) => {
            return Err(Invalid::new(
                "nothing makes two deliveries of it the same; accepted: an event with an id, or `requestId`",
            ));
        }
    };
    let at = envelope.asked_at(sent_at);
    Ok(Asked { keep, id, at })
}

/// The identity of what is asked under a caller's own key: by it whoever asked finds the answer in the table.
#[must_use]
pub fn identity(scope: &Scope, detail_type: &str, product_id: &str, request_id: &str) -> String {
    digest(&[&scope.account, &scope.region, detail_type, product_id, "request", request_id])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn asked(envelope: &Value, more: &Value) -> Asked {
        let mut event = json!({"detail-type": EXTENSION, "source": "platform.portal", "time": "2026-11-20T12:00:00Z",
            "detail": {"provisionedProductId": "pp-a", "for": "2d", "requestedBy": "jo", "reason": "the demo"}});
        event.as_object_mut().unwrap().extend(envelope.as_object().unwrap().clone());
        event["detail"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let sent_at = "2026-11-20T12:00:01Z".parse().unwrap();
        read(&event.to_string(), &Scope::new("111122223333", "eu-central-1"), sent_at).unwrap()
    }

    // Hazard B1: a caller's key is a trigger of its own.
    #[test]
    fn a_caller_s_key_is_no_event_s_id() {
        let by_id = asked(&json!({"id": "x"}), &json!({}));
        assert_eq!(by_id, asked(&json!({"id": "x"}), &json!({})));
        assert_ne!(by_id.id, asked(&json!({"id": "y"}), &json!({"requestId": "x"})).id);
    }

    #[test]
    fn nobody_asks_after_the_message_was_sent() {
        let at = |time: &str| asked(&json!({"id": "x", "time": time}), &json!({})).at.to_rfc3339();
        assert_eq!(at("2026-11-20T12:00:00Z"), "2026-11-20T12:00:00+00:00");
        assert_eq!(at("2999-01-01T00:00:00Z"), "2026-11-20T12:00:01+00:00", "or no later word would count");
    }
}
