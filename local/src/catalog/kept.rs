//! All that the service knows, written down and read again: it goes on where it was.

use serde_json::value::{RawValue, to_raw_value};

use super::Catalog;
use super::state::State;

impl Catalog {
    /// Everything as JSON, but the settings: those are the process's.
    ///
    /// # Errors
    /// None that is known: everything has a form in JSON.
    pub fn kept(&self) -> serde_json::Result<Box<RawValue>> {
        to_raw_value(&*self.lock())
    }

    /// Becomes what was written down. What was due meanwhile is done with the next [`Catalog::settle`].
    ///
    /// # Errors
    /// If the text is not what [`Catalog::kept`] gave: everything stays as it is.
    pub fn restore(&self, kept: &RawValue) -> serde_json::Result<()> {
        let mut read: State = serde_json::from_str(kept.get())?;
        read.place();
        let mut state = self.lock();
        read.settings = state.settings.clone();
        *state = read;
        drop(state);
        self.changed.notify_waiters();
        Ok(())
    }
}
