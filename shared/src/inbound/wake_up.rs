//! Events as wake-ups: what each tells of, and which operations may have come to their end with it.

use super::json;
use crate::request::{Invalid, product_of_stack, quoted, rules};
use crate::scope::Scope;
use crate::workflow::follow::Woken;
use serde_json::Value;

const ACCEPTED: &str =
    "a CloudFormation Stack Status Change event, or an EC2 Automation Execution Status-change Notification";

/// Adds what an event wakes: a stack that came to rest wakes the operations of its product; one that was imported, the import
/// of that stack; an automation, the service actions in flight. Anything else wakes nothing.
///
/// # Errors
/// If the text is none of these events, or names what is no stack.
pub fn add(body: &str, scope: &Scope, woken: &mut Woken) -> Result<(), Invalid> {
    let event: Value = serde_json::from_str(body)
        .map_err(|error| Invalid::new(format!("the message {}; accepted: {ACCEPTED}", json::wrong(body, &error))))?;
    if event.get("source").and_then(Value::as_str) == Some("aws.ssm") {
        woken.actions = true;
        return Ok(());
    }
    let Some(stack) = event.pointer("/detail/stack-id").and_then(Value::as_str) else {
        return Err(Invalid::new(format!("no `detail.stack-id`; accepted: {ACCEPTED}")));
    };
    // What is no ARN names nothing, and what is longer than one cannot be looked for: its neighbours would not be either.
    if !rules::EVENT_STACK_ARN.holds(stack) {
        let accepted = rules::EVENT_STACK_ARN.accepted();
        return Err(Invalid::new(format!("`detail.stack-id` is {}; accepted: {accepted}", quoted(stack))));
    }
    if Scope::of_arn(stack).is_none_or(|of| of != *scope) {
        return Ok(());
    }
    let status = event.pointer("/detail/status-details/status").and_then(Value::as_str).unwrap_or_default();
    if status.starts_with("IMPORT_") {
        woken.imported_stacks.insert(stack.to_owned());
    }
    woken.products.extend(product_of_stack(stack).map(str::to_owned));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(event: &Value) -> Woken {
        let mut woken = Woken::default();
        add(&event.to_string(), &Scope::new("111122223333", "eu-central-1"), &mut woken).unwrap();
        woken
    }

    fn stack(name: &str, status: &str) -> Value {
        let arn = format!("arn:aws:cloudformation:eu-central-1:111122223333:stack/{name}/guid");
        json!({"source": "aws.cloudformation", "detail": {"stack-id": arn, "status-details": {"status": status}}})
    }

    // Hazard C5: the whole name counts, so nested stacks wake nobody.
    #[test]
    fn a_product_s_own_stack_wakes_its_product() {
        let woken = of(&stack("SC-111122223333-pp-abc", "DELETE_COMPLETE"));
        assert_eq!(woken, Woken { products: ["pp-abc".to_owned()].into(), ..Woken::default() });
        assert!(of(&stack("SC-111122223333-pp-abc-Nested-1X", "DELETE_COMPLETE")).is_empty());
        assert!(of(&stack("web", "UPDATE_COMPLETE")).is_empty());
        let elsewhere = json!({"detail": {"stack-id": "arn:aws:cloudformation:eu-west-1:111122223333:stack/SC-111122223333-pp-abc/guid"}});
        assert!(of(&elsewhere).is_empty());
    }

    // Hazard C5: whatever it is called.
    #[test]
    fn any_stack_that_was_imported_wakes_its_import() {
        let woken = of(&stack("web", "IMPORT_COMPLETE"));
        assert!(woken.products.is_empty() && woken.imported_stacks.len() == 1, "{woken:?}");
    }

    #[test]
    fn an_automation_wakes_the_actions() {
        assert_eq!(of(&json!({"source": "aws.ssm", "detail": {}})), Woken { actions: true, ..Woken::default() });
    }

    #[test]
    fn what_is_no_such_event_is_refused() {
        let scope = Scope::new("111122223333", "eu-central-1");
        let endless = stack(&format!("SC-111122223333-pp-{}", "a".repeat(2_000)), "DELETE_COMPLETE").to_string();
        for body in ["not JSON", "{}", &stack("a b", "IMPORT_COMPLETE").to_string(), &endless] {
            let mut woken = Woken::default();
            let error = add(body, &scope, &mut woken).unwrap_err().to_string();
            assert!(error.contains("; accepted: ") && error.len() < 500 && woken.is_empty(), "{error}");
        }
    }
}
