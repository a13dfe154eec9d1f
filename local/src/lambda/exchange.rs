//! What the Runtime API and the supervisor of one process tell each other: a small state that both change and wait on.

use axum::body::Bytes;
use tokio::sync::watch;

/// An invocation on its way to the process.
#[derive(Clone, Debug)]
pub(super) struct Invocation {
    /// The request id.
    pub(super) id: String,
    /// `X-Amzn-Trace-Id`.
    pub(super) trace: String,
    /// The event.
    pub(super) payload: Bytes,
}

/// An error as a function reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Diagnostic {
    pub(super) error_type: String,
    pub(super) message: String,
}

/// How an invocation ended, in the process's own words.
#[derive(Clone, Debug)]
pub(super) enum Report {
    Response(Bytes),
    Error(Diagnostic),
}

/// Everything known about one process.
#[derive(Debug, Default)]
pub(super) struct State {
    /// It has asked for work, so its start is over.
    pub(super) ready: bool,
    /// Waits to be fetched.
    pub(super) queued: Option<Invocation>,
    /// Was fetched and is not reported yet.
    pub(super) running: Option<String>,
    /// The last one that was fetched: log lines belong to it.
    pub(super) latest: Option<String>,
    /// The report of the one that ran.
    pub(super) report: Option<Report>,
    /// It said that it cannot start.
    pub(super) init_error: Option<Diagnostic>,
    /// It is dead: how it ended.
    pub(super) dead: Option<String>,
    /// It is dead, and all that it printed has been read.
    pub(super) gone: bool,
}

/// The shared state of one process.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    state: watch::Sender<State>,
}

impl Exchange {
    /// Reads the state.
    pub(super) fn read<R>(&self, read: impl FnOnce(&State) -> R) -> R {
        read(&self.state.borrow())
    }

    /// Changes the state and wakes whoever waits.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut result = None;
        self.state.send_modify(|state| result = Some(change(state)));
        result.unwrap_or_else(|| unreachable!("send_modify runs its closure once"))
    }

    /// Waits until `until` gives something.
    pub(super) async fn wait<R>(&self, mut until: impl FnMut(&State) -> Option<R>) -> R {
        let mut result = None;
        let mut changes = self.state.subscribe();
        let _ = changes
            .wait_for(|state| {
                result = until(state);
                result.is_some()
            })
            .await;
        // The sender is `self`, so waiting ends only by what was waited for.
        result.unwrap_or_else(|| unreachable!("the state outlives its readers"))
    }

    /// The process asks for work: waits for an invocation and hands it over.
    pub(super) async fn next(&self) -> Invocation {
        self.change(|state| state.ready = true);
        loop {
            self.wait(|state| state.queued.is_some().then_some(())).await;
            // Of two polls at the same time only one gets it.
            let taken = self.change(|state| {
                let taken = state.queued.take()?;
                state.running = Some(taken.id.clone());
                state.latest = Some(taken.id.clone());
                Some(taken)
            });
            if let Some(invocation) = taken {
                return invocation;
            }
        }
    }

    /// The process reports on an invocation; false if that is not the one it runs.
    pub(super) fn report(&self, id: &str, report: Report) -> bool {
        self.change(|state| {
            let expected = state.running.as_deref() == Some(id);
            if expected {
                state.running = None;
                state.report = Some(report);
            }
            expected
        })
    }
}
