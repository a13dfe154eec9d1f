//! `DescribeRecord` and `ListRecordHistory`.

use serde_json::{Value, json};

use super::access::is_within;
use super::input::{ID, Input, Refused, page, wrong_type};
use super::model::{Output, passing};
use super::settings::AccessLevel;
use super::{Catalog, Record};
use crate::api::Caller;

/// No page of a record's outputs has more.
const OUTPUTS_MAX: usize = 20;

impl Catalog {
    pub(super) fn describe_record(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let id = input.required("Id", ID)?;
        // Before the record is looked for: what is wrong with a request is wrong whatever it asks for.
        input.page_size(OUTPUTS_MAX)?;
        input.page_start()?;
        let state = self.lock();
        let absent = || Refused::not_found("Record", &id);
        let record = state.record(&id).ok_or_else(absent)?;
        // Whoever has handed the product over sees its old records in the history alone.
        let owned = state.product(&record.product.id).unwrap_or(&record.product);
        state.may_touch(caller, owned, "DescribeRecord", absent)?;
        let stack = record.product.stack.as_deref().filter(|_| record.kind.provisions());
        let stack = stack.map(Output::of_stack);
        let outputs: Vec<Value> = stack.iter().chain(&record.outputs).map(Output::wire).collect();
        let (outputs, next) = page(&outputs, input, OUTPUTS_MAX)?;
        Ok(with_next(json!({ "RecordDetail": record.detail(), "RecordOutputs": outputs }), next))
    }

    pub(super) fn list_record_history(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let state = self.lock();
        let level = state.listed_at(caller, input, AccessLevel::User)?;
        let text = |filter: &serde_json::Map<String, Value>, name: &str| match filter.get(name) {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Err(wrong_type(name, other, "a string")),
        };
        let filter = match input.object("SearchFilter")? {
            None => None,
            Some(filter) => Some((text(filter, "Key")?, text(filter, "Value")?)),
        };
        let until = self.clock.now() - passing(&self.clock, state.settings.history_lag);
        let is_shown = |record: &&Record| {
            let by_filter = match &filter {
                None => Ok(true),
                Some((key, value)) => match key.as_str() {
                    "provisionedproduct" => Ok(record.product.id == *value),
                    "product" => Ok(record.product.product_id == *value),
                    other => Err(Refused::invalid(format!("Invalid search filter key: {other}"))),
                },
            };
            by_filter.map(|shown| shown && record.created_at <= until && is_within(level, caller, &record.product))
        };
        let mut records = Vec::new();
        // Newest first.
        for record in state.records.iter().rev() {
            if is_shown(&record)? {
                records.push(record.detail());
            }
        }
        let (shown, next) = page(&records, input, 20)?;
        Ok(with_next(json!({ "RecordDetails": shown }), next))
    }
}

/// An answer with the token of its next page, if there is one.
pub(super) fn with_next(mut answer: Value, next: Option<String>) -> Value {
    if let Some(next) = next {
        answer["NextPageToken"] = Value::String(next);
    }
    answer
}
