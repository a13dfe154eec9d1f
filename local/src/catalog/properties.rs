//! `UpdateProvisionedProductProperties`: another owner, another launch role.

use serde_json::{Map, Value, json};

use super::Catalog;
use super::accept::{Acting, Course};
use super::input::{ID, Input, Refused, Rule, TOKEN, up_to};
use super::model::{Kind, Script};
use crate::api::Caller;

const KEYS: [&str; 2] = ["LAUNCH_ROLE", "OWNER"];
const ROLE: Rule = Rule(1, 1224, "arn:[a-z0-9-]+:iam::[0-9]{12}:role/.+");
/// A user, a role, or the session of a role.
const OWNER: Rule = Rule(1, 1224, "arn:[a-z0-9-]+:(iam::[0-9]{12}:(user|role)|sts::[0-9]{12}:assumed-role)/.+");

impl Catalog {
    /// Done when the call is: its record has ended when the caller first sees it. Access levels do not apply to it: it
    /// is an administrator's.
    pub(super) fn update_properties(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let id = input.required("ProvisionedProductId", ID)?;
        input.required_part("ProvisionedProductProperties")?;
        let properties = input.map("ProvisionedProductProperties", &KEYS, up_to(1024))?.unwrap_or_default();
        let token = input.required("IdempotencyToken", TOKEN)?;
        let asked = input.asked("IdempotencyToken");
        for (key, value) in &properties {
            let rule = if key == "OWNER" { OWNER } else { ROLE };
            if !rule.is_met(value) {
                return Err(Refused::invalid(format!("Invalid {key}: {value}")));
            }
        }

        let mut state = self.lock();
        let state = &mut *state;
        let acting = Acting { kind: Kind::Properties, caller, token: &token, asked: &asked };
        let remembered = state.remembered(acting)?;
        let product = state.living(&id).cloned();
        let refusal = match &product {
            None => Some(Refused::not_found("Provisioned product", &id)),
            Some(product) if product.is_changing() => {
                Some(Refused::state(format!("Provisioned product {id} is in {}.", product.status)))
            }
            Some(_) => None,
        };
        let shown: Map<String, Value> = properties.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        let answer = |record_id: &str, status: &str| {
            json!({
                "ProvisionedProductId": id,
                "ProvisionedProductProperties": shown,
                "RecordId": record_id,
                "Status": status,
            })
        };
        if let Some(record) = state.first(remembered, refusal)? {
            return Ok(answer(&record.id, &record.status));
        }
        let product = product.ok_or_else(|| Refused::not_found("Provisioned product", &id))?;
        let before = (product.status.clone(), product.status_message.clone());
        self.accept(state, acting, product, Course::of(Script::Succeed));
        state.change(&id, self.clock.now(), |product| {
            (product.status, product.status_message) = before;
            for (key, value) in properties {
                match key.as_str() {
                    "OWNER" => product.user_arn = value,
                    _ => product.launch_role = Some(value),
                }
            }
        });
        let product = state.living(&id).cloned();
        let Some((record, product)) = state.records.last_mut().zip(product) else { return Ok(answer("", "")) };
        record.product = product;
        record.steps.clear();
        "SUCCEEDED".clone_into(&mut record.status);
        Ok(answer(&record.id, &record.status))
    }
}
