//! Rules that fire by time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Inner, queue};
use crate::gateway::Place;

/// The interval of `rate(1 minute)`; `None` for an expression that is not known.
pub(super) fn interval(expression: &str) -> Option<Duration> {
    let rate = expression.strip_prefix("rate(")?.strip_suffix(')')?;
    let (count, unit) = rate.split_once(' ')?;
    let count: u64 = count.parse().ok().filter(|count| *count > 0)?;
    let seconds = match (count, unit) {
        (1, "minute") | (2.., "minutes") => 60,
        (1, "hour") | (2.., "hours") => 3_600,
        (1, "day") | (2.., "days") => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(count.checked_mul(seconds)?))
}

/// Fires for ever, whether or not the last time is over: so does the real one.
pub(super) async fn run(inner: Arc<Inner>, rule: String, every: Duration) {
    let mut last = inner.now();
    let mut running = JoinSet::new();
    loop {
        let rescaled = inner.clock.rescaled();
        let next = last + TimeDelta::from_std(inner.clock.scaled(every)).unwrap_or(TimeDelta::MAX);
        tokio::select! {
            biased;
            // Its next time is another one then.
            () = rescaled => continue,
            () = inner.clock.sleep_until(next) => last = next,
        }
        if inner.held.load(Ordering::SeqCst) {
            continue;
        }
        let (inner, rule) = (Arc::clone(&inner), rule.clone());
        running.spawn(async move { fire(&inner, &rule).await });
        while running.try_join_next().is_some() {}
    }
}

/// Fires a rule now; `false`: there is none of that name, or it is disabled.
pub(super) async fn fire(inner: &Inner, rule: &str) -> bool {
    let Some(targets) = inner.schedules.get(rule).filter(|_| inner.is_enabled(rule)) else { return false };
    let event = scheduled(inner, rule);
    for target in targets {
        inner.deliver(rule, target, &event).await;
    }
    true
}

fn scheduled(inner: &Inner, rule: &str) -> Value {
    let Place { account, region } = &inner.place;
    json!({
        "version": "0",
        "id": queue::random_id(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account,
        "time": inner.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "region": region,
        "resources": [format!("arn:aws:events:{region}:{account}:rule/{rule}")],
        "detail": {},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_they_are_written() {
        for (expression, seconds) in [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(1 hour)", 3_600)] {
            assert_eq!(interval(expression), Some(Duration::from_secs(seconds)), "{expression}");
        }
        for expression in
            ["rate(1 minutes)", "rate(2 minute)", "rate(0 minutes)", "rate(1 fortnight)", "cron(0 * * * ? *)", ""]
        {
            assert_eq!(interval(expression), None, "{expression}");
        }
    }
}
