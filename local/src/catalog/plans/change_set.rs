//! The change set behind a plan: what a template and its parameters would make of a stack.

use std::collections::BTreeMap;

use serde_json::Value;

use super::changes;
use crate::catalog::offer::Template;
use crate::catalog::parameters::{self, Given, Values};

/// A stack as it is.
#[derive(Clone, Debug)]
pub(super) struct Present {
    pub(super) template: Template,
    pub(super) parameters: Values,
    /// Logical and physical ids.
    pub(super) physical: BTreeMap<String, String>,
}

/// The parameters that the stack would have, and the changes; or why there is no change set. `present`: none for a new
/// stack.
pub(super) fn make(present: Option<&Present>, template: &str, given: &[Given]) -> (Values, Result<Vec<Value>, String>) {
    let before = present.map(|present| parameters::values(&present.template, &present.parameters)).unwrap_or_default();
    let resolved = parameters::resolved(given, &before);
    let template = Template::parse(template)
        .and_then(|template| parameters::check(&template, given, &resolved).map(|()| template))
        .map_err(|text| {
            format!("Error calling API cloudformation:CreateChangeSet. ErrorCode: ValidationError, Message: {text}")
        });
    let template = match template {
        Ok(template) => template,
        Err(text) => return (resolved, Err(text)),
    };
    let after = parameters::values(&template, &resolved);
    let changes = match present {
        Some(present) => changes::between(present, &before, &template, &after),
        None => changes::of_new(&template),
    };
    let no_changes = || "No updates are to be performed.".to_owned();
    let changes = if changes.is_empty() { Err(no_changes()) } else { Ok(changes) };
    (resolved, changes)
}
