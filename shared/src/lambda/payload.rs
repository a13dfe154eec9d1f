//! What Lambda hands over: an SQS batch (each body an `EventBridge` event, an SNS envelope around one, or a bare request),
//! one `EventBridge` event, or one bare request.
//!
//! Nothing here fails for more than the message it is about: a batch is taken apart as the text that it is, because one
//! member that cannot be read would make the whole unreadable.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::clock::Time;
use crate::inbound::json::{self, ACCEPTED};
use crate::inbound::{self, Carrier, Envelope, Message};
use crate::request::{Invalid, Kind, Members, kind_of, rules};

/// What was handed over.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// A batch from a queue.
    Batch(Vec<Delivery>),
    /// One event or request, as it is written.
    One(String),
}

/// One message of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The queue's name for it; without one, its failure is the batch's.
    pub message_id: Option<String>,
    /// When it was sent to the queue.
    pub sent_at: Option<Time>,
    /// Its body, or why it has none.
    pub body: Result<String, Invalid>,
    /// The message as it came, if it has no body.
    pub raw: Option<String>,
}

impl Delivery {
    /// What was handed over without a queue, as its message would be.
    #[must_use]
    pub fn alone(body: String) -> Self {
        Self { message_id: None, sent_at: None, body: Ok(body), raw: None }
    }
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(rename = "Records", borrow)]
    records: Vec<&'a RawValue>,
}

/// What counts of a message of a queue. Whatever else it carries cannot keep its body from being read.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    message_id: Option<&'a RawValue>,
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

/// Tells a batch from a single event.
#[must_use]
pub fn split(payload: &str) -> Payload {
    match object::<Batch<'_>>(payload) {
        Some(batch) => Payload::Batch(batch.records.into_iter().map(|record| delivery(record.get())).collect()),
        None => Payload::One(payload.to_owned()),
    }
}

fn delivery(record: &str) -> Delivery {
    let Record { message_id, attributes, body } = object(record).unwrap_or_default();
    // Read apart from the rest: a message that is not understood must still be acknowledged by its own id.
    let message_id = message_id.and_then(text).filter(|id| !id.is_empty());
    let attributes: Option<Value> = attributes.and_then(|attributes| serde_json::from_str(attributes.get()).ok());
    let sent_at = attributes.as_ref().and_then(|attributes| {
        DateTime::from_timestamp_millis(attributes.get("SentTimestamp")?.as_str()?.parse().ok()?)
    });
    let body = match body.map(|body| serde_json::from_str(body.get()).map_err(|error| json::wrong(body.get(), &error)))
    {
        Some(Ok(Value::String(body))) => Ok(body),
        Some(Ok(other)) => Err(format!("the message's `body` is {}", kind_of(&other))),
        Some(Err(wrong)) => Err(format!("the message's `body` {wrong}")),
        None => Err("the message has no `body`".to_owned()),
    };
    let body = body.map_err(|wrong| Invalid::new(format!("{wrong}; accepted: {ACCEPTED}")));
    let raw = body.is_err().then(|| record.to_owned());
    Delivery { message_id, sent_at, body, raw }
}

/// A list would pass for an object whose members come in order.
fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    if text.trim_start().starts_with('{') { serde_json::from_str(text).ok() } else { None }
}

fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// Reads a message for the function of `kind`.
///
/// # Errors
/// What is wrong with it, and what is accepted.
pub fn read_text(kind: Kind, body: &str, carrier: &Carrier) -> Result<Message, Invalid> {
    read(kind, json::read("the message", body)?, carrier)
}

fn read(kind: Kind, body: Value, carrier: &Carrier) -> Result<Message, Invalid> {
    if body.get("detail-type").is_some() {
        return event(kind, body, carrier);
    }
    if body.get("Type").and_then(Value::as_str) == Some("Notification") && body.get("Message").is_some() {
        return notification(kind, body, carrier);
    }
    inbound::bare(kind, body, carrier)
}

fn event(kind: Kind, body: Value, carrier: &Carrier) -> Result<Message, Invalid> {
    let (envelope, detail) = Envelope::read(body)?;
    inbound::event(kind, envelope, detail, carrier)
}

/// An SNS envelope: what counts is inside, and its own id is a trigger of last resort.
fn notification(kind: Kind, body: Value, carrier: &Carrier) -> Result<Message, Invalid> {
    const MESSAGE: &str = "the SNS envelope's `Message`";
    let mut members = Members::of("the SNS envelope", body)?;
    let inner = match members.value("Message") {
        Some(Value::String(inner)) => json::read(MESSAGE, &inner)?,
        other => {
            let kind = kind_of(&other.unwrap_or_default());
            return Err(Invalid::new(format!("{MESSAGE} is {kind}; accepted: {ACCEPTED}")));
        }
    };
    if inner.get("Type").and_then(Value::as_str) == Some("Notification") {
        return Err(Invalid::new(format!("{MESSAGE} is an SNS envelope too; accepted: {ACCEPTED}")));
    }
    let sns_id = members.text("MessageId", &rules::EVENT_WORD)?;
    read(kind, inner, &Carrier { sns_id, ..carrier.clone() })
}
