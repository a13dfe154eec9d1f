//! The stack that a provisioned product has.

use std::cell::Cell;

use super::template::{Stack, Template};
use crate::catalog::Provisioned;
use crate::catalog::state::State;
use crate::gateway::Place;

impl State {
    /// None: the product has no stack, or none of a template that can be read.
    pub(in crate::catalog) fn stack_of(&self, product: &Provisioned, place: &Place) -> Option<Stack> {
        if product.product_type != "CFN_STACK" {
            return None;
        }
        let artifact = self.offer.artifact(&product.product_id, &product.artifact_id)?;
        let Place { account, region } = place;
        Some(Stack {
            template: Template::parse(&artifact.template).ok()?,
            parameters: std::collections::BTreeMap::new(),
            account: account.clone(),
            region: region.clone(),
            name: format!("SC-{account}-{}", product.id),
            id: product.stack_arn(account, region),
            depth: Cell::new(0),
        })
    }
}
