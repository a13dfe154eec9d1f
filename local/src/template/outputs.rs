//! Outputs: what the stack tells those who use it.

use serde::Deserialize;

use super::TemplateError;
use super::resolve::Resolver;

/// What the stack tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// What it is.
    pub value: String,
    /// What it is for.
    pub description: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Written {
    value: yaml_serde::Value,
    #[serde(default)]
    description: String,
}

/// All outputs, by name.
pub(super) fn read(
    section: Option<&yaml_serde::Value>,
    resolver: &Resolver,
) -> Result<std::collections::BTreeMap<String, Output>, TemplateError> {
    let outputs = section.and_then(yaml_serde::Value::as_mapping).into_iter().flatten();
    outputs
        .map(|(name, output)| {
            let name = name.as_str().unwrap_or_default().to_owned();
            let place = format!("Outputs.{name}");
            let Written { value, description } = yaml_serde::from_value(output.clone())
                .map_err(|error| TemplateError::new(place.as_str(), error.to_string()))?;
            let value = resolver.text(&value, &format!("{place}.Value"))?;
            Ok((name, Output { value, description }))
        })
        .collect()
}
