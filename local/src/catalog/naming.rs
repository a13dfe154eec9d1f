//! Which provisioned product a request means.

use super::input::Refused;
use super::model::Provisioned;
use super::state::State;
use crate::gateway::Place;

impl State {
    /// The living product of an id, or of a name or an ARN. None: there is no such product.
    pub(super) fn named(
        &self,
        id: Option<&str>,
        name: Option<&str>,
        place: &Place,
    ) -> Result<Option<&Provisioned>, Refused> {
        match (id, name) {
            (Some(id), None) => Ok(self.living(id)),
            (None, Some(name)) => {
                let by_arn = name.rsplit_once('/').map(|(_, id)| id);
                let Place { account, region } = place;
                // The whole ARN counts: one of another account, region or name is not this product's.
                let of_arn = |id| self.living(id).filter(|product| product.arn(account, region) == *name);
                Ok(by_arn.map_or_else(|| self.living_by_name(name), of_arn))
            }
            _ => Err(Refused::invalid(
                "Exactly one of ProvisionedProductId and ProvisionedProductName must be provided.",
            )),
        }
    }
}
