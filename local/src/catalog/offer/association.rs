//! Which service actions the users of a version have: associate, disassociate and list them.

use serde_json::{Value, json};

use super::{Action, Offer, once};
use crate::catalog::Catalog;
use crate::catalog::input::{self, Input, Refused, page};
use crate::catalog::records::with_next;

/// No version has more actions.
const MOST: usize = 25;

/// The ids that a request names: product, version, action.
struct Named {
    product: String,
    artifact: String,
    action: String,
}

impl Named {
    fn read(input: &Input) -> Result<Self, Refused> {
        Ok(Self {
            product: input.required("ProductId", input::ID)?,
            artifact: input.required("ProvisioningArtifactId", input::ID)?,
            action: input.required("ServiceActionId", input::ID)?,
        })
    }
}

impl Offer {
    pub(in crate::catalog) fn action_or_refuse(&self, id: &str) -> Result<&Action, Refused> {
        self.action(id).ok_or_else(|| Refused::not_found("Service action", id))
    }

    fn artifact_or_refuse(&self, product_id: &str, artifact_id: &str) -> Result<(), Refused> {
        self.product(product_id).ok_or_else(|| Refused::not_found("Product", product_id))?;
        let artifact = self.artifact(product_id, artifact_id);
        artifact.map(drop).ok_or_else(|| Refused::not_found("Provisioning artifact", artifact_id))
    }

    fn actions_of(&self, product_id: &str, artifact_id: &str) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter(move |action| action.is_of(product_id, artifact_id))
    }

    /// Everything that a request names must be there.
    fn all_there(&self, named: &Named) -> Result<(), Refused> {
        self.artifact_or_refuse(&named.product, &named.artifact)?;
        self.action_or_refuse(&named.action).map(drop)
    }
}

impl Catalog {
    pub(super) fn associate_action(&self, input: &Input) -> Result<Value, Refused> {
        let named = Named::read(input)?;
        let token = once::token_if_any(input)?;
        self.once("AssociateServiceActionWithProvisioningArtifact", input, token, |state| {
            state.offer.all_there(&named)?;
            let Named { product: product_id, artifact: artifact_id, action: action_id } = named;
            if state.offer.is_associated(&action_id, &product_id, &artifact_id) {
                let text = format!("Service action {action_id} is already associated with {artifact_id}.");
                return Err(Refused::new("DuplicateResourceException", text));
            }
            if state.offer.actions_of(&product_id, &artifact_id).count() >= MOST {
                let text = format!("No more than {MOST} service actions may be associated with {artifact_id}.");
                return Err(Refused::new("LimitExceededException", text));
            }
            if let Some(action) = state.offer.actions.iter_mut().find(|action| action.id == action_id) {
                action.associated.push((product_id, artifact_id));
            }
            Ok(json!({}))
        })
    }

    pub(super) fn disassociate_action(&self, input: &Input) -> Result<Value, Refused> {
        let named = Named::read(input)?;
        let token = once::token_if_any(input)?;
        self.once("DisassociateServiceActionFromProvisioningArtifact", input, token, |state| {
            state.offer.all_there(&named)?;
            let Named { product: product_id, artifact: artifact_id, action: action_id } = named;
            if !state.offer.is_associated(&action_id, &product_id, &artifact_id) {
                let text = format!("Service action {action_id} is not associated with {artifact_id}.");
                return Err(Refused::new("ResourceNotFoundException", text));
            }
            if let Some(action) = state.offer.actions.iter_mut().find(|action| action.id == action_id) {
                action.associated.retain(|(product, artifact)| *product != product_id || *artifact != artifact_id);
            }
            Ok(json!({}))
        })
    }

    pub(super) fn list_actions_of_artifact(&self, input: &Input) -> Result<Value, Refused> {
        let product_id = input.required("ProductId", input::ID)?;
        let artifact_id = input.required("ProvisioningArtifactId", input::ID)?;
        // Before anything is looked for: what is wrong with a request is wrong whatever it asks for.
        input.page_size(20)?;
        input.page_start()?;
        let state = self.lock();
        state.offer.artifact_or_refuse(&product_id, &artifact_id)?;
        let summaries: Vec<Value> = state.offer.actions_of(&product_id, &artifact_id).map(Action::summary).collect();
        let (shown, next) = page(&summaries, input, 20)?;
        Ok(with_next(json!({ "ServiceActionSummaries": shown }), next))
    }
}
