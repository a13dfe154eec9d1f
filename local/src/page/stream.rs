//! What changes, as server-sent events: a `snapshot` first, then each `change`.
//!
//! Each browser has its own place in the changes. One that is too slow loses it, and gets a snapshot again: nobody waits
//! for it, and no more is kept for it than for all.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::reply::{self, Refused, Reply};
use super::watch::{Told, Watch};

/// How long a stream may be silent.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long it waits before it tries again to look.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// How many streams are open at once.
pub(super) const STREAMS_MAX: usize = 32;

/// The places for streams.
#[derive(Clone, Debug)]
pub(super) struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(STREAMS_MAX)))
    }
}

/// Opens a stream. `last`: the id of the last event that this browser has got.
pub(super) async fn open(watch: &Arc<Watch>, places: &Places, last: Option<&str>) -> Reply {
    let Ok(place) = Arc::clone(&places.0).try_acquire_owned() else {
        return Refused(503, format!("{STREAMS_MAX} pages look already; close some of them")).into();
    };
    let changes = watch.listen().await;
    let mut place = Listener {
        watch: Arc::clone(watch),
        changes,
        sent: None,
        missed: VecDeque::new(),
        is_greeted: false,
        _place: place,
    };
    let known = last.and_then(|last| last.strip_prefix(&watch.run)?.strip_prefix('-')?.parse::<u64>().ok());
    if let Some(number) = known
        && let Some(missed) = watch.since(number).await
    {
        place.missed = missed.into();
        place.sent = Some(number);
    }
    let events = stream::unfold(place, |mut place| async move {
        let text = place.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(text))), place))
    });
    reply::stream(StreamBody::new(events).boxed_unsync())
}

/// A browser that listens.
struct Listener {
    watch: Arc<Watch>,
    changes: broadcast::Receiver<Arc<Told>>,
    /// The number of the last change that it knows; none: it needs a snapshot.
    sent: Option<u64>,
    /// Changes that it has not got yet.
    missed: VecDeque<Arc<Told>>,
    is_greeted: bool,
    _place: OwnedSemaphorePermit,
}

impl Listener {
    /// What it gets next, however long that takes; `None`: the cloud has ended.
    async fn next(&mut self) -> Option<String> {
        if !self.is_greeted {
            self.is_greeted = true;
            // How soon a browser comes back.
            return Some("retry: 1000\n\n".to_owned());
        }
        loop {
            let Some(sent) = self.sent else { return Some(self.snapshot().await) };
            let told = match self.missed.pop_front() {
                Some(told) => told,
                None => match tokio::time::timeout(HEARTBEAT, self.changes.recv()).await {
                    Err(_) => return Some(": still here\n\n".to_owned()),
                    Ok(Ok(told)) => told,
                    Ok(Err(RecvError::Lagged(_))) => {
                        self.sent = None;
                        continue;
                    }
                    Ok(Err(RecvError::Closed)) => return None,
                },
            };
            if told.number <= sent {
                continue;
            }
            // One is missing: it fell out between the snapshot and the first change.
            if told.number > sent + 1 {
                self.sent = None;
                continue;
            }
            self.sent = Some(told.number);
            return Some(self.event("change", told.number, &told.text));
        }
    }

    async fn snapshot(&mut self) -> String {
        let view = match self.watch.look().await {
            Ok(view) => view,
            Err(error) => {
                tokio::time::sleep(AGAIN_AFTER).await;
                return format!("event: trouble\ndata: {}\n\n", serde_json::Value::from(error));
            }
        };
        let text = serde_json::to_string(&*view).unwrap_or_default();
        self.sent = Some(view.number);
        self.event("snapshot", view.number, &text)
    }

    /// JSON has no line breaks, so one line of data holds it.
    fn event(&self, name: &str, number: u64, text: &str) -> String {
        format!("id: {}-{number}\nevent: {name}\ndata: {text}\n\n", self.watch.run)
    }
}
