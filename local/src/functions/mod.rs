//! Lambda as SDKs call it: functions that are invoked and looked at, and the mappings that feed them.

mod function;
mod invoke;
mod mapping;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::api::{Answer, Call, Invoke, Service};
use crate::clock::Clock;
use crate::gateway::Place;
use crate::template::resources::{EventSourceMapping, Function};
use crate::template::{Template, mapping_id};
use crate::wiring::Wiring;

/// The service.
pub struct Lambda {
    invoke: Arc<dyn Invoke>,
    wiring: Wiring,
    clock: Clock,
    place: Place,
    created_at: DateTime<Utc>,
    functions: BTreeMap<String, Function>,
    /// By logical id.
    mappings: BTreeMap<String, EventSourceMapping>,
}

/// An error of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
}

impl Refusal {
    fn absent(message: impl Into<String>) -> Self {
        Self { status: 404, code: "ResourceNotFoundException", message: message.into() }
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self { status: 400, code: "InvalidParameterValueException", message: message.into() }
    }
}

impl Lambda {
    /// The functions and mappings of a template, as they run.
    #[must_use]
    pub fn new(template: &Template, invoke: Arc<dyn Invoke>, wiring: Wiring, clock: Clock, place: Place) -> Self {
        Self {
            invoke,
            wiring,
            created_at: clock.now(),
            clock,
            place,
            functions: template.functions.clone(),
            mappings: template.mappings.clone(),
        }
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Refusal> {
        match call.operation.as_str() {
            "Invoke" => self.invoke(&read(call)?).await,
            "ListFunctions" => self.list_functions(&read(call)?).map(|body| json(200, &body)),
            "GetFunction" => self.get_function(&read(call)?).map(|body| json(200, &body)),
            "GetFunctionConfiguration" => self.get_configuration(&read(call)?).map(|body| json(200, &body)),
            "ListEventSourceMappings" => self.list_mappings(&read(call)?).map(|body| json(200, &body)),
            "GetEventSourceMapping" => self.get_mapping(&read(call)?).map(|body| json(200, &body)),
            "UpdateEventSourceMapping" => self.update_mapping(&read(call)?).map(|body| json(202, &body)),
            other => Err(Refusal::invalid(format!("The local cloud's Lambda has no {other}."))),
        }
    }

    /// The function of a name, a whole ARN, or the end of one, whichever version of it is asked for: there is one.
    fn function<'a>(&'a self, named: &str, qualifier: Option<&str>) -> Result<(&'a str, &'a Function), Refusal> {
        let rest = named.rsplit_once("function:").map_or(named, |(_, rest)| rest);
        let (name, version) = match rest.split_once(':') {
            Some((name, version)) => (name, Some(version)),
            None => (rest, qualifier),
        };
        let known = self.functions.get_key_value(name).filter(|_| version.is_none_or(|version| version == "$LATEST"));
        known.map(|(name, function)| (name.as_str(), function)).ok_or_else(|| {
            let version = version.map(|version| format!(":{version}")).unwrap_or_default();
            Refusal::absent(format!("Function not found: {}{version}", self.function_arn(name)))
        })
    }

    fn function_arn(&self, name: &str) -> String {
        let Place { account, region } = &self.place;
        format!("arn:aws:lambda:{region}:{account}:function:{name}")
    }

    /// The logical id of the mapping of an id.
    fn mapping(&self, uuid: &str) -> Result<(&str, &EventSourceMapping), Refusal> {
        let found = self.mappings.iter().find(|(id, _)| mapping_id(id) == uuid);
        let found = found.map(|(id, mapping)| (id.as_str(), mapping));
        found.ok_or_else(|| Refusal::absent("The resource you requested does not exist."))
    }
}

impl Service for Lambda {
    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let answer = self.answer(&call).await;
            answer.unwrap_or_else(|Refusal { status, code, message }| Answer::error(status, code, &message))
        })
    }
}

fn json(status: u16, body: &Value) -> Answer {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Answer { status, headers, body: body.to_string().into() }
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<T, Refusal> {
    serde_json::from_slice(&call.body).map_err(|error| Refusal::invalid(format!("The request cannot be read: {error}")))
}

/// A part of a list: the rows, and where the next part begins. A marker is the number of those before it.
fn page(
    rows: Vec<Value>,
    marker: Option<&str>,
    most: Option<&str>,
    limit: usize,
) -> Result<(Vec<Value>, Option<String>), Refusal> {
    let wrong = |name: &str, text: &str| Refusal::invalid(format!("{name}: {text:?} is none that is accepted."));
    let start = marker.filter(|marker| !marker.is_empty()).unwrap_or("0");
    let start: usize = start.parse().map_err(|_| wrong("Marker", start))?;
    let most = most.map_or(Ok(limit), |most| match most.parse::<usize>() {
        Ok(number @ 1..=10_000) => Ok(number.min(limit)),
        _ => Err(wrong("MaxItems", most)),
    })?;
    let all = rows.len();
    let shown: Vec<Value> = rows.into_iter().skip(start).take(most).collect();
    let end = start.saturating_add(shown.len());
    Ok((shown, (end < all).then(|| end.to_string())))
}
