//! What a function is.

use chrono::SecondsFormat;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Lambda, Refusal, page};

/// No answer lists more functions.
const PAGE_MAX: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    function_name: String,
    #[serde(default)]
    qualifier: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct List {
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    max_items: Option<String>,
}

impl Lambda {
    pub(super) fn list_functions(&self, list: &List) -> Result<Value, Refusal> {
        let rows = self.functions.keys().map(|name| self.configuration(name)).collect();
        let (rows, next) = page(rows, list.marker.as_deref(), list.max_items.as_deref(), PAGE_MAX)?;
        let mut answer = json!({ "Functions": rows });
        if let Some(next) = next {
            answer["NextMarker"] = json!(next);
        }
        Ok(answer)
    }

    pub(super) fn get_configuration(&self, named: &Named) -> Result<Value, Refusal> {
        let (name, _) = self.function(&named.function_name, named.qualifier.as_deref())?;
        Ok(self.configuration(name))
    }

    /// The code lies on this machine: there is no place to load it from.
    pub(super) fn get_function(&self, named: &Named) -> Result<Value, Refusal> {
        let configuration = self.get_configuration(named)?;
        Ok(json!({ "Configuration": configuration, "Code": { "RepositoryType": "S3" }, "Tags": {} }))
    }

    fn configuration(&self, name: &str) -> Value {
        let Some(function) = self.functions.get(name) else { return Value::Null };
        let modified = self.created_at.to_rfc3339_opts(SecondsFormat::Millis, true).replace('Z', "+0000");
        json!({
            "FunctionName": name,
            "FunctionArn": self.function_arn(name),
            "Runtime": function.runtime,
            "Role": function.role,
            "Handler": function.handler,
            "Description": function.description,
            "Timeout": function.timeout,
            "MemorySize": function.memory_size,
            "LastModified": modified,
            "Version": "$LATEST",
            "Environment": { "Variables": function.environment.variables },
            "TracingConfig": { "Mode": function.tracing },
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "PackageType": "Zip",
            "Architectures": function.architectures,
            "EphemeralStorage": { "Size": 512 },
            "LoggingConfig": function.logging_config,
        })
    }
}
