//! What people and scripts see. Words for people go to the terminal as tables, in colour only there, and never in colour alone;
//! `--json` is one document.

mod progress;
mod table;
mod time;

use std::io::{IsTerminal as _, Write as _, stdin};

use anstream::{stderr, stdout};
use anstyle::{AnsiColor, Style};
use clap::CommandFactory as _;
use clap_complete::Shell;
use serde::Serialize;
use serde_json::Value;

use crate::arguments::{Arguments, Global};
use crate::problem::Problem;

pub(crate) use progress::Progress;
pub(crate) use table::{Table, facts};
pub(crate) use time::{at, iso, relative};

const HEAD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WORTH_A_LOOK: Style = AnsiColor::Yellow.on_default();
const QUIET: Style = Style::new().dimmed();

/// Prints an answer: for scripts `document`, for people whatever `words` prints.
pub(crate) fn answer<T: Serialize>(global: &Global, document: &T, words: impl FnOnce()) {
    if global.json {
        json(&serde_json::to_value(document).unwrap_or_default());
    } else {
        words();
    }
}

fn json(document: &Value) {
    out(&format!("{document:#}"));
}

// What cannot be written is nobody's loss: whoever reads has closed the pipe. No answer of a write below is looked at.

fn out(text: &str) {
    let _ = writeln!(stdout(), "{text}");
}

fn beside(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// A line.
pub(crate) fn line(text: &str) {
    out(text);
}

/// A headline.
pub(crate) fn head(text: &str) {
    out(&format!("{HEAD}{text}{HEAD:#}"));
}

/// Something that is beside the point of a command, or of its progress: on standard error, so that a script's input stays clean.
pub(crate) fn aside(text: &str) {
    beside(&format!("{QUIET}{text}{QUIET:#}"));
}

/// Something that everybody must see.
pub(crate) fn warning(text: &str) {
    beside(&format!("{WORTH_A_LOOK}{text}{WORTH_A_LOOK:#}"));
}

/// What went wrong.
pub(crate) fn problem(problem: &Problem) {
    beside(&format!("{BAD}steward:{BAD:#} {problem}"));
}

/// A word as a state: coloured by what it means.
pub(crate) fn state(word: &str) -> String {
    let style = match word {
        "succeeded" | "ok" => GOOD,
        "failed" | "rejected" | "wrong" => BAD,
        "waiting" | "cancelled" | "look" => WORTH_A_LOOK,
        _ => Style::new(),
    };
    if stdout().is_terminal() { format!("{style}{word}{style:#}") } else { word.to_owned() }
}

/// Completions for a shell.
pub(crate) fn completions(shell: Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "steward", &mut script);
    let _ = std::io::stdout().write_all(&script);
}

/// Asks before something that may not be taken back.
///
/// # Errors
/// If nobody says yes.
pub(crate) fn confirm(global: &Global, question: &str) -> Result<(), Problem> {
    if global.yes {
        return Ok(());
    }
    if !stdin().is_terminal() {
        return Err(Problem::Refused(format!("not confirmed: {question} Say so with --yes")));
    }
    let _ = write!(stderr(), "{question} [y/N] ");
    let _ = stderr().flush();
    let mut answer = String::new();
    let read = stdin().read_line(&mut answer);
    match (read, answer.trim().to_ascii_lowercase().as_str()) {
        (Ok(_), "y" | "yes") => Ok(()),
        _ => Err(Problem::Refused("not confirmed: nothing was done".to_owned())),
    }
}
