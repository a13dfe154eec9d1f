//! `SearchProducts`: what a caller may provision; and `SearchProductsAsAdmin`: all that there is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Offer, Product};
use crate::api::Caller;
use crate::catalog::Catalog;
use crate::catalog::input::{self, Input, Refused, page, up_to};
use crate::catalog::records::with_next;

const FILTERS: [&str; 4] = ["FullTextSearch", "Owner", "ProductType", "SourceProductId"];

impl Catalog {
    pub(super) fn search_products(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let filters = filters(input)?;
        let order = Order::read(input)?;
        let state = self.lock();
        let mut found: Vec<(&Product, usize)> = state
            .offer
            .products
            .iter()
            .filter(|product| filters.iter().all(|(filter, values)| matches(product, filter, values)))
            .map(|product| (product, state.offer.launch_paths(&product.id, &caller.arn).len()))
            .filter(|(_, paths)| *paths > 0)
            .collect();
        order.sort(&state.offer, &mut found, |(product, _)| product);
        let rows: Vec<Value> = found.iter().map(|(product, paths)| product.summary(*paths)).collect();
        let (shown, next) = page(&rows, input, 100)?;
        let aggregations = json!({
            "ProductType": counted(found.iter().map(|(product, _)| product.kind.as_str())),
            "Owner": counted(found.iter().map(|(product, _)| product.owner.as_str())),
        });
        Ok(with_next(json!({ "ProductViewSummaries": shown, "ProductViewAggregations": aggregations }), next))
    }

    pub(super) fn search_products_as_admin(&self, input: &Input) -> Result<Value, Refused> {
        let portfolio_id = input.text("PortfolioId", input::ID)?;
        let filters = filters(input)?;
        let order = Order::read(input)?;
        input.one_of("ProductSource", &["ACCOUNT"])?;
        // Before the portfolio is looked for: what is wrong with a request is wrong whatever it asks for.
        input.page_size(20)?;
        input.page_start()?;
        let state = self.lock();
        let portfolio = portfolio_id.map(|id| state.offer.portfolio_or_refuse(&id)).transpose()?;
        let mut found: Vec<&Product> = state
            .offer
            .products
            .iter()
            .filter(|product| portfolio.is_none_or(|portfolio| portfolio.holds(&product.id)))
            .filter(|product| filters.iter().all(|(filter, values)| matches(product, filter, values)))
            .collect();
        order.sort(&state.offer, &mut found, |product| product);
        let rows: Vec<Value> = found.iter().map(|product| product.detail(&self.place)).collect();
        let (shown, next) = page(&rows, input, 20)?;
        Ok(with_next(json!({ "ProductViewDetails": shown }), next))
    }
}

/// How products are sorted.
struct Order {
    by: Option<String>,
    descending: bool,
}

impl Order {
    fn read(input: &Input) -> Result<Self, Refused> {
        let by = input.one_of("SortBy", &["Title", "VersionCount", "CreationDate"])?;
        let order = input.one_of("SortOrder", &["ASCENDING", "DESCENDING"])?;
        Ok(Self { by, descending: order.as_deref() == Some("DESCENDING") })
    }

    fn sort<T>(&self, offer: &Offer, rows: &mut [T], product: impl Fn(&T) -> &Product) {
        match self.by.as_deref() {
            Some("Title") => rows.sort_by(|a, b| product(a).name.cmp(&product(b).name)),
            Some("VersionCount") => rows.sort_by_key(|row| offer.artifacts_of(&product(row).id).count()),
            _ => rows.sort_by_key(|row| product(row).created_at),
        }
        if self.descending {
            rows.reverse();
        }
    }
}

fn filters(input: &Input) -> Result<Vec<(&'static str, Vec<String>)>, Refused> {
    let Some(members) = input.part("Filters")? else { return Ok(Vec::new()) };
    members.only("Filters", &FILTERS)?;
    let mut filters = Vec::new();
    for filter in FILTERS {
        let values = members.texts(filter, usize::MAX, up_to(usize::MAX))?;
        if !values.is_empty() {
            filters.push((filter, values));
        }
    }
    Ok(filters)
}

/// One of the values is enough.
fn matches(product: &Product, filter: &str, values: &[String]) -> bool {
    values.iter().any(|value| match filter {
        "Owner" => product.owner == *value,
        "ProductType" => product.kind == *value,
        // No product here was copied from another.
        "SourceProductId" => false,
        _ => product.summary(0).to_string().to_lowercase().contains(&value.to_lowercase()),
    })
}

fn counted<'a>(values: impl Iterator<Item = &'a str>) -> Vec<Value> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts.iter().map(|(value, count)| json!({ "Value": value, "ApproximateCount": count })).collect()
}
