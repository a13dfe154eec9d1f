//! Dead letters: looked at, and handed to their functions as they were.
//!
//! SQS cannot move them: our queues take messages from rules alone, and the queue of the rules is no dead-letter queue of a queue.
//! A function takes the message as its queue would have brought it, so what makes two deliveries one request is unchanged, and
//! so is the time at which it was sent.

use std::process::ExitCode;

use chrono::DateTime;
use serde_json::{Value, json};
use shared::request::{Kind, shown};

use crate::arguments::QueueName;
use crate::aws::{LETTERS, Letter, Letters, Session};
use crate::print;
use crate::problem::Problem;

/// For how long a message that is looked at is hidden, in seconds.
const LOOK: i32 = 20;
/// For how long one that is handed over is: longer than any function takes.
const HAND_OVER: i32 = 360;
/// As much of a body as is shown.
const BODY_CHARS_MAX: usize = 1024;
/// A queue is empty if it gives nothing so often: one look may pass a message over.
const EMPTY_LOOKS: u32 = 2;

pub(super) async fn list(session: &Session) -> Result<ExitCode, Problem> {
    let mut rows = Vec::new();
    for letters in LETTERS {
        let (visible, hidden) = session.count(letters, "DeadLetterQueueUrl").await?;
        rows.push((letters, visible, hidden));
    }
    let queues: Vec<Value> = rows
        .iter()
        .map(|(letters, visible, hidden)| {
            json!({ "queue": letters.as_str(), "messages": visible, "hidden": hidden,
                "function": letters.function.and_then(|output| session.deployment.output(output).ok()) })
        })
        .collect();
    print::answer(&session.global, &json!({ "queues": queues }), || {
        let mut table = print::Table::new(&["QUEUE", "MESSAGES", "HIDDEN", "FUNCTION"]);
        for (letters, visible, hidden) in &rows {
            let function = letters.function.and_then(|output| session.deployment.output(output).ok());
            let function = function.unwrap_or("that of each target").to_owned();
            table.row([letters.as_str().to_owned(), visible.to_string(), hidden.to_string(), function]);
        }
        table.print();
    });
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn show(session: &Session, queue: QueueName, limit: u32) -> Result<ExitCode, Problem> {
    let letters = Letters::of(queue);
    let mut found: Vec<Letter> = Vec::new();
    let mut empty = 0;
    while found.len() < limit as usize && empty < EMPTY_LOOKS {
        let left = limit - u32::try_from(found.len()).unwrap_or(limit);
        let some = session.receive(letters, left, LOOK).await?;
        empty = if some.is_empty() { empty + 1 } else { 0 };
        found.extend(some);
    }
    let documents: Vec<Value> = found.iter().map(|letter| document(letters, letter)).collect();
    print::answer(&session.global, &json!({ "queue": letters.as_str(), "messages": documents }), || {
        if found.is_empty() {
            print::line("Nothing, or all of it is hidden by somebody who is looking at it.");
        }
        for (letter, document) in found.iter().zip(&documents) {
            print::head(&letter.id);
            let text = |name: &str| document[name].as_str().map(str::to_owned);
            print::facts([
                ("sent", text("sentAt")),
                ("received", Some(format!("{} times", letter.receives))),
                ("rule", letter.attributes.get("RULE_ARN").cloned()),
                ("target", letter.attributes.get("TARGET_ARN").cloned()),
                ("error", error(letter)),
                ("body", text("body")),
            ]);
        }
    });
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn redrive(session: &Session, queue: QueueName, limit: u32) -> Result<ExitCode, Problem> {
    let letters = Letters::of(queue);
    let question = format!("Hand at most {limit} messages of {} to their functions?", letters.as_str());
    print::confirm(&session.global, &question)?;
    let progress = print::Progress::begin("handing over");
    let (mut handled, mut failed): (Vec<String>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    let mut empty = 0;
    while handled.len() + failed.len() < limit as usize && empty < EMPTY_LOOKS {
        let left = limit - u32::try_from(handled.len() + failed.len()).unwrap_or(limit);
        let some = session.receive(letters, left, HAND_OVER).await?;
        empty = if some.is_empty() { empty + 1 } else { 0 };
        for letter in some {
            match hand_over(session, letters, &letter).await {
                // Only what is handled is deleted; deleted after that, so that a crash in between hands it over twice.
                Ok(()) => match session.delete(letters, &letter).await {
                    Ok(()) => handled.push(letter.id),
                    Err(problem) => failed.push((letter.id, format!("handled, but {problem}"))),
                },
                Err(problem) => failed.push((letter.id, problem.to_string())),
            }
            progress.say(&format!("{} handled, {} failed", handled.len(), failed.len()));
        }
    }
    progress.end();
    let failures: Vec<Value> = failed.iter().map(|(id, why)| json!({ "message": id, "why": why })).collect();
    let document = json!({ "queue": letters.as_str(), "handled": handled, "failed": failures });
    print::answer(&session.global, &document, || {
        print::line(&format!("{} handled and deleted, {} failed", handled.len(), failed.len()));
        for (id, why) in &failed {
            print::line(&format!("  {id}: {why}"));
        }
        if !failed.is_empty() {
            print::line("What failed is in its queue still, and can be seen again after six minutes.");
        }
    });
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn hand_over(session: &Session, letters: Letters, letter: &Letter) -> Result<(), Problem> {
    let (function, is_queued) = target(session, letters, letter)?;
    if !is_queued {
        let payload = serde_json::from_str(&letter.body);
        let payload = payload.map_err(|error| Problem::Refused(format!("its body is no JSON: {error}")))?;
        return session.invoke(&function, &payload).await.map(|_| ());
    }
    let answer = session.invoke(&function, &letter.as_batch()).await?;
    match answer["batchItemFailures"].as_array() {
        Some(failures) if failures.is_empty() => Ok(()),
        Some(_) => Err(Problem::Aws(format!("{function} could not handle it; its log says why"))),
        None => Err(Problem::Aws(format!("{function} gave no answer to a batch: {answer}"))),
    }
}

/// The function that a message is for, and whether it would have got it by a queue.
fn target(session: &Session, letters: Letters, letter: &Letter) -> Result<(String, bool), Problem> {
    let deployment = &session.deployment;
    if let Some(output) = letters.function {
        return Ok((deployment.output(output)?.to_owned(), true));
    }
    let Some(target) = letter.attributes.get("TARGET_ARN") else {
        return Err(Problem::Refused("it does not say where it was to go (TARGET_ARN)".to_owned()));
    };
    if target.contains(":lambda:") {
        let is_ours = LETTERS.iter().filter_map(|letters| deployment.output(letters.function?).ok());
        let name = target.rsplit(':').next().unwrap_or_default();
        return if is_ours.into_iter().any(|ours| ours == name) {
            Ok((name.to_owned(), false))
        } else {
            Err(Problem::Refused(format!("it was to go to {target}, which is no function of this stack")))
        };
    }
    let queue = target.rsplit(':').next().unwrap_or_default();
    for letters in LETTERS {
        let Some(output) = letters.function else { continue };
        let url = deployment.output(&format!("{}QueueUrl", letters.word))?;
        if url.rsplit('/').next() == Some(queue) {
            return Ok((deployment.output(output)?.to_owned(), true));
        }
    }
    Err(Problem::Refused(format!("it was to go to {target}, which is no queue of this stack")))
}

fn error(letter: &Letter) -> Option<String> {
    let code = letter.attributes.get("ERROR_CODE")?;
    let words = letter.attributes.get("ERROR_MESSAGE").map(String::as_str).unwrap_or_default();
    Some(format!("{code}: {words}"))
}

/// A message, without what may be the values of an action's parameters.
fn document(letters: Letters, letter: &Letter) -> Value {
    let kind = if letters.name == QueueName::Terminations { Kind::Terminate } else { Kind::ExecuteAction };
    let body = shown(kind, &letter.body).map(|body| body.chars().take(BODY_CHARS_MAX).collect::<String>());
    json!({
        "message": letter.id,
        "sentAt": letter.sent_at.and_then(DateTime::from_timestamp_millis).map(print::iso),
        "receives": letter.receives,
        "rule": letter.attributes.get("RULE_ARN"),
        "target": letter.attributes.get("TARGET_ARN"),
        "error": error(letter),
        "body": body,
        "bodyBytes": letter.body.len(),
    })
}
