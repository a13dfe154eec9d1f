//! What receivers do with what they hold: delete it, or say when it may come again.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::batch::Batch;
use super::receive::{HIDDEN_MAX, within};
use super::{Outcome, Refusal, Sqs};
use crate::api::Caller;
use crate::wiring::{NotHidden, Queue};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Held {
    #[serde(default)]
    queue_url: Option<String>,
    #[serde(default)]
    receipt_handle: Option<String>,
    #[serde(default)]
    visibility_timeout: Option<i64>,
}

impl Sqs {
    pub(super) fn delete_message(&self, asked: &Held, caller: &Caller) -> Outcome {
        delete(self.queue(asked.queue_url.as_deref(), caller, "sqs:DeleteMessage")?, asked)
    }

    pub(super) fn delete_message_batch(&self, asked: Batch<Held>, caller: &Caller) -> Outcome {
        let queue = self.queue(asked.queue_url.as_deref(), caller, "sqs:DeleteMessage")?;
        asked.each(|held| delete(queue, &held))
    }

    pub(super) fn change_visibility(&self, asked: &Held, caller: &Caller) -> Outcome {
        hide(self.queue(asked.queue_url.as_deref(), caller, "sqs:ChangeMessageVisibility")?, asked)
    }

    pub(super) fn change_visibility_batch(&self, asked: Batch<Held>, caller: &Caller) -> Outcome {
        let queue = self.queue(asked.queue_url.as_deref(), caller, "sqs:ChangeMessageVisibility")?;
        asked.each(|held| hide(queue, &held))
    }
}

impl Held {
    fn receipt(&self) -> Result<&str, Refusal> {
        let receipt = self.receipt_handle.as_deref().filter(|receipt| !receipt.is_empty());
        receipt.ok_or_else(|| Refusal::missing("ReceiptHandle"))
    }
}

fn delete(queue: &Queue, held: &Held) -> Outcome {
    let receipt = held.receipt()?;
    if queue.delete_by_receipt(receipt) { Ok(json!({})) } else { Err(invalid(receipt)) }
}

fn hide(queue: &Queue, held: &Held) -> Outcome {
    let receipt = held.receipt()?;
    let seconds = held.visibility_timeout.ok_or_else(|| Refusal::missing("VisibilityTimeout"))?;
    let seconds = within("VisibilityTimeout", seconds, 0, HIDDEN_MAX)?;
    match queue.hide(receipt, Duration::from_secs(seconds)) {
        Ok(()) => Ok(json!({})),
        Err(NotHidden::NoReceipt) => Err(invalid(receipt)),
        Err(NotHidden::NotInFlight) => {
            Err(Refusal::new("MessageNotInflight", format!("The message of {receipt} is not in flight.")))
        }
    }
}

fn invalid(receipt: &str) -> Refusal {
    Refusal::new(
        "ReceiptHandleIsInvalid",
        format!("The input receipt handle \"{receipt}\" is not a valid receipt handle."),
    )
}
