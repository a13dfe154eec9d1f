//! The pause switch, as those read it who read nothing else of the table before they send.

use std::time::Duration;

use tokio::sync::Mutex;

use crate::clock::{Clock, Time};
use crate::ports::{PauseSwitch, StoreError};
use crate::retry::after;

/// How long "not paused" is believed. That Steward is paused is asked again each time, so that a resume is at once.
const BELIEVED_FOR: Duration = Duration::from_secs(30);

/// What is known of the switch. One for the life of a process.
#[derive(Debug, Default)]
pub struct Switch {
    /// When it was seen not paused.
    not_paused_at: Mutex<Option<Time>>,
}

impl Switch {
    /// Whether Steward is paused, and why: known for at most half a minute.
    ///
    /// # Errors
    /// If the table has to be asked and does not answer.
    pub async fn paused<S: PauseSwitch>(&self, store: &S, clock: Clock) -> Result<Option<String>, StoreError> {
        // Held while the table is asked: the messages of a batch ask once, and not ten times.
        let mut not_paused_at = self.not_paused_at.lock().await;
        let now = clock.now();
        // A clock that was set back believes nothing.
        if not_paused_at.is_some_and(|at| at <= now && now < after(at, BELIEVED_FOR)) {
            return Ok(None);
        }
        let paused = store.paused().await?;
        *not_paused_at = paused.is_none().then_some(now);
        Ok(paused)
    }
}
