//! What the sweep remembers, and the places of a window of time.

use shared::clock::Time;
use shared::ports::{Memory, Pass, Places, SearchRow, StoreError, Written};

use super::Table;

impl Table {
    /// See [`shared::ports::Products::begin_sweep`].
    pub fn begin_sweep(&mut self, nonce: &str, now: Time, lease_until: Time) -> Option<Memory> {
        let is_free = self.sweep.lease_until.is_none_or(|until| until <= now);
        if is_free {
            (self.sweep.owner, self.sweep.lease_until) = (Some(nonce.to_owned()), Some(lease_until));
        }
        (self.sweep.owner.as_deref() == Some(nonce)).then(|| self.sweep.memory.clone())
    }

    /// See [`shared::ports::Products::end_sweep`].
    pub fn end_sweep(&mut self, nonce: &str, memory: &Memory) -> Written {
        if self.sweep.owner.as_deref() != Some(nonce) {
            return Written::Fenced;
        }
        (self.sweep.memory, self.sweep.lease_until) = (memory.clone(), None);
        Written::Applied
    }

    /// See [`shared::ports::Products::keep_piece`].
    pub fn keep_piece(&mut self, pass: &Pass, piece: u32, rows: &[SearchRow]) {
        self.pieces.insert((pass.began_at.timestamp_millis(), piece), rows.to_vec());
    }

    /// See [`shared::ports::Products::piece`].
    ///
    /// # Errors
    /// If it is not there.
    pub fn piece(&self, pass: &Pass, piece: u32) -> Result<Vec<SearchRow>, StoreError> {
        let rows = self.pieces.get(&(pass.began_at.timestamp_millis(), piece));
        rows.cloned().ok_or_else(|| StoreError("the piece is not there: the pass cannot go on".to_owned()))
    }

    /// See [`shared::ports::Store::take_places`].
    pub fn take_places(&mut self, window: &str, count: u32, max: u32) -> Places {
        let taken = self.places.get(window).copied().unwrap_or_default();
        if count > max || taken > max - count {
            return Places::Left(max.saturating_sub(taken));
        }
        self.places.insert(window.to_owned(), taken + count);
        Places::Taken
    }
}
