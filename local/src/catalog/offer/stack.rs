//! The stack that a provisioned product has.

use std::cell::Cell;

use super::template::{Stack, Template};
use crate::catalog::model::Provisioned;
use crate::catalog::state::State;
use crate::gateway::Place;

impl State {
    /// None: the product has no stack, or none of a template that can be read.
    pub(in crate::catalog) fn stack_of(&self, product: &Provisioned, place: &Place) -> Option<Stack> {
        let arn = product.stack.as_deref()?;
        let artifact = self.offer.artifact(&product.product_id, &product.artifact_id)?;
        let Place { account, region } = place;
        Some(Stack {
            template: Template::parse(&artifact.template).ok()?,
            parameters: product.parameters.iter().cloned().collect(),
            account: account.clone(),
            region: region.clone(),
            name: arn.split('/').nth(1).unwrap_or_default().to_owned(),
            id: arn.to_owned(),
            depth: Cell::new(0),
        })
    }
}
