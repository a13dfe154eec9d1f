//! `SearchProvisionedProducts` (an index that lags) and `ScanProvisionedProducts` (which does not).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::{Bound, Range};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Catalog;
use super::access::is_within;
use super::input::{Input, Refused, TEXT, page, places};
use super::model::{Provisioned, passing, seconds};
use super::offer::Offer;
use super::records::with_next;
use super::settings::AccessLevel;
use crate::api::Caller;
use crate::gateway::Place;

/// The fields that a query may name.
const FIELDS: [&str; 17] = [
    "arn",
    "createdTime",
    "id",
    "idempotencyToken",
    "lastProvisioningRecordId",
    "lastRecordId",
    "lastSuccessfulProvisioningRecordId",
    "name",
    "physicalId",
    "productId",
    "productName",
    "provisioningArtifactId",
    "provisioningArtifactName",
    "status",
    "type",
    "userArn",
    "userArnSession",
];

impl Catalog {
    pub(super) fn search(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let queries = queries(input)?;
        let sort_by = input.text("SortBy", TEXT)?;
        let descending = match input.text("SortOrder", TEXT)?.as_deref() {
            None | Some("ASCENDING") => false,
            Some("DESCENDING") => true,
            Some(other) => {
                return Err(Refused::new(
                    "ValidationException",
                    format!(
                        "1 validation error detected: Value '{other}' at 'sortOrder' failed to satisfy constraint: Member must satisfy enum value set: [ASCENDING, DESCENDING]"
                    ),
                ));
            }
        };
        let mut state = self.lock();
        let level = state.listed_at(caller, input, AccessLevel::Account)?;
        let until = self.clock.now() - passing(&self.clock, state.settings.search_lag);
        state.index.show(until);
        let view = |product| View { product, offer: &state.offer, place: &self.place };
        let shown = state.index.shown();
        let by = match sort_by.as_deref() {
            None => "id",
            Some(by @ ("arn" | "id" | "name" | "lastRecordId")) => by,
            Some(other) => return Err(Refused::invalid(format!("Invalid sort by: {other}"))),
        };
        // The whole index in its own order, as a sweep reads it: nothing but the page itself is looked at.
        if queries.is_empty() && level == AccessLevel::Account && by == "id" {
            let (places, next) = places(shown.len(), input, 100)?;
            let products = state.index.ordered().iter().map(|product| view(product.as_ref()));
            let rows = if descending { rows(products.rev(), places) } else { rows(products, places) };
            return Ok(found(&rows, shown.len(), next));
        }
        let mut chosen: Vec<View<'_>> = narrowed(&queries, shown)
            .map(view)
            .filter(|view| is_within(level, caller, view.product) && queries.iter().all(|query| view.matches(query)))
            .collect();
        chosen.sort_by_cached_key(|view| view.field(by).unwrap_or_default().into_owned());
        if descending {
            chosen.reverse();
        }
        let total = chosen.len();
        let (places, next) = places(total, input, 100)?;
        Ok(found(&rows(chosen.into_iter(), places), total, next))
    }

    pub(super) fn scan(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let state = self.lock();
        let level = state.listed_at(caller, input, AccessLevel::User)?;
        let details: Vec<Map<String, Value>> = state
            .products
            .iter()
            .filter(|product| !product.gone && is_within(level, caller, product))
            .map(|product| product.detail(&self.place.account, &self.place.region))
            .collect();
        let (shown, next) = page(&details, input, 20)?;
        Ok(with_next(json!({ "ProvisionedProducts": shown }), next))
    }
}

/// All queries of a request: every one must match (AWS says neither AND nor OR).
fn queries(input: &Input) -> Result<Vec<String>, Refused> {
    let mut queries = Vec::new();
    for (key, values) in input.object("Filters")?.into_iter().flatten() {
        if key != "SearchQuery" {
            return Err(Refused::new(
                "ValidationException",
                format!(
                    "1 validation error detected: Value '{key}' at 'filters' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy enum value set: [SearchQuery]]"
                ),
            ));
        }
        // A query that is dropped in silence would show everything.
        let wrong = || Refused::new("SerializationException", "SearchQuery can not be converted to a list of strings");
        for query in values.as_array().ok_or_else(wrong)? {
            queries.push(query.as_str().ok_or_else(wrong)?.to_owned());
        }
    }
    Ok(queries)
}

/// The products that can match: an id finds its product without a look at the others.
fn narrowed<'a>(
    queries: &[String],
    shown: &'a BTreeMap<String, Arc<Provisioned>>,
) -> impl Iterator<Item = &'a Provisioned> {
    let (least, most) = match queries.iter().find_map(|query| query.strip_prefix("id:")) {
        Some(id) => (Bound::Included(id), Bound::Included(id)),
        None => (Bound::Unbounded, Bound::Unbounded),
    };
    shown.range::<str, _>((least, most)).map(|(_, product)| product.as_ref())
}

fn rows<'a>(products: impl Iterator<Item = View<'a>>, places: Range<usize>) -> Vec<Value> {
    products.skip(places.start).take(places.len()).map(|view| Value::Object(view.row())).collect()
}

fn found(rows: &[Value], total: usize, next: Option<String>) -> Value {
    with_next(json!({ "ProvisionedProducts": rows, "TotalResultsCount": total }), next)
}

/// A product as the search sees it.
#[derive(Clone, Copy)]
struct View<'a> {
    product: &'a Provisioned,
    offer: &'a Offer,
    place: &'a Place,
}

impl<'a> View<'a> {
    fn artifact_name(&self) -> &'a str {
        let artifact = self.offer.artifact(&self.product.product_id, &self.product.artifact_id);
        artifact.map(|artifact| artifact.name.as_str()).unwrap_or_default()
    }

    fn row(&self) -> Map<String, Value> {
        let mut row = self.product.row(&self.place.account, &self.place.region);
        row.insert("ProvisioningArtifactName".to_owned(), json!(self.artifact_name()));
        row
    }

    /// A field that a query may name; `None`: there is no such field, or the product has nothing in it.
    fn field(&self, name: &str) -> Option<Cow<'a, str>> {
        let product = self.product;
        let text = match name {
            "arn" => return Some(Cow::Owned(product.arn(&self.place.account, &self.place.region))),
            "createdTime" => return Some(Cow::Owned(json!(seconds(product.created_at)).to_string())),
            "id" => &product.id,
            "idempotencyToken" => &product.token,
            "lastProvisioningRecordId" => &product.last_provisioning_record_id,
            "lastRecordId" => &product.last_record_id,
            "lastSuccessfulProvisioningRecordId" => &product.last_successful_record_id,
            "name" => &product.name,
            "physicalId" => product.stack.as_ref()?,
            "productId" => &product.product_id,
            "productName" => &product.product_name,
            "provisioningArtifactId" => &product.artifact_id,
            "provisioningArtifactName" => return Some(Cow::Borrowed(self.artifact_name())),
            "status" => &product.status,
            "type" => &product.product_type,
            "userArn" | "userArnSession" => &product.user_arn,
            _ => return None,
        };
        Some(Cow::Borrowed(text.as_str()))
    }

    fn matches(&self, query: &str) -> bool {
        // What follows the first colon is the value, whatever it holds: ARNs are full of them.
        match query.split_once(':').filter(|(name, _)| FIELDS.contains(name)) {
            Some((name, value)) => self.field(name).is_some_and(|found| found == value),
            None => match query.strip_prefix("tags:").and_then(|tag| tag.split_once('=')) {
                Some((key, value)) => tags(&self.row()).any(|(k, v)| k == key && v == value),
                None => self.row().values().any(|found| text(found).contains(query)),
            },
        }
    }
}

fn tags(row: &Map<String, Value>) -> impl Iterator<Item = (&str, &str)> {
    row.get("Tags")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|tag| Some((tag["Key"].as_str()?, tag["Value"].as_str()?)))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
