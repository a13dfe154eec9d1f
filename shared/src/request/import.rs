//! The adoption of an existing stack.

use serde::{Deserialize, Serialize};

use super::members::{Invalid, Members};
use super::rules;

/// `ImportAsProvisionedProduct`, without its token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// The product, `prod-...`.
    pub product_id: String,
    /// Its version, `pa-...`, whose template must be the stack's.
    pub provisioning_artifact_id: String,
    /// The name that the provisioned product gets.
    pub provisioned_product_name: String,
    /// The stack's ARN, with its GUID.
    pub physical_id: String,
    /// Whether Steward protects what it has adopted: an import carries no tags, so a default time to live would end it.
    pub protect: bool,
    /// The language of the service's messages.
    pub accept_language: Option<String>,
}

impl Import {
    pub(super) fn take(members: &mut Members) -> Result<Self, Invalid> {
        Ok(Self {
            product_id: members.required("productId", &rules::ID)?,
            provisioning_artifact_id: members.required("provisioningArtifactId", &rules::ID)?,
            provisioned_product_name: members.required("provisionedProductName", &rules::NAME)?,
            physical_id: members.required("physicalId", &rules::STACK_ARN)?,
            protect: members.flag("protect", true)?,
            accept_language: members.text("acceptLanguage", &rules::LANGUAGE)?,
        })
    }
}
