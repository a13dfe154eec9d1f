//! A batch: its messages side by side, each on its own. One that fails, panics or takes too long comes again, alone.

use std::future::Future;
use std::time::Duration;

use aws_lambda_events::sqs::SqsBatchResponse;
use serde_json::{Value, json};
use thiserror::Error;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::error;

/// The whole batch has to come again: a message failed that the queue cannot be told apart.
#[derive(Debug, Error)]
#[error("a message without a messageId failed, so the whole batch has to come again: {0}")]
pub struct Nameless(String);

/// Runs `work` for each message (named by its queue's id) and answers with those that have to come again.
///
/// Returns within `time_left`: what is not done by then is stopped, not left to go on in a later invocation.
///
/// # Errors
/// [`Nameless`] if a message failed that has no id.
pub async fn run<M, W, F, E>(
    messages: Vec<(Option<String>, M)>,
    time_left: Duration,
    work: W,
) -> Result<Value, Nameless>
where
    W: Fn(M) -> F,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: std::fmt::Display + Send + 'static,
{
    let mut tasks = JoinSet::new();
    let mut waiting = std::collections::HashMap::new();
    for (id, message) in messages {
        let task = tasks.spawn(work(message));
        waiting.insert(task.id(), id);
    }
    let mut failed: Vec<(Option<String>, String)> = Vec::new();
    let in_time = timeout(time_left, async {
        while let Some(ended) = tasks.join_next_with_id().await {
            let (task, problem) = match ended {
                Ok((task, Ok(()))) => (task, None),
                Ok((task, Err(error))) => (task, Some(error.to_string())),
                Err(stopped) => (stopped.id(), Some(format!("panicked: {stopped}"))),
            };
            let id = waiting.remove(&task).flatten();
            if let Some(problem) = problem {
                failed.push((id, problem));
            }
        }
    })
    .await;
    if in_time.is_err() {
        tasks.shutdown().await;
        failed.extend(waiting.into_values().map(|id| (id, "stopped: the function's time is up".to_owned())));
    }
    answer(failed)
}

fn answer(failed: Vec<(Option<String>, String)>) -> Result<Value, Nameless> {
    let mut response = SqsBatchResponse::default();
    let mut nameless = None;
    for (id, problem) in failed {
        error!(messageId = id, "a message has to come again: {problem}");
        match id {
            // An empty identifier would fail the whole batch without a word.
            Some(id) => response.add_failure(id),
            None => nameless = Some(problem),
        }
    }
    match nameless {
        Some(problem) => Err(Nameless(problem)),
        None => Ok(json!(response)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run_words(words: &[(Option<&str>, &'static str)]) -> Result<Value, Nameless> {
        let messages = words.iter().map(|(id, word)| (id.map(str::to_owned), *word)).collect();
        run(messages, Duration::from_millis(200), |word: &'static str| async move {
            match word {
                "fail" => Err("no"),
                "panic" => panic!("a defect"),
                "hang" => std::future::pending().await,
                _ => Ok(()),
            }
        })
        .await
    }

    #[tokio::test]
    async fn only_what_failed_comes_again() {
        let words = [(Some("a"), "ok"), (Some("b"), "fail"), (Some("c"), "panic"), (Some("d"), "hang"), (None, "ok")];
        let answer = run_words(&words).await.unwrap();
        let mut failed: Vec<&str> = answer["batchItemFailures"]
            .as_array()
            .unwrap()
            .iter()
            .map(|failure| failure["itemIdentifier"].as_str().unwrap())
            .collect();
        failed.sort_unstable();
        assert_eq!(failed, ["b", "c", "d"]);
    }

    #[tokio::test]
    async fn an_empty_batch_is_answered() {
        assert_eq!(run_words(&[]).await.unwrap(), json!({ "batchItemFailures": [] }));
    }

    #[tokio::test]
    async fn a_failure_without_an_id_is_the_batch_s() {
        let error = run_words(&[(Some("a"), "ok"), (None, "fail")]).await.unwrap_err();
        assert!(error.to_string().contains("without a messageId"), "{error}");
    }
}
