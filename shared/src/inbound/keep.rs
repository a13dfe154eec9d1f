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
    let key = keep.request_id.as_deref().or(envelope.id.as_deref()).ok_or_else(|| {
        Invalid::new("nothing makes two deliveries of it the same; accepted: an event with an id, or `requestId`")
    })?;
    let id = digest(&[&scope.account, &scope.region, &envelope.detail_type, &keep.product_id, key]);
    let at = envelope.asked_at(sent_at);
    Ok(Asked { keep, id, at })
}
