//! Putting things on offer without a call.

use chrono::{DateTime, Utc};

use super::{Action, Artifact, Definition, Offer, Portfolio, Principal, Product, Template};
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

/// A portfolio to begin with.
#[derive(Clone, Debug, Default)]
pub struct NewPortfolio {
    /// `port-...`; none: a new one.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// Words on it.
    pub description: String,
    /// Who provides it.
    pub provider: String,
    /// Key and value.
    pub tags: Vec<(String, String)>,
    /// The products in it, `prod-...`.
    pub products: Vec<String>,
    /// The ARNs of those who may use it; `*` stands for anything.
    pub principals: Vec<String>,
}

/// A product on offer to begin with, in no portfolio yet.
#[derive(Clone, Debug)]
pub struct NewOffered {
    /// `prod-...`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who owns it.
    pub owner: String,
    /// Words on it.
    pub description: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Its versions, the oldest first.
    pub versions: Vec<NewVersion>,
}

/// A version of a product on offer.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// `pa-...`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Words on it.
    pub description: String,
    /// Whether new products may be provisioned from it.
    pub active: bool,
    /// The template's text, JSON or YAML.
    pub template: String,
}

/// The names of a template's parameters.
///
/// # Errors
/// If the text is no template: what `CloudFormation` would not take of it.
pub fn parameters_of(template: &str) -> Result<Vec<String>, String> {
    Ok(Template::parse(template)?.parameters.into_iter().map(|parameter| parameter.key).collect())
}

impl Catalog {
    /// Takes everything off offer, what every catalog begins with too.
    pub fn clear_offer(&self) {
        self.lock().offer = Offer::default();
    }

    /// Puts a product on offer, in no portfolio yet.
    pub fn add_offered(&self, new: NewOffered) {
        let mut state = self.lock();
        for version in new.versions {
            let artifact = Artifact::new(&version.id, &new.id, &version.name, version.template, new.created_at);
            let NewVersion { description, active, .. } = version;
            state.offer.artifacts.push(Artifact { description, active, ..artifact });
        }
        let mut product = Product::new(&new.id, &new.name, new.created_at).described(&new.description);
        product.owner = new.owner;
        state.offer.products.push(product);
    }

    /// Adds a portfolio with its products and principals.
    pub fn add_portfolio(&self, new: NewPortfolio) {
        let now = self.clock.now();
        let mut state = self.lock();
        let id = new.id.unwrap_or_else(|| state.new_id("port"));
        let mut products = Vec::new();
        for product in new.products {
            products.push((product, state.new_id("lpv3")));
        }
        let empty = Portfolio::new(&id, &new.name, now);
        state.offer.portfolios.push(Portfolio {
            description: new.description,
            provider_name: new.provider,
            tags: new.tags,
            products,
            principals: new.principals.iter().map(|arn| Principal::of(arn)).collect(),
            ..empty
        });
    }

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
