//! Where Steward is deployed: the outputs of its stack.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::Client;
use shared::scope::Scope;

use crate::arguments::Global;
use crate::problem::{Problem, aws};

/// A deployment.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    /// The stack's name; none if table and bus were given.
    pub(crate) stack: Option<String>,
    /// Its status.
    pub(crate) status: Option<String>,
    /// Account and region, by the stack's id.
    pub(crate) scope: Option<Scope>,
    /// The table.
    pub(crate) table: String,
    /// The bus.
    pub(crate) bus: String,
    /// All outputs.
    outputs: BTreeMap<String, String>,
}

/// A resource of the stack.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// Its name in the template.
    pub(crate) logical_id: String,
    /// Its name in AWS.
    pub(crate) physical_id: String,
    /// `AWS::Events::Rule` ...
    pub(crate) kind: String,
}

impl Deployment {
    /// Finds it by the options.
    pub(super) async fn find(global: &Global, config: &SdkConfig) -> Result<Self, Problem> {
        if let (Some(table), Some(bus)) = (&global.table, &global.bus) {
            let (table, bus) = (table.clone(), bus.clone());
            return Ok(Self { stack: None, status: None, scope: None, table, bus, outputs: BTreeMap::new() });
        }
        let answer = Client::new(config).describe_stacks().stack_name(&global.stack).send().await;
        let doing = format!("read the stack {}", global.stack);
        let answer = match answer {
            Err(error) if error.as_service_error().and_then(|error| error.meta().message()).is_some_and(is_unknown) => {
                let region = config.region().map(ToString::to_string).unwrap_or_default();
                return Err(Problem::NotFound(format!(
                    "there is no stack {} in {region}: give --stack, or --table and --bus, or another --region",
                    global.stack
                )));
            }
            answer => answer.map_err(|error| aws(&doing, &error))?,
        };
        let Some(stack) = answer.stacks().first() else {
            return Err(Problem::NotFound(format!("there is no stack {}", global.stack)));
        };
        let outputs: BTreeMap<String, String> = stack
            .outputs()
            .iter()
            .filter_map(|output| Some((output.output_key()?.to_owned(), output.output_value()?.to_owned())))
            .collect();
        let named = |name: &str| {
            outputs.get(name).cloned().ok_or_else(|| {
                let stack = &global.stack;
                Problem::NotFound(format!(
                    "the stack {stack} has no output {name}: it is not Steward's, or not deployed"
                ))
            })
        };
        Ok(Self {
            stack: Some(global.stack.clone()),
            status: stack.stack_status().map(|status| status.as_str().to_owned()),
            scope: stack.stack_id().and_then(Scope::of_arn),
            table: named("TableName")?,
            bus: named("BusName")?,
            outputs,
        })
    }

    /// An output of the stack.
    pub(crate) fn output(&self, name: &str) -> Result<&str, Problem> {
        self.outputs.get(name).map(String::as_str).ok_or_else(|| match &self.stack {
            Some(stack) => Problem::NotFound(format!("the stack {stack} has no output {name}: deploy it anew")),
            None => Problem::Usage("this needs the stack: give --stack, and not --table and --bus".to_owned()),
        })
    }

    /// The resources of the stack.
    pub(crate) async fn resources(&self, config: &SdkConfig) -> Result<Vec<Resource>, Problem> {
        let Some(stack) = &self.stack else { return Ok(Vec::new()) };
        let mut pages = Client::new(config).list_stack_resources().stack_name(stack).into_paginator().items().send();
        let mut resources = Vec::new();
        while let Some(resource) = pages.next().await {
            let resource = resource.map_err(|error| aws("list the resources of the stack", &error))?;
            if let (Some(logical_id), Some(physical_id), Some(kind)) =
                (resource.logical_resource_id, resource.physical_resource_id, resource.resource_type)
            {
                resources.push(Resource { logical_id, physical_id, kind });
            }
        }
        Ok(resources)
    }
}

fn is_unknown(message: &str) -> bool {
    message.contains("does not exist")
}
