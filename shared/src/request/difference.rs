//! Whether two requests ask for the same, and what they differ in: without a word of what may be a secret.

use serde_json::{Value, json};

use super::Target;

/// The members that reach the call as canonical JSON (sorted names): two requests ask for the same if these are equal.
#[must_use]
pub fn content(target: &Target) -> String {
    json!(target).to_string()
}

/// What two requests differ in, in words. The values of an action's parameters may be secrets: only that they differ is
/// said.
#[must_use]
pub fn difference(before: &Target, now: &Target) -> String {
    let (before, now) = (members(before), members(now));
    let differs = |(name, value): (&String, &Value)| {
        let was = before.get(name).unwrap_or(&Value::Null);
        (was != value).then(|| match name.as_str() {
            "parameters" => "other `parameters`".to_owned(),
            name => format!("`{name}` {value}, before {was}"),
        })
    };
    let differences: Vec<String> = now.as_object().into_iter().flatten().filter_map(differs).collect();
    if differences.is_empty() { "another kind of request".to_owned() } else { differences.join("; ") }
}

/// The members of a target, without the word for its kind.
fn members(target: &Target) -> Value {
    match json!(target) {
        Value::Object(kinds) => kinds.into_iter().next().map(|(_, members)| members).unwrap_or_default(),
        other => other,
    }
}

/// A message with the values of all `parameters` taken out; `None` if it is not understood, so that they cannot be.
#[must_use]
pub fn redacted(message: &str) -> Option<String> {
    let mut message: Value = serde_json::from_str(message).ok()?;
    take_parameters_out(&mut message);
    Some(message.to_string())
}

fn take_parameters_out(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    value if name == "parameters" => *value = json!("(not shown)"),
                    // An event in an SNS envelope is JSON in text.
                    Value::String(text) if name == "Message" => {
                        *text = redacted(text).unwrap_or_else(|| "(not shown)".to_owned());
                    }
                    value => take_parameters_out(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(take_parameters_out),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Kind, Origin, Request};

    fn action(request: Value) -> Target {
        Request::parse(Kind::ExecuteAction, Origin::Asked, request).unwrap().target
    }

    #[test]
    fn a_difference_names_members_and_hides_parameters() {
        let of = |id: &str, value: &str| {
            action(json!({"provisionedProductId": "pp-a", "serviceActionId": id, "parameters": {"Password": [value]}}))
        };
        let text = difference(&of("act-a", "hunter2"), &of("act-b", "swordfish"));
        assert_eq!(text, "other `parameters`; `serviceActionId` \"act-b\", before \"act-a\"");
    }

    #[test]
    fn parameters_are_taken_out_wherever_they_are() {
        let inner = json!({"detail": {"parameters": {"Password": ["hunter2"]}, "planId": "plan-a"}}).to_string();
        for message in [inner.clone(), json!({"Type": "Notification", "Message": inner}).to_string()] {
            let shown = redacted(&message).unwrap();
            assert!(!shown.contains("hunter2") && shown.contains("plan-a"), "{shown}");
        }
        assert!(!redacted(&json!({"Message": "hunter2"}).to_string()).unwrap().contains("hunter2"));
        assert_eq!(redacted("parameters: hunter2"), None);
    }
}
