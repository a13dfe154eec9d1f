//! SQS as SDKs call it, over the queues that the template makes.
//!
//! What a client hides stays hidden for real seconds, whatever runs faster here: the client's own clock does not.

mod attribute;
mod batch;
mod delete;
mod queue;
mod receive;
mod send;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::api::{Answer, Call, Caller, Service};
use crate::clock::Clock;
use crate::gateway::Place;
use crate::template::{id_of, queue_name};
use crate::wiring::{By, Decision, Queue, Wiring};

/// The service.
pub struct Sqs {
    wiring: Wiring,
    clock: Clock,
    place: Place,
    /// The gateway's address: that of every queue.
    endpoint: String,
    /// When each queue was purged last.
    purged: Mutex<BTreeMap<String, DateTime<Utc>>>,
}

/// What a call comes to.
type Outcome = Result<Value, Refusal>;

/// An error of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal {
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    fn missing(parameter: &str) -> Self {
        Self::new("MissingParameter", format!("The request must contain the parameter {parameter}."))
    }

    /// A value that a parameter does not take.
    fn value(parameter: &str, value: impl std::fmt::Display, reason: &str) -> Self {
        let message = format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}");
        Self::new("InvalidParameterValue", message)
    }
}

impl Sqs {
    /// The service over the queues of a wiring, behind a gateway.
    #[must_use]
    pub fn new(wiring: Wiring, clock: Clock, place: Place, endpoint: String) -> Self {
        Self { wiring, clock, place, endpoint, purged: Mutex::default() }
    }

    async fn answer(&self, call: &Call) -> Outcome {
        let caller = &call.caller;
        match call.operation.as_str() {
            "GetQueueUrl" => self.get_queue_url(&read(call)?),
            "ListQueues" => self.list_queues(&read(call)?),
            "ListDeadLetterSourceQueues" => self.list_sources(&read(call)?, caller),
            "GetQueueAttributes" => self.get_queue_attributes(&read(call)?, caller),
            "SetQueueAttributes" => self.set_queue_attributes(&read(call)?, caller),
            "PurgeQueue" => self.purge_queue(&read(call)?, caller),
            "ReceiveMessage" => self.receive_message(&read(call)?, caller).await,
            "SendMessage" => self.send_message(&read(call)?, caller),
            "SendMessageBatch" => self.send_message_batch(read(call)?, caller),
            "DeleteMessage" => self.delete_message(&read(call)?, caller),
            "DeleteMessageBatch" => self.delete_message_batch(read(call)?, caller),
            "ChangeMessageVisibility" => self.change_visibility(&read(call)?, caller),
            "ChangeMessageVisibilityBatch" => self.change_visibility_batch(read(call)?, caller),
            other => Err(Refusal::new("UnknownOperationException", format!("The local cloud's SQS has no {other}."))),
        }
    }

    /// The queue of a URL, if its policy does not keep the caller from the action.
    fn queue(&self, url: Option<&str>, caller: &Caller, action: &str) -> Result<&Queue, Refusal> {
        let url = url.filter(|url| !url.is_empty()).ok_or_else(|| Refusal::missing("QueueUrl"))?;
        let queue = self.queue_by_name(url.trim_end_matches('/').rsplit('/').next().unwrap_or_default())?;
        if self.wiring.decide(By::Principal(&caller.arn), action, queue.name()) == Decision::Denied {
            let message = format!(
                "User: {} is not authorized to perform: {action} on resource: {} with an explicit deny in a \
                 resource-based policy",
                caller.arn,
                self.arn(queue.name())
            );
            return Err(Refusal::new("AccessDeniedException", message));
        }
        Ok(queue)
    }

    fn queue_by_name(&self, name: &str) -> Result<&Queue, Refusal> {
        let known = self.wiring.queues().values().find(|queue| queue_name(queue.name()) == name);
        known.ok_or_else(|| Refusal::new("QueueDoesNotExist", format!("The specified queue does not exist: {name}")))
    }

    fn url(&self, id: &str) -> String {
        format!("{}/{}/{}", self.endpoint, self.place.account, queue_name(id))
    }

    fn arn(&self, id: &str) -> String {
        let Place { account, region } = &self.place;
        format!("arn:aws:sqs:{region}:{account}:{}", queue_name(id))
    }

    /// The queue of an ARN.
    fn by_arn(&self, arn: &str) -> Option<&Queue> {
        self.wiring.queue(id_of(arn))
    }
}

impl Service for Sqs {
    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            match self.answer(&call).await {
                Ok(body) => Answer::ok(&body),
                Err(Refusal { code, message }) => Answer::error(400, code, &message),
            }
        })
    }
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<T, Refusal> {
    serde_json::from_slice(&call.body)
        .map_err(|error| Refusal::new("SerializationException", format!("The request cannot be read: {error}")))
}
