//! What a whole run has come to, in a form in which two runs can be compared: no ids, no instants.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::world::World;

/// What was done, told and kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Each operation: kind, subject, state, number of attempts.
    pub operations: Vec<(String, String, String, u64)>,
    /// Each call that the service carried out, in order: operation, and the product's name.
    pub executions: Vec<(String, String)>,
    /// By detail type and what it is about: with how many ids it was told.
    pub told: BTreeMap<(String, String), usize>,
    /// Each product: name, status, terminations, other executions.
    pub products: Vec<(String, String, u64, u64)>,
    /// What people have asked for a product: how many extensions, whether it is protected.
    pub kept: Vec<(usize, bool)>,
    /// How many requests were refused.
    pub rejected: usize,
}

impl World {
    /// What everything has come to so far.
    pub async fn seen(&self) -> Seen {
        let report = self.report().await;
        let operations = report.operations.into_iter();
        let mut operations: Vec<_> = operations.map(|row| (row.kind, row.subject, row.state, row.attempts)).collect();
        operations.sort();
        let products = self.cloud.catalog.products();
        let name = |id: &str| products.iter().find(|product| product.id == id).map(|product| product.name.clone());
        let executions = self.cloud.catalog.executions().into_iter();
        let executions = executions
            .map(|execution| (execution.operation, name(&execution.product_id).unwrap_or(execution.product_id)))
            .collect();
        let mut kept = Vec::new();
        for product in &products {
            let item = self.item(&product.id).await;
            kept.push((item.extensions.len(), item.protection.is_some()));
        }
        let mut products: Vec<_> = report
            .products
            .into_iter()
            .map(|product| (product.name, product.status, product.terminations, product.executions))
            .collect();
        products.sort();
        let told = self.outcomes().into_iter().map(|(about, ids)| (about, ids.len())).collect();
        Seen { operations, executions, told, products, kept, rejected: report.rejected.len() }
    }

    /// By detail type and what it is about, the ids of what Steward has told; what is on its way is no outcome.
    #[must_use]
    pub fn outcomes(&self) -> BTreeMap<(String, String), BTreeSet<String>> {
        let mut outcomes: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for event in self.cloud.wiring.seen().into_iter().map(|seen| seen.event) {
            let (detail, text) = (&event["detail"], |value: &Value| value.as_str().map(str::to_owned));
            let about = text(&detail["subject"]).or_else(|| text(&detail["provisionedProductId"]));
            if let (Some("steward"), Some(kind), Some(about), Some(id)) =
                (event["source"].as_str(), text(&event["detail-type"]), about, text(&detail["id"]))
            {
                outcomes.entry((kind, about)).or_default().insert(id);
            }
        }
        outcomes
    }

    /// The tokens of all calls that the service carried out.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        self.cloud.catalog.executions().into_iter().map(|execution| execution.token).collect()
    }
}
