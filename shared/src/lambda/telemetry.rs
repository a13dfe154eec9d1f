//! Logs and metrics, both as JSON lines on the standard output.
//!
//! A log line has its own `timestamp` and `level`: without them Lambda takes every line for INFO. Metrics are lines in
//! CloudWatch's embedded metric format.

use std::sync::OnceLock;

use json_subscriber::JsonLayer;
use metrics_cloudwatch_embedded::{Builder, Collector};
use tracing::level_filters::LevelFilter;
use tracing::warn;
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{BadVariable, Environment};

static COLLECTOR: OnceLock<Option<&'static Collector>> = OnceLock::new();

/// Starts both.
///
/// # Errors
/// If `LOG_LEVEL` is bad: the logs have started nevertheless, at INFO.
pub fn start(environment: &Environment) -> Result<(), BadVariable> {
    let (level, bad) = match environment.text("LOG_LEVEL").map(|level| level.parse::<LevelFilter>()) {
        None => (LevelFilter::INFO, None),
        Some(Ok(level)) => (level, None),
        Some(Err(_)) => {
            (LevelFilter::INFO, Some(environment.bad("LOG_LEVEL", "ERROR, WARN, INFO, DEBUG, TRACE or OFF")))
        }
    };
    let mut lines = JsonLayer::stdout();
    lines.with_timer("timestamp", SystemTime);
    lines.with_level("level");
    lines.with_flattened_event();
    // The invocation's requestId, beside the event's own fields.
    lines.with_top_level_flattened_span_list();
    let logs = tracing_subscriber::registry().with(level).with(lines).try_init();
    let bus = environment.text("EVENT_BUS_NAME").unwrap_or_default();
    COLLECTOR.get_or_init(|| {
        // The bus tells the stacks of an account apart: each has one of its own.
        let metrics = Builder::new().cloudwatch_namespace("Steward").with_dimension("Bus", bus);
        metrics.emit_zeros(false).init().ok()
    });
    if let Err(error) = logs {
        warn!("logs were started before: {error}");
    }
    bad.map_or(Ok(()), Err)
}

/// Writes the metrics that have come together since the last time.
pub fn flush() {
    if let Some(Some(collector)) = COLLECTOR.get()
        && let Err(error) = collector.flush(std::io::stdout())
    {
        warn!("metrics could not be written: {error}");
    }
}
