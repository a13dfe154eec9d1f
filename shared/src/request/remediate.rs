//! The remediation of a drifted stack: which product and which action that is, is found out later.

use serde::{Deserialize, Serialize};

/// `ExecuteProvisionedProductServiceAction` on the product whose stack has drifted, with the action that repairs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remediate {
    /// The stack's ARN, as the event names it.
    pub stack: String,
}

impl Remediate {
    /// The provisioned product that the stack's own name tells of: Service Catalog calls the stacks that it launches
    /// `SC-<account>-pp-<id>`. A nested stack's name only begins so, and an adopted stack has a name of its own.
    #[must_use]
    pub fn named_product(&self) -> Option<&str> {
        product_of_stack(&self.stack)
    }
}

/// The provisioned product in a stack's ARN, if Service Catalog has launched the stack.
#[must_use]
pub fn product_of_stack(stack: &str) -> Option<&str> {
    let account = stack.split(':').nth(4)?;
    let name = stack.split('/').nth(1)?;
    let id = name.strip_prefix("SC-")?.strip_prefix(account)?.strip_prefix('-')?;
    let rest = id.strip_prefix("pp-")?;
    (!rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Hazard B17: the stack's name tells the product.
    #[test]
    fn only_a_product_s_own_stack_names_a_product() {
        let of = |name: &str| format!("arn:aws:cloudformation:eu-central-1:111122223333:stack/{name}/guid");
        assert_eq!(product_of_stack(&of("SC-111122223333-pp-abc")), Some("pp-abc"));
        for name in ["SC-111122223333-pp-abc-Nested-1X", "SC-999999999999-pp-abc", "web", "SC-111122223333-pp-", ""] {
            assert_eq!(product_of_stack(&of(name)), None, "{name}");
        }
        assert_eq!(product_of_stack("nothing like an ARN"), None);
    }
}
