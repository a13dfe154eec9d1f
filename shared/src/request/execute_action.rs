//! A service action on a provisioned product.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::members::{Invalid, Members};
use super::rules;

/// `ExecuteProvisionedProductServiceAction`, without its token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecuteAction {
    /// The provisioned product, `pp-...`.
    pub provisioned_product_id: String,
    /// The action, `act-...`.
    pub service_action_id: String,
    /// Values by parameter name; the service fills in what is absent. May be secret: never logged, never published.
    pub parameters: BTreeMap<String, Vec<String>>,
    /// The language of the service's messages.
    pub accept_language: Option<String>,
}

impl ExecuteAction {
    pub(super) fn take(members: &mut Members) -> Result<Self, Invalid> {
        Ok(Self {
            provisioned_product_id: members.required("provisionedProductId", &rules::ID)?,
            service_action_id: members.required("serviceActionId", &rules::ID)?,
            parameters: members.parameters("parameters", &rules::PARAMETER_NAME)?,
            accept_language: members.text("acceptLanguage", &rules::LANGUAGE)?,
        })
    }
}
