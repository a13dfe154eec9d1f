//! The event bus, over EventBridge.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_types::error::display::DisplayErrorContext;
use tracing::error;

use crate::outcome::{DETAIL_BYTES_MAX, Outgoing, SOURCE};
use crate::ports::{Bus, BusError};

/// `PutEvents` takes no more entries.
const ENTRIES_MAX: usize = 10;
/// `PutEvents` takes 256 KiB; the entries' other members and the envelope need some of it.
const BATCH_BYTES_MAX: usize = 200 * 1024;

/// Publishes to one bus.
#[derive(Clone, Debug)]
pub struct EventBridgeBus {
    client: Client,
    name: String,
}

impl EventBridgeBus {
    /// The bus of this name or ARN.
    #[must_use]
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    async fn put(&self, batch: &[(&Outgoing, String)]) -> Vec<Result<(), BusError>> {
        let entries = batch.iter().map(|(event, detail)| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.name)
                .source(SOURCE)
                .detail_type(event.detail_type)
                .detail(detail)
                .build()
        });
        match self.client.put_events().set_entries(Some(entries.collect())).send().await {
            Ok(answer) => {
                let answers = answer.entries();
                (0..batch.len())
                    .map(|i| match answers.get(i) {
                        Some(entry) if entry.error_code().is_none() => Ok(()),
                        Some(entry) => Err(BusError(format!(
                            "{}: {}",
                            entry.error_code().unwrap_or_default(),
                            entry.error_message().unwrap_or_default()
                        ))),
                        None => Err(BusError("no answer for this entry".to_owned())),
                    })
                    .collect()
            }
            // Perhaps some were taken: all are repeated, with the same ids.
            Err(error) => vec![Err(BusError(DisplayErrorContext(&error).to_string())); batch.len()],
        }
    }
}

impl Bus for EventBridgeBus {
    async fn publish(&self, events: &[Outgoing]) -> Vec<Result<(), BusError>> {
        let mut answers = Vec::with_capacity(events.len());
        let mut batch: Vec<(&Outgoing, String)> = Vec::new();
        let mut bytes = 0;
        for event in events {
            let detail = event.detail.to_string();
            if detail.len() > DETAIL_BYTES_MAX {
                error!(detailType = event.detail_type, bytes = detail.len(), "an event is longer than is allowed");
            }
            if batch.len() == ENTRIES_MAX || bytes + detail.len() > BATCH_BYTES_MAX {
                answers.extend(self.put(&batch).await);
                batch.clear();
                bytes = 0;
            }
            bytes += detail.len();
            batch.push((event, detail));
        }
        if !batch.is_empty() {
            answers.extend(self.put(&batch).await);
        }
        answers
    }
}
