//! An event source mapping: batches from a queue to a function, and what its answer means for each message.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

use super::{Inner, Message, Queue, WiringError};
use crate::gateway::Place;
use crate::template::{id_of, queue_name, resources};

/// Concurrency without a limit of its own.
const CONCURRENCY: usize = 5;

/// Switches a mapping on and off. Clones are the same switch.
#[derive(Clone, Debug)]
pub(super) struct Switch {
    state: Arc<Mutex<(bool, DateTime<Utc>)>>,
    turned: Arc<Notify>,
}

impl Switch {
    /// One that is on.
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self { state: Arc::new(Mutex::new((true, now))), turned: Arc::default() }
    }

    /// Whether it is on, and since when that is so.
    pub(super) fn state(&self) -> (bool, DateTime<Utc>) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, on: bool, now: DateTime<Utc>) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = (on, now);
        self.turned.notify_waiters();
    }

    async fn wait_until_on(&self) {
        loop {
            let turned = self.turned.notified();
            if self.state().0 {
                return;
            }
            turned.await;
        }
    }
}

/// A mapping.
pub(super) struct Mapping {
    queue: Queue,
    switch: Switch,
    function: String,
    batch_size: usize,
    concurrency: usize,
    reports_failures: bool,
}

impl Mapping {
    pub(super) fn new(
        id: &str,
        mapping: &resources::EventSourceMapping,
        queues: &BTreeMap<String, Queue>,
        switch: Switch,
    ) -> Result<Self, WiringError> {
        let queue = id_of(&mapping.event_source_arn);
        let queue = queues.get(queue).ok_or_else(|| WiringError(format!("{id}: there is no queue {queue}")))?;
        let concurrency = mapping.scaling_config.as_ref().map_or(CONCURRENCY, |scaling| scaling.maximum_concurrency);
        if concurrency < 2 {
            return Err(WiringError(format!("{id}: MaximumConcurrency is {concurrency}; accepted: 2 to 1,000")));
        }
        queue.read_by_a_function();
        Ok(Self {
            queue: queue.clone(),
            switch,
            function: mapping.function_name.clone(),
            batch_size: mapping.batch_size,
            concurrency,
            reports_failures: mapping.function_response_types.iter().any(|kind| kind == "ReportBatchItemFailures"),
        })
    }
}

/// Polls for ever.
pub(super) async fn run(inner: Arc<Inner>, mapping: Mapping) {
    let mapping = Arc::new(mapping);
    let places = Arc::new(Semaphore::new(mapping.concurrency));
    let mut running = JoinSet::new();
    loop {
        // Registered before the look, so that what arrives in between is not missed.
        let (arrived, turned) = (mapping.queue.arrived.notified(), mapping.switch.turned.notified());
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        if !mapping.switch.state().0 {
            drop(place);
            mapping.switch.wait_until_on().await;
            continue;
        }
        let (batch, next) = inner.receive(&mapping.queue, mapping.batch_size, None);
        if batch.is_empty() {
            drop(place);
            // Nothing that is hidden shows by itself, where nothing is.
            let shows = async {
                match next {
                    Some(next) => inner.clock.sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! { () = arrived => {}, () = turned => {}, () = shows => {} }
            continue;
        }
        let (inner, mapping) = (Arc::clone(&inner), Arc::clone(&mapping));
        running.spawn(async move {
            carry(&inner, &mapping, batch).await;
            drop(place);
        });
        while running.try_join_next().is_some() {}
    }
}

async fn carry(inner: &Inner, mapping: &Mapping, batch: Vec<Message>) {
    let records: Vec<Value> = batch.iter().map(|message| record(message, mapping.queue.name(), &inner.place)).collect();
    let answer = inner.invoke.invoke(&mapping.function, json!({ "Records": records })).await;
    let Ok(answer) = answer else { return };
    let Some(failed) = failures(&answer, &batch, mapping.reports_failures) else { return };
    for message in batch.iter().filter(|message| !failed.contains(&message.id)) {
        mapping.queue.delete(message);
    }
}

/// The messages that come again; `None`: all of them, because the answer names one that is not in the batch, or none at all.
fn failures(answer: &Value, batch: &[Message], reports_failures: bool) -> Option<Vec<String>> {
    if !reports_failures {
        return Some(Vec::new());
    }
    let Some(failures) = answer.get("batchItemFailures") else { return Some(Vec::new()) };
    let failures = match failures {
        Value::Null => return Some(Vec::new()),
        Value::Array(failures) => failures,
        _ => return None,
    };
    failures
        .iter()
        .map(|failure| {
            let id = failure.get("itemIdentifier")?.as_str()?;
            batch.iter().any(|message| message.id == id).then(|| id.to_owned())
        })
        .collect()
}

fn record(message: &Message, queue: &str, place: &Place) -> Value {
    let Place { account, region } = place;
    let first = message.first_received_at.unwrap_or(message.sent_at);
    json!({
        "messageId": message.id,
        "receiptHandle": message.receipt(),
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": message.receives.to_string(),
            "SentTimestamp": message.sent_at.timestamp_millis().to_string(),
            "SenderId": "AIDALOCALEVENTS",
            "ApproximateFirstReceiveTimestamp": first.timestamp_millis().to_string(),
        },
        "messageAttributes": {},
        "md5OfBody": format!("{:x}", md5::compute(&message.body)),
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:{region}:{account}:{}", queue_name(queue)),
        "awsRegion": region,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_what_comes_again() {
        let queue = resources::Queue {
            delay_seconds: 0,
            visibility_timeout: 30,
            message_retention_period: 60,
            redrive_policy: None,
            sqs_managed_sse_enabled: true,
        };
        let queue = Queue::new("Q", &queue, crate::clock::Clock::system(1.0));
        queue.send("a".to_owned());
        let batch = queue.receive(10, None).messages;
        let id = batch[0].id.clone();
        let named = |answer: Value| failures(&answer, &batch, true);
        assert_eq!(named(json!({ "batchItemFailures": [] })), Some(vec![]));
        assert_eq!(named(json!({})), Some(vec![]));
        assert_eq!(named(json!(null)), Some(vec![]));
        assert_eq!(named(json!({ "batchItemFailures": [{ "itemIdentifier": id }] })), Some(vec![id.clone()]));
        for broken in [json!(""), json!(null), json!("another"), json!(5)] {
            assert_eq!(named(json!({ "batchItemFailures": [{ "itemIdentifier": broken }] })), None, "{broken}");
        }
        assert_eq!(failures(&json!({ "batchItemFailures": [{ "itemIdentifier": id }] }), &batch, false), Some(vec![]));
    }
}
