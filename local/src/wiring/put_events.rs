//! `PutEvents`, as SDKs call it.

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{DEFAULT_BUS, Inner, Wiring};
use crate::api::{Answer, Call, Caller, Service};
use crate::gateway::USER;
use crate::template::id_of;

/// No call takes more entries.
const ENTRIES_MAX: usize = 10;
/// No call takes more bytes.
const BYTES_MAX: usize = 1024 * 1024;

impl Service for Wiring {
    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            match call.operation.as_str() {
                "PutEvents" => self.inner.put_events(&call).await,
                other => Answer::error(
                    400,
                    "UnknownOperationException",
                    &format!("The local cloud's EventBridge has no {other}."),
                ),
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
        if call.body.len() > BYTES_MAX {
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
        if source.starts_with("aws.") {
            return Err(("NotAuthorizedForSourceException", "Not authorized for the source.".to_owned()));
        }
        let bus = text("EventBusName").map_or(DEFAULT_BUS, id_of);
        if !self.buses.contains_key(bus) {
            return Err(("ResourceNotFoundException", format!("Event bus {bus} does not exist.")));
        }
        // The bus policy's denies: nobody but Steward's roles speaks as Steward; nobody but requesters speaks at all. The
        // person at the terminal stands for a requester.
        let is_own = self.own_roles.iter().any(|role| caller.arn.contains(&format!("assumed-role/{role}/")));
        if bus != DEFAULT_BUS && !is_own && (source == "steward" || caller.name != USER) {
            return Err((
                "AccessDeniedException",
                format!("{} is denied by the policy of the event bus {bus}.", caller.arn),
            ));
        }
        let event = json!({
            "version": "0",
            "id": super::queue::random_id(),
            "detail-type": detail_type,
            "source": source,
            "account": self.place.account,
            "time": self.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            "region": self.place.region,
            "resources": entry.get("Resources").cloned().unwrap_or_else(|| json!([])),
            "detail": detail,
        });
        Ok((bus.to_owned(), event))
    }
}
