//! A termination.

use serde::{Deserialize, Serialize};

use super::members::{Invalid, Members};
use super::rules;
use crate::scope::Scope;

/// Which provisioned product.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProductRef {
    /// By its id, `pp-...`.
    Id(String),
    /// By its name, which may belong to another product tomorrow.
    Name(String),
}

/// `TerminateProvisionedProduct`, without its token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Terminate {
    /// The provisioned product.
    pub product: ProductRef,
    /// Stop managing the product even if resources cannot be deleted: they live on and cost. Never set by Steward.
    pub ignore_errors: bool,
    /// Keep the stack.
    pub retain_physical_resources: bool,
    /// The language of the service's messages.
    pub accept_language: Option<String>,
    /// Account and region of the ARN, if the product was named by one: they must be Steward's own.
    #[serde(skip)]
    pub arn_scope: Option<Scope>,
}

impl Terminate {
    pub(super) fn take(members: &mut Members) -> Result<Self, Invalid> {
        let id = members.text("provisionedProductId", &rules::ID)?;
        let name = members.text("provisionedProductName", &rules::NAME_OR_ARN)?;
        let arn_scope = name.as_deref().and_then(Scope::of_arn);
        let product = match (id, name) {
            (Some(id), None) => ProductRef::Id(id),
            // The service takes an ARN as a name. It ends in the id, which never passes to another product.
            (None, Some(name)) => match name.rsplit_once('/') {
                Some((_, id)) => ProductRef::Id(id.to_owned()),
                None => ProductRef::Name(name),
            },
            (Some(_), Some(_)) => {
                return Err(Invalid::new(
                    "both `provisionedProductId` and `provisionedProductName` are given; accepted: exactly one of them",
                ));
            }
            (None, None) => {
                return Err(Invalid::new(
                    "neither `provisionedProductId` nor `provisionedProductName` is given; accepted: exactly one of them",
                ));
            }
        };
        Ok(Self {
            product,
            ignore_errors: members.flag("ignoreErrors", false)?,
            retain_physical_resources: members.flag("retainPhysicalResources", false)?,
            accept_language: members.text("acceptLanguage", &rules::LANGUAGE)?,
            arn_scope,
        })
    }
}
