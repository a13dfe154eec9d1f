//! What Lambda hands over: an SQS batch (each body an `EventBridge` event, an SNS envelope around one, or a bare request),
//! one `EventBridge` event, or one bare request.
//!
//! Nothing here fails for more than the message it is about: a batch is taken apart as plain JSON, because one undecodable
//! member would make a typed batch undecodable as a whole.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::sqs::SqsMessage;
use chrono::DateTime;
use serde_json::Value;

use crate::clock::Time;
use crate::inbound::{self, Carrier, Envelope, Message};
use crate::request::{Invalid, Kind, REQUEST_BYTES_MAX};

/// What was handed over.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// A batch from a queue.
    Batch(Vec<Delivery>),
    /// One event or request.
    One(Value),
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

/// Tells a batch from a single event.
#[must_use]
pub fn split(payload: Value) -> Payload {
    match payload {
        Value::Object(mut members) if members.get("Records").is_some_and(Value::is_array) => {
            let records = members.remove("Records").and_then(|records| match records {
                Value::Array(records) => Some(records),
                _ => None,
            });
            Payload::Batch(records.unwrap_or_default().into_iter().map(delivery).collect())
        }
        one => Payload::One(one),
    }
}

fn delivery(record: Value) -> Delivery {
    let raw = record.to_string();
    // Read apart from the rest: a message that is not understood must still be acknowledged by its own id.
    let message_id = record.get("messageId").and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned);
    let message = serde_json::from_value::<SqsMessage>(record)
        .map_err(|error| Invalid::new(format!("not a message of an SQS queue: {error}")));
    let sent_at = message
        .as_ref()
        .ok()
        .and_then(|message| DateTime::from_timestamp_millis(message.attributes.get("SentTimestamp")?.parse().ok()?));
    let body = message.and_then(|message| {
        message
            .body
            .ok_or_else(|| Invalid::new("the message has no body; accepted: an event or a request as JSON text"))
    });
    let raw = body.is_err().then_some(raw);
    Delivery { message_id, sent_at, body, raw }
}

/// Reads a message's body for the function of `kind`.
///
/// # Errors
/// What is wrong with it, and what is accepted.
pub fn read_text(kind: Kind, body: &str, carrier: &Carrier) -> Result<Message, Invalid> {
    read(kind, json(body)?, carrier)
}

/// Reads a single event or request for the function of `kind`.
///
/// # Errors
/// What is wrong with it, and what is accepted.
pub fn read(kind: Kind, body: Value, carrier: &Carrier) -> Result<Message, Invalid> {
    if body.get("detail-type").is_some() {
        return event(kind, body, carrier);
    }
    if body.get("Type").and_then(Value::as_str) == Some("Notification") && body.get("Message").is_some() {
        return notification(kind, &body, carrier);
    }
    inbound::bare(kind, body, carrier)
}

fn event(kind: Kind, body: Value, carrier: &Carrier) -> Result<Message, Invalid> {
    let (envelope, detail) = envelope(body)?;
    inbound::event(kind, envelope, detail, carrier)
}

/// Takes an `EventBridge` event apart.
///
/// # Errors
/// If it is none.
pub fn envelope(body: Value) -> Result<(Envelope, Value), Invalid> {
    let event: EventBridgeEvent<Value> =
        serde_json::from_value(body).map_err(|error| Invalid::new(format!("not an EventBridge event: {error}")))?;
    let envelope = Envelope {
        source: event.source,
        detail_type: event.detail_type,
        id: event.id,
        account: event.account,
        time: event.time,
    };
    Ok((envelope, event.detail))
}

/// Reads the JSON of a message.
///
/// # Errors
/// If it is too long, or none.
pub fn json(body: &str) -> Result<Value, Invalid> {
    if body.len() > REQUEST_BYTES_MAX {
        let bytes = body.len();
        return Err(Invalid::new(format!("the message is {bytes} bytes long; accepted: at most {REQUEST_BYTES_MAX}")));
    }
    serde_json::from_str(body).map_err(|error| Invalid::new(format!("the message is no JSON: {error}")))
}

/// An SNS envelope: what counts is inside, and its own id is a trigger of last resort.
fn notification(kind: Kind, body: &Value, carrier: &Carrier) -> Result<Message, Invalid> {
    let Some(inner) = body.get("Message").and_then(Value::as_str) else {
        return Err(Invalid::new(
            "the SNS envelope's `Message` is no text; accepted: an event or a request as JSON text",
        ));
    };
    let inner: Value = serde_json::from_str(inner)
        .map_err(|error| Invalid::new(format!("the SNS envelope's `Message` is no JSON: {error}")))?;
    if inner.get("Type").and_then(Value::as_str) == Some("Notification") {
        return Err(Invalid::new("an SNS envelope in an SNS envelope; accepted: an event or a request as JSON text"));
    }
    let sns_id = body.get("MessageId").and_then(Value::as_str).map(str::to_owned);
    read(kind, inner, &Carrier { sns_id, ..carrier.clone() })
}
