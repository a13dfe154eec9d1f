//! Building update expressions: attributes to set, to remove, and the conditions, each placeholder made once.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

use super::DynamoStore;
use super::keys::{self, Item, text};

/// An update in the making.
#[derive(Debug, Default)]
pub(super) struct Update {
    set: Vec<String>,
    remove: Vec<String>,
    conditions: Vec<String>,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Item,
}

impl Update {
    /// Sets an attribute, or removes it.
    pub(super) fn put(&mut self, name: &str, value: Option<AttributeValue>) {
        let placeholder = self.name(name);
        match value {
            Some(value) => {
                let value = self.value(name, value);
                self.set.push(format!("{placeholder} = {value}"));
            }
            None => self.remove.push(placeholder),
        }
    }

    /// Sets an attribute if there is a value; leaves it alone if not.
    pub(super) fn put_some(&mut self, name: &str, value: Option<AttributeValue>) {
        if value.is_some() {
            self.put(name, value);
        }
    }

    /// Adds a number to an attribute that is there.
    pub(super) fn increase(&mut self, name: &str, by: AttributeValue) {
        let (placeholder, value) = (self.name(name), self.value(name, by));
        self.set.push(format!("{placeholder} = {placeholder} + {value}"));
    }

    /// Appends to a list that may not be there yet.
    pub(super) fn append(&mut self, name: &str, one: AttributeValue) {
        let placeholder = self.name(name);
        let one = self.value(name, AttributeValue::L(vec![one]));
        let empty = self.value("empty", AttributeValue::L(Vec::new()));
        self.set.push(format!("{placeholder} = list_append(if_not_exists({placeholder}, {empty}), {one})"));
    }

    /// A condition: the attribute compares so with the value.
    pub(super) fn require(&mut self, name: &str, comparison: &str, value: AttributeValue) {
        let placeholder = self.name(name);
        let value = self.value(&format!("is{name}"), value);
        self.conditions.push(format!("{placeholder} {comparison} {value}"));
    }

    /// A condition: the attribute is not there.
    pub(super) fn require_absent(&mut self, name: &str) {
        let placeholder = self.name(name);
        self.conditions.push(format!("attribute_not_exists({placeholder})"));
    }

    /// A condition: the attribute is not there, or has this value.
    pub(super) fn require_absent_or(&mut self, name: &str, value: AttributeValue) {
        let placeholder = self.name(name);
        let value = self.value(&format!("or{name}"), value);
        self.conditions.push(format!("(attribute_not_exists({placeholder}) OR {placeholder} = {value})"));
    }

    /// Sets an attribute that is not there; leaves it alone if it is.
    pub(super) fn put_if_absent(&mut self, name: &str, value: AttributeValue) {
        let (placeholder, value) = (self.name(name), self.value(name, value));
        self.set.push(format!("{placeholder} = if_not_exists({placeholder}, {value})"));
    }

    /// Sets an attribute to the first of a list, and takes that out of it: only if there is one.
    pub(super) fn put_first_of(&mut self, name: &str, list: &str) {
        let (placeholder, list) = (self.name(name), self.name(list));
        self.set.push(format!("{placeholder} = {list}[0]"));
        self.remove.push(format!("{list}[0]"));
        self.conditions.push(format!("attribute_exists({list}[0])"));
    }

    /// A condition: a member of the attribute, a map, has this value.
    pub(super) fn require_member(&mut self, name: &str, member: &str, value: AttributeValue) {
        let path = format!("{}.{}", self.name(name), self.name(member));
        let value = self.value(&format!("is{member}"), value);
        self.conditions.push(format!("{path} = {value}"));
    }

    /// A condition: the attribute is not there, or its member has this value.
    pub(super) fn require_absent_or_member(&mut self, name: &str, member: &str, value: AttributeValue) {
        let (name, member) = (self.name(name), self.name(member));
        let value = self.value("ormember", value);
        self.conditions.push(format!("(attribute_not_exists({name}) OR {name}.{member} = {value})"));
    }

    /// A condition: the list is not there, or does not hold this value.
    pub(super) fn require_without(&mut self, name: &str, value: AttributeValue) {
        let placeholder = self.name(name);
        let value = self.value(&format!("without{name}"), value);
        self.conditions.push(format!("NOT contains({placeholder}, {value})"));
    }

    /// A condition: the list is not there, or is empty.
    pub(super) fn require_empty(&mut self, name: &str) {
        let placeholder = self.name(name);
        self.conditions.push(format!("attribute_not_exists({placeholder}[0])"));
    }

    /// A condition: the attribute is one of these.
    pub(super) fn require_one_of(&mut self, name: &str, values: impl IntoIterator<Item = AttributeValue>) {
        let placeholder = self.name(name);
        let values: Vec<String> =
            values.into_iter().enumerate().map(|(i, value)| self.value(&format!("in{i}{name}"), value)).collect();
        self.conditions.push(format!("{placeholder} IN ({})", values.join(", ")));
    }

    /// The update expression.
    pub(super) fn expression(&self) -> String {
        let clause = |word: &str, parts: &[String]| match parts {
            [] => String::new(),
            parts => format!("{word} {} ", parts.join(", ")),
        };
        format!("{}{}", clause("SET", &self.set), clause("REMOVE", &self.remove)).trim_end().to_owned()
    }

    /// The condition expression, if there is any condition.
    pub(super) fn condition(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" AND "))
    }

    fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    fn value(&mut self, name: &str, value: AttributeValue) -> String {
        let placeholder = format!(":{name}");
        self.values.insert(placeholder.clone(), value);
        placeholder
    }
}

impl DynamoStore {
    /// The call that carries an update of an item out; on a failed condition it brings what is there.
    pub(super) fn update(&self, key: String, update: Update) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key(keys::KEY, text(key))
            .update_expression(update.expression())
            .set_condition_expression(update.condition())
            .set_expression_attribute_names(Some(update.names))
            .set_expression_attribute_values((!update.values.is_empty()).then_some(update.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}
