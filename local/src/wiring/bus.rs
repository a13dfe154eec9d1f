//! A bus: events in, to the targets of every rule whose pattern they match.

use std::collections::BTreeMap;

use quamina::Quamina;
use serde_json::Value;

use super::message::Attribute;
use super::notice::{self, Notice};
use super::queue_policy::{By, Decision};
use super::{Inner, Queue, SEEN_MAX, Seen, WiringError};
use crate::api::InvokeError;
use crate::template::id_of;
use crate::template::resources::Target;

/// A rule that waits for events.
pub(super) struct Matcher {
    rule: String,
    pattern: Quamina<()>,
    targets: Vec<Target>,
}

/// Why an event did not reach a target, in the words that its dead letter carries.
struct Undelivered {
    code: &'static str,
    message: String,
}

impl Matcher {
    /// A rule of this pattern. What the matcher does not know is an error, so nothing passes wrongly.
    pub(super) fn new(rule: &str, pattern: &Value, targets: Vec<Target>) -> Result<Self, WiringError> {
        let mut quamina = Quamina::new();
        quamina
            .add_pattern((), &pattern.to_string())
            .map_err(|error| WiringError(format!("{rule}: the pattern {pattern} is not known: {error}")))?;
        Ok(Self { rule: rule.to_owned(), pattern: quamina, targets })
    }

    fn matches(&self, event: &[u8]) -> bool {
        // What cannot be matched (no JSON object) matches nothing.
        self.pattern.matches_for_event(event).is_ok_and(|matches| !matches.is_empty())
    }
}

impl Inner {
    pub(super) async fn put(&self, bus: &str, event: Value) {
        let text = event.to_string();
        let mut rules = Vec::new();
        for matcher in self.buses.get(bus).into_iter().flatten() {
            if self.is_enabled(&matcher.rule) && matcher.matches(text.as_bytes()) {
                rules.push(matcher.rule.clone());
                for target in &matcher.targets {
                    self.deliver(&matcher.rule, target, &event).await;
                }
            }
        }
        self.remember(Seen { at: self.now(), bus: bus.to_owned(), event, rules });
    }

    /// Delivers to a queue or a topic, or invokes a function; what cannot be delivered goes to the target's own dead-letter
    /// queue, with what went wrong beside it. Neither of the reasons here is one that `EventBridge` would try again.
    pub(super) async fn deliver(&self, rule: &str, target: &Target, event: &Value) {
        let Err(undelivered) = self.try_to_deliver(rule, target, event).await else { return };
        tracing::warn!(rule, target = target.arn, code = undelivered.code, "a rule could not deliver");
        let config = target.dead_letter_config.as_ref();
        let Some(queue) = config.and_then(|config| self.queues.get(id_of(&config.arn))) else { return };
        if self.may_send(rule, queue) {
            let said = [
                ("RULE_ARN", self.rule_arn(rule)),
                ("TARGET_ARN", target.arn.clone()),
                ("ERROR_CODE", undelivered.code.to_owned()),
                ("ERROR_MESSAGE", undelivered.message),
            ];
            let said = said.map(|(name, text)| (name.to_owned(), Attribute::text(&text)));
            queue.send_with(event.to_string(), BTreeMap::from(said), None);
        } else {
            tracing::warn!(rule, queue = queue.name(), "the dead-letter queue does not take it: the event is lost");
        }
    }

    /// A function that takes the event and then fails has got it: at AWS such an invocation is asynchronous, and its
    /// failure is not the rule's.
    async fn try_to_deliver(&self, rule: &str, target: &Target, event: &Value) -> Result<(), Undelivered> {
        let id = id_of(&target.arn);
        if self.topics.contains(id) {
            self.tell(rule, id, target, event);
            return Ok(());
        }
        if let Some(queue) = self.queues.get(id) {
            if !self.may_send(rule, queue) {
                let message = format!("The policy of {} does not let the rule send.", target.arn);
                return Err(Undelivered { code: "NO_PERMISSIONS", message });
            }
            queue.send(event.to_string());
            return Ok(());
        }
        let answer = self.invoke.invoke(id, event.clone()).await;
        if let Err(error) = &answer {
            tracing::warn!(function = id, ?error, "an invocation by a rule failed");
        }
        if answer == Err(InvokeError::Unknown) {
            let message = format!("The function {} does not exist.", target.arn);
            return Err(Undelivered { code: "NO_RESOURCE", message });
        }
        Ok(())
    }

    /// Whether a queue's policy lets a rule send.
    fn may_send(&self, rule: &str, queue: &Queue) -> bool {
        let decision = self.decide(By::Rule(&self.rule_arn(rule)), "sqs:SendMessage", queue.name());
        decision == Decision::Allowed
    }

    fn tell(&self, rule: &str, topic: &str, target: &Target, event: &Value) {
        let text = match &target.input_transformer {
            Some(transformer) => notice::transformed(transformer, event),
            None => event.to_string(),
        };
        let mut notices = self.notices.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if notices.len() == SEEN_MAX {
            notices.pop_front();
        }
        notices.push_back(Notice { at: self.now(), topic: topic.to_owned(), rule: rule.to_owned(), text });
    }
}
