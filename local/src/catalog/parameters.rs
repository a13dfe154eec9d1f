//! Provisioning parameters: what a call gives, and what a template makes of it.

use super::accept::{Course, Stack};
use super::events;
use super::input::{Input, Refused, some, up_to};
use super::model::Script;
use super::offer::Template;

/// A parameter as a call gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) key: String,
    pub(super) value: String,
    /// The value that the stack has already.
    pub(super) use_previous: bool,
}

/// Key and value of parameters.
pub(super) type Values = Vec<(String, String)>;

impl Given {
    /// All parameters that a call gives.
    pub(super) fn read(input: &Input) -> Result<Vec<Self>, Refused> {
        let given = |one: &Input| {
            let key = one.required("Key", some(1000))?;
            let value = one.text("Value", up_to(4096))?.unwrap_or_default();
            Ok(Self { key, value, use_previous: one.flag("UsePreviousValue")? })
        };
        let all: Vec<Self> =
            input.parts("ProvisioningParameters", usize::MAX)?.iter().map(given).collect::<Result<_, _>>()?;
        if all.iter().any(|one| one.use_previous && !one.value.is_empty()) {
            let text = "Cannot specify usePreviousValue as true and non empty value for a parameter";
            return Err(Refused::invalid(text));
        }
        Ok(all)
    }
}

/// Every value that a template has: those given, else the defaults.
pub(super) fn values(template: &Template, given: &[(String, String)]) -> Values {
    let value = |key: &str| given.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    let all = template.parameters.iter();
    all.filter_map(|one| Some((one.key.clone(), value(&one.key).or_else(|| one.default.clone())?))).collect()
}

/// The values that a call comes to. `previous`: those that the stack has already.
pub(super) fn resolved(given: &[Given], previous: &[(String, String)]) -> Values {
    let before = |key: &str| previous.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    let value = |one: &Given| if one.use_previous { before(&one.key) } else { Some(one.value.clone()) };
    given.iter().filter_map(|one| Some((one.key.clone(), value(one)?))).collect()
}

/// What `CloudFormation` says of parameters that the template does not have, that have no value, or a wrong one.
pub(super) fn check(template: &Template, given: &[Given], resolved: &[(String, String)]) -> Result<(), String> {
    let is_known = |key: &str| template.parameters.iter().any(|parameter| parameter.key == key);
    let unknown: Vec<&str> = given.iter().map(|one| one.key.as_str()).filter(|key| !is_known(key)).collect();
    if !unknown.is_empty() {
        return Err(format!("Parameters: [{}] do not exist in the template", unknown.join(", ")));
    }
    let values = values(template, resolved);
    let value = |key: &str| values.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    // What is to stay as it was, and was not, does not become the default.
    let is_lost = |key: &str| {
        given.iter().any(|one| one.use_previous && one.key == key) && !resolved.iter().any(|(name, _)| name == key)
    };
    let keys = template.parameters.iter().map(|parameter| parameter.key.as_str());
    let missing: Vec<&str> = keys.filter(|key| value(key).is_none() || is_lost(key)).collect();
    if !missing.is_empty() {
        return Err(format!("Parameters: [{}] must have values", missing.join(", ")));
    }
    let mut faults = template.parameters.iter().filter_map(|one| one.fault(value(&one.key)?));
    faults.next().map_or(Ok(()), Err)
}

/// What comes of a call that `CloudFormation` does not take: the record fails, and no stack is touched.
pub(super) fn refused_by_engine(text: &str) -> Course {
    let text = format!(
        "AmazonCloudFormationException  {text} (Service: AmazonCloudFormation; Status Code: 400; Error Code: \
         ValidationError; Request ID: {})",
        events::new_uuid()
    );
    Course { stack: Stack::Untouched, ..Course::of(Script::Fail(vec![("400".to_owned(), text)])) }
}
