//! `SearchProvisionedProducts` (an index that lags) and `ScanProvisionedProducts` (which does not).

use serde_json::{Map, Value, json};

use super::Catalog;
use super::access::is_within;
use super::input::{Input, Refused, TEXT, page};
use super::model::passing;
use super::records::with_next;
use super::settings::AccessLevel;
use crate::api::Caller;

/// The fields that a query may name, and where the row has them.
const FIELDS: [(&str, &str); 17] = [
    ("arn", "Arn"),
    ("createdTime", "CreatedTime"),
    ("id", "Id"),
    ("idempotencyToken", "IdempotencyToken"),
    ("lastProvisioningRecordId", "LastProvisioningRecordId"),
    ("lastRecordId", "LastRecordId"),
    ("lastSuccessfulProvisioningRecordId", "LastSuccessfulProvisioningRecordId"),
    ("name", "Name"),
    ("physicalId", "PhysicalId"),
    ("productId", "ProductId"),
    ("productName", "ProductName"),
    ("provisioningArtifactId", "ProvisioningArtifactId"),
    ("provisioningArtifactName", "ProvisioningArtifactName"),
    ("status", "Status"),
    ("type", "Type"),
    ("userArn", "UserArn"),
    ("userArnSession", "UserArnSession"),
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
        let state = self.lock();
        let level = state.listed_at(caller, input, AccessLevel::Account)?;
        let until = self.clock.now() - passing(&self.clock, state.settings.search_lag);
        let mut rows: Vec<Map<String, Value>> = state
            .indexed(until)
            .into_iter()
            .filter(|product| is_within(level, caller, product))
            .map(|product| {
                let mut row = product.row(&self.place.account, &self.place.region);
                let artifact = state.offer.artifact(&product.product_id, &product.artifact_id);
                let name = artifact.map(|artifact| artifact.name.as_str()).unwrap_or_default();
                row.insert("ProvisioningArtifactName".to_owned(), json!(name));
                row
            })
            .filter(|row| queries.iter().all(|query| matches(query, row)))
            .collect();
        let field = match sort_by.as_deref() {
            None => "Id",
            Some(by @ ("arn" | "id" | "name" | "lastRecordId")) => member(by).unwrap_or("Id"),
            Some(other) => return Err(Refused::invalid(format!("Invalid sort by: {other}"))),
        };
        rows.sort_by_key(|row| row.get(field).and_then(Value::as_str).unwrap_or_default().to_owned());
        if descending {
            rows.reverse();
        }
        let total = rows.len();
        let (shown, next) = page(&rows, input, 100)?;
        Ok(with_next(json!({ "ProvisionedProducts": shown, "TotalResultsCount": total }), next))
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

fn matches(query: &str, row: &Map<String, Value>) -> bool {
    // What follows the first colon is the value, whatever it holds: ARNs are full of them.
    match query.split_once(':').and_then(|(field, value)| Some((member(field)?, value))) {
        Some((member, value)) => row.get(member).is_some_and(|found| text(found) == value),
        None => match query.strip_prefix("tags:").and_then(|tag| tag.split_once('=')) {
            Some((key, value)) => tags(row).any(|(k, v)| k == key && v == value),
            None => row.values().any(|found| text(found).contains(query)),
        },
    }
}

fn member(field: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(name, _)| *name == field).map(|(_, member)| *member)
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
