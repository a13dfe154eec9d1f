//! A bus: events in, to the targets of every rule whose pattern they match.

use quamina::Quamina;
use serde_json::Value;

use super::notice::{self, Notice};
use super::{Inner, SEEN_MAX, Seen, WiringError};
use crate::api::InvokeError;
use crate::template::id_of;
use crate::template::resources::Target;

/// A rule that waits for events.
pub(super) struct Matcher {
    rule: String,
    pattern: Quamina<()>,
    targets: Vec<Target>,
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
            if matcher.matches(text.as_bytes()) {
                rules.push(matcher.rule.clone());
                for target in &matcher.targets {
                    self.deliver(&matcher.rule, target, &event).await;
                }
            }
        }
        self.remember(Seen { at: self.now(), bus: bus.to_owned(), event, rules });
    }

    /// Delivers to a queue or a topic, or invokes a function; what cannot be delivered goes to the target's own dead-letter queue. A
    /// function that takes the event and then fails has got it: at AWS such an invocation is asynchronous, and its failure
    /// is not the rule's.
    pub(super) async fn deliver(&self, rule: &str, target: &Target, event: &Value) {
        let id = id_of(&target.arn);
        if self.topics.contains(id) {
            return self.tell(rule, id, target, event);
        }
        if let Some(queue) = self.queues.get(id) {
            queue.send(event.to_string());
            return;
        }
        let answer = self.invoke.invoke(id, event.clone()).await;
        if let Err(error) = &answer {
            tracing::warn!(function = id, ?error, "an invocation by a rule failed");
        }
        if answer == Err(InvokeError::Unknown)
            && let Some(queue) =
                target.dead_letter_config.as_ref().and_then(|config| self.queues.get(id_of(&config.arn)))
        {
            queue.send(event.to_string());
        }
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
