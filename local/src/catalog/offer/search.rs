//! `SearchProducts`: what a caller may provision.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Product;
use crate::api::Caller;
use crate::catalog::Catalog;
use crate::catalog::input::{Input, Refused, page, up_to};
use crate::catalog::records::with_next;

const FILTERS: [&str; 4] = ["FullTextSearch", "Owner", "ProductType", "SourceProductId"];

impl Catalog {
    pub(super) fn search_products(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let filters = filters(input)?;
        let sort_by = input.one_of("SortBy", &["Title", "VersionCount", "CreationDate"])?;
        let descending = input.one_of("SortOrder", &["ASCENDING", "DESCENDING"])?.as_deref() == Some("DESCENDING");
        let state = self.lock();
        let mut found: Vec<(&Product, usize)> = state
            .offer
            .products
            .iter()
            .filter(|product| filters.iter().all(|(filter, values)| matches(product, filter, values)))
            .map(|product| (product, state.offer.launch_paths(&product.id, &caller.arn).len()))
            .filter(|(_, paths)| *paths > 0)
            .collect();
        match sort_by.as_deref() {
            Some("Title") => found.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name)),
            Some("VersionCount") => found.sort_by_key(|(product, _)| state.offer.artifacts_of(&product.id).count()),
            _ => found.sort_by_key(|(product, _)| product.created_at),
        }
        if descending {
            found.reverse();
        }
        let rows: Vec<Value> = found.iter().map(|(product, paths)| product.summary(*paths)).collect();
        let (shown, next) = page(&rows, input, 100)?;
        let aggregations = json!({
            "ProductType": counted(found.iter().map(|(product, _)| product.kind.as_str())),
            "Owner": counted(found.iter().map(|(product, _)| product.owner.as_str())),
        });
        Ok(with_next(json!({ "ProductViewSummaries": shown, "ProductViewAggregations": aggregations }), next))
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
