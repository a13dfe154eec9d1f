//! Putting things on offer without a call.

use super::{Action, Artifact, Definition, Offer, Portfolio, Principal, Product};
use crate::catalog::Catalog;

/// A version of a product to begin with; the product and its portfolio come with the first.
#[derive(Clone, Debug)]
pub struct NewOffer {
    /// `prod-...`.
    pub product_id: String,
    /// The product's name.
    pub product_name: String,
    /// `pa-...`.
    pub artifact_id: String,
    /// The version's name.
    pub artifact_name: String,
    /// The template's text, JSON or YAML.
    pub template: String,
    /// The ARNs of those who may use it; `*` stands for anything.
    pub principals: Vec<String>,
}

/// A service action to begin with.
#[derive(Clone, Debug, Default)]
pub struct NewAction {
    /// `act-...`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Words on it.
    pub description: String,
    /// The automation document's name or ARN.
    pub document: String,
    /// The document's version.
    pub version: String,
    /// A role's ARN or `LAUNCH_ROLE`; none: the caller's own permissions.
    pub assume_role: Option<String>,
    /// JSON text: a list of `{"Name": .., "Type": "TARGET" | "TEXT_VALUE"}`.
    pub parameters: Option<String>,
    /// The versions that have it: product and artifact.
    pub associated: Vec<(String, String)>,
}

impl Catalog {
    /// Puts a version of a product on offer, by a portfolio of that product's own.
    pub fn offer_product(&self, new: NewOffer) {
        let now = self.clock.now();
        let mut state = self.lock();
        let (portfolio_id, path_id) = (state.new_id("port"), state.new_id("lpv3"));
        let Offer { products, artifacts, portfolios, .. } = &mut state.offer;
        artifacts.push(Artifact::new(&new.artifact_id, &new.product_id, &new.artifact_name, new.template, now));
        if !products.iter().any(|product| product.id == new.product_id) {
            let mut portfolio = Portfolio::new(&portfolio_id, &new.product_name, now);
            portfolio.products.push((new.product_id.clone(), path_id));
            portfolios.push(portfolio);
            products.push(Product::new(&new.product_id, &new.product_name, now));
        }
        let holds = |portfolio: &&mut Portfolio| portfolio.products.iter().any(|(id, _)| *id == new.product_id);
        if let Some(portfolio) = portfolios.iter_mut().find(holds) {
            portfolio.principals.extend(new.principals.iter().map(|arn| Principal::of(arn)));
        }
    }

    /// Puts a service action on offer.
    pub fn offer_action(&self, new: NewAction) {
        let NewAction { id, name, description, document, version, assume_role, parameters, associated } = new;
        let definition = Definition { name: document, version, assume_role, parameters };
        self.lock().offer.actions.push(Action { id, name, description, definition, associated });
    }
}
