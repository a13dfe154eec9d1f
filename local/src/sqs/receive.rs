//! Receives messages.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::attribute::{chosen, is_wanted, shown};
use super::{Outcome, Refusal, Sqs};
use crate::api::Caller;
use crate::wiring::{Attribute, Message, digest};

/// No receive gives more messages.
const MESSAGES_MAX: i64 = 10;
/// No receive waits longer, in seconds.
const WAIT_MAX: i64 = 20;
/// Nothing is hidden longer, in seconds.
pub(super) const HIDDEN_MAX: i64 = 43_200;

/// What a message tells of itself.
const SYSTEM_ATTRIBUTES: [&str; 9] = [
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "AWSTraceHeader",
    "DeadLetterQueueSourceArn",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReceiveMessage {
    #[serde(default)]
    queue_url: Option<String>,
    #[serde(default)]
    max_number_of_messages: Option<i64>,
    #[serde(default)]
    visibility_timeout: Option<i64>,
    #[serde(default)]
    wait_time_seconds: Option<i64>,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

/// A number within its limits.
pub(super) fn within(name: &str, value: i64, least: i64, most: i64) -> Result<u64, Refusal> {
    let good = u64::try_from(value).ok().filter(|_| (least..=most).contains(&value));
    good.ok_or_else(|| Refusal::value(name, value, &format!("Must be between {least} and {most}, if provided.")))
}

impl Sqs {
    pub(super) async fn receive_message(&self, asked: &ReceiveMessage, caller: &Caller) -> Outcome {
        let queue = self.queue(asked.queue_url.as_deref(), caller, "sqs:ReceiveMessage")?;
        let most = within("MaxNumberOfMessages", asked.max_number_of_messages.unwrap_or(1), 1, MESSAGES_MAX)?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let wait = within("WaitTimeSeconds", asked.wait_time_seconds.unwrap_or(0), 0, WAIT_MAX)?;
        let hidden = match asked.visibility_timeout {
            Some(seconds) => within("VisibilityTimeout", seconds, 0, HIDDEN_MAX)?,
            None => queue.properties().visibility_timeout,
        };
        let wanted: Vec<String> = [&asked.attribute_names[..], &asked.message_system_attribute_names].concat();
        // What is wrong with the request is wrong whatever comes.
        chosen(Map::new(), &wanted, &SYSTEM_ATTRIBUTES)?;
        let look = async {
            loop {
                // Registered before the look, so that what arrives in between is not missed.
                let arrived = queue.arrived.notified();
                let (messages, next) = self.wiring.receive(queue, most, Some(Duration::from_secs(hidden)));
                if !messages.is_empty() || wait == 0 {
                    return messages;
                }
                match next {
                    Some(next) => tokio::select! { () = arrived => {}, () = self.clock.sleep_until(next) => {} },
                    None => arrived.await,
                }
            }
        };
        let limit = Duration::from_secs(if wait == 0 { 1 } else { wait });
        let messages = tokio::time::timeout(limit, look).await.unwrap_or_default();
        if messages.is_empty() {
            return Ok(json!({}));
        }
        let messages = messages.iter().map(|message| self.message(message, &wanted, &asked.message_attribute_names));
        Ok(json!({ "Messages": messages.collect::<Result<Vec<_>, _>>()? }))
    }

    fn message(&self, message: &Message, wanted: &[String], attributes: &[String]) -> Outcome {
        let mut answer = json!({
            "MessageId": message.id,
            "ReceiptHandle": message.receipt(),
            "MD5OfBody": format!("{:x}", md5::compute(&message.body)),
            "Body": message.body,
        });
        let own = chosen(self.system_attributes(message), wanted, &SYSTEM_ATTRIBUTES)?;
        if !own.is_empty() {
            answer["Attributes"] = Value::Object(own);
        }
        let sent: Vec<(&String, &Attribute)> =
            message.attributes.iter().filter(|(name, _)| is_wanted(name, attributes)).collect();
        if !sent.is_empty() {
            answer["MD5OfMessageAttributes"] = json!(digest(sent.iter().copied()));
            answer["MessageAttributes"] =
                sent.into_iter().map(|(name, attribute)| (name.clone(), shown(attribute))).collect();
        }
        Ok(answer)
    }

    fn system_attributes(&self, message: &Message) -> Map<String, Value> {
        let millis = |at: chrono::DateTime<chrono::Utc>| json!(at.timestamp_millis().to_string());
        let mut attributes = Map::from_iter([
            ("SenderId".to_owned(), json!("AIDALOCALEVENTS")),
            ("SentTimestamp".to_owned(), millis(message.sent_at)),
            ("ApproximateReceiveCount".to_owned(), json!(message.receives.to_string())),
        ]);
        if let Some(first) = message.first_received_at {
            attributes.insert("ApproximateFirstReceiveTimestamp".to_owned(), millis(first));
        }
        if let Some(source) = &message.came_from {
            attributes.insert("DeadLetterQueueSourceArn".to_owned(), json!(self.arn(source)));
        }
        attributes
    }
}
