//! The edges of a rehearsal: a table that is read and takes no notes, and a bus that tells nobody.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::aws::DynamoStore;
use shared::clock::Time;
use shared::operation::OperationId;
use shared::outcome::Outgoing;
use shared::ports::{
    Bus, BusError, Extension, Items, Kept, Mark, Memory, Pass, PauseSwitch, Products, Protection, SearchRow,
    Standpoint, StoreError, Written,
};

/// A table that is read, and takes no notes.
#[derive(Debug)]
pub(super) struct DryStore {
    table: DynamoStore,
    /// Candidates of a pass, which the table keeps for a sweep that runs out of time.
    pieces: Mutex<HashMap<u32, Vec<SearchRow>>>,
}

impl DryStore {
    pub(super) fn new(table: DynamoStore) -> Self {
        Self { table, pieces: Mutex::default() }
    }
}

impl PauseSwitch for DryStore {
    async fn paused(&self) -> Result<Option<String>, StoreError> {
        self.table.paused().await
    }
}

fn nothing<T>() -> Result<T, StoreError> {
    Err(StoreError("a rehearsal writes nothing".to_owned()))
}

impl Products for DryStore {
    /// It is not alone, and need not be. A pass under way is the function's own.
    async fn begin_sweep(&self, _: &str, _: Time, _: Time) -> Result<Option<Memory>, StoreError> {
        Ok(Some(Memory { pass: None, ..self.table.memory().await? }))
    }

    async fn end_sweep(&self, _: &str, _: &Memory) -> Result<Written, StoreError> {
        Ok(Written::Applied)
    }

    async fn keep_piece(&self, _: &Pass, piece: u32, rows: &[SearchRow]) -> Result<(), StoreError> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner).insert(piece, rows.to_vec());
        Ok(())
    }

    async fn piece(&self, _: &Pass, piece: u32) -> Result<Vec<SearchRow>, StoreError> {
        let pieces = self.pieces.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(pieces.get(&piece).cloned().unwrap_or_default())
    }

    async fn items(&self, ids: &[&str]) -> Result<Items, StoreError> {
        self.table.items(ids).await
    }

    async fn standpoints(&self, ids: &[OperationId]) -> Result<HashMap<OperationId, Standpoint>, StoreError> {
        self.table.standpoints(ids).await
    }

    async fn mark(&self, _: &str, _: Option<Time>, _: &Mark) -> Result<Written, StoreError> {
        nothing()
    }

    async fn extend(&self, _: &str, _: Option<Time>, _: &[Extension]) -> Result<Kept, StoreError> {
        nothing()
    }

    async fn protect(&self, _: &str, _: Option<&Protection>, _: Time) -> Result<Kept, StoreError> {
        nothing()
    }
}

/// A bus that tells nobody but the person at the terminal.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard(Arc<Mutex<Vec<Outgoing>>>);

impl Heard {
    /// What was said last.
    pub(super) fn last(&self) -> Option<Outgoing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).last().cloned()
    }
}

impl Bus for Heard {
    async fn publish(&self, events: &[Outgoing]) -> Vec<Result<(), BusError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(events);
        vec![Ok(()); events.len()]
    }
}
