//! How a caller comes to a version of a product.

use super::input::Refused;
use super::offer::{Artifact, Offer, no_paths};

impl Offer {
    /// A version of a product that may be used, by their ids. `own`: the one that the provisioned product has already,
    /// which may be used even if it is not active any more.
    pub(super) fn version(&self, product_id: &str, artifact_id: &str, own: Option<&str>) -> Result<&Artifact, Refused> {
        self.product(product_id).ok_or_else(|| Refused::not_found("Product", product_id))?;
        let absent = || Refused::not_found("Provisioning artifact", artifact_id);
        let artifact = self.artifact(product_id, artifact_id).ok_or_else(absent)?;
        if artifact.active || own == Some(artifact_id) {
            return Ok(artifact);
        }
        Err(Refused::invalid(format!("Provisioning artifact {artifact_id} is not active.")))
    }

    /// The launch path that a call goes. `asked`: the one that it names; `own`: the one that the provisioned product
    /// came by.
    pub(super) fn way(
        &self,
        product_id: &str,
        asked: Option<&str>,
        own: Option<&str>,
        caller_arn: &str,
    ) -> Result<String, Refused> {
        let paths = self.launch_paths(product_id, caller_arn);
        let is_there = |id: &str| paths.iter().any(|path| path.id == id);
        match (asked, own, paths.as_slice()) {
            (_, _, []) => Err(no_paths(product_id)),
            (Some(asked), _, _) if is_there(asked) => Ok(asked.to_owned()),
            (Some(asked), _, _) => Err(Refused::invalid(format!("Invalid PathId: {asked}"))),
            (None, _, [path]) => Ok(path.id.to_owned()),
            (None, Some(own), _) if is_there(own) => Ok(own.to_owned()),
            _ => Err(Refused::invalid("More than one launch path ids exist. Please specify the launch path id")),
        }
    }
}
