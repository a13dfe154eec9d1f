//! Which product and which version a request means: each by its id or by its name.

use super::{Artifact, Offer, Product};
use crate::catalog::input::Refused;

impl Offer {
    /// A product; `members`: what the request calls the id and the name.
    pub(in crate::catalog) fn chosen_product(
        &self,
        id: Option<&str>,
        name: Option<&str>,
        members: [&str; 2],
    ) -> Result<&Product, Refused> {
        match (id, name) {
            (Some(id), None) => self.product(id).ok_or_else(|| Refused::not_found("Product", id)),
            (None, Some(name)) => self.product_by_name(name).ok_or_else(|| {
                Refused::new("ResourceNotFoundException", format!("Product with name {name} not found"))
            }),
            _ => Err(exactly_one(members)),
        }
    }

    /// A version of a product.
    pub(in crate::catalog) fn chosen_artifact(
        &self,
        product: &Product,
        id: Option<&str>,
        name: Option<&str>,
    ) -> Result<&Artifact, Refused> {
        match (id, name) {
            (Some(id), None) => {
                self.artifact(&product.id, id).ok_or_else(|| Refused::not_found("Provisioning artifact", id))
            }
            (None, Some(name)) => self.artifact_by_name(&product.id, name).ok_or_else(|| {
                let text = format!("Provisioning artifact with name {name} not found");
                Refused::new("ResourceNotFoundException", text)
            }),
            _ => Err(exactly_one(["ProvisioningArtifactId", "ProvisioningArtifactName"])),
        }
    }
}

fn exactly_one([id, name]: [&str; 2]) -> Refused {
    Refused::invalid(format!("Exactly one of {id} and {name} must be provided."))
}
