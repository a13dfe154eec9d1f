//! What of a message, or of the service's words on it, may be shown: the values of an action's parameters may be secrets.

use serde_json::Value;

use super::Kind;

/// What stands in place of what is not shown.
const NOT_SHOWN: &str = "(not shown)";

/// The shortest value that is looked for in other text: anything shorter is found everywhere, and is no secret.
const VALUE_BYTES_MIN: usize = 4;

/// The members that are shown of a message for `execute-action`. Whatever else it has may be a misspelt `parameters`.
const ACTION_MEMBERS: [&str; 35] = [
    // The envelopes.
    "version",
    "id",
    "detail-type",
    "source",
    "account",
    "time",
    "region",
    "resources",
    "detail",
    "Type",
    "MessageId",
    "TopicArn",
    "Message",
    "Timestamp",
    // The request, as it came and as it was read.
    "execute-action",
    "remediate",
    "provisionedProductId",
    "serviceActionId",
    "acceptLanguage",
    "requestId",
    "scheduleArn",
    "scheduledTime",
    "requestedBy",
    "reason",
    "stack",
    // Drift.
    "stack-id",
    "stack-drift-detection-id",
    "status-details",
    "stack-drift-status",
    "detection-status",
    "resourceId",
    "resourceType",
    "newEvaluationResult",
    "complianceType",
    "annotation",
];

/// A message for this kind of work without what may be the values of an action's parameters; `None` if it is not understood,
/// so that they cannot be told from the rest.
#[must_use]
pub fn shown(kind: Kind, message: &str) -> Option<String> {
    let hides = |name: &str| match kind {
        Kind::ExecuteAction => !ACTION_MEMBERS.contains(&name),
        // It may be an action's that has come the wrong way.
        Kind::Terminate | Kind::ExecutePlan | Kind::Import => name == "parameters",
    };
    if let Ok(mut value) = serde_json::from_str(message) {
        // Without a name it may be anything.
        hide(&mut value, &hides, kind == Kind::ExecuteAction);
        return Some(value.to_string());
    }
    let may_hide = kind == Kind::ExecuteAction || message.to_ascii_lowercase().contains("parameters");
    (!may_hide).then(|| message.to_owned())
}

fn hide(value: &mut Value, hides: &impl Fn(&str) -> bool, is_nameless: bool) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    value if hides(name) => *value = NOT_SHOWN.into(),
                    // An event in an SNS envelope is JSON in text.
                    Value::String(text) if name == "Message" => {
                        *value = match serde_json::from_str::<Value>(text) {
                            Ok(mut inner) => {
                                hide(&mut inner, hides, true);
                                inner.to_string().into()
                            }
                            Err(_) => NOT_SHOWN.into(),
                        };
                    }
                    value => hide(value, hides, false),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, hides, is_nameless)),
        value if is_nameless => *value = NOT_SHOWN.into(),
        _ => {}
    }
}

/// The service's words without these values, which it may repeat.
#[must_use]
pub fn without<'a>(words: &str, values: impl IntoIterator<Item = &'a String>) -> String {
    let mut values: Vec<&String> = values.into_iter().filter(|value| value.len() >= VALUE_BYTES_MIN).collect();
    // One may be a part of another.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values.into_iter().fold(words.to_owned(), |words, value| words.replace(value.as_str(), NOT_SHOWN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SECRET: &str = "hunter2";

    #[test]
    fn parameters_are_taken_out_wherever_they_are() {
        let inner = json!({"detail": {"parameters": {"Password": [SECRET]}, "requestId": "key-a"}}).to_string();
        for message in [inner.clone(), json!({"Type": "Notification", "Message": inner}).to_string()] {
            for kind in Kind::ALL {
                let shown = shown(kind, &message).unwrap();
                assert!(!shown.contains(SECRET) && shown.contains("key-a"), "{kind:?}: {shown}");
            }
        }
    }

    #[test]
    fn of_an_action_only_what_is_known_is_shown() {
        for message in [
            json!({"provisionedProductId": "pp-a", "params": {"Password": [SECRET]}}),
            json!({"Parameters": SECRET}),
            json!({"Message": SECRET}),
            json!({"Message": json!(SECRET).to_string()}),
            json!({"Message": json!([SECRET]).to_string()}),
            json!([[SECRET]]),
            json!(SECRET),
        ] {
            let shown = shown(Kind::ExecuteAction, &message.to_string()).unwrap();
            assert!(!shown.contains(SECRET), "{shown}");
        }
        assert_eq!(shown(Kind::ExecuteAction, "parameters: hunter2"), None);
        let drift = json!({"detail": {"stack-id": "arn"}, "resources": ["arn"], "source": "aws.cloudformation"});
        assert_eq!(shown(Kind::ExecuteAction, &drift.to_string()), Some(drift.to_string()));
    }

    #[test]
    fn of_the_others_everything_else_is_shown() {
        assert_eq!(shown(Kind::Terminate, "nonsense").as_deref(), Some("nonsense"));
        let unreadable = r#"{"reason":"\ud800","parameters":{"Password":["hunter2"]}}"#;
        assert_eq!(shown(Kind::Terminate, unreadable), None, "they cannot be told from the rest");
        assert_eq!(shown(Kind::Terminate, r#"{"bogus":"x"}"#).as_deref(), Some(r#"{"bogus":"x"}"#));
    }

    #[test]
    fn the_service_s_words_are_shown_without_the_values() {
        let values = ["hunter2", "hunter2-and-more", "a", ""].map(str::to_owned);
        let words = "'hunter2-and-more' and 'hunter2' are not accepted";
        assert_eq!(without(words, &values), "'(not shown)' and '(not shown)' are not accepted");
    }
}
