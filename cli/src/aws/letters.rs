//! Dead letters: what could not be handled or delivered, and which function it is for.

use std::collections::HashMap;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use serde_json::{Value, json};

use super::Session;
use crate::arguments::QueueName;
use crate::problem::{Problem, aws};

/// A dead-letter queue, by the outputs of the stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Letters {
    /// As it is written.
    pub(crate) name: QueueName,
    /// The word that its outputs begin with.
    pub(crate) word: &'static str,
    /// The output that names the function of its messages; none: each message names its target.
    pub(crate) function: Option<&'static str>,
}

/// All of them.
pub(crate) const LETTERS: [Letters; 7] = [
    Letters { name: QueueName::Terminations, word: "Terminations", function: Some("TerminateFunctionName") },
    Letters { name: QueueName::Actions, word: "Actions", function: Some("ExecuteActionFunctionName") },
    Letters { name: QueueName::Plans, word: "Plans", function: Some("ExecutePlanFunctionName") },
    Letters { name: QueueName::Imports, word: "Imports", function: Some("ImportFunctionName") },
    Letters { name: QueueName::Extensions, word: "Extensions", function: Some("SweepFunctionName") },
    Letters { name: QueueName::WakeUps, word: "WakeUps", function: Some("ReconcileFunctionName") },
    Letters { name: QueueName::Rules, word: "Rules", function: None },
];

/// A dead letter.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// The message's id.
    pub(crate) id: String,
    /// What was sent.
    pub(crate) body: String,
    /// When, in milliseconds since 1970: a function goes by it.
    pub(crate) sent_at: Option<i64>,
    /// How often it was received.
    pub(crate) receives: u32,
    /// What a rule that could not deliver it says: `RULE_ARN`, `TARGET_ARN`, `ERROR_CODE`, `ERROR_MESSAGE`.
    pub(crate) attributes: HashMap<String, String>,
    handle: String,
}

impl Letters {
    /// The one of this name.
    pub(crate) fn of(name: QueueName) -> Self {
        LETTERS.into_iter().find(|letters| letters.name == name).unwrap_or(LETTERS[0])
    }

    /// Its name, as it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self.name {
            QueueName::Terminations => "terminations",
            QueueName::Actions => "actions",
            QueueName::Plans => "plans",
            QueueName::Imports => "imports",
            QueueName::Extensions => "extensions",
            QueueName::WakeUps => "wake-ups",
            QueueName::Rules => "rules",
        }
    }
}

impl Letter {
    /// The message as a function gets it from its queue: with the time at which it was sent, which a new one would not have.
    pub(crate) fn as_batch(&self) -> Value {
        let mut attributes = json!({ "ApproximateReceiveCount": self.receives.to_string() });
        if let Some(at) = self.sent_at {
            attributes["SentTimestamp"] = json!(at.to_string());
        }
        json!({ "Records": [{
            "messageId": self.id, "receiptHandle": self.handle, "body": self.body, "attributes": attributes,
            "messageAttributes": {}, "eventSource": "aws:sqs",
        }] })
    }
}

impl Session {
    /// How many messages a queue holds, and how many of them are hidden. `suffix`: `DeadLetterQueueUrl` or `QueueUrl`.
    pub(crate) async fn count(&self, letters: Letters, suffix: &str) -> Result<(u64, u64), Problem> {
        let url = self.deployment.output(&format!("{}{suffix}", letters.word))?;
        let call = Client::new(&self.config)
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible);
        let answer = call.send().await.map_err(|error| aws(&format!("look at the queue {url}"), &error))?;
        let number = |name| {
            let of = answer.attributes().and_then(|attributes| attributes.get(&name));
            of.and_then(|number| number.parse().ok()).unwrap_or_default()
        };
        Ok((
            number(QueueAttributeName::ApproximateNumberOfMessages),
            number(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
        ))
    }

    /// Some messages, at most ten, hidden from others for so many seconds.
    pub(crate) async fn receive(&self, letters: Letters, most: u32, hidden_for: i32) -> Result<Vec<Letter>, Problem> {
        let url = self.deployment.output(&format!("{}DeadLetterQueueUrl", letters.word))?;
        let call = Client::new(&self.config)
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(i32::try_from(most.clamp(1, 10)).unwrap_or(10))
            .visibility_timeout(hidden_for)
            // Looked for in all parts of the queue: without it a message that is there may not be seen.
            .wait_time_seconds(1)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        let answer = call.send().await.map_err(|error| aws(&format!("read the queue {url}"), &error))?;
        let letter = |message: aws_sdk_sqs::types::Message| {
            let system = message.attributes.unwrap_or_default();
            let number = |name| system.get(&name).and_then(|number| number.parse::<i64>().ok());
            let attributes = message.message_attributes.unwrap_or_default().into_iter();
            Some(Letter {
                id: message.message_id?,
                body: message.body?,
                sent_at: number(MessageSystemAttributeName::SentTimestamp),
                receives: number(MessageSystemAttributeName::ApproximateReceiveCount)
                    .and_then(|count| u32::try_from(count).ok())
                    .unwrap_or_default(),
                attributes: attributes.filter_map(|(name, value)| Some((name, value.string_value?))).collect(),
                handle: message.receipt_handle?,
            })
        };
        Ok(answer.messages.unwrap_or_default().into_iter().filter_map(letter).collect())
    }

    /// Deletes a message that was received.
    pub(crate) async fn delete(&self, letters: Letters, letter: &Letter) -> Result<(), Problem> {
        let url = self.deployment.output(&format!("{}DeadLetterQueueUrl", letters.word))?;
        let call = Client::new(&self.config).delete_message().queue_url(url).receipt_handle(&letter.handle);
        call.send().await.map(|_| ()).map_err(|error| aws(&format!("delete the message {}", letter.id), &error))
    }
}
