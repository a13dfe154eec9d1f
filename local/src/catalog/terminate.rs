//! `TerminateProvisionedProduct`.

use serde_json::{Value, json};

use super::input::{Input, NAME_OR_ARN, Refused, TOKEN};
use super::model::{Execution, Provisioned, Record, Script};
use super::progress;
use super::settings::{StateCheck, TokenMemory, TokenMismatch};
use super::state::State;
use super::{Catalog, input};
use crate::api::Caller;

const OPERATION: &str = "TerminateProvisionedProduct";
const RECORD_TYPE: &str = "TERMINATE_PROVISIONED_PRODUCT";

impl Catalog {
    pub(super) fn terminate(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let name = input.text("ProvisionedProductName", NAME_OR_ARN)?;
        let id = input.text("ProvisionedProductId", input::ID)?;
        let token = input.required("TerminateToken", TOKEN)?;
        let ignore_errors = input.flag("IgnoreErrors")?;
        let retain = input.flag("RetainPhysicalResources")?;
        let asked = input.asked("TerminateToken");

        let mut state = self.lock();
        let product = match (&id, &name) {
            (Some(id), None) => state.living(id).cloned(),
            (None, Some(name)) => {
                // The whole ARN: one of another account or region is another product's.
                let by_arn = name.rsplit_once('/').map(|(_, id)| id);
                let has_arn = |product: &&Provisioned| product.arn(&self.place.account, &self.place.region) == *name;
                by_arn.map_or_else(|| state.living_by_name(name), |id| state.living(id).filter(has_arn)).cloned()
            }
            _ => {
                return Err(Refused::invalid(
                    "Exactly one of ProvisionedProductId and ProvisionedProductName must be provided.",
                ));
            }
        };
        // A token that is remembered for ever gives its record even when the product is gone.
        let remembered = state.remembered(&token, &asked)?;
        let gone = || Refused::not_found("Provisioned product", id.as_deref().or(name.as_deref()).unwrap_or_default());
        let Some(product) = product else {
            return remembered.map(|record| json!({ "RecordDetail": record.detail() })).ok_or_else(gone);
        };
        state.may_touch(caller, &product, OPERATION)?;
        let busy = matches!(product.status.as_str(), "UNDER_CHANGE" | "PLAN_IN_PROGRESS");
        let refused = || {
            let (code, text) = &state.settings.refused_terminate;
            Refused::new(code, text.clone())
        };
        if busy && (state.settings.state_check == StateCheck::BeforeToken || remembered.is_none()) {
            return Err(refused());
        }
        if let Some(record) = remembered {
            return Ok(json!({ "RecordDetail": record.detail() }));
        }

        let now = self.clock.now();
        let record_id = state.new_id("rec");
        let mut script = Script::Succeed;
        state.change(&product.id, now, |product| {
            script = product.scripts.pop_front().unwrap_or(Script::Succeed);
            "UNDER_CHANGE".clone_into(&mut product.status);
            product.status_message = None;
            product.last_record_id.clone_from(&record_id);
            product.last_provisioning_record_id.clone_from(&record_id);
            product.stack_kept = retain || (ignore_errors && matches!(script, Script::Fail(_)));
        });
        if ignore_errors && matches!(script, Script::Fail(_)) {
            script = Script::Succeed;
        }
        let steps = progress::steps(&script, now, &self.clock, &state.settings, state.settings.termination, !retain);
        let record = Record {
            id: record_id.clone(),
            record_type: RECORD_TYPE.to_owned(),
            status: state.settings.first_status.to_owned(),
            created_at: now,
            updated_at: now,
            product: state.living(&product.id).cloned().unwrap_or(product),
            errors: Vec::new(),
            token: token.clone(),
            caller: caller.name.clone(),
            caller_arn: caller.arn.clone(),
            asked,
            script,
            steps,
        };
        let product_id = record.product.id.clone();
        state.executions.push(Execution {
            operation: OPERATION.to_owned(),
            product_id,
            token,
            record_id,
            caller: caller.name.clone(),
            at: now,
        });
        let answer = json!({ "RecordDetail": record.detail() });
        state.records.push(record);
        Ok(answer)
    }
}

impl State {
    /// The record that a token made, if it is remembered.
    fn remembered(&self, token: &str, asked: &Value) -> Result<Option<Record>, Refused> {
        let made = self.records.iter().rev().find(|record| record.token == token && record.record_type == RECORD_TYPE);
        let Some(record) = made else { return Ok(None) };
        let is_remembered = match self.settings.token_memory {
            TokenMemory::None => false,
            TokenMemory::ForEver => true,
            TokenMemory::WhileRunning => !record.is_ended(),
        };
        if !is_remembered {
            return Ok(None);
        }
        if record.asked != *asked && self.settings.token_mismatch == TokenMismatch::Refuse {
            return Err(Refused::invalid("The token was used before with other parameters."));
        }
        Ok(Some(record.clone()))
    }
}
