//! What happens in a scene by itself, some time after its start.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::format;
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::wiring::{DEFAULT_BUS, Wiring};

/// Something that is still to happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    at: DateTime<Utc>,
    what: Happening,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Happening {
    /// An event comes over a bus: the account's own, or the template's.
    Event { is_own: bool, event: Value },
    /// A stack is found to have drifted.
    Drift(String),
    /// The same by AWS Config.
    ConfigDrift(String),
    /// An update begins; some fail with these words.
    Update(String, Option<String>),
}

/// All that is still to happen. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Later {
    pending: Arc<Mutex<Vec<Pending>>>,
    added: Arc<Notify>,
}

impl Later {
    /// Adds to it.
    pub fn add(&self, more: impl IntoIterator<Item = Pending>) {
        self.lock().extend(more);
        self.added.notify_one();
    }

    /// What is still to happen.
    #[must_use]
    pub fn pending(&self) -> Vec<Pending> {
        self.lock().clone()
    }

    /// Lets it happen, for ever. `bus`: the template's.
    pub async fn run(self, catalog: Catalog, wiring: Wiring, clock: Clock, bus: String) {
        loop {
            let next = self.lock().iter().map(|pending| pending.at).min();
            match next {
                None => self.added.notified().await,
                Some(at) => tokio::select! { () = self.added.notified() => {}, () = clock.sleep_until(at) => {} },
            }
            let now = clock.now();
            let mut due: Vec<Pending> = self.lock().extract_if(.., |pending| pending.at <= now).collect();
            due.sort_by_key(|pending| pending.at);
            for Pending { at, what } in due {
                happen(what, at, &catalog, &wiring, &bus).await;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn happen(what: Happening, at: DateTime<Utc>, catalog: &Catalog, wiring: &Wiring, bus: &str) {
    match what {
        Happening::Event { is_own, event } => {
            let event = catalog.enveloped(&event, at);
            wiring.put(if is_own { DEFAULT_BUS } else { bus }, event).await;
        }
        Happening::Drift(id) => drop(catalog.drift(&id)),
        Happening::ConfigDrift(id) => catalog.config_drift(&id),
        Happening::Update(id, None) => drop(catalog.update(&id, None)),
        Happening::Update(id, Some(words)) => drop(catalog.update_that_fails(&id, &words)),
    }
}

/// What a scene's member says; it was checked before.
pub(super) fn pending(later: &format::Later, start: DateTime<Utc>) -> Pending {
    let what = match later {
        format::Later { drift: Some(id), .. } => Happening::Drift(id.clone()),
        format::Later { config_drift: Some(id), .. } => Happening::ConfigDrift(id.clone()),
        format::Later { update: Some(id), fails, .. } => Happening::Update(id.clone(), fails.clone()),
        format::Later { publish, .. } => {
            let event = publish.as_ref().map(|event| {
                json!({
                    "source": event.source,
                    "detail-type": event.detail_type,
                    "resources": event.resources,
                    "detail": if event.detail.is_null() { json!({}) } else { event.detail.clone() },
                })
            });
            let is_own = publish.as_ref().is_none_or(|event| event.bus == format::BusName::Default);
            Happening::Event { is_own, event: event.unwrap_or_default() }
        }
    };
    Pending { at: start + later.after.0, what }
}
