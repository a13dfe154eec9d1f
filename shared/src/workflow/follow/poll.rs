//! One look at one record.

use std::time::Duration;

use chrono::TimeDelta;
use tracing::{info, warn};

use super::{Follower, Settled, Step, fence};
use crate::clock::Time;
use crate::decide::{Progress, progress};
use crate::operation::{Event, Illegal, MESSAGE_BYTES_MAX, Try, cut, next, token};
use crate::outcome;
use crate::ports::{
    Adopted, Bus, CallError, Catalog, Change, Due, History, Products, Record, Refusal, Store, StoreError,
};
use crate::request::{Kind, ProductRef, Target, without};
use crate::retry::{after, doubled};
use crate::workflow::{Trouble, metric};

/// How long before it was submitted an operation's record may have been created: an open attempt is looked for for a day.
const HISTORY_BEFORE: TimeDelta = TimeDelta::days(2);

impl<C: Catalog, S: Store + Products, B: Bus> Follower<C, S, B> {
    pub(super) async fn poll(&self, operation: &Due) -> Result<Step, Trouble> {
        let Some(record_id) = operation.record_id.as_deref() else {
            // Cannot be: what is submitted has a record. Said, and looked at again, rather than guessed at.
            return Err(StoreError(format!("{} is submitted without a record", operation.id)).into());
        };
        match self.edges.catalog.record(record_id).await {
            Ok(Some(record)) => self.read(operation, &record).await,
            Ok(None) | Err(CallError::Refused { refusal: Refusal::Denied, .. }) => {
                self.unreadable(operation, record_id).await
            }
            Err(error) => {
                info!(operation = %operation.id, record = record_id, "the record could not be described: {error}");
                self.running(operation, None).await
            }
        }
    }

    async fn read(&self, operation: &Due, record: &Record) -> Result<Step, Trouble> {
        match progress(&record.status) {
            Progress::Running => self.running(operation, Some(record)).await,
            Progress::Succeeded => self.ends(operation, Event::RecordSucceeded, "its record SUCCEEDED", Some(record)),
            Progress::Failed => self.failed(operation, &self.without_secrets(operation, record).await?).await,
        }
    }

    /// A FAILED record without the values of the action's parameters: an automation may well repeat what it was given, and
    /// what it says is told.
    async fn without_secrets(&self, operation: &Due, record: &Record) -> Result<Record, Trouble> {
        let mut record = record.clone();
        if operation.kind != Kind::ExecuteAction || operation.is_remediation() || record.errors.is_empty() {
            return Ok(record);
        }
        let whole = self.edges.store.operation(&operation.id).await?;
        if let Some(Target::ExecuteAction(request)) = whole.map(|whole| whole.target) {
            for (_, words) in &mut record.errors {
                *words = without(words, request.parameters.values().flatten());
            }
        }
        Ok(record)
    }

    /// Still running, or not readable for the moment: looked at again, ever more slowly.
    async fn running(&self, operation: &Due, record: Option<&Record>) -> Result<Step, Trouble> {
        let now = self.edges.clock.now();
        let polls = operation.polls.saturating_add(1);
        let stalled = self.is_stalled(operation, record, now);
        if stalled && !operation.stalled {
            let status = record.map_or("unread", |record| record.status.as_str());
            let (subject, record) = (&operation.subject, operation.record_id.as_deref());
            warn!(operation = %operation.id, record, status, "{subject} is stalled: its record has run for too long");
            metrics::counter!(metric::STALLED).increment(1);
        }
        let pause = if stalled {
            self.settings.poll_max.max(self.settings.stalled_after)
        } else {
            doubled(self.settings.poll_base, polls - 1, self.settings.poll_max)
        };
        let change = Change {
            due_at: Some(after(now, pause)),
            polled: Some((now, polls)),
            stalled: Some(stalled),
            ..Change::to(next(operation.standing, Event::Running)?, now)
        };
        self.edges.store.write(&operation.id, &fence(operation), &change).await?;
        Ok(Step::Done)
    }

    /// A FAILED record: the next attempt with a new token, while the kind's limit allows.
    async fn failed(&self, operation: &Due, record: &Record) -> Result<Step, Trouble> {
        let failures_max = match operation.kind {
            Kind::Terminate | Kind::Import => self.settings.attempts_max,
            Kind::ExecuteAction if operation.is_remediation() => self.settings.attempts_max,
            // Not idempotent: half of it may be done.
            Kind::ExecutePlan | Kind::ExecuteAction => 1,
        };
        let failures = operation.standing.failures.saturating_add(1);
        if failures >= failures_max {
            let why = format!("its record FAILED, and {failures} of {failures_max} attempts are used");
            return self.ends(operation, Event::RecordFailedFinally, &why, Some(record));
        }
        let now = self.edges.clock.now();
        let standing = next(operation.standing, Event::RecordFailed)?;
        let pause: Duration = self.settings.backoff.pause(standing.failures, self.edges.dice.fraction());
        let why = format!("its record FAILED; attempt {} of {failures_max} follows", failures + 1);
        info!(operation = %operation.id, record = %record.id, attempt = standing.attempt, "{}: {why}", operation.subject);
        let change = Change {
            retry_at: Some(after(now, pause)),
            due_at: Some(after(now, pause)),
            polled: Some((now, 0)),
            // Each attempt that stalls is said once.
            stalled: Some(false),
            token: Some(token::derive(&operation.id, standing.attempt)),
            restart_trying: true,
            history: Some(History::Append(tried(operation, record, now))),
            errors: record.errors.clone(),
            why: Some(why),
            ..Change::to(standing, now)
        };
        // The next attempt has another record, and nobody would know any more whose this one was: another operation that has lost
        // an answer might take it for its own.
        let fence = fence(operation);
        if self.edges.store.adopt(&operation.id, &fence, &change, &record.id).await? == Adopted::Others {
            self.edges.store.write(&operation.id, &fence, &change).await?;
        }
        Ok(Step::Done)
    }

    /// The record cannot be read: then the account's history is asked, then the product.
    async fn unreadable(&self, operation: &Due, record_id: &str) -> Result<Step, Trouble> {
        let Some(product_id) = operation.product_id.as_deref() else {
            return self.unknown(operation).await;
        };
        let history = self.edges.catalog.history(product_id, operation.trying_since - HISTORY_BEFORE).await;
        if let Some(record) = history.unwrap_or_default().into_iter().find(|record| record.id == record_id) {
            return self.read(operation, &record).await;
        }
        let product = self.edges.catalog.describe(&ProductRef::Id(product_id.to_owned())).await;
        if operation.kind == Kind::Terminate && product == Ok(None) {
            let why = "its record cannot be read, but the product is gone";
            return self.ends(operation, Event::RecordSucceeded, why, None);
        }
        self.unknown(operation).await
    }

    async fn unknown(&self, operation: &Due) -> Result<Step, Trouble> {
        if after(operation.trying_since, self.settings.give_up_after) > self.edges.clock.now() {
            return self.running(operation, None).await;
        }
        self.ends(operation, Event::GivenUp, "outcome unknown: its record cannot be read any more", None)
    }

    fn is_stalled(&self, operation: &Due, record: Option<&Record>, now: Time) -> bool {
        let since = record.and_then(|record| record.created_at).unwrap_or(operation.trying_since);
        after(since, self.settings.stalled_after) <= now
    }

    fn ends(&self, operation: &Due, event: Event, why: &str, record: Option<&Record>) -> Result<Step, Trouble> {
        let now = self.edges.clock.now();
        let change = Change {
            why: Some(why.to_owned()),
            history: record.map(|record| History::Append(tried(operation, record, now))),
            errors: record.map(|record| record.errors.clone()).unwrap_or_default(),
            ..Change::to(next(operation.standing, event)?, now)
        };
        let mut ended = operation.clone();
        if let Some(name) = record.and_then(|record| record.product_name.clone()) {
            ended.notice.name.get_or_insert(name);
        }
        let state = change.standing.state;
        let Some(told) = outcome::ended(&self.edges.scope, &ended, state, change.why.as_deref(), &change.errors) else {
            return Err(Illegal { from: operation.standing, event }.into());
        };
        Ok(Step::Ends(Box::new(Settled { operation: ended, told, change })))
    }
}

fn tried(operation: &Due, record: &Record, now: Time) -> Try {
    let error = record.errors.first();
    Try {
        at: now,
        attempt: operation.standing.attempt,
        what: record.status.clone(),
        record_id: Some(record.id.clone()),
        code: error.map(|(code, _)| cut(code, MESSAGE_BYTES_MAX)),
        message: error.map(|(_, message)| cut(message, MESSAGE_BYTES_MAX)),
    }
}
