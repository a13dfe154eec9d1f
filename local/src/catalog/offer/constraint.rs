//! Constraints, which say what may be done by a launch path: create, describe, list and delete them. One kind is known here:
//! whether an update may change tags.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Offer, once};
use crate::catalog::Catalog;
use crate::catalog::input::{self, Input, Refused, TEXT, page, some, up_to};
use crate::catalog::records::with_next;

const UPDATES: &str = "RESOURCE_UPDATE";

/// A constraint on a product of a portfolio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::catalog) struct Constraint {
    /// `cons-...`.
    id: String,
    portfolio_id: String,
    product_id: String,
    description: String,
    /// What it says, as it was written.
    parameters: String,
    allows_tag_updates: bool,
    /// The account.
    owner: String,
}

impl Constraint {
    fn detail(&self) -> Value {
        json!({
            "ConstraintId": self.id,
            "Type": UPDATES,
            "Description": self.description,
            "Owner": self.owner,
            "ProductId": self.product_id,
            "PortfolioId": self.portfolio_id,
        })
    }

    fn answer(&self) -> Value {
        json!({
            "ConstraintDetail": self.detail(),
            "ConstraintParameters": self.parameters,
            "Status": "AVAILABLE",
        })
    }
}

impl Offer {
    /// Whether a constraint lets updates change the tags of products that came by a path.
    pub(in crate::catalog) fn allows_tag_updates(&self, product_id: &str, path_id: &str) -> bool {
        let leads = |id: &str| {
            self.portfolio(id)
                .is_some_and(|one| one.products.iter().any(|(of, path)| of == product_id && path == path_id))
        };
        let mut of_product = self.constraints.iter().filter(|constraint| constraint.product_id == product_id);
        of_product.any(|constraint| constraint.allows_tag_updates && leads(&constraint.portfolio_id))
    }

    fn constraint_or_refuse(&self, id: &str) -> Result<&Constraint, Refused> {
        let found = self.constraints.iter().find(|constraint| constraint.id == id);
        found.ok_or_else(|| Refused::not_found("Constraint", id))
    }
}

impl Catalog {
    pub(super) fn create_constraint(&self, input: &Input) -> Result<Value, Refused> {
        let portfolio_id = input.required("PortfolioId", input::ID)?;
        let product_id = input.required("ProductId", input::ID)?;
        let parameters = input.required("Parameters", TEXT)?;
        let kind = input.required("Type", some(1024))?;
        let description = input.text("Description", up_to(2000))?.unwrap_or_default();
        let token = once::token(input)?;
        if kind != UPDATES {
            let text = format!("The local cloud has no constraints of type {kind}; accepted: {UPDATES}.");
            return Err(Refused::invalid(text));
        }
        let allows_tag_updates = allows(&parameters)?;
        self.once("CreateConstraint", input, token, |state| {
            if !state.offer.portfolio_or_refuse(&portfolio_id)?.holds(&product_id) {
                let text = format!("Product {product_id} is not in portfolio {portfolio_id}.");
                return Err(Refused::new("ResourceNotFoundException", text));
            }
            let of = |one: &Constraint| one.portfolio_id == portfolio_id && one.product_id == product_id;
            if state.offer.constraints.iter().any(of) {
                let text = format!("A constraint of type {UPDATES} is there already.");
                return Err(Refused::new("DuplicateResourceException", text));
            }
            let (id, owner) = (state.new_id("cons"), self.place.account.clone());
            let constraint =
                Constraint { id, portfolio_id, product_id, description, parameters, allows_tag_updates, owner };
            let answer = constraint.answer();
            state.offer.constraints.push(constraint);
            Ok(answer)
        })
    }

    pub(super) fn describe_constraint(&self, input: &Input) -> Result<Value, Refused> {
        let id = input.required("Id", input::ID)?;
        self.lock().offer.constraint_or_refuse(&id).map(Constraint::answer)
    }

    pub(super) fn delete_constraint(&self, input: &Input) -> Result<Value, Refused> {
        let id = input.required("Id", input::ID)?;
        let mut state = self.lock();
        state.offer.constraint_or_refuse(&id)?;
        state.offer.constraints.retain(|constraint| constraint.id != id);
        Ok(json!({}))
    }

    pub(super) fn list_constraints(&self, input: &Input) -> Result<Value, Refused> {
        let portfolio_id = input.required("PortfolioId", input::ID)?;
        let product_id = input.text("ProductId", input::ID)?;
        // Before the portfolio is looked for: what is wrong with a request is wrong whatever it asks for.
        input.page_size(20)?;
        input.page_start()?;
        let state = self.lock();
        state.offer.portfolio_or_refuse(&portfolio_id)?;
        let of_portfolio = state.offer.constraints.iter().filter(|constraint| constraint.portfolio_id == portfolio_id);
        let found = of_portfolio.filter(|one| product_id.as_ref().is_none_or(|id| one.product_id == *id));
        let details: Vec<Value> = found.map(Constraint::detail).collect();
        let (shown, next) = page(&details, input, 20)?;
        Ok(with_next(json!({ "ConstraintDetails": shown }), next))
    }
}

/// Whether what a constraint says allows updates of tags. The service's manual writes the property in two ways.
fn allows(parameters: &str) -> Result<bool, Refused> {
    let written: Value = serde_json::from_str(parameters).unwrap_or_default();
    let properties = ["TagUpdateOnProvisionedProduct", "TagUpdatesOnProvisionedProduct"];
    let property = properties.iter().find_map(|name| written["Properties"][*name].as_str());
    match (written.get("Version").and_then(Value::as_str), property) {
        (Some("2.0"), Some("ALLOWED")) => Ok(true),
        (Some("2.0"), Some("NOT_ALLOWED")) => Ok(false),
        _ => Err(Refused::invalid(
            "Invalid Parameters; accepted: {\"Version\": \"2.0\", \"Properties\": \
             {\"TagUpdateOnProvisionedProduct\": \"ALLOWED\"}}, or NOT_ALLOWED.",
        )),
    }
}
