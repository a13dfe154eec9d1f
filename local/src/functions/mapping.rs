//! Mappings, which read queues for functions: looked at, switched on and off.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Lambda, Refusal, page};
use crate::gateway::Place;
use crate::template::mapping_id;

/// No answer lists more mappings.
const PAGE_MAX: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct List {
    #[serde(default)]
    function_name: Option<String>,
    #[serde(default)]
    event_source_arn: Option<String>,
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    max_items: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Named {
    #[serde(rename = "UUID")]
    uuid: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Update {
    #[serde(rename = "UUID")]
    uuid: String,
    #[serde(default, rename = "Enabled")]
    enabled: Option<bool>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl Lambda {
    pub(super) fn list_mappings(&self, list: &List) -> Result<Value, Refusal> {
        let function = list.function_name.as_deref().map(|name| self.function(name, None)).transpose()?;
        let of_function =
            self.mappings.iter().filter(|(_, one)| function.is_none_or(|(name, _)| one.function_name == name));
        let source = list.event_source_arn.as_deref();
        let found = of_function.filter(|(_, one)| source.is_none_or(|source| one.event_source_arn == source));
        let rows = found.map(|(id, _)| self.shown(id)).collect();
        let (rows, next) = page(rows, list.marker.as_deref(), list.max_items.as_deref(), PAGE_MAX)?;
        let mut answer = json!({ "EventSourceMappings": rows });
        if let Some(next) = next {
            answer["NextMarker"] = json!(next);
        }
        Ok(answer)
    }

    pub(super) fn get_mapping(&self, named: &Named) -> Result<Value, Refusal> {
        self.mapping(&named.uuid).map(|(id, _)| self.shown(id))
    }

    /// Switches a mapping; the answer says that it is on its way, as at AWS, and the next look that it is there.
    pub(super) fn update_mapping(&self, update: &Update) -> Result<Value, Refusal> {
        let (id, mapping) = self.mapping(&update.uuid)?;
        // Some clients always name the function; another one would be a change.
        let same = |name: &str, value: &Value| {
            let named = value.as_str().and_then(|named| self.function(named, None).ok());
            name == "FunctionName" && named.is_some_and(|(named, _)| named == mapping.function_name)
        };
        if let Some((name, _)) = update.others.iter().find(|(name, value)| !same(name, value)) {
            return Err(Refusal::invalid(format!("{name} cannot be changed in the local cloud; accepted: Enabled.")));
        }
        let before = self.wiring.mappings().get(id).is_some_and(|(enabled, _)| *enabled);
        let Some(enabled) = update.enabled.filter(|enabled| *enabled != before) else { return Ok(self.shown(id)) };
        let _ = self.wiring.enable_mapping(id, enabled);
        let mut shown = self.shown(id);
        shown["State"] = json!(if enabled { "Enabling" } else { "Disabling" });
        Ok(shown)
    }

    fn shown(&self, id: &str) -> Value {
        let Some(mapping) = self.mappings.get(id) else { return Value::Null };
        let (enabled, since) = self.wiring.mappings().get(id).copied().unwrap_or((false, self.created_at));
        let (uuid, Place { account, region }) = (mapping_id(id), &self.place);
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of this age are far below what an f64 can count")]
        let modified = since.timestamp_millis() as f64 / 1_000.0;
        let mut shown = json!({
            "UUID": uuid,
            "EventSourceMappingArn": format!("arn:aws:lambda:{region}:{account}:event-source-mapping:{uuid}"),
            "BatchSize": mapping.batch_size,
            "MaximumBatchingWindowInSeconds": 0,
            "EventSourceArn": mapping.event_source_arn,
            "FunctionArn": self.function_arn(&mapping.function_name),
            "LastModified": modified,
            "State": if enabled { "Enabled" } else { "Disabled" },
            "StateTransitionReason": "USER_INITIATED",
            "FunctionResponseTypes": mapping.function_response_types,
        });
        if let Some(scaling) = &mapping.scaling_config {
            shown["ScalingConfig"] = json!({ "MaximumConcurrency": scaling.maximum_concurrency });
        }
        shown
    }
}
