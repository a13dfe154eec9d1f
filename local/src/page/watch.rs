//! Looking again and again while somebody looks, and telling them what has changed.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, broadcast};

use super::change::Change;
use super::effect;
use super::fault::Switches;
use super::look;
use super::view::{CallRow, EventRow, Settings, Switchable, View};
use crate::cloud::Cloud;
use crate::gateway::Place;
use crate::run::ends::{Ends, Said};

/// No two looks are closer than this, however many people look.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// How many calls, and how many events, are shown.
const LOG_MAX: usize = 200;
/// How many changes are kept for those who were away for a moment, or are slow.
pub(super) const CHANGES_MAX: usize = 64;
/// How many events are listened to at one look, for what was said of products: no more are remembered.
const HEARD_MAX: usize = 50_000;

/// A change, as it is told.
#[derive(Debug)]
pub(super) struct Told {
    /// Its number: they count up by one.
    pub(super) number: u64,
    /// JSON.
    pub(super) text: String,
}

/// Looks at one cloud for everybody.
pub(super) struct Watch {
    cloud: Weak<Cloud>,
    /// Which cloud it is: numbers of another one mean nothing here.
    pub(super) run: String,
    switches: Switches,
    memory: Mutex<Memory>,
    changes: broadcast::Sender<Arc<Told>>,
}

#[derive(Default)]
struct Memory {
    latest: Option<(Instant, Arc<View>)>,
    told: VecDeque<Arc<Told>>,
    /// Whether a task looks again and again.
    is_looking: bool,
    said: Said,
    /// How many events were listened to.
    heard: usize,
    /// How many calls were seen.
    called: usize,
    calls: VecDeque<CallRow>,
    events: VecDeque<EventRow>,
}

impl Watch {
    pub(super) fn new(cloud: &Arc<Cloud>, switches: Switches) -> Self {
        Self {
            cloud: Arc::downgrade(cloud),
            run: format!("{:08x}", fastrand::u32(..)),
            switches,
            memory: Mutex::default(),
            changes: broadcast::Sender::new(CHANGES_MAX),
        }
    }

    /// How the cloud looks: now, or a moment ago.
    pub(super) async fn look(&self) -> Result<Arc<View>, String> {
        let mut memory = self.memory.lock().await;
        if let Some((at, view)) = &memory.latest
            && at.elapsed() < LOOK_EVERY
        {
            return Ok(Arc::clone(view));
        }
        let cloud = self.cloud.upgrade().ok_or("the local cloud is ending")?;
        let items = cloud.dynamo.scan(&cloud.table).await.map_err(|error| error.to_string())?;
        let before = memory.latest.as_ref().map(|(_, view)| Arc::clone(view));
        let mut view = self.view(&cloud, &items, &mut memory);
        view.number = before.as_ref().map_or(0, |before| before.number);
        if let Some(before) = &before
            && let Some(change) = Change::between(before, &view)
        {
            let text = serde_json::to_string(&change).map_err(|error| error.to_string())?;
            view.number += 1;
            let told = Arc::new(Told { number: view.number, text });
            if memory.told.len() == CHANGES_MAX {
                memory.told.pop_front();
            }
            memory.told.push_back(Arc::clone(&told));
            // Nobody listens: nobody has to be told.
            let _ = self.changes.send(told);
        }
        let view = Arc::new(view);
        memory.latest = Some((Instant::now(), Arc::clone(&view)));
        Ok(view)
    }

    fn view(&self, cloud: &Cloud, items: &[serde_json::Value], memory: &mut Memory) -> View {
        let heard = memory.heard;
        let (total, seen) = cloud.wiring.seen_last(heard, HEARD_MAX);
        memory.said.hear(&seen);
        memory.heard = total;
        let first = total - seen.len();
        let new = seen.iter().enumerate().skip(seen.len().saturating_sub(LOG_MAX));
        keep(&mut memory.events, new.map(|(i, seen)| look::event(first + i + 1, seen)));
        let (total, calls) = cloud.gateway.requests_after(memory.called, LOG_MAX);
        let first = total - calls.len();
        memory.called = total;
        let new = calls.iter().enumerate().map(|(i, one)| look::call(first + i + 1, one, &self.switches));
        keep(&mut memory.calls, new);

        let ends = Ends::with(cloud, items, memory.said.clone());
        let rows = look::rows(cloud, items, &ends);
        let Place { account, region } = Place::default();
        View {
            run: self.run.clone(),
            number: 0,
            at: cloud.clock.now(),
            account,
            region,
            switches: Switchable {
                effects: effect::KNOWN.to_vec(),
                callers: self.switches.callers(),
                services: self.switches.services().to_vec(),
            },
            settings: Settings { speed: cloud.clock.speed(), paused: rows.paused },
            sweep: ends.sweep(),
            products: rows.products,
            operations: rows.operations,
            rejected: rows.rejected,
            queues: look::queues(cloud),
            faults: self.switches.list(),
            calls: memory.calls.iter().cloned().collect(),
            events: memory.events.iter().cloned().collect(),
            omitted: rows.omitted,
        }
    }

    /// Tells of each change from now on, for as long as the receiver lives.
    pub(super) async fn listen(self: &Arc<Self>) -> broadcast::Receiver<Arc<Told>> {
        let mut memory = self.memory.lock().await;
        let receiver = self.changes.subscribe();
        if !memory.is_looking {
            memory.is_looking = true;
            tokio::spawn(look_on(Arc::downgrade(self)));
        }
        receiver
    }

    /// The changes after that one, if all of them are still known.
    pub(super) async fn since(&self, number: u64) -> Option<Vec<Arc<Told>>> {
        let memory = self.memory.lock().await;
        let (_, view) = memory.latest.as_ref()?;
        let missed: Vec<_> = memory.told.iter().filter(|told| told.number > number).cloned().collect();
        let is_whole = number.checked_add(u64::try_from(missed.len()).ok()?)? == view.number;
        is_whole.then_some(missed)
    }

    /// Tells something, whatever there is to be seen.
    #[cfg(test)]
    pub(super) fn tell(&self, number: u64, text: String) {
        let _ = self.changes.send(Arc::new(Told { number, text }));
    }

    /// Whether a task looks again and again.
    #[cfg(test)]
    pub(super) async fn is_looking(&self) -> bool {
        self.memory.lock().await.is_looking
    }
}

/// Looks for as long as anybody listens.
async fn look_on(watch: Weak<Watch>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(watch) = watch.upgrade() else { return };
        let mut memory = watch.memory.lock().await;
        if watch.changes.receiver_count() == 0 {
            memory.is_looking = false;
            return;
        }
        drop(memory);
        if let Err(error) = watch.look().await {
            tracing::warn!(error, "the local cloud cannot be looked at");
        }
    }
}

fn keep<T>(kept: &mut VecDeque<T>, new: impl Iterator<Item = T>) {
    kept.extend(new);
    while kept.len() > LOG_MAX {
        kept.pop_front();
    }
}
