//! Service actions: create, describe, list and delete them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{ActionParameter, once};
use crate::catalog::Catalog;
use crate::catalog::input::{self, Input, Refused, Rule, page, some, up_to};
use crate::catalog::records::with_next;

/// No region has more.
const MOST: usize = 200;
const NAME: Rule = Rule(1, 256, "[a-zA-Z0-9_\\-.]*");
const KEYS: [&str; 4] = ["Name", "Version", "AssumeRole", "Parameters"];

/// A service action: an automation document that users of a product may run on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::catalog) struct Action {
    /// `act-...`.
    pub(in crate::catalog) id: String,
    pub(in crate::catalog) name: String,
    pub(in crate::catalog) description: String,
    pub(in crate::catalog) definition: Definition,
    /// The products' versions that have it: product and artifact.
    pub(super) associated: Vec<(String, String)>,
}

/// What a service action runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::catalog) struct Definition {
    /// The document's name or ARN.
    pub(in crate::catalog) name: String,
    pub(in crate::catalog) version: String,
    /// A role's ARN or `LAUNCH_ROLE`; none: the caller's own permissions.
    pub(in crate::catalog) assume_role: Option<String>,
    /// JSON text: a list of `{"Name": .., "Type": "TARGET" | "TEXT_VALUE"}`.
    pub(in crate::catalog) parameters: Option<String>,
}

impl Definition {
    fn read(input: &Input) -> Result<Self, Refused> {
        let members = input.map("Definition", &KEYS, some(1024))?;
        let members: Map<String, Value> =
            members.unwrap_or_default().into_iter().map(|(key, value)| (key, json!(value))).collect();
        let take = |key: &str| members.get(key).and_then(Value::as_str).map(str::to_owned);
        let must = |key: &str| take(key).ok_or_else(|| Refused::invalid(format!("Definition must have {key}.")));
        Ok(Self {
            name: must("Name")?,
            version: must("Version")?,
            assume_role: take("AssumeRole"),
            parameters: take("Parameters"),
        })
    }

    fn shown(&self) -> Value {
        let mut shown = Map::new();
        for (key, value) in [
            ("Name", Some(&self.name)),
            ("Version", Some(&self.version)),
            ("AssumeRole", self.assume_role.as_ref()),
            ("Parameters", self.parameters.as_ref()),
        ] {
            shown.extend(value.map(|value| (key.to_owned(), json!(value))));
        }
        Value::Object(shown)
    }
}

impl Action {
    /// Whether a product's version has it.
    pub(super) fn is_of(&self, product_id: &str, artifact_id: &str) -> bool {
        self.associated.iter().any(|(product, artifact)| product == product_id && artifact == artifact_id)
    }

    pub(super) fn summary(&self) -> Value {
        json!({
            "Id": self.id,
            "Name": self.name,
            "Description": self.description,
            "DefinitionType": "SSM_AUTOMATION",
        })
    }

    fn detail(&self) -> Value {
        json!({ "ServiceActionSummary": self.summary(), "Definition": self.definition.shown() })
    }
}

impl Catalog {
    pub(super) fn create_action(&self, input: &Input) -> Result<Value, Refused> {
        let name = input.required("Name", NAME)?;
        input.required_one_of("DefinitionType", &["SSM_AUTOMATION"])?;
        input.required_part("Definition")?;
        let description = input.text("Description", up_to(1024))?.unwrap_or_default();
        let token = once::token(input)?;
        let definition = Definition::read(input)?;
        ActionParameter::read(definition.parameters.as_deref()).map_err(Refused::invalid)?;
        self.once("CreateServiceAction", input, token, |state| {
            if state.offer.actions.len() >= MOST {
                let text = format!("No more than {MOST} service actions are allowed.");
                return Err(Refused::new("LimitExceededException", text));
            }
            let action = Action { id: state.new_id("act"), name, description, definition, associated: Vec::new() };
            let answer = json!({ "ServiceActionDetail": action.detail() });
            state.offer.actions.push(action);
            Ok(answer)
        })
    }

    pub(super) fn describe_action(&self, input: &Input) -> Result<Value, Refused> {
        let id = input.required("Id", input::ID)?;
        let state = self.lock();
        let action = state.offer.action_or_refuse(&id)?;
        Ok(json!({ "ServiceActionDetail": action.detail() }))
    }

    pub(super) fn list_actions(&self, input: &Input) -> Result<Value, Refused> {
        let state = self.lock();
        let summaries: Vec<Value> = state.offer.actions.iter().map(Action::summary).collect();
        let (shown, next) = page(&summaries, input, 20)?;
        Ok(with_next(json!({ "ServiceActionSummaries": shown }), next))
    }

    pub(super) fn delete_action(&self, input: &Input) -> Result<Value, Refused> {
        let id = input.required("Id", input::ID)?;
        let token = once::token_if_any(input)?;
        self.once("DeleteServiceAction", input, token, |state| {
            if !state.offer.action_or_refuse(&id)?.associated.is_empty() {
                let text = format!("Service action {id} is associated with provisioning artifacts.");
                return Err(Refused::new("ResourceInUseException", text));
            }
            state.offer.actions.retain(|action| action.id != id);
            Ok(json!({}))
        })
    }
}
