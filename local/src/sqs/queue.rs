//! The queues themselves: their names, what they are, and how much is in them.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::attribute::chosen;
use super::{Outcome, Refusal, Sqs};
use crate::api::Caller;
use crate::template::queue_name;
use crate::wiring::Queue;

/// How long after a purge the next one is refused.
const BETWEEN_PURGES: TimeDelta = TimeDelta::seconds(60);
/// The most that one answer lists.
const PAGE_MAX: usize = 1_000;
/// The largest message, as queues tell it.
pub(super) const BYTES_MAX: usize = 1024 * 1024;

/// What can be asked of a queue.
const ATTRIBUTES: [&str; 21] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "ContentBasedDeduplication",
    "CreatedTimestamp",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "LastModifiedTimestamp",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "Policy",
    "QueueArn",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueUrl {
    #[serde(default)]
    queue_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListQueues {
    #[serde(default)]
    queue_name_prefix: String,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OfQueue {
    #[serde(default)]
    queue_url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueAttributes {
    #[serde(default)]
    queue_url: Option<String>,
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetQueueAttributes {
    #[serde(default)]
    queue_url: Option<String>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

impl Sqs {
    pub(super) fn get_queue_url(&self, asked: &GetQueueUrl) -> Outcome {
        let name = asked.queue_name.as_deref().filter(|name| !name.is_empty());
        let queue = self.queue_by_name(name.ok_or_else(|| Refusal::missing("QueueName"))?)?;
        Ok(json!({ "QueueUrl": self.url(queue.name()) }))
    }

    /// No token without a limit, as at AWS.
    pub(super) fn list_queues(&self, asked: &ListQueues) -> Outcome {
        let limit = asked.max_results.unwrap_or(PAGE_MAX);
        if limit == 0 || limit > PAGE_MAX {
            return Err(Refusal::value("MaxResults", limit, "Must be between 1 and 1000, if provided."));
        }
        let token = asked.next_token.as_deref().unwrap_or("0");
        let start: usize = token.parse().map_err(|_| Refusal::value("NextToken", token, "It is none of ours."))?;
        let ids = self.wiring.queues().keys();
        let named: Vec<&String> = ids.filter(|id| queue_name(id).starts_with(&asked.queue_name_prefix)).collect();
        let urls: Vec<String> = named.iter().skip(start).take(limit).map(|id| self.url(id)).collect();
        let mut answer = Map::new();
        let end = start.saturating_add(urls.len());
        if asked.max_results.is_some() && end < named.len() {
            answer.insert("NextToken".to_owned(), json!(end.to_string()));
        }
        // A list of none is left out.
        if !urls.is_empty() {
            answer.insert("QueueUrls".to_owned(), json!(urls));
        }
        Ok(Value::Object(answer))
    }

    pub(super) fn list_sources(&self, asked: &OfQueue, caller: &Caller) -> Outcome {
        let queue = self.queue(asked.queue_url.as_deref(), caller, "sqs:ListDeadLetterSourceQueues")?;
        let leads_here = |source: &&Queue| {
            let redrive = source.properties().redrive_policy.as_ref();
            let target = redrive.and_then(|policy| self.by_arn(&policy.dead_letter_target_arn));
            target.is_some_and(|target| target.name() == queue.name())
        };
        let sources = self.wiring.queues().values().filter(leads_here);
        Ok(json!({ "queueUrls": sources.map(|source| self.url(source.name())).collect::<Vec<_>>() }))
    }

    pub(super) fn get_queue_attributes(&self, asked: &GetQueueAttributes, caller: &Caller) -> Outcome {
        let queue = self.queue(asked.queue_url.as_deref(), caller, "sqs:GetQueueAttributes")?;
        let attributes = chosen(self.attributes(queue), &asked.attribute_names, &ATTRIBUTES)?;
        Ok(if attributes.is_empty() { json!({}) } else { json!({ "Attributes": attributes }) })
    }

    /// All values are texts, as at AWS.
    fn attributes(&self, queue: &Queue) -> Map<String, Value> {
        let (properties, counts) = (queue.properties(), queue.counts());
        let created = queue.created_at().timestamp().to_string();
        let mut attributes = BTreeMap::from([
            ("QueueArn", self.arn(queue.name())),
            ("ApproximateNumberOfMessages", counts.visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string()),
            ("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string()),
            ("CreatedTimestamp", created.clone()),
            ("LastModifiedTimestamp", created),
            ("VisibilityTimeout", properties.visibility_timeout.to_string()),
            ("MaximumMessageSize", BYTES_MAX.to_string()),
            ("MessageRetentionPeriod", properties.message_retention_period.to_string()),
            ("DelaySeconds", properties.delay_seconds.to_string()),
            ("ReceiveMessageWaitTimeSeconds", "0".to_owned()),
            ("SqsManagedSseEnabled", properties.sqs_managed_sse_enabled.to_string()),
        ]);
        if let Some(redrive) = &properties.redrive_policy {
            let policy = json!({
                "deadLetterTargetArn": redrive.dead_letter_target_arn,
                "maxReceiveCount": redrive.max_receive_count,
            });
            attributes.insert("RedrivePolicy", policy.to_string());
        }
        if let Some(policy) = self.wiring.queue_policy(queue.name()) {
            attributes.insert("Policy", policy.to_string());
        }
        attributes.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
    }

    /// The policy alone can be set: the template says all else. With another policy a delivery of a rule can be made to fail.
    pub(super) fn set_queue_attributes(&self, asked: &SetQueueAttributes, caller: &Caller) -> Outcome {
        let queue = self.queue(asked.queue_url.as_deref(), caller, "sqs:SetQueueAttributes")?;
        if let Some(other) = asked.attributes.keys().find(|name| *name != "Policy") {
            let message = format!("{other} cannot be set in the local cloud; accepted: Policy.");
            return Err(Refusal::new("InvalidAttributeName", message));
        }
        let Some(policy) = asked.attributes.get("Policy") else { return Err(Refusal::missing("Attributes")) };
        let wrong = |problem: String| {
            Refusal::new("InvalidAttributeValue", format!("Invalid value for the parameter Policy: {problem}"))
        };
        // An empty one takes the policy away.
        let policy = match policy.as_str() {
            "" => None,
            policy => Some(serde_json::from_str(policy).map_err(|error| wrong(error.to_string()))?),
        };
        self.wiring.set_queue_policy(queue.name(), policy).map_err(wrong)?;
        Ok(json!({}))
    }

    pub(super) fn purge_queue(&self, asked: &OfQueue, caller: &Caller) -> Outcome {
        let queue = self.queue(asked.queue_url.as_deref(), caller, "sqs:PurgeQueue")?;
        let now = self.clock.now();
        let mut purged = self.purged.lock().unwrap_or_else(PoisonError::into_inner);
        if purged.get(queue.name()).is_some_and(|last| now - *last < BETWEEN_PURGES) {
            let message =
                format!("Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue_name(queue.name()));
            return Err(Refusal::new("PurgeQueueInProgress", message));
        }
        purged.insert(queue.name().to_owned(), now);
        queue.purge();
        Ok(json!({}))
    }
}
