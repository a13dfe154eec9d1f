//! The functions: what they go by, and their hand on a dead letter.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::Config;
use aws_sdk_lambda::primitives::Blob;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use serde_json::Value;
use shared::config::{BadVariable, Environment, Sweeping};

use super::Session;
use crate::problem::{Problem, aws};

/// Longer than any function may take.
const INVOCATION_MAX: Duration = Duration::from_secs(320);

/// A function, as it is deployed.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// Its variables.
    pub(crate) variables: BTreeMap<String, String>,
    /// `Active` ...
    pub(crate) state: String,
    /// Its role's ARN.
    pub(crate) role: String,
}

impl Session {
    /// A function by the output that names it.
    pub(crate) async fn function(&self, output: &str) -> Result<Function, Problem> {
        let name = self.deployment.output(output)?;
        let answer = Client::new(&self.config).get_function_configuration().function_name(name).send().await;
        let function = answer.map_err(|error| aws(&format!("read the function {name}"), &error))?;
        let variables = function.environment().and_then(|environment| environment.variables().cloned());
        Ok(Function {
            variables: variables.unwrap_or_default().into_iter().collect(),
            state: function.state().map_or("unknown", |state| state.as_str()).to_owned(),
            role: function.role().unwrap_or_default().to_owned(),
        })
    }

    /// What the sweep goes by, as it is deployed.
    pub(crate) async fn sweeping(&self) -> Result<Sweeping, Problem> {
        let function = self.function("SweepFunctionName").await?;
        let read = function.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Sweeping::read(&Environment::of(read))
            .map_err(|bad: BadVariable| Problem::Refused(format!("the parameters of sweep are bad: {bad}")))
    }

    /// Invokes a function by its name or ARN, and gives its answer.
    pub(crate) async fn invoke(&self, function: &str, payload: &Value) -> Result<Value, Problem> {
        let call = Client::new(&self.config).invoke().function_name(function).payload(Blob::new(payload.to_string()));
        // A function may take minutes; and a second transmission would hand it over twice, for nothing.
        let patient = TimeoutConfig::builder().operation_timeout(INVOCATION_MAX).build();
        let once = Config::builder().timeout_config(patient).retry_config(RetryConfig::disabled());
        let answer = call.customize().config_override(once).send().await.map_err(|error| {
            let denied = error.code().is_some_and(|code| code.contains("AccessDenied"));
            let hint = if denied { " (OperatorPolicy allows it)" } else { "" };
            aws(&format!("invoke {function}{hint}"), &error)
        })?;
        let text = answer.payload().map(|payload| String::from_utf8_lossy(payload.as_ref()).into_owned());
        let text = text.unwrap_or_default();
        if let Some(error) = answer.function_error() {
            return Err(Problem::Aws(format!("{function} failed ({error}): {text}")));
        }
        serde_json::from_str(&text).map_err(|_| Problem::Aws(format!("{function} answered no JSON: {text}")))
    }
}
