//! `template.yaml`, read as it will be deployed.
//!
//! Parameters, conditions and intrinsics are resolved; resources become typed values. Whatever is not known here (a type, a
//! property, an intrinsic) is an error that says where it stands: nothing of the deployment passes silently.

mod names;
mod outputs;
mod parameters;
mod resolve;
pub mod resources;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

use crate::gateway::Place;
use resolve::Resolver;
use resources::{EventSourceMapping, Function, ManagedPolicy, Queue, Role, Rule};

pub use names::{STACK, mapping_id, queue_name, stack_id};
pub use outputs::Output;

/// Nothing happens here because of these, and what they say is the linter's to check: who looks on, and what runs outside.
const NOT_EMULATED: [&str; 5] = [
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Config::ConfigRule",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
];

/// The template cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("template.yaml, {place}: {problem}")]
pub struct TemplateError {
    /// Where: a logical id, and a path below it.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

impl TemplateError {
    fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }
}

/// A resource as the stack has it, emulated or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name outside: what `Ref` gives.
    pub physical_id: String,
    /// Its type, once the template's transform is done.
    pub kind: String,
}

/// The resources, by logical id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    /// What it is about.
    pub description: String,
    /// The value of each parameter, as text.
    pub parameters: BTreeMap<String, String>,
    /// All resources whose conditions hold, in the template's order.
    pub resources: Vec<Resource>,
    /// What the stack tells.
    pub outputs: BTreeMap<String, Output>,
    /// `AWS::DynamoDB::Table`: the properties, as they are.
    pub tables: BTreeMap<String, Value>,
    /// `AWS::Events::EventBus`: the name.
    pub buses: BTreeMap<String, String>,
    /// `AWS::SQS::Queue`.
    pub queues: BTreeMap<String, Queue>,
    /// `AWS::Events::Rule`.
    pub rules: BTreeMap<String, Rule>,
    /// `AWS::Lambda::EventSourceMapping`.
    pub mappings: BTreeMap<String, EventSourceMapping>,
    /// `AWS::Serverless::Function`.
    pub functions: BTreeMap<String, Function>,
    /// `AWS::SNS::Topic`: the logical ids.
    pub topics: BTreeSet<String>,
    /// `AWS::IAM::Role`.
    pub roles: BTreeMap<String, Role>,
    /// `AWS::IAM::ManagedPolicy`.
    pub managed_policies: BTreeMap<String, ManagedPolicy>,
    /// Policies of buses and queues, as they are: `AWS::Events::EventBusPolicy`, `AWS::SQS::QueuePolicy`.
    pub policies: BTreeMap<String, Value>,
}

impl Template {
    /// Reads a template, with values for some of its parameters.
    ///
    /// # Errors
    /// The first thing that is not known or does not fit.
    pub fn read(path: &Path, overrides: &BTreeMap<String, String>, place: &Place) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| TemplateError::new("the file", format!("{}: {error}", path.display())))?;
        Self::parse(&text, overrides, place)
    }

    /// Reads a template's text.
    ///
    /// # Errors
    /// As for [`Template::read`].
    pub fn parse(text: &str, overrides: &BTreeMap<String, String>, place: &Place) -> Result<Self, TemplateError> {
        let yaml: yaml_serde::Value =
            yaml_serde::from_str(text).map_err(|error| TemplateError::new("the file", error.to_string()))?;
        let yaml = yaml.as_mapping().ok_or_else(|| TemplateError::new("the file", "is no mapping"))?;
        for (name, _) in yaml {
            let name = name.as_str().unwrap_or_default();
            let known = [
                "AWSTemplateFormatVersion",
                "Transform",
                "Description",
                "Metadata",
                "Parameters",
                "Conditions",
                "Globals",
                "Resources",
                "Outputs",
            ];
            if !known.contains(&name) {
                return Err(TemplateError::new(name, format!("an unknown section; known: {}", known.join(", "))));
            }
        }
        let parameters = parameters::read(yaml.get("Parameters"), overrides)?;
        let texts = parameters.iter().map(|(name, value)| (name.clone(), parameters::text_of(value))).collect();
        let mut resolver = Resolver::new(parameters, place.clone());
        resolver.conditions(yaml.get("Conditions"))?;
        let resources = yaml
            .get("Resources")
            .and_then(yaml_serde::Value::as_mapping)
            .ok_or_else(|| TemplateError::new("Resources", "is missing"))?;
        resolver.resources(resources)?;
        let globals = match yaml.get("Globals").and_then(|globals| globals.get("Function")) {
            Some(globals) => resolver.value(globals, "Globals.Function")?,
            None => Value::Object(serde_json::Map::new()),
        };
        let description = yaml.get("Description").and_then(yaml_serde::Value::as_str).unwrap_or_default().to_owned();
        let mut template = Self { description, parameters: texts, ..Self::default() };
        for (id, resource) in resources {
            let id = id.as_str().unwrap_or_default();
            if resolver.exists(id, resource)? {
                template.add(id, resource, &resolver, &globals)?;
                template.resources.push(Resource {
                    logical_id: id.to_owned(),
                    physical_id: resolver.physical_id(id)?,
                    kind: names::transformed(resolver.type_of(id).unwrap_or_default()).to_owned(),
                });
            }
        }
        template.outputs = outputs::read(yaml.get("Outputs"), &resolver)?;
        Ok(template)
    }

    fn add(
        &mut self,
        id: &str,
        resource: &yaml_serde::Value,
        resolver: &Resolver,
        globals: &Value,
    ) -> Result<(), TemplateError> {
        const BESIDE: [&str; 6] =
            ["Type", "Condition", "Properties", "Metadata", "DeletionPolicy", "UpdateReplacePolicy"];
        let kind = resolver.type_of(id).unwrap_or_default();
        if NOT_EMULATED.contains(&kind) {
            return Ok(());
        }
        let members = resource.as_mapping().ok_or_else(|| TemplateError::new(id, "is no mapping"))?;
        for (name, _) in members {
            let name = name.as_str().unwrap_or_default();
            if !BESIDE.contains(&name) {
                return Err(TemplateError::new(
                    format!("{id}.{name}"),
                    format!("unknown; known: {}", BESIDE.join(", ")),
                ));
            }
        }
        let properties = match members.get("Properties") {
            Some(properties) => resolver.value(properties, &format!("{id}.Properties"))?,
            None => Value::Object(serde_json::Map::new()),
        };
        match kind {
            "AWS::DynamoDB::Table" => drop(self.tables.insert(id.to_owned(), properties)),
            "AWS::Events::EventBus" => {
                drop(self.buses.insert(id.to_owned(), typed::<resources::Bus>(id, properties)?.name));
            }
            "AWS::SQS::Queue" => drop(self.queues.insert(id.to_owned(), typed(id, properties)?)),
            "AWS::Events::Rule" => drop(self.rules.insert(id.to_owned(), typed(id, properties)?)),
            "AWS::Lambda::EventSourceMapping" => drop(self.mappings.insert(id.to_owned(), typed(id, properties)?)),
            "AWS::Serverless::Function" => {
                drop(self.functions.insert(id.to_owned(), typed(id, merged(globals.clone(), properties))?));
            }
            "AWS::SNS::Topic" => drop(self.topics.insert(id.to_owned())),
            "AWS::IAM::Role" => drop(self.roles.insert(id.to_owned(), typed(id, properties)?)),
            "AWS::IAM::ManagedPolicy" => drop(self.managed_policies.insert(id.to_owned(), typed(id, properties)?)),
            "AWS::Events::EventBusPolicy" | "AWS::SQS::QueuePolicy" => {
                drop(self.policies.insert(id.to_owned(), properties));
            }
            // Nothing of these is emulated, but their shape is checked like that of the others.
            "AWS::Lambda::Permission" => drop(typed::<resources::Permission>(id, properties)?),
            "AWS::Logs::LogGroup" => drop(typed::<resources::LogGroup>(id, properties)?),
            other => return Err(TemplateError::new(id, format!("the type {other} is not known to the local cloud"))),
        }
        Ok(())
    }
}

fn typed<T: DeserializeOwned>(id: &str, properties: Value) -> Result<T, TemplateError> {
    serde_json::from_value(properties)
        .map_err(|error| TemplateError::new(format!("{id}.Properties"), error.to_string()))
}

/// What a function's own properties make of those that all share: maps are joined, anything else is its own.
fn merged(shared: Value, own: Value) -> Value {
    match (shared, own) {
        (Value::Object(mut shared), Value::Object(own)) => {
            for (name, value) in own {
                let value = match shared.remove(&name) {
                    Some(before) => merged(before, value),
                    None => value,
                };
                shared.insert(name, value);
            }
            Value::Object(shared)
        }
        (_, own) => own,
    }
}

/// The logical id of the resource that an ARN, or a queue's URL, names: its last part. A queue's name is longer by the
/// stack's, as CloudFormation makes it.
#[must_use]
pub fn id_of(arn: &str) -> &str {
    let last = arn.rsplit([':', '/']).next().unwrap_or(arn);
    let is_of_queue = arn.starts_with("arn:aws:sqs:") || arn.starts_with("http");
    if is_of_queue { names::queue_id(last).unwrap_or(last) } else { last }
}
