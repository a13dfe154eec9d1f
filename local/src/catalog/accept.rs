//! What every operation that acts on a product has in common: its token, its record, and what it does to the product.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::Catalog;
use super::input::Refused;
use super::model::{Automation, Becoming, Execution, Kind, Output, Provisioned, Record, Script};
use super::settings::{StateCheck, TokenMemory, TokenMismatch};
use super::state::State;
use crate::api::Caller;

/// A call that acts on a product.
#[derive(Clone, Copy, Debug)]
pub(super) struct Acting<'a> {
    pub(super) kind: Kind,
    pub(super) caller: &'a Caller,
    pub(super) token: &'a str,
    /// What it asks for, without its token.
    pub(super) asked: &'a Value,
}

/// Whether a call begins something.
#[derive(Debug)]
pub(super) enum Admitted {
    /// It did so before: this is the record that it made then.
    Before(Box<Record>),
    /// It does now, on this product.
    Now(Box<Provisioned>),
}

/// How a stack comes out of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stack {
    /// As the record does.
    #[default]
    AsRecord,
    /// Badly, whatever the record says.
    Fails,
    /// It is not touched.
    Untouched,
}

/// What an accepted call is to come to.
#[derive(Clone, Debug)]
pub(super) struct Course {
    pub(super) script: Script,
    pub(super) stack: Stack,
    pub(super) outputs: Vec<Output>,
    pub(super) automation: Option<Automation>,
    pub(super) becomes: Option<Becoming>,
}

impl Course {
    /// A record that ends so, and nothing besides.
    pub(super) fn of(script: Script) -> Self {
        Self { script, stack: Stack::AsRecord, outputs: Vec::new(), automation: None, becomes: None }
    }
}

impl State {
    /// Whether a call may begin something on a product. `gone`: the answer if there is no such product; `refusal`: what
    /// is in the way of the one there is.
    pub(super) fn admit(
        &self,
        acting: Acting<'_>,
        product: Option<Provisioned>,
        gone: impl Fn() -> Refused,
        refusal: impl FnOnce(&Provisioned) -> Option<Refused>,
    ) -> Result<Admitted, Refused> {
        let remembered = self.remembered(acting)?;
        let operation = acting.kind.operation();
        // A token that is remembered for ever gives its record even when the product is gone.
        let Some(product) = product else {
            let record = remembered.ok_or_else(&gone)?;
            self.may_touch(acting.caller, &record.product, operation, gone)?;
            return Ok(Admitted::Before(Box::new(record)));
        };
        self.may_touch(acting.caller, &product, operation, gone)?;
        let before = self.first(remembered, refusal(&product))?;
        Ok(before.map_or_else(|| Admitted::Now(Box::new(product)), |record| Admitted::Before(Box::new(record))))
    }

    /// What comes first, the token or what is in the way.
    pub(super) fn first<T>(&self, remembered: Option<T>, refusal: Option<Refused>) -> Result<Option<T>, Refused> {
        match refusal {
            Some(refused) if remembered.is_none() || self.settings.state_check == StateCheck::BeforeToken => {
                Err(refused)
            }
            _ => Ok(remembered),
        }
    }

    /// The record that a token made, if it is remembered.
    pub(super) fn remembered(&self, acting: Acting<'_>) -> Result<Option<Record>, Refused> {
        let operation = acting.kind.operation();
        let mut made = self.made_by(acting.token);
        let Some(record) = made.find(|record| record.kind.operation() == operation) else { return Ok(None) };
        let is_known = self.is_remembered(!record.is_ended());
        if is_known {
            self.match_token(&record.asked, acting.asked)?;
        }
        Ok(is_known.then(|| record.clone()))
    }

    /// Whether a token is remembered whose work goes on, or does not any more.
    pub(super) fn is_remembered(&self, is_running: bool) -> bool {
        match self.settings.token_memory {
            TokenMemory::None => false,
            TokenMemory::ForEver => true,
            TokenMemory::WhileRunning => is_running,
        }
    }

    /// Whether a known token may come with what is asked now.
    pub(super) fn match_token(&self, before: &Value, now: &Value) -> Result<(), Refused> {
        if before != now && self.settings.token_mismatch == TokenMismatch::Refuse {
            return Err(Refused::invalid("The token was used before with other parameters."));
        }
        Ok(())
    }

    /// How a product's next record is to end.
    pub(super) fn next_script(&mut self, kind: Kind, product: &Provisioned) -> Script {
        if let Some(script) = self.mishaps.meet(kind, product) {
            return script;
        }
        let product = self.product_mut(&product.id);
        product.and_then(|product| product.scripts.pop_front()).unwrap_or(Script::Succeed)
    }
}

impl Catalog {
    /// Accepts a call: the product is `UNDER_CHANGE`, there is a record, and the ledger says so. Gives the answer.
    pub(super) fn accept(&self, state: &mut State, acting: Acting<'_>, product: Provisioned, course: Course) -> Value {
        let Acting { kind, caller, token, asked } = acting;
        let now = self.clock.now();
        let record_id = state.new_id("rec");
        let before = (product.status.clone(), product.status_message.clone());
        state.change(&product.id, now, |product| {
            "UNDER_CHANGE".clone_into(&mut product.status);
            product.status_message = None;
            product.last_record_id.clone_from(&record_id);
            if kind.provisions() {
                product.last_provisioning_record_id.clone_from(&record_id);
            }
        });
        state.keep_stack(&product);
        let mut product = state.living(&product.id).cloned().unwrap_or(product);
        // The record is about what is to be, not what is.
        if let Some(becomes) = &course.becomes {
            product.artifact_id.clone_from(&becomes.artifact_id);
            product.path_id.clone_from(&becomes.path_id);
        }
        state.executions.push(Execution {
            operation: kind.operation().to_owned(),
            product_id: product.id.clone(),
            token: token.to_owned(),
            record_id: record_id.clone(),
            caller: caller.name.clone(),
            asked: asked.clone(),
            at: now,
        });
        let mut record = Record {
            id: record_id,
            kind,
            record_type: kind.record_type(&state.settings).to_owned(),
            status: state.settings.first_status.to_owned(),
            created_at: now,
            updated_at: now,
            product,
            errors: Vec::new(),
            token: token.to_owned(),
            caller: caller.name.clone(),
            caller_arn: caller.arn.clone(),
            asked: asked.clone(),
            script: course.script,
            outputs: course.outputs,
            automation: course.automation,
            steps: VecDeque::new(),
            before,
            becomes: course.becomes,
        };
        record.plan_steps(course.stack, &self.clock, &state.settings);
        let answer = answer(&record);
        state.keep_record(record);
        answer
    }
}

/// What a caller gets that made a record, now or before.
pub(super) fn answer(record: &Record) -> Value {
    json!({ "RecordDetail": record.detail() })
}
