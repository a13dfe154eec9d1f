//! CloudFormation, as far as one asks it what a stack consists of: the one stack that the template makes.

mod describe;
#[cfg(test)]
mod tests;
mod xml;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::api::{Answer, Call, Service};
use crate::gateway::Place;
use crate::template::{Resource, STACK, Template, stack_id};

/// The service.
pub struct Stacks {
    stack: Stack,
}

/// A stack.
struct Stack {
    id: String,
    name: &'static str,
    description: String,
    created_at: DateTime<Utc>,
    parameters: Vec<(String, String)>,
    /// Name, value, and what it is for.
    outputs: Vec<(String, String, String)>,
    resources: Vec<Resource>,
}

/// An error of the service: its code and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal(&'static str, String);

impl Stacks {
    /// The stack of a template that was made at an instant, behind a gateway: its queues are at that address.
    #[must_use]
    pub fn new(template: &Template, place: &Place, endpoint: &str, created_at: DateTime<Utc>) -> Self {
        let queues = format!("https://sqs.{}.amazonaws.com/", place.region);
        let here = |text: &str| match text.strip_prefix(&queues) {
            Some(rest) => format!("{endpoint}/{rest}"),
            None => text.to_owned(),
        };
        let outputs = template.outputs.iter();
        let stack = Stack {
            id: stack_id(place),
            name: STACK,
            description: template.description.clone(),
            created_at,
            parameters: template.parameters.clone().into_iter().collect(),
            outputs: outputs.map(|(name, o)| (name.clone(), here(&o.value), o.description.clone())).collect(),
            resources: template
                .resources
                .iter()
                .map(|resource| Resource { physical_id: here(&resource.physical_id), ..resource.clone() })
                .collect(),
        };
        Self { stack }
    }

    fn answer(&self, call: &Call) -> Result<Value, Refusal> {
        let input: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let text = |member: &str| input.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
        match call.operation.as_str() {
            "DescribeStacks" => self.describe_stacks(text("StackName")),
            "ListStackResources" => self.list_resources(text("StackName"), text("NextToken")),
            "DescribeStackResources" => {
                self.describe_resources(text("StackName"), text("LogicalResourceId"), text("PhysicalResourceId"))
            }
            "DescribeStackResource" => self.describe_resource(text("StackName"), text("LogicalResourceId")),
            other => {
                let text = format!("The local cloud's CloudFormation has no {other}.");
                Err(Refusal("InvalidAction", text))
            }
        }
    }
}

impl Service for Stacks {
    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            match self.answer(&call) {
                Ok(result) => xml::answer(&call.operation, &result),
                Err(Refusal(code, message)) => Answer::error(400, code, &message),
            }
        })
    }
}
