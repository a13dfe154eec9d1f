//! What the function processes print.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// How many lines are kept.
const LINES_MAX: usize = 20_000;
/// How long a line may be, as at CloudWatch Logs; the rest of a longer one is cut off.
const LINE_MAX: usize = 256 * 1024;

/// Where a line was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One line that a function process printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was read.
    pub at: DateTime<Utc>,
    /// The function's logical id.
    pub function: String,
    /// The process.
    pub pid: u32,
    /// The invocation that the process was last given; none during its start.
    pub request_id: Option<String>,
    /// Where it was printed.
    pub stream: Stream,
    /// The line without its end.
    pub text: String,
}

/// Gets every line as it is read. It must be quick: the process waits for it once its pipe is full.
pub type Sink = Arc<dyn Fn(&LogLine) + Send + Sync>;

/// The last lines of all processes.
#[derive(Default)]
pub(super) struct Logs {
    lines: Mutex<VecDeque<LogLine>>,
    sink: Option<Sink>,
}

impl Logs {
    pub(super) fn new(sink: Option<Sink>) -> Self {
        Self { lines: Mutex::default(), sink }
    }

    pub(super) fn add(&self, line: LogLine) {
        if let Some(sink) = &self.sink {
            sink(&line);
        }
        let mut lines = self.lines();
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    pub(super) fn all(&self) -> Vec<LogLine> {
        self.lines().iter().cloned().collect()
    }

    fn lines(&self) -> MutexGuard<'_, VecDeque<LogLine>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs").field("lines", &self.lines().len()).finish_non_exhaustive()
    }
}

/// The next line, cut off at the limit; none at the end or when the pipe breaks.
pub(super) async fn next_line(from: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let mut line: Vec<u8> = Vec::new();
    let mut any = false;
    loop {
        let read = from.fill_buf().await.ok()?;
        if read.is_empty() {
            break;
        }
        any = true;
        let end = read.iter().position(|&byte| byte == b'\n');
        let part = &read[..end.unwrap_or(read.len())];
        line.extend_from_slice(&part[..part.len().min(LINE_MAX - line.len())]);
        let used = end.map_or(part.len(), |end| end + 1);
        from.consume(used);
        if end.is_some() {
            break;
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    any.then(|| String::from_utf8_lossy(&line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_split_and_long_ones_cut() {
        let long = "x".repeat(LINE_MAX + 10);
        let text = format!("a\r\n\n{long}\nlast");
        let mut from = tokio::io::BufReader::with_capacity(100, text.as_bytes());
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut from).await {
            lines.push(line);
        }
        assert_eq!(lines.len(), 4);
        assert_eq!([&*lines[0], &*lines[1], &*lines[3]], ["a", "", "last"]);
        assert_eq!(lines[2].len(), LINE_MAX);
    }

    #[test]
    fn the_oldest_line_makes_room() {
        let logs = Logs::new(None);
        for n in 0..=LINES_MAX {
            logs.add(LogLine {
                at: DateTime::UNIX_EPOCH,
                function: "F".to_owned(),
                pid: 1,
                request_id: None,
                stream: Stream::Stdout,
                text: n.to_string(),
            });
        }
        let lines = logs.all();
        assert_eq!((lines.len(), lines[0].text.as_str()), (LINES_MAX, "1"));
    }
}
