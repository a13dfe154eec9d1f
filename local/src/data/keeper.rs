//! Saving what has changed, at most once a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Data, DataError, Saved};
use crate::catalog::Catalog;
use crate::cloud::{Cloud, CloudError};
use crate::dynamo::Dynamo;
use crate::scene::Later;
use crate::wiring::Wiring;

/// How long it waits from one look to the next.
const EVERY: Duration = Duration::from_secs(1);
/// Of its time, it works one part in so many at the most: a big state is looked at more rarely.
const REST: u32 = 10;

impl Cloud {
    /// Keeps what there is in its directory, from now on; a new one has begun with the scene of that name. The future ends
    /// with the reason when it can be kept no longer, and never where there is no directory.
    ///
    /// # Errors
    /// If it cannot be kept even once.
    pub fn keep(&self, scene: &str) -> Result<impl Future<Output = DataError> + use<>, CloudError> {
        let keeper = self.keeper(scene)?;
        if let Some(keeper) = &keeper {
            keeper.save()?;
        }
        Ok(async move {
            match keeper {
                Some(keeper) => keeper.run().await,
                None => std::future::pending().await,
            }
        })
    }

    /// Keeps what there is now.
    ///
    /// # Errors
    /// If it cannot be kept.
    pub fn save(&self, scene: &str) -> Result<(), CloudError> {
        Ok(self.keeper(scene)?.map_or(Ok(()), |keeper| keeper.save())?)
    }

    fn keeper(&self, scene: &str) -> Result<Option<Keeper>, CloudError> {
        let Some(data) = &self.data else { return Ok(None) };
        let properties = self.template.tables.get(&self.table).cloned().unwrap_or_default();
        Ok(Some(Keeper {
            data: Arc::clone(data),
            scene: scene.to_owned(),
            table: Dynamo::definition(&self.table, &properties)?,
            catalog: self.catalog.clone(),
            wiring: self.wiring.clone(),
            later: self.later.clone(),
            last: Arc::default(),
        }))
    }
}

/// What is saved, and where.
#[derive(Clone)]
struct Keeper {
    data: Arc<Data>,
    scene: String,
    /// How the table was made.
    table: Value,
    catalog: Catalog,
    wiring: Wiring,
    later: Later,
    /// What was saved last.
    last: Arc<Mutex<Vec<u8>>>,
}

impl Keeper {
    /// Saves for ever, until it cannot: gives the reason.
    async fn run(self) -> DataError {
        loop {
            let began = Instant::now();
            let keeper = self.clone();
            let saved = tokio::task::spawn_blocking(move || keeper.save()).await;
            match saved {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return error,
                Err(error) => return self.data.wrong(format!("the state cannot be saved: {error}")),
            }
            tokio::time::sleep(EVERY.max(began.elapsed() * REST)).await;
        }
    }

    /// Saves what there is now, unless it is what was saved last.
    fn save(&self) -> Result<(), DataError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let cannot = |error: serde_json::Error| self.data.wrong(format!("the state cannot be written down: {error}"));
        let saved = Saved::new(
            self.scene.clone(),
            self.table.clone(),
            self.catalog.kept().map_err(cannot)?,
            self.wiring.kept(),
            self.later.pending(),
        );
        let text = serde_json::to_vec(&saved).map_err(cannot)?;
        if *last != text {
            self.data.write(&text)?;
            *last = text;
        }
        Ok(())
    }
}
