//! What a cloud keeps of its wiring from one run to the next: the messages in its queues, and what is switched off.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Message, Wiring, WiringError};

/// What is kept, by logical ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    queues: BTreeMap<String, Vec<Message>>,
    /// Rules that are disabled.
    #[serde(default)]
    rules_off: BTreeSet<String>,
    /// Mappings that read no queue.
    #[serde(default)]
    mappings_off: BTreeSet<String>,
}

impl Wiring {
    /// What there is now.
    #[must_use]
    pub fn kept(&self) -> Kept {
        let filled = self.queues().iter().filter(|(_, queue)| !queue.is_empty());
        let off = self.mappings().into_iter().filter(|(_, (is_on, _))| !is_on);
        Kept {
            queues: filled.map(|(id, queue)| (id.clone(), queue.messages())).collect(),
            rules_off: self.inner.rules.keys().filter(|id| !self.inner.is_enabled(id)).cloned().collect(),
            mappings_off: off.map(|(id, _)| id).collect(),
        }
    }

    /// Puts back what there was. Whoever had received a message gets it again, when its time has come. What is switched off
    /// and is not there any more is forgotten.
    ///
    /// # Errors
    /// If there are messages of a queue that is not there any more.
    pub fn restore(&self, kept: Kept) -> Result<(), WiringError> {
        // Before any message is there: what does not read must not get it.
        for id in &kept.mappings_off {
            let _ = self.enable_mapping(id, false);
        }
        for state in kept.rules_off.iter().filter_map(|id| self.inner.rules.get(id)) {
            state.switch(false);
        }
        for (id, messages) in kept.queues {
            let queue = self.queue(&id).ok_or_else(|| {
                WiringError(format!("{} messages were kept for {id}, which is no queue any more", messages.len()))
            })?;
            queue.put_back(messages);
        }
        Ok(())
    }
}
