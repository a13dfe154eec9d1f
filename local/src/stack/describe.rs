//! What a stack is, and what it consists of.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::{Refusal, Stack, Stacks};
use crate::template::Resource;

/// No answer names more resources.
const PAGE_MAX: usize = 100;

impl Stacks {
    /// One stack, or all of them.
    pub(super) fn describe_stacks(&self, name: Option<&str>) -> Result<Value, Refusal> {
        let stack = match name {
            Some(name) => self.stack(Some(name), &format!("Stack with id {name} does not exist"))?,
            None => &self.stack,
        };
        Ok(json!({ "Stacks": [stack.described()] }))
    }

    /// A page of a stack's resources; a token is the number of those before it.
    pub(super) fn list_resources(&self, name: Option<&str>, token: Option<&str>) -> Result<Value, Refusal> {
        let stack = self.stack_of_resources(name)?;
        let invalid = |token| Refusal("ValidationError", format!("NextToken {token} is none of ours"));
        let start = token.map_or(Ok(0), |token| token.parse::<usize>().map_err(|_| invalid(token)))?;
        let page: Vec<Value> = stack
            .resources
            .iter()
            .skip(start)
            .take(PAGE_MAX)
            .map(|one| stack.summary(one, "LastUpdatedTimestamp"))
            .collect();
        let end = start.saturating_add(page.len());
        let next = (end < stack.resources.len()).then(|| end.to_string());
        Ok(json!({ "StackResourceSummaries": page, "NextToken": next }))
    }

    /// The first hundred resources of a stack that is named or known by one of them, or the one that is asked for.
    pub(super) fn describe_resources(
        &self,
        name: Option<&str>,
        logical_id: Option<&str>,
        physical_id: Option<&str>,
    ) -> Result<Value, Refusal> {
        let stack = match (name, physical_id) {
            (Some(_), Some(_)) => {
                let text = "You cannot specify both StackName and PhysicalResourceId";
                return Err(Refusal("ValidationError", text.to_owned()));
            }
            (None, Some(id)) if self.stack.resources.iter().any(|one| one.physical_id == id) => &self.stack,
            (None, Some(id)) => {
                return Err(Refusal("ValidationError", format!("Stack for {id} does not exist")));
            }
            (name, None) => self.stack_of_resources(name)?,
        };
        let found = stack.resources.iter().filter(|one| logical_id.is_none_or(|id| one.logical_id == id));
        let found = found.filter(|one| physical_id.is_none_or(|id| one.physical_id == id)).take(PAGE_MAX);
        Ok(json!({ "StackResources": found.map(|one| stack.detail(one, "Timestamp")).collect::<Vec<_>>() }))
    }

    pub(super) fn describe_resource(&self, name: Option<&str>, id: Option<&str>) -> Result<Value, Refusal> {
        let stack = self.stack_of_resources(name)?;
        let id = id.ok_or_else(|| missing("LogicalResourceId"))?;
        let found = stack.resources.iter().find(|one| one.logical_id == id).ok_or_else(|| {
            Refusal("ValidationError", format!("Resource {id} does not exist for stack {}", stack.name))
        })?;
        Ok(json!({ "StackResourceDetail": stack.detail(found, "LastUpdatedTimestamp") }))
    }

    fn stack_of_resources(&self, name: Option<&str>) -> Result<&Stack, Refusal> {
        self.stack(name, &format!("Stack '{}' does not exist", name.unwrap_or_default()))
    }

    /// A stack by its name or id.
    fn stack(&self, name: Option<&str>, absent: &str) -> Result<&Stack, Refusal> {
        let name = name.ok_or_else(|| missing("StackName"))?;
        let known = name == self.stack.name || name == self.stack.id;
        known.then_some(&self.stack).ok_or_else(|| Refusal("ValidationError", absent.to_owned()))
    }
}

impl Stack {
    fn described(&self) -> Value {
        let parameters = self.parameters.iter();
        let parameters = parameters.map(|(name, value)| json!({ "ParameterKey": name, "ParameterValue": value }));
        let outputs = self.outputs.iter().map(
            |(name, value, description)| json!({ "OutputKey": name, "OutputValue": value, "Description": description }),
        );
        json!({
            "StackId": self.id,
            "StackName": self.name,
            "Description": self.description,
            "Parameters": parameters.collect::<Vec<_>>(),
            "CreationTime": self.created(),
            "RollbackConfiguration": {},
            "StackStatus": "CREATE_COMPLETE",
            "DisableRollback": false,
            "NotificationARNs": [],
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            "Outputs": outputs.collect::<Vec<_>>(),
            "Tags": [],
            "EnableTerminationProtection": false,
            "DriftInformation": { "StackDriftStatus": "NOT_CHECKED" },
        })
    }

    fn summary(&self, resource: &Resource, time: &str) -> Value {
        json!({
            "LogicalResourceId": resource.logical_id,
            "PhysicalResourceId": resource.physical_id,
            "ResourceType": resource.kind,
            time: self.created(),
            "ResourceStatus": "CREATE_COMPLETE",
            "DriftInformation": { "StackResourceDriftStatus": "NOT_CHECKED" },
        })
    }

    fn detail(&self, resource: &Resource, time: &str) -> Value {
        let mut detail = self.summary(resource, time);
        detail["StackName"] = json!(self.name);
        detail["StackId"] = json!(self.id);
        detail
    }

    fn created(&self) -> String {
        self.created_at.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

fn missing(member: &str) -> Refusal {
    let member = member[..1].to_ascii_lowercase() + &member[1..];
    let text = format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
    );
    Refusal("ValidationError", text)
}
