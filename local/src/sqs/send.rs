//! Sends messages, where the queue's policy lets somebody other than our rules do so.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::attribute::{self, Written};
use super::batch::Batch;
use super::queue::BYTES_MAX;
use super::receive::within;
use super::{Outcome, Refusal, Sqs};
use crate::api::Caller;
use crate::wiring::{Queue, digest};

/// No message waits longer before it can be received, in seconds.
const DELAY_MAX: i64 = 900;

#[derive(Debug, Deserialize)]
pub(super) struct SendMessage {
    #[serde(default, rename = "QueueUrl")]
    queue_url: Option<String>,
    #[serde(flatten)]
    sent: Sent,
}

/// What is sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sent {
    #[serde(default)]
    message_body: Option<String>,
    #[serde(default)]
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: BTreeMap<String, Written>,
}

impl Sqs {
    pub(super) fn send_message(&self, asked: &SendMessage, caller: &Caller) -> Outcome {
        send(self.queue(asked.queue_url.as_deref(), caller, "sqs:SendMessage")?, &asked.sent)
    }

    pub(super) fn send_message_batch(&self, asked: Batch<Sent>, caller: &Caller) -> Outcome {
        let queue = self.queue(asked.queue_url.as_deref(), caller, "sqs:SendMessage")?;
        let bytes: usize =
            asked.entries.iter().filter_map(|entry| entry.of.message_body.as_deref()).map(str::len).sum();
        if bytes > BYTES_MAX {
            let message =
                format!("Batch requests cannot be longer than {BYTES_MAX} bytes. You have sent {bytes} bytes.");
            return Err(Refusal::new("BatchRequestTooLong", message));
        }
        asked.each(|sent| send(queue, &sent))
    }
}

fn send(queue: &Queue, sent: &Sent) -> Outcome {
    let body = sent.message_body.as_ref().filter(|body| !body.is_empty());
    let body = body.ok_or_else(|| Refusal::missing("MessageBody"))?;
    if body.len() > BYTES_MAX {
        let reason = format!("Message must be shorter than {BYTES_MAX} bytes.");
        return Err(Refusal::new(
            "InvalidParameterValue",
            format!("One or more parameters are invalid. Reason: {reason}"),
        ));
    }
    // What XML cannot say, SQS does not take.
    if body.chars().any(|c| c < ' ' && !"\t\n\r".contains(c) || matches!(c, '\u{fffe}' | '\u{ffff}')) {
        return Err(Refusal::new("InvalidMessageContents", "Invalid characters found in the message body."));
    }
    let delay = sent.delay_seconds.map(|seconds| within("DelaySeconds", seconds, 0, DELAY_MAX)).transpose()?;
    let attributes = attribute::read(&sent.message_attributes)?;
    let message = queue.send_with(body.clone(), attributes, delay.map(Duration::from_secs));
    let mut answer =
        json!({ "MessageId": message.id, "MD5OfMessageBody": format!("{:x}", md5::compute(&message.body)) });
    if !message.attributes.is_empty() {
        answer["MD5OfMessageAttributes"] = json!(digest(&message.attributes));
    }
    Ok(answer)
}
