//! What is on offer: products and their versions, the portfolios that hold them, who may use those, and service actions.

mod action;
mod artifact;
mod association;
mod calls;
mod choice;
mod connection;
mod constraint;
mod execution;
mod once;
mod path;
mod portfolio;
mod principal;
mod product;
mod scene;
mod search;
mod source;
mod stack;
mod template;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub(super) use action::{Action, Definition};
pub(super) use artifact::Artifact;
use constraint::Constraint;
pub(super) use execution::ActionParameter;
pub(super) use path::no_paths;
pub(super) use portfolio::Portfolio;
use principal::Principal;
pub(super) use product::Product;
pub use scene::{NewAction, NewOffer, NewOffered, NewPortfolio, NewVersion, parameters_of};
use template::Parameter;
#[cfg(test)]
pub(super) use template::Stack;
pub(super) use template::Template;

/// The template of the product that every catalog has on offer.
pub const SANDBOX_TEMPLATE: &str = include_str!("sandbox.json");

/// All that administrators have put up.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Offer {
    products: Vec<Product>,
    pub(super) artifacts: Vec<Artifact>,
    portfolios: Vec<Portfolio>,
    actions: Vec<Action>,
    constraints: Vec<Constraint>,
    /// Calls that were carried out under a token.
    done: Vec<once::Done>,
}

impl Offer {
    /// The product that provisioned products of a scene come from, open to everybody.
    pub(super) fn starter(now: DateTime<Utc>) -> Self {
        let product = Product::new("prod-sandbox000001", "Sandbox", now);
        let template = SANDBOX_TEMPLATE.to_owned();
        let artifact = Artifact::new("pa-sandbox0000001", &product.id, "v1", template, now);
        let mut portfolio = Portfolio::new("port-sandbox000001", "Sandboxes", now);
        portfolio.products.push((product.id.clone(), "lpv3-sandbox000001".to_owned()));
        portfolio.principals.push(Principal::of("*"));
        Self { products: vec![product], artifacts: vec![artifact], portfolios: vec![portfolio], ..Self::default() }
    }

    pub(super) fn product(&self, id: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }

    pub(super) fn product_by_name(&self, name: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.name == name)
    }

    pub(super) fn portfolio(&self, id: &str) -> Option<&Portfolio> {
        self.portfolios.iter().find(|portfolio| portfolio.id == id)
    }

    /// A version, if it is one of that product.
    pub(super) fn artifact(&self, product_id: &str, artifact_id: &str) -> Option<&Artifact> {
        self.artifacts_of(product_id).find(|artifact| artifact.id == artifact_id)
    }

    pub(super) fn artifact_by_name(&self, product_id: &str, name: &str) -> Option<&Artifact> {
        self.artifacts_of(product_id).find(|artifact| artifact.name == name)
    }

    /// A product's versions, the oldest first.
    pub(super) fn artifacts_of(&self, product_id: &str) -> impl Iterator<Item = &Artifact> {
        self.artifacts.iter().filter(move |artifact| artifact.product_id == product_id)
    }

    pub(super) fn action(&self, id: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.id == id)
    }

    /// Whether users of that version may execute the action.
    pub(super) fn is_associated(&self, action_id: &str, product_id: &str, artifact_id: &str) -> bool {
        self.action(action_id).is_some_and(|action| action.is_of(product_id, artifact_id))
    }
}
