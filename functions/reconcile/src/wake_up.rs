//! A stack event as a wake-up: which provisioned product's operations to look at.

use serde_json::Value;
use shared::request::Invalid;
use shared::scope::Scope;

/// The provisioned product whose stack an event is about; `None` for a stack that is no product's own.
///
/// Service Catalog names a product's stack `SC-<account>-pp-<id>`. A nested stack's name only begins so, so the whole name
/// is compared.
///
/// # Errors
/// If the text is no stack event.
pub(crate) fn product_of(body: &str, scope: &Scope) -> Result<Option<String>, Invalid> {
    let event: Value =
        serde_json::from_str(body).map_err(|error| Invalid::new(format!("the message is no JSON: {error}")))?;
    let Some(stack) = event.pointer("/detail/stack-id").and_then(Value::as_str) else {
        return Err(Invalid::new("no `detail.stack-id`; accepted: a CloudFormation Stack Status Change event"));
    };
    let name = stack.split('/').nth(1).unwrap_or_default();
    let product = name
        .strip_prefix("SC-")
        .and_then(|rest| rest.strip_prefix(&scope.account))
        .and_then(|rest| rest.strip_prefix('-'));
    let is_id = |id: &&str| {
        id.strip_prefix("pp-").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    Ok(product.filter(is_id).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(stack: &str) -> Option<String> {
        let body = serde_json::json!({"detail": {"stack-id": stack}}).to_string();
        product_of(&body, &Scope::new("111122223333", "eu-central-1")).unwrap()
    }

    #[test]
    fn only_a_product_s_own_stack_names_a_product() {
        let arn = |name: &str| format!("arn:aws:cloudformation:eu-central-1:111122223333:stack/{name}/guid");
        assert_eq!(of(&arn("SC-111122223333-pp-abc")), Some("pp-abc".to_owned()));
        for name in ["SC-111122223333-pp-abc-Nested-1X", "SC-999999999999-pp-abc", "web", "SC-111122223333-pp-", ""] {
            assert_eq!(of(&arn(name)), None, "{name}");
        }
        assert_eq!(of("nothing like an ARN"), None);
    }

    #[test]
    fn what_is_no_stack_event_is_refused() {
        let scope = Scope::new("111122223333", "eu-central-1");
        assert!(product_of("not JSON", &scope).is_err());
        assert!(product_of("{}", &scope).is_err());
    }
}
