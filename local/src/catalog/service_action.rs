//! `ExecuteProvisionedProductServiceAction`.

use serde_json::{Map, Value};

use super::accept::{Acting, Admitted, Course, answer};
use super::input::{ID, Input, Refused, TOKEN, constraint, wrong_type};
use super::model::{Automation, Kind, Output, Provisioned};
use super::offer::Definition;
use super::{Catalog, events};
use crate::api::Caller;

impl Catalog {
    pub(super) fn execute_service_action(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let id = input.required("ProvisionedProductId", ID)?;
        let action_id = input.required("ServiceActionId", ID)?;
        let token = input.required("ExecuteToken", TOKEN)?;
        let parameters = input.object("Parameters")?;
        parameters.map_or(Ok(()), check)?;
        let asked = input.asked("ExecuteToken");

        let mut state = self.lock();
        let acting = Acting { kind: Kind::Action, caller, token: &token, asked: &asked };
        let gone = || Refused::not_found("Provisioned product", &id);
        let busy = |product: &Provisioned| {
            let is_fit = match product.status.as_str() {
                "AVAILABLE" | "TAINTED" => true,
                "ERROR" => state.settings.action_in_error,
                _ => false,
            };
            (!is_fit).then(|| Refused::state(format!("Provisioned product {id} is in {}.", product.status)))
        };
        let product = match state.admit(acting, state.living(&id).cloned(), gone, busy)? {
            Admitted::Before(record) => return Ok(answer(&record)),
            Admitted::Now(product) => product,
        };
        let no_action = || Refused::not_found("Service action", &action_id);
        if !state.offer.is_associated(&action_id, &product.product_id, &product.artifact_id) {
            return Err(no_action());
        }
        let definition =
            state.offer.action(&action_id).map(|action| action.definition.clone()).ok_or_else(no_action)?;
        let known = names(&definition);
        if let Some(name) = parameters.and_then(|given| given.keys().find(|name| !known.contains(name))) {
            return Err(Refused::invalid(format!("Parameter {name} is not defined in the service action definition.")));
        }

        let automation = Automation {
            action_id,
            execution_id: events::new_uuid(),
            document: definition.name,
            version: definition.version,
        };
        let output = Output::new(
            &state.settings.automation_output,
            &automation.execution_id,
            "The id of the automation execution",
        );
        let script = state.next_script(Kind::Action, &product);
        let course = Course { outputs: vec![output], automation: Some(automation), ..Course::of(script) };
        Ok(self.accept(&mut state, acting, *product, course))
    }
}

/// The parameters that a definition has.
fn names(definition: &Definition) -> Vec<String> {
    let list = definition.parameters.as_deref().map(serde_json::from_str::<Vec<Value>>);
    let name = |parameter: &Value| parameter.get("Name").and_then(Value::as_str).map(str::to_owned);
    list.and_then(Result::ok).iter().flatten().filter_map(name).collect()
}

/// A map of 1 to 200 names of 1 to 50 characters, each with up to 25 values of up to 512.
fn check(parameters: &Map<String, Value>) -> Result<(), Refused> {
    let place = "Parameters";
    let whole = || Value::Object(parameters.clone()).to_string();
    if parameters.is_empty() {
        return Err(constraint(place, &whole(), "Member must have length greater than or equal to 1"));
    }
    if parameters.len() > 200 {
        return Err(constraint(place, &whole(), "Member must have length less than or equal to 200"));
    }
    for (name, values) in parameters {
        let length = name.chars().count();
        if !(1..=50).contains(&length) {
            let text = "Map keys must satisfy constraint: [Member must have length less than or equal to 50, \
                        Member must have length greater than or equal to 1]";
            return Err(constraint(place, &whole(), text));
        }
        let Value::Array(values) = values else { return Err(wrong_type(name, values, "a list")) };
        if values.len() > 25 {
            let text = "Map value must satisfy constraint: [Member must have length less than or equal to 25, \
                        Member must have length greater than or equal to 0]";
            return Err(constraint(place, &whole(), text));
        }
        for value in values {
            let Value::String(text) = value else { return Err(wrong_type(name, value, "a string")) };
            if text.chars().count() > 512 {
                let text = "Map value must satisfy constraint: [Member must satisfy constraint: [Member must have \
                            length less than or equal to 512, Member must have length greater than or equal to 0]]";
                return Err(constraint(place, &whole(), text));
            }
        }
    }
    Ok(())
}
