//! Progress of what takes a while: on a terminal alone, and on standard error.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget};

/// How often it moves.
const TICK: Duration = Duration::from_millis(120);

/// Something under way.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// It begins. Where there is no terminal nothing is drawn.
    pub(crate) fn begin(what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// How far it is.
    pub(crate) fn say(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    /// It ends, and leaves no trace.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}
