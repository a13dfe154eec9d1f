//! `DescribeServiceActionExecutionParameters`: what an action asks for, and what it does without being told.

use serde_json::{Value, json};

use crate::api::Caller;
use crate::catalog::Catalog;
use crate::catalog::input::{self, Input, Refused};

/// No parameter shows more values.
const MOST: usize = 25;
const OPERATION: &str = "DescribeServiceActionExecutionParameters";

/// A parameter of a service action's definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::catalog) struct ActionParameter {
    pub(in crate::catalog) name: String,
    /// `TARGET` (resources of the provisioned product) or `TEXT_VALUE`.
    pub(in crate::catalog) parameter_type: String,
}

impl ActionParameter {
    /// Reads the definition's text; none: no parameters.
    pub(in crate::catalog) fn read(text: Option<&str>) -> Result<Vec<Self>, String> {
        let Some(text) = text else { return Ok(Vec::new()) };
        let wrong = || r#"Parameters must be JSON text: [{"Name": .., "Type": "TARGET" or "TEXT_VALUE"}]."#.to_owned();
        let list: Vec<Value> = serde_json::from_str(text).map_err(|_| wrong())?;
        let read = |value: &Value| {
            let text = |member: &str| value.get(member).and_then(Value::as_str).map(str::to_owned);
            let name = text("Name").filter(|name| (1..=50).contains(&name.chars().count()))?;
            let parameter_type = text("Type").filter(|kind| matches!(kind.as_str(), "TARGET" | "TEXT_VALUE"))?;
            Some(Self { name, parameter_type })
        };
        list.iter().map(|value| read(value).ok_or_else(wrong)).collect()
    }
}

impl Catalog {
    pub(super) fn describe_execution_parameters(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let id = input.required("ProvisionedProductId", input::ID)?;
        let action_id = input.required("ServiceActionId", input::ID)?;
        let state = self.lock();
        let absent = || Refused::not_found("Provisioned product", &id);
        let product = state.living(&id).ok_or_else(absent)?;
        state.may_touch(caller, product, OPERATION, absent)?;
        let action = state.offer.action_or_refuse(&action_id)?;
        if !action.is_of(&product.product_id, &product.artifact_id) {
            return Err(Refused::not_found("Service action", &action_id));
        }
        let parameters = ActionParameter::read(action.definition.parameters.as_deref()).map_err(Refused::invalid)?;
        let resources = state.stack_of(product, &self.place).map(|stack| stack.resources()).unwrap_or_default();
        let targets: Vec<String> = resources.into_iter().map(|(_, _, physical)| physical).take(MOST).collect();
        let shown = |parameter: ActionParameter| {
            let targets: &[String] = if parameter.parameter_type == "TARGET" { &targets } else { &[] };
            json!({ "Name": parameter.name, "Type": parameter.parameter_type, "DefaultValues": targets })
        };
        Ok(json!({ "ServiceActionParameters": parameters.into_iter().map(shown).collect::<Vec<_>>() }))
    }
}
