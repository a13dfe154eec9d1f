//! What a fault does, in words: the same at a terminal, on the page, and over HTTP.

use std::time::Duration;

use shared::duration;

use crate::catalog::Script;
use crate::gateway::faults::Effect;

/// What happens, and to what.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Happening {
    /// To a call.
    Call(Effect),
    /// To a record, once its call is accepted.
    Record(Script),
}

/// How each is written, and what it means.
pub(super) const KNOWN: [(&str, &str); 13] = [
    ("throttle", "the call is refused: 400 ThrottlingException; the service never hears of it"),
    ("error-500", "the call is answered with 500 InternalFailure; the service never hears of it"),
    ("answer STATUS CODE [TEXT]", "the call is answered so; the service never hears of it"),
    ("answer-after STATUS CODE [TEXT]", "the call is carried out, and answered so all the same"),
    ("lost-answer", "the call is carried out, and its connection closes without an answer"),
    ("drop", "the connection closes; the service never hears of the call"),
    ("slow TIME", "the call reaches the service that much later: 500ms, 2s"),
    ("slow-answer TIME", "the answer reaches the caller that much later"),
    ("kill-before", "the calling function is killed; the service never hears of the call"),
    ("kill-after", "the call is carried out, then the calling function is killed"),
    ("record-fails [TEXT]", "the record of an accepted call FAILED, with this text"),
    ("record-never-ends", "the record of an accepted call stays IN_PROGRESS: the engine does not answer"),
    ("record-unknown-status STATUS", "the record is in a status that nobody knows for a while, then SUCCEEDED"),
];

/// The longest time that a call is held.
const SLOW_MAX: Duration = Duration::from_hours(1);
/// The longest text of an answer, in bytes.
const TEXT_MAX: usize = 1_024;

/// Reads an effect.
pub(super) fn parse(words: &str) -> Result<Happening, String> {
    if words.len() > 2 * TEXT_MAX || words.chars().any(char::is_control) {
        return Err(format!("an effect is one line of up to {} bytes", 2 * TEXT_MAX));
    }
    let words = words.trim();
    let (name, rest) = words.split_once(' ').map_or((words, ""), |(name, rest)| (name, rest.trim()));
    let plain =
        |happening| if rest.is_empty() { Ok(happening) } else { Err(format!("{name} is one word, not {words:?}")) };
    match name {
        "throttle" => plain(Happening::Call(throttle())),
        "error-500" => plain(Happening::Call(error_500())),
        "lost-answer" => plain(Happening::Call(Effect::DropAfter)),
        "drop" => plain(Happening::Call(Effect::DropBefore)),
        "kill-before" => plain(Happening::Call(Effect::KillBefore)),
        "kill-after" => plain(Happening::Call(Effect::KillAfter)),
        "slow" => Ok(Happening::Call(Effect::Delay(time(rest)?))),
        "slow-answer" => Ok(Happening::Call(Effect::DelayAnswer(time(rest)?))),
        "answer" => {
            let (status, code, message) = answer(rest)?;
            Ok(Happening::Call(Effect::Answer { status, code, message }))
        }
        "answer-after" => {
            let (status, code, message) = answer(rest)?;
            Ok(Happening::Call(Effect::AnswerAfter { status, code, message }))
        }
        "record-fails" => {
            let text = if rest.is_empty() { "It failed on purpose." } else { rest };
            Ok(Happening::Record(Script::Fail(vec![(FAILED.to_owned(), text.to_owned())])))
        }
        "record-never-ends" => plain(Happening::Record(Script::Never)),
        "record-unknown-status" if is_name(rest) => Ok(Happening::Record(Script::UnknownStatus(rest.to_owned()))),
        "record-unknown-status" => Err(format!("{rest:?} is no status; accepted: letters, digits, _, up to 128")),
        other => {
            let known: Vec<&str> = KNOWN.iter().map(|(words, _)| *words).collect();
            Err(format!("there is no effect {other:?}; accepted: {}", known.join(" | ")))
        }
    }
}

/// The code that records fail with.
const FAILED: &str = "1";

/// An effect as [`parse`] reads it.
pub(super) fn words(happening: &Happening) -> String {
    match happening {
        Happening::Call(effect) => of_call(effect),
        Happening::Record(Script::Fail(errors)) => {
            format!("record-fails {}", errors.first().map_or("", |(_, text)| text)).trim_end().to_owned()
        }
        Happening::Record(Script::Never) => "record-never-ends".to_owned(),
        Happening::Record(Script::UnknownStatus(status)) => format!("record-unknown-status {status}"),
        Happening::Record(Script::Succeed) => "record-succeeds".to_owned(),
    }
}

/// The same of a call.
pub(super) fn of_call(effect: &Effect) -> String {
    match effect {
        effect if *effect == throttle() => "throttle".to_owned(),
        effect if *effect == error_500() => "error-500".to_owned(),
        Effect::Answer { status, code, message } => format!("answer {status} {code} {message}").trim_end().to_owned(),
        Effect::AnswerAfter { status, code, message } => {
            format!("answer-after {status} {code} {message}").trim_end().to_owned()
        }
        Effect::DropBefore => "drop".to_owned(),
        Effect::DropAfter => "lost-answer".to_owned(),
        Effect::Delay(by) => format!("slow {}", in_words(*by)),
        Effect::DelayAnswer(by) => format!("slow-answer {}", in_words(*by)),
        Effect::KillBefore => "kill-before".to_owned(),
        Effect::KillAfter => "kill-after".to_owned(),
    }
}

fn throttle() -> Effect {
    Effect::Answer { status: 400, code: "ThrottlingException".to_owned(), message: "Rate exceeded".to_owned() }
}

fn error_500() -> Effect {
    let message = "The service failed on purpose.".to_owned();
    Effect::Answer { status: 500, code: "InternalFailure".to_owned(), message }
}

fn answer(words: &str) -> Result<(u16, String, String), String> {
    let mut parts = words.splitn(3, ' ').map(str::trim);
    let (status, code, message) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let status = status
        .parse()
        .ok()
        .filter(|status| (400..=599).contains(status))
        .ok_or_else(|| format!("{status:?} is no status of an error; accepted: 400 to 599"))?;
    if !is_name(code) {
        return Err(format!("{code:?} is no error code; accepted: letters, digits, _, up to 128"));
    }
    if message.len() > TEXT_MAX {
        return Err(format!("the text of an answer is longer than {TEXT_MAX} bytes"));
    }
    Ok((status, code.to_owned(), message.to_owned()))
}

fn is_name(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
}

fn time(text: &str) -> Result<Duration, String> {
    let time = duration::parse(text).map_err(|error| error.to_string())?;
    if time > SLOW_MAX { Err(format!("{text} is too long; accepted: up to 1h")) } else { Ok(time) }
}

/// A duration as it is read.
pub(super) fn in_words(time: Duration) -> String {
    let millis = time.as_millis();
    if millis == 0 {
        return "0s".to_owned();
    }
    let units = [(3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let whole = units.into_iter().find(|(unit, _)| millis >= *unit && millis.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{millis}ms"), |(unit, name)| format!("{}{name}", millis / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same_way() {
        for text in [
            "throttle",
            "error-500",
            "lost-answer",
            "drop",
            "kill-before",
            "kill-after",
            "slow 2s",
            "slow 1500ms",
            "slow-answer 3m",
            "slow 1h",
            "answer 503 ServiceUnavailable",
            "answer 400 InvalidParametersException It is UNDER_CHANGE, it says.",
            "answer-after 500 InternalFailure Ouch",
            "record-fails The bucket is not empty",
            "record-never-ends",
            "record-unknown-status PONDERING",
        ] {
            assert_eq!(words(&parse(text).unwrap()), text);
        }
        assert_eq!(words(&parse("  slow   2000ms ").unwrap()), "slow 2s");
        assert_eq!(parse("answer 400 ThrottlingException Rate exceeded"), parse("throttle"));
    }

    #[test]
    fn every_known_effect_is_read() {
        for (text, _) in KNOWN {
            let example = text.replace("STATUS", "503").replace("CODE", "Busy").replace("TIME", "2s");
            let example = example.split(" [").next().unwrap();
            parse(example).unwrap_or_else(|error| panic!("{example}: {error}"));
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_in_one_line() {
        for (text, says) in [
            ("", "accepted: throttle | error-500"),
            ("explode", "there is no effect \"explode\"; accepted: throttle | error-500"),
            ("drop it", "drop is one word"),
            ("slow", "\"\" is no duration; accepted: a whole number and a unit"),
            ("slow 2 s", "accepted: a whole number and a unit"),
            ("slow 2h", "accepted: up to 1h"),
            ("answer 200 Fine", "accepted: 400 to 599"),
            ("answer x", "accepted: 400 to 599"),
            ("answer 503", "is no error code"),
            ("answer 503 a-b", "is no error code"),
            ("record-unknown-status", "is no status"),
            ("record-fails a\nb", "one line"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(says) && !error.contains('\n'), "{text}: {error}");
        }
        assert!(parse(&format!("answer 503 Busy {}", "x".repeat(1_025))).unwrap_err().contains("1024"));
        assert!(parse(&"x".repeat(9_999)).unwrap_err().contains("2048"));
    }
}
