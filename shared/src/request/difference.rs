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
}
