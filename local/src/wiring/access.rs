//! What clients and rules may do with queues, and how messages come out of them.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::queue_policy::{By, Decision, QueuePolicy};
use super::{Inner, Message, Queue, Wiring, WiringError};
use crate::gateway::Place;
use crate::template::{Template, id_of, queue_name};

/// The policies of the template's queues. A queue has one: CloudFormation would let the last win.
pub(super) fn queue_policies(template: &Template) -> Result<BTreeMap<String, (Value, QueuePolicy)>, WiringError> {
    let mut policies = BTreeMap::new();
    for (id, policy) in &template.policies {
        let Some(queues) = policy.get("Queues").and_then(Value::as_array) else { continue };
        let document = policy.get("PolicyDocument").unwrap_or(&Value::Null);
        let read = QueuePolicy::read(document).map_err(|problem| WiringError(format!("{id}: {problem}")))?;
        for queue in queues.iter().filter_map(Value::as_str).map(id_of) {
            if policies.insert(queue.to_owned(), (document.clone(), read.clone())).is_some() {
                return Err(WiringError(format!("{id}: the queue {queue} has two policies")));
            }
        }
    }
    Ok(policies)
}

impl Wiring {
    /// Receives messages as a client does, each hidden for so long, or as long as the queue says; those that were received
    /// too often before go to the dead-letter queue.
    pub(crate) fn receive(
        &self,
        queue: &Queue,
        most: usize,
        hidden: Option<Duration>,
    ) -> (Vec<Message>, Option<DateTime<Utc>>) {
        self.inner.receive(queue, most, hidden)
    }

    /// What a queue's policy says to a request.
    pub(crate) fn decide(&self, by: By<'_>, action: &str, queue: &str) -> Decision {
        self.inner.decide(by, action, queue)
    }

    /// The policy of a queue, by its logical id.
    #[must_use]
    pub fn queue_policy(&self, queue: &str) -> Option<Value> {
        let policies = self.inner.queue_policies.read().unwrap_or_else(PoisonError::into_inner);
        policies.get(queue).map(|(written, _)| written.clone())
    }

    /// Gives a queue another policy: what it does not allow our rules to send becomes a dead letter of theirs.
    ///
    /// # Errors
    /// What of the policy is not known here.
    pub fn set_queue_policy(&self, queue: &str, policy: Option<Value>) -> Result<(), String> {
        let read = policy.map(|policy| QueuePolicy::read(&policy).map(|read| (policy, read))).transpose()?;
        let mut policies = self.inner.queue_policies.write().unwrap_or_else(PoisonError::into_inner);
        match read {
            Some(policy) => drop(policies.insert(queue.to_owned(), policy)),
            None => drop(policies.remove(queue)),
        }
        Ok(())
    }
}

impl Inner {
    pub(super) fn receive(
        &self,
        queue: &Queue,
        most: usize,
        hidden: Option<Duration>,
    ) -> (Vec<Message>, Option<DateTime<Utc>>) {
        let received = queue.receive(most, hidden);
        let grave = queue.dead_letter_queue().and_then(|name| self.queues.get(name));
        for message in received.dead {
            if let Some(grave) = grave {
                grave.take(message);
            }
        }
        (received.messages, received.next)
    }

    pub(super) fn decide(&self, by: By<'_>, action: &str, queue: &str) -> Decision {
        let Place { account, region } = &self.place;
        let arn = format!("arn:aws:sqs:{region}:{account}:{}", queue_name(queue));
        let policies = self.queue_policies.read().unwrap_or_else(PoisonError::into_inner);
        policies.get(queue).map_or(Decision::Silent, |(_, policy)| policy.decide(by, action, &arn))
    }
}
