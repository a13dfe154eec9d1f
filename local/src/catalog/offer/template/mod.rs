//! Templates of `CloudFormation`, as far as a product needs them: parameters, resources and outputs.

mod parameter;
mod resolve;
mod yaml;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub(in crate::catalog) use parameter::Parameter;
pub(in crate::catalog) use resolve::Stack;

/// A template. YAML's short intrinsics are written out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::catalog) struct Template {
    pub(in crate::catalog) parameters: Vec<Parameter>,
    /// Whole, by logical id.
    pub(in crate::catalog) resources: BTreeMap<String, Value>,
    /// Whole, by key.
    pub(in crate::catalog) outputs: BTreeMap<String, Value>,
    pub(super) conditions: BTreeMap<String, Value>,
    pub(super) mappings: Value,
}

impl Template {
    /// Reads a template's text, JSON or YAML. An error says what `CloudFormation` would not take.
    pub(in crate::catalog) fn parse(text: &str) -> Result<Self, String> {
        let whole = yaml::read(text)?;
        let whole = whole.as_object().ok_or("Template format error: unsupported structure.")?;
        let resources = section(whole, "Resources")?;
        if resources.is_empty() {
            return Err("Template format error: At least one Resources member must be defined.".to_owned());
        }
        for (id, resource) in &resources {
            if resource.get("Type").and_then(Value::as_str).is_none() {
                return Err(format!(
                    "Template format error: [/Resources/{id}] Every Resources object must contain a Type member."
                ));
            }
        }
        let parameters = section(whole, "Parameters")?;
        Ok(Self {
            parameters: parameters.iter().map(|(key, value)| Parameter::read(key, value)).collect::<Result<_, _>>()?,
            resources,
            outputs: section(whole, "Outputs")?,
            conditions: section(whole, "Conditions")?,
            mappings: whole.get("Mappings").cloned().unwrap_or_default(),
        })
    }
}

fn section(whole: &Map<String, Value>, name: &str) -> Result<BTreeMap<String, Value>, String> {
    match whole.get(name) {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(Value::Object(members)) => Ok(members.clone().into_iter().collect()),
        Some(_) => Err(format!("Template format error: {name} must be a map.")),
    }
}
