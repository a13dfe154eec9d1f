//! The service actions of provisioning artifacts, kept for a while: drift often comes to many products of one version.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::clock::Time;
use crate::ports::{Bus, CallError, Catalog, ServiceAction, Store};
use crate::retry::after;
use crate::workflow::Edges;

/// How long what was read is believed.
const BELIEVED_FOR: Duration = Duration::from_mins(10);
/// How many artifacts are kept; then all are forgotten.
const ARTIFACTS_MAX: usize = 1_000;

type Kept = (Time, Arc<Vec<ServiceAction>>);

/// What was read lately, by product and artifact.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<HashMap<(String, String), Kept>>);

impl Shelf {
    pub(super) async fn actions<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        product_id: &str,
        artifact_id: &str,
    ) -> Result<Arc<Vec<ServiceAction>>, CallError> {
        // Held while the service is asked: the messages of a batch ask once.
        let mut kept = self.0.lock().await;
        let (now, key) = (edges.clock.now(), (product_id.to_owned(), artifact_id.to_owned()));
        if let Some((read_at, actions)) = kept.get(&key)
            && *read_at <= now
            && now < after(*read_at, BELIEVED_FOR)
        {
            return Ok(Arc::clone(actions));
        }
        let actions = Arc::new(edges.catalog.actions(product_id, artifact_id).await?);
        if kept.len() >= ARTIFACTS_MAX {
            kept.clear();
        }
        kept.insert(key, (now, Arc::clone(&actions)));
        Ok(actions)
    }
}
