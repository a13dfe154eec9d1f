//! Portfolios, which say what is offered to whom: create, describe and list them, and put products into them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Offer, Principal, once};
use crate::catalog::Catalog;
use crate::catalog::input::{self, Input, Refused, page, some, up_to};
use crate::catalog::model::seconds;
use crate::catalog::records::with_next;
use crate::catalog::tags;
use crate::gateway::Place;

/// A portfolio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::catalog) struct Portfolio {
    /// `port-...`.
    pub(in crate::catalog) id: String,
    pub(in crate::catalog) name: String,
    pub(in crate::catalog) description: String,
    pub(in crate::catalog) provider_name: String,
    pub(in crate::catalog) created_at: DateTime<Utc>,
    /// Key and value; the launch paths carry them.
    pub(in crate::catalog) tags: Vec<(String, String)>,
    /// Its products, each with the id of the launch path that leads to it.
    pub(super) products: Vec<(String, String)>,
    /// Who may use it.
    pub(super) principals: Vec<Principal>,
}

impl Portfolio {
    /// A portfolio with nothing in it.
    pub(super) fn new(id: &str, name: &str, now: DateTime<Utc>) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            provider_name: "Steward".to_owned(),
            created_at: now,
            tags: Vec::new(),
            products: Vec::new(),
            principals: Vec::new(),
        }
    }

    /// Whether a product is in it.
    pub(super) fn holds(&self, product_id: &str) -> bool {
        self.products.iter().any(|(id, _)| id == product_id)
    }

    fn detail(&self, place: &Place) -> Value {
        let Place { account, region } = place;
        json!({
            "Id": self.id,
            "ARN": format!("arn:aws:catalog:{region}:{account}:portfolio/{}", self.id),
            "DisplayName": self.name,
            "Description": self.description,
            "CreatedTime": seconds(self.created_at),
            "ProviderName": self.provider_name,
        })
    }
}

impl Offer {
    pub(super) fn portfolio_or_refuse(&self, id: &str) -> Result<&Portfolio, Refused> {
        self.portfolio(id).ok_or_else(|| Refused::not_found("Portfolio", id))
    }

    pub(super) fn change_portfolio(&mut self, id: &str, change: impl FnOnce(&mut Portfolio)) -> Result<Value, Refused> {
        let portfolio = self.portfolios.iter_mut().find(|portfolio| portfolio.id == id);
        change(portfolio.ok_or_else(|| Refused::not_found("Portfolio", id))?);
        Ok(json!({}))
    }
}

impl Catalog {
    pub(super) fn create_portfolio(&self, input: &Input) -> Result<Value, Refused> {
        let name = input.required("DisplayName", some(100))?;
        let description = input.text("Description", up_to(2000))?.unwrap_or_default();
        let provider_name = input.required("ProviderName", some(50))?;
        let tags = input.tags("Tags", 20)?;
        let token = once::token(input)?;
        let now = self.clock.now();
        self.once("CreatePortfolio", input, token, |state| {
            let empty = Portfolio::new(&state.new_id("port"), &name, now);
            let portfolio = Portfolio { description, provider_name, tags, ..empty };
            let answer =
                json!({ "PortfolioDetail": portfolio.detail(&self.place), "Tags": tags::shown(&portfolio.tags) });
            state.offer.portfolios.push(portfolio);
            Ok(answer)
        })
    }

    pub(super) fn describe_portfolio(&self, input: &Input) -> Result<Value, Refused> {
        let id = input.required("Id", input::ID)?;
        let state = self.lock();
        let portfolio = state.offer.portfolio_or_refuse(&id)?;
        Ok(json!({
            "PortfolioDetail": portfolio.detail(&self.place),
            "Tags": tags::shown(&portfolio.tags),
            "TagOptions": [],
            "Budgets": [],
        }))
    }

    pub(super) fn list_portfolios(&self, input: &Input) -> Result<Value, Refused> {
        let state = self.lock();
        let details: Vec<Value> =
            state.offer.portfolios.iter().map(|portfolio| portfolio.detail(&self.place)).collect();
        let (shown, next) = page(&details, input, 100)?;
        Ok(with_next(json!({ "PortfolioDetails": shown }), next))
    }

    pub(super) fn list_portfolios_of_product(&self, input: &Input) -> Result<Value, Refused> {
        let product_id = input.required("ProductId", input::ID)?;
        // Before the product is looked for: what is wrong with a request is wrong whatever it asks for.
        input.page_size(100)?;
        input.page_start()?;
        let state = self.lock();
        state.offer.product(&product_id).ok_or_else(|| Refused::not_found("Product", &product_id))?;
        let holding = state.offer.portfolios.iter().filter(|portfolio| portfolio.holds(&product_id));
        let details: Vec<Value> = holding.map(|portfolio| portfolio.detail(&self.place)).collect();
        let (shown, next) = page(&details, input, 100)?;
        Ok(with_next(json!({ "PortfolioDetails": shown }), next))
    }

    /// Twice is as good as once: the model has no code for a product that is there already.
    pub(super) fn associate_product(&self, input: &Input) -> Result<Value, Refused> {
        let product_id = input.required("ProductId", input::ID)?;
        let portfolio_id = input.required("PortfolioId", input::ID)?;
        let source = input.text("SourcePortfolioId", input::ID)?;
        let mut state = self.lock();
        state.offer.product(&product_id).ok_or_else(|| Refused::not_found("Product", &product_id))?;
        if let Some(source) = source
            && !state.offer.portfolio_or_refuse(&source)?.holds(&product_id)
        {
            return Err(Refused::invalid(format!("Product {product_id} is not in portfolio {source}.")));
        }
        let path_id = state.new_id("lpv3");
        state.offer.change_portfolio(&portfolio_id, |portfolio| {
            if !portfolio.holds(&product_id) {
                portfolio.products.push((product_id, path_id));
            }
        })
    }
}
