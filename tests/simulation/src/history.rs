//! What happened, a line each: written only when a schedule is replayed.

use std::fmt::Write as _;

use shared::clock::Time;

/// The lines, if anybody wants them.
#[derive(Debug, Default)]
pub(crate) struct History {
    lines: Option<Vec<String>>,
}

impl History {
    pub(crate) fn kept() -> Self {
        Self { lines: Some(Vec::new()) }
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.lines.is_some()
    }

    /// The words are made only if somebody wants them.
    pub(crate) fn say(&mut self, at: Time, words: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            let mut line = at.format("%d %H:%M:%S%.3f ").to_string();
            let _ = write!(line, "{}", words());
            lines.push(line);
        }
    }

    pub(crate) fn taken(&mut self) -> Vec<String> {
        self.lines.take().unwrap_or_default()
    }
}
