//! Provisioning artifacts, the versions of a product: create, describe and list them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::template::Template;
use super::{once, source};
use crate::catalog::Catalog;
use crate::catalog::input::{self, Input, Refused, up_to};
use crate::catalog::model::seconds;

const TYPES: [&str; 6] = [
    "CLOUD_FORMATION_TEMPLATE",
    "MARKETPLACE_AMI",
    "MARKETPLACE_CAR",
    "TERRAFORM_OPEN_SOURCE",
    "TERRAFORM_CLOUD",
    "EXTERNAL",
];

/// A version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::catalog) struct Artifact {
    /// `pa-...`.
    pub(in crate::catalog) id: String,
    pub(in crate::catalog) product_id: String,
    pub(in crate::catalog) name: String,
    pub(in crate::catalog) description: String,
    /// The template's text, JSON or YAML.
    pub(in crate::catalog) template: String,
    /// Where the text came from.
    pub(in crate::catalog) url: String,
    /// Whether new products may be provisioned from it.
    pub(in crate::catalog) active: bool,
    pub(in crate::catalog) created_at: DateTime<Utc>,
}

/// What a request says of a new version; its template was not looked at.
#[derive(Debug)]
pub(super) struct Version<'a> {
    parameters: &'a Input,
    name: Option<String>,
    description: String,
    artifact_type: Option<String>,
    is_validated: bool,
}

/// A new version with its template.
#[derive(Debug)]
pub(super) struct Read {
    name: Option<String>,
    description: String,
    url: String,
    template: String,
}

impl<'a> Version<'a> {
    /// Its members, each within its constraints.
    pub(super) fn checked(parameters: &'a Input) -> Result<Self, Refused> {
        parameters.map("Info", &[], up_to(usize::MAX))?;
        Ok(Self {
            parameters,
            name: parameters.text("Name", up_to(8192))?,
            description: parameters.text("Description", up_to(8192))?.unwrap_or_default(),
            artifact_type: parameters.one_of("Type", &TYPES)?,
            is_validated: !parameters.flag("DisableTemplateValidation")?,
        })
    }

    /// The version with its template.
    pub(super) fn read(self) -> Result<Read, Refused> {
        if let Some(other) = self.artifact_type.filter(|one| one != "CLOUD_FORMATION_TEMPLATE") {
            return Err(Refused::invalid(format!("The local cloud has no engine for versions of type {other}.")));
        }
        let (url, template) = source::template(self.parameters)?;
        if self.is_validated {
            Template::parse(&template).map_err(Refused::invalid)?;
        }
        Ok(Read { name: self.name, description: self.description, url, template })
    }
}

impl Artifact {
    /// An active version.
    pub(super) fn new(id: &str, product_id: &str, name: &str, template: String, now: DateTime<Utc>) -> Self {
        let url = source::url(&template);
        let read = Read { name: Some(name.to_owned()), description: String::new(), url, template };
        Self::of(id, product_id, read, now)
    }

    /// The version that a request asked for. One without a name has its id for one: what the service does is not known.
    pub(super) fn of(id: &str, product_id: &str, read: Read, now: DateTime<Utc>) -> Self {
        Self {
            id: id.to_owned(),
            product_id: product_id.to_owned(),
            name: read.name.unwrap_or_else(|| id.to_owned()),
            description: read.description,
            template: read.template,
            url: read.url,
            active: true,
            created_at: now,
        }
    }

    /// How an administrator sees it.
    pub(super) fn detail(&self) -> Value {
        json!({
            "Id": self.id,
            "Name": self.name,
            "Description": self.description,
            "Type": "CLOUD_FORMATION_TEMPLATE",
            "CreatedTime": seconds(self.created_at),
            "Active": self.active,
            "Guidance": "DEFAULT",
        })
    }

    /// How an end user sees it.
    pub(super) fn summary(&self) -> Value {
        json!({
            "Id": self.id,
            "Name": self.name,
            "Description": self.description,
            "CreatedTime": seconds(self.created_at),
            "Guidance": "DEFAULT",
        })
    }
}

impl Catalog {
    pub(super) fn create_artifact(&self, input: &Input) -> Result<Value, Refused> {
        let product_id = input.required("ProductId", input::ID)?;
        let parameters = input.required_part("Parameters")?;
        let version = Version::checked(&parameters)?;
        let token = once::token(input)?;
        let now = self.clock.now();
        self.once("CreateProvisioningArtifact", input, token, |state| {
            state.offer.product(&product_id).ok_or_else(|| Refused::not_found("Product", &product_id))?;
            let artifact = Artifact::of(&state.new_id("pa"), &product_id, version.read()?, now);
            let answer = json!({
                "ProvisioningArtifactDetail": artifact.detail(),
                "Info": { "TemplateUrl": artifact.url },
                "Status": "AVAILABLE",
            });
            state.offer.artifacts.push(artifact);
            Ok(answer)
        })
    }

    pub(super) fn describe_artifact(&self, input: &Input) -> Result<Value, Refused> {
        let (id, name) =
            (input.text("ProvisioningArtifactId", input::ID)?, input.text("ProvisioningArtifactName", up_to(8192))?);
        let (product_id, product_name) = (input.text("ProductId", input::ID)?, input.text("ProductName", up_to(8191))?);
        let (is_verbose, has_parameters) =
            (input.flag("Verbose")?, input.flag("IncludeProvisioningArtifactParameters")?);
        let state = self.lock();
        let members = ["ProductId", "ProductName"];
        let product = state.offer.chosen_product(product_id.as_deref(), product_name.as_deref(), members)?;
        let artifact = state.offer.chosen_artifact(product, id.as_deref(), name.as_deref())?;
        let mut info = json!({ "TemplateUrl": artifact.url });
        if is_verbose {
            info["CloudFormationTemplate"] = json!(artifact.template);
        }
        let mut answer =
            json!({ "ProvisioningArtifactDetail": artifact.detail(), "Info": info, "Status": "AVAILABLE" });
        if has_parameters {
            let template = Template::parse(&artifact.template).unwrap_or_default();
            answer["ProvisioningArtifactParameters"] =
                template.parameters.iter().map(super::Parameter::shown).collect();
        }
        Ok(answer)
    }

    pub(super) fn list_artifacts(&self, input: &Input) -> Result<Value, Refused> {
        let product_id = input.required("ProductId", input::ID)?;
        let state = self.lock();
        state.offer.product(&product_id).ok_or_else(|| Refused::not_found("Product", &product_id))?;
        let details: Vec<Value> = state.offer.artifacts_of(&product_id).map(Artifact::detail).collect();
        Ok(json!({ "ProvisioningArtifactDetails": details }))
    }
}
