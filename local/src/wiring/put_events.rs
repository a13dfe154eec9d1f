//! `PutEvents`, as SDKs call it.

use std::sync::atomic::Ordering;

use chrono::{DateTime, SecondsFormat};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{DEFAULT_BUS, Inner, Wiring};
use crate::api::{Answer, Call, Caller, Service};
use crate::template::id_of;

/// No call takes more entries.
const ENTRIES_MAX: usize = 10;
/// No call takes entries of more bytes, all together.
const BYTES_MAX: usize = 1024 * 1024;
/// What a time counts for, whatever its size on the wire.
const TIME_BYTES: usize = 14;

impl Service for Wiring {
    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            match call.operation.as_str() {
                "PutEvents" => self.inner.put_events(&call).await,
                other => self.inner.call_of_rules(&call).unwrap_or_else(|| {
                    let text = format!("The local cloud's EventBridge has no {other}.");
                    Answer::error(400, "UnknownOperationException", &text)
                }),
            }
        })
    }
}

impl Inner {
    async fn put_events(&self, call: &Call) -> Answer {
        let invalid = |message: &str| Answer::error(400, "ValidationException", message);
        let Ok(request) = serde_json::from_slice::<Value>(&call.body) else {
            return Answer::error(400, "SerializationException", "The request body is no JSON.");
        };
        let entries = request.get("Entries").and_then(Value::as_array).cloned().unwrap_or_default();
        if entries.is_empty() || entries.len() > ENTRIES_MAX {
            return invalid(&format!(
                "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and {ENTRIES_MAX}"
            ));
        }
        if entries.iter().map(size).sum::<usize>() > BYTES_MAX {
            return invalid("Total size of the entries in the request is over the limit.");
        }
        let mut results = Vec::new();
        let mut failed = 0;
        for entry in &entries {
            match self.entry(entry, &call.caller) {
                Ok((bus, event)) => {
                    results.push(json!({ "EventId": event["id"] }));
                    self.put(&bus, event).await;
                }
                Err((code, message)) => {
                    failed += 1;
                    results.push(json!({ "ErrorCode": code, "ErrorMessage": message }));
                }
            }
        }
        Answer::ok(&json!({ "FailedEntryCount": failed, "Entries": results }))
    }

    /// The bus and the whole event of an entry.
    fn entry(&self, entry: &Value, caller: &Caller) -> Result<(String, Value), (&'static str, String)> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let must = |name: &str| {
            text(name).ok_or_else(|| {
                ("InvalidArgument", format!("Parameter {name} is not valid. Reason: {name} is a required argument."))
            })
        };
        let (source, detail_type, detail) = (must("Source")?, must("DetailType")?, must("Detail")?);
        let detail: Value = serde_json::from_str(detail)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| ("MalformedDetail", "Detail is malformed.".to_owned()))?;
        let refused = self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if refused.is_ok() {
            return Err(("InternalFailure", "The entry was refused, as it was to be.".to_owned()));
        }
        if source.starts_with("aws.") {
            return Err(("NotAuthorizedForSourceException", "Not authorized for the source.".to_owned()));
        }
        let bus = text("EventBusName").map_or(DEFAULT_BUS, id_of);
        if !self.buses.contains_key(bus) {
            return Err(("ResourceNotFoundException", format!("Event bus {bus} does not exist.")));
        }
        if self.denies.iter().any(|deny| deny.denies(bus, source, caller)) {
            return Err((
                "AccessDeniedException",
                format!("{} is denied by the policy of the event bus {bus}.", caller.arn),
            ));
        }
        let time = entry.get("Time").and_then(Value::as_f64);
        #[expect(clippy::cast_possible_truncation, reason = "an event's time has whole seconds")]
        let time = time.and_then(|seconds| DateTime::from_timestamp(seconds as i64, 0)).unwrap_or_else(|| self.now());
        let event = json!({
            "version": "0",
            "id": super::queue::random_id(),
            "detail-type": detail_type,
            "source": source,
            "account": self.place.account,
            "time": time.to_rfc3339_opts(SecondsFormat::Secs, true),
            "region": self.place.region,
            "resources": entry.get("Resources").cloned().unwrap_or_else(|| json!([])),
            "detail": detail,
        });
        Ok((bus.to_owned(), event))
    }
}

/// The size of an entry, as the service counts it.
fn size(entry: &Value) -> usize {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).map_or(0, str::len);
    let resources = entry.get("Resources").and_then(Value::as_array).into_iter().flatten();
    let resources: usize = resources.filter_map(Value::as_str).map(str::len).sum();
    let time = if entry.get("Time").is_some() { TIME_BYTES } else { 0 };
    time + text("Source") + text("DetailType") + text("Detail") + resources
}
