//! Resource changes, as a change set shows them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::change_set::Present;
use crate::catalog::offer::Template;

/// A resource's attributes, as templates and as change sets name them.
const ATTRIBUTES: [(&str, &str); 5] = [
    ("Properties", "PROPERTIES"),
    ("Metadata", "METADATA"),
    ("CreationPolicy", "CREATIONPOLICY"),
    ("UpdatePolicy", "UPDATEPOLICY"),
    ("DeletionPolicy", "DELETIONPOLICY"),
];

/// Everything of a new stack is added.
pub(super) fn of_new(template: &Template) -> Vec<Value> {
    template.resources.iter().map(|(id, resource)| change("ADD", id, resource)).collect()
}

/// What is removed, added or modified. `before` and `after`: the values of all parameters.
pub(super) fn between(
    present: &Present,
    before: &[(String, String)],
    template: &Template,
    after: &[(String, String)],
) -> Vec<Value> {
    let old = &present.template.resources;
    let changed: BTreeSet<&str> =
        after.iter().filter(|one| !before.contains(one)).map(|(key, _)| key.as_str()).collect();
    let with_id = |mut change: Value, id: &str| {
        if let Some(physical) = present.physical.get(id) {
            change["PhysicalResourceId"] = json!(physical);
        }
        change
    };
    let removed = old.iter().filter(|(id, _)| !template.resources.contains_key(*id));
    let removed = removed.map(|(id, resource)| with_id(change("REMOVE", id, resource), id));
    let others = template.resources.iter().filter_map(|(id, resource)| match old.get(id) {
        None => Some(change("ADD", id, resource)),
        Some(old) => Some(with_id(modification(id, old, resource, &changed)?, id)),
    });
    removed.chain(others).collect()
}

fn change(action: &str, id: &str, resource: &Value) -> Value {
    let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
    json!({ "Action": action, "LogicalResourceId": id, "ResourceType": kind, "Scope": [], "Details": [] })
}

/// None: it stays as it is.
fn modification(id: &str, old: &Value, new: &Value, changed: &BTreeSet<&str>) -> Option<Value> {
    let (mut scope, mut details) = (Vec::new(), Vec::new());
    for (name, attribute) in ATTRIBUTES {
        let (before, after) = (old.get(name).unwrap_or(&Value::Null), new.get(name).unwrap_or(&Value::Null));
        let parts = if name == "Properties" { properties(before, after) } else { vec![(None, before, after)] };
        let length = details.len();
        for (property, before, after) in parts {
            let causes = references(after).into_iter().filter(|name| changed.contains(name)).map(Some);
            let causes: Vec<_> = causes.chain((before != after).then_some(None)).collect();
            details.extend(causes.into_iter().map(|cause| detail(attribute, property, cause)));
        }
        if details.len() > length {
            scope.push(attribute);
        }
    }
    // Whatever else the body holds counts too: a type, a condition, what it depends on.
    if details.is_empty() && old == new {
        return None;
    }
    let mut change = change("MODIFY", id, new);
    let is_same_type = old.get("Type") == new.get("Type");
    change["Replacement"] = json!(if is_same_type { "FALSE" } else { "TRUE" });
    (change["Scope"], change["Details"]) = (json!(scope), json!(details));
    Some(change)
}

/// Each property of either, before and after.
fn properties<'a>(before: &'a Value, after: &'a Value) -> Vec<(Option<&'a str>, &'a Value, &'a Value)> {
    let keys = |value: &'a Value| value.as_object().into_iter().flat_map(Map::keys);
    let names: BTreeSet<&String> = keys(before).chain(keys(after)).collect();
    let of = |value: &'a Value, name: &str| value.get(name).unwrap_or(&Value::Null);
    names.into_iter().map(|name| (Some(name.as_str()), of(before, name), of(after, name))).collect()
}

fn detail(attribute: &str, property: Option<&str>, cause: Option<&str>) -> Value {
    let mut target = json!({ "Attribute": attribute });
    if let Some(property) = property {
        (target["Name"], target["RequiresRecreation"]) = (json!(property), json!("NEVER"));
    }
    let mut detail = json!({ "Target": target, "Evaluation": "STATIC" });
    if let Some(cause) = cause {
        detail["CausingEntity"] = json!(cause);
    }
    detail
}

/// The names that a value refers to.
fn references(value: &Value) -> BTreeSet<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, of)| match (name.as_str(), of) {
                ("Ref", Value::String(name)) => BTreeSet::from([name.as_str()]),
                ("Fn::Sub", Value::String(text)) => substituted(text),
                ("Fn::Sub", Value::Array(parts)) => {
                    let text = parts.first().and_then(Value::as_str).map(substituted).unwrap_or_default();
                    parts.iter().skip(1).flat_map(references).chain(text).collect()
                }
                (_, other) => references(other),
            })
            .collect(),
        _ => BTreeSet::new(),
    }
}

/// The names within `${...}`.
fn substituted(text: &str) -> BTreeSet<&str> {
    text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}
