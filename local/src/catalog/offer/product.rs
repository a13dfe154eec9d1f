//! Products: `CreateProduct` and `DescribeProduct`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::artifact::{Artifact, Version};
use super::{connection, once};
use crate::api::Caller;
use crate::catalog::Catalog;
use crate::catalog::input::{self, Input, Refused, up_to};
use crate::catalog::model::seconds;
use crate::catalog::tags;
use crate::gateway::Place;

pub(super) const TYPES: [&str; 5] =
    ["CLOUD_FORMATION_TEMPLATE", "MARKETPLACE", "TERRAFORM_OPEN_SOURCE", "TERRAFORM_CLOUD", "EXTERNAL"];
/// Words on a product: as a request names them, and as an answer does; how long they may be.
const WORDS: [(&str, &str, usize); 5] = [
    ("Description", "ShortDescription", 8191),
    ("Distributor", "Distributor", 8191),
    ("SupportDescription", "SupportDescription", 8191),
    ("SupportEmail", "SupportEmail", 254),
    ("SupportUrl", "SupportUrl", 2083),
];

/// What end users choose from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::catalog) struct Product {
    /// `prod-...`.
    pub(in crate::catalog) id: String,
    pub(in crate::catalog) name: String,
    pub(in crate::catalog) owner: String,
    /// `CLOUD_FORMATION_TEMPLATE` ...
    pub(in crate::catalog) kind: String,
    pub(in crate::catalog) created_at: DateTime<Utc>,
    /// Words on it, as answers have them.
    words: Map<String, Value>,
}

impl Product {
    /// A product of `CloudFormation`.
    pub(super) fn new(id: &str, name: &str, now: DateTime<Utc>) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            owner: "Steward".to_owned(),
            kind: "CLOUD_FORMATION_TEMPLATE".to_owned(),
            created_at: now,
            words: Map::new(),
        }
    }

    /// The same with words on it.
    pub(super) fn described(mut self, description: &str) -> Self {
        if !description.is_empty() {
            self.words.insert("ShortDescription".to_owned(), json!(description));
        }
        self
    }

    /// How an end user sees it, to whom that many paths lead.
    pub(super) fn summary(&self, paths: usize) -> Value {
        let mut summary = self.words.clone();
        let product_view = self.id.replacen("prod-", "prodview-", 1);
        for (name, value) in [
            ("Id", product_view.as_str()),
            ("ProductId", &self.id),
            ("Name", &self.name),
            ("Owner", &self.owner),
            ("Type", &self.kind),
        ] {
            summary.insert(name.to_owned(), json!(value));
        }
        // More than one: the caller has to choose.
        summary.insert("HasDefaultPath".to_owned(), json!(paths == 1));
        Value::Object(summary)
    }

    /// How an administrator sees it.
    pub(super) fn detail(&self, place: &Place) -> Value {
        let Place { account, region } = place;
        json!({
            "ProductViewSummary": self.summary(0),
            "Status": "AVAILABLE",
            "ProductARN": format!("arn:aws:catalog:{region}:{account}:product/{}", self.id),
            "CreatedTime": seconds(self.created_at),
        })
    }
}

impl Catalog {
    pub(super) fn create_product(&self, input: &Input) -> Result<Value, Refused> {
        let (name, owner) = (input.required("Name", up_to(8191))?, input.required("Owner", up_to(8191))?);
        let product_type = input.required_one_of("ProductType", &TYPES)?;
        let mut words = Map::new();
        for (asked, shown, most) in WORDS {
            words.extend(input.text(asked, up_to(most))?.map(|text| (shown.to_owned(), json!(text))));
        }
        let tags = input.tags("Tags", 20)?;
        let version = input.part("ProvisioningArtifactParameters")?;
        let version = version.as_ref().map(Version::checked).transpose()?;
        let is_connected = connection::is_there(input)?;
        let token = once::token(input)?;
        if product_type != "CLOUD_FORMATION_TEMPLATE" {
            return Err(Refused::invalid(format!(
                "The local cloud has no engine for products of type {product_type}."
            )));
        }
        if is_connected {
            return Err(Refused::invalid("The local cloud has no connections to repositories."));
        }
        let version = version.ok_or_else(|| Refused::invalid("ProvisioningArtifactParameters must be provided."))?;
        let version = version.read()?;
        let now = self.clock.now();
        self.once("CreateProduct", input, token, |state| {
            let (id, artifact_id) = (state.new_id("prod"), state.new_id("pa"));
            let product = Product { owner, kind: product_type, words, ..Product::new(&id, &name, now) };
            let artifact = Artifact::of(&artifact_id, &id, version, now);
            let answer = json!({
                "ProductViewDetail": product.detail(&self.place),
                "ProvisioningArtifactDetail": artifact.detail(),
                "Tags": tags::shown(&tags),
            });
            state.offer.products.push(product);
            state.offer.artifacts.push(artifact);
            Ok(answer)
        })
    }

    pub(super) fn describe_product(&self, input: &Input, caller: &Caller) -> Result<Value, Refused> {
        let (id, name) = (input.text("Id", input::ID)?, input.text("Name", up_to(8191))?);
        let state = self.lock();
        let product = state.offer.chosen_product(id.as_deref(), name.as_deref(), ["Id", "Name"])?;
        let paths = state.offer.launch_paths(&product.id, &caller.arn);
        // An end user's call: what no path leads to is not there, even for an administrator.
        if paths.is_empty() {
            return Err(Refused::not_found("Product", &product.id));
        }
        let artifacts = state.offer.artifacts_of(&product.id).filter(|artifact| artifact.active);
        let artifacts: Vec<Value> = artifacts.map(Artifact::summary).collect();
        let launch_paths: Vec<Value> =
            paths.iter().map(|path| json!({ "Id": path.id, "Name": path.portfolio.name })).collect();
        Ok(json!({
            "ProductViewSummary": product.summary(paths.len()),
            "ProvisioningArtifacts": artifacts,
            "Budgets": [],
            "LaunchPaths": launch_paths,
        }))
    }
}
