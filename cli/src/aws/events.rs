//! Requests, put on the bus.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::Value;

use super::Session;
use crate::problem::{Problem, aws};

/// The source of what this command puts on the bus: never Steward's own.
const SOURCE: &str = "steward.cli";

impl Session {
    /// Puts an event on Steward's bus; gives its id.
    pub(crate) async fn publish(&self, detail_type: &str, detail: &Value) -> Result<String, Problem> {
        let bus = &self.deployment.bus;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(bus)
            .source(SOURCE)
            .detail_type(detail_type)
            .detail(detail.to_string())
            .build();
        let answer = Client::new(&self.config).put_events().entries(entry).send().await;
        let answer = answer.map_err(|error| aws(&format!("put an event on the bus {bus}"), &error))?;
        match answer.entries().first() {
            Some(entry) if entry.error_code().is_none() => Ok(entry.event_id().unwrap_or_default().to_owned()),
            entry => {
                let words = entry.and_then(|entry| entry.error_message()).unwrap_or("no reason given");
                let code = entry.and_then(|entry| entry.error_code()).unwrap_or("no answer");
                Err(Problem::Aws(format!(
                    "the bus {bus} refused the event: {code}: {words}; whoever asks must be among the stack's Requesters"
                )))
            }
        }
    }
}
