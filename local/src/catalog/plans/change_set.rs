//! The change set behind a plan: what a template and its parameters would make of a stack.

use std::collections::BTreeMap;

use serde_json::Value;

use super::changes;
use crate::catalog::offer::Template;

/// A parameter as a call gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) key: String,
    pub(super) value: String,
    /// The value that the stack has already.
    pub(super) use_previous: bool,
}

/// A stack as it is.
#[derive(Clone, Debug)]
pub(super) struct Present {
    pub(super) template: Template,
    pub(super) parameters: Vec<(String, String)>,
    /// Logical and physical ids.
    pub(super) physical: BTreeMap<String, String>,
}

/// Every value that a template has: those given, else the defaults.
type Values = BTreeMap<String, String>;

/// The parameters that a call comes to, and the changes; or why there is no change set. `present`: none for a new
/// stack.
pub(super) fn make(
    present: Option<&Present>,
    template: &str,
    given: &[Given],
) -> (Vec<(String, String)>, Result<Vec<Value>, String>) {
    let before = present.map(|present| values(&present.template, &present.parameters));
    let value = |one: &Given| {
        let previous = before.as_ref().and_then(|before| before.get(&one.key));
        let value = if one.use_previous { previous? } else { &one.value };
        Some((one.key.clone(), value.clone()))
    };
    let parameters: Vec<_> = given.iter().filter_map(value).collect();
    let refused = |text: String| {
        format!("Error calling API cloudformation:CreateChangeSet. ErrorCode: ValidationError, Message: {text}")
    };
    let changes = Template::parse(template).and_then(|template| {
        check(&template, given, &parameters)?;
        let after = values(&template, &parameters);
        Ok(match (present, &before) {
            (Some(present), Some(before)) => changes::between(present, before, &template, &after),
            _ => changes::of_new(&template),
        })
    });
    let changes = changes.map_err(refused).and_then(|changes| match changes.is_empty() {
        true => Err("No updates are to be performed.".to_owned()),
        false => Ok(changes),
    });
    (parameters, changes)
}

fn values(template: &Template, parameters: &[(String, String)]) -> Values {
    let given = |key: &str| parameters.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    let value = |key: &str, default: Option<&String>| given(key).or_else(|| default.cloned());
    let all = template.parameters.iter();
    all.filter_map(|one| Some((one.key.clone(), value(&one.key, one.default.as_ref())?))).collect()
}

/// What `CloudFormation` says of parameters that the template does not have, that have no value, or a wrong one.
fn check(template: &Template, given: &[Given], parameters: &[(String, String)]) -> Result<(), String> {
    let is_known = |key: &str| template.parameters.iter().any(|parameter| parameter.key == key);
    let unknown: Vec<&str> = given.iter().map(|one| one.key.as_str()).filter(|key| !is_known(key)).collect();
    if !unknown.is_empty() {
        return Err(format!("Parameters: [{}] do not exist in the template", unknown.join(", ")));
    }
    let values = values(template, parameters);
    let keys = template.parameters.iter().map(|parameter| parameter.key.as_str());
    let missing: Vec<&str> = keys.filter(|key| !values.contains_key(*key)).collect();
    if !missing.is_empty() {
        return Err(format!("Parameters: [{}] must have values", missing.join(", ")));
    }
    let mut faults = template.parameters.iter().filter_map(|one| one.fault(values.get(&one.key)?));
    faults.next().map_or(Ok(()), Err)
}
