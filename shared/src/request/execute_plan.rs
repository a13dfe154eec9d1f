//! The execution of an approved plan.

use serde::{Deserialize, Serialize};

use super::members::{Invalid, Members};
use super::rules;

/// `ExecuteProvisionedProductPlan`, without its token, and what the approval was given for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutePlan {
    /// The plan, `plan-...`.
    pub plan_id: String,
    /// Digest of what was approved, 64 hexadecimal digits.
    pub resource_changes_digest: Option<String>,
    /// Whether resources may be removed or replaced.
    pub allow_replacement: bool,
    /// The language of the service's messages.
    pub accept_language: Option<String>,
}

impl ExecutePlan {
    pub(super) fn take(members: &mut Members) -> Result<Self, Invalid> {
        Ok(Self {
            plan_id: members.required("planId", &rules::ID)?,
            resource_changes_digest: members.text("resourceChangesDigest", &rules::DIGEST)?,
            allow_replacement: members.flag("allowReplacement", false)?,
            accept_language: members.text("acceptLanguage", &rules::LANGUAGE)?,
        })
    }
}
