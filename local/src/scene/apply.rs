//! A scene becomes what is there: the catalog is filled, Steward's table told, and what comes later noted.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use shared::ports::StoreError;

use super::format::{
    Change, Does, Ending, ParameterKind, Plan, PlanStatus, Provisioned, Recreation, Replacement, Status,
};
use super::later::pending;
use super::pairs::{Pairs, TagValue};
use super::when::text;
use super::{Scene, table};
use crate::catalog::{
    Catalog, NewAction, NewOffered, NewPlan, NewPortfolio, NewProduct, NewStack, NewVersion, Output, PlanFor,
    SANDBOX_TEMPLATE, Script,
};
use crate::cloud::Cloud;
use crate::gateway::Place;

/// The text of a template; none is given: a bucket's.
pub(super) fn text_of(template: Option<&yaml_serde::Value>) -> Result<String, String> {
    match template {
        None => Ok(SANDBOX_TEMPLATE.to_owned()),
        Some(yaml_serde::Value::String(text)) => Ok(text.clone()),
        // Written anew, with its short intrinsics as they are.
        Some(template) => yaml_serde::to_string(template).map_err(|error| error.to_string()),
    }
}

impl Scene {
    /// Makes it so, in a cloud that is new: what every catalog begins with goes.
    ///
    /// # Errors
    /// If the table does not answer.
    pub async fn apply(&self, cloud: &Cloud) -> Result<(), StoreError> {
        // Tags have whole seconds, and no other times are needed here.
        let now = cloud.clock.now();
        let start = DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now);
        let stage = Stage { scene: self, catalog: &cloud.catalog, start };
        cloud.catalog.clear_offer();
        stage.offer();
        let stacks = stage.stacks();
        for (one, id) in self.file.provisioned.iter().zip(self.ids()) {
            let record = stage.provisioned(one, &id, &stacks);
            table::tell(&cloud.store, one, &id, record, start).await?;
        }
        self.file.plans.iter().for_each(|plan| stage.plan(plan));
        cloud.later.add(self.file.later.iter().map(|later| pending(later, start)));
        Ok(())
    }

    /// The ids of the provisioned products: their own, or new ones, the same each time.
    fn ids(&self) -> Vec<String> {
        let provisioned = &self.file.provisioned;
        let is_free = |id: &String| !provisioned.iter().any(|one| one.id.as_ref() == Some(id));
        let mut free = (1..).map(|number| format!("pp-scene{number:08}")).filter(is_free);
        provisioned.iter().map(|one| one.id.clone().or_else(|| free.next()).unwrap_or_default()).collect()
    }

    /// The product that a version is of.
    fn product_of(&self, version: &str) -> String {
        let has = |product: &&super::format::Product| product.versions.iter().any(|one| one.id == version);
        self.file.products.iter().find(has).map(|product| product.id.clone()).unwrap_or_default()
    }
}

/// A scene that is being set.
struct Stage<'a> {
    scene: &'a Scene,
    catalog: &'a Catalog,
    start: DateTime<Utc>,
}

impl Stage<'_> {
    fn offer(&self) {
        let file = &self.scene.file;
        for product in &file.products {
            let versions = product.versions.iter().map(|version| NewVersion {
                id: version.id.clone(),
                name: version.name.clone(),
                description: version.description.clone(),
                active: version.active,
                template: text_of(version.template.as_ref()).unwrap_or_default(),
            });
            self.catalog.add_offered(NewOffered {
                id: product.id.clone(),
                name: product.name.clone(),
                owner: product.owner.clone(),
                description: product.description.clone(),
                created_at: product.created.of(self.start),
                versions: versions.collect(),
            });
        }
        for portfolio in &file.portfolios {
            self.catalog.add_portfolio(NewPortfolio {
                id: portfolio.id.clone(),
                name: portfolio.name.clone(),
                description: portfolio.description.clone(),
                provider: portfolio.provider.clone(),
                tags: self.tags(&portfolio.tags),
                products: portfolio.products.clone(),
                principals: portfolio.principals.clone(),
            });
        }
        for action in &file.actions {
            let parameter = |one: &super::format::ActionParameter| {
                let kind = match one.kind {
                    ParameterKind::Target => "TARGET",
                    ParameterKind::Text => "TEXT_VALUE",
                };
                json!({ "Name": one.name, "Type": kind })
            };
            let parameters: Vec<Value> = action.parameters.iter().map(parameter).collect();
            let version = |version: &String| (self.scene.product_of(version), version.clone());
            self.catalog.offer_action(NewAction {
                id: action.id.clone(),
                name: action.name.clone(),
                description: action.description.clone(),
                document: action.document.clone(),
                version: action.document_version.clone(),
                assume_role: action.role.clone(),
                parameters: (!parameters.is_empty()).then(|| Value::from(parameters).to_string()),
                associated: action.versions.iter().map(version).collect(),
            });
        }
    }

    /// The ARN of each stack, by its name.
    fn stacks(&self) -> BTreeMap<&str, String> {
        let file = &self.scene.file;
        let of_version = |id: &String| {
            let mut versions = file.products.iter().flat_map(|product| &product.versions);
            versions.find(|version| version.id == *id).and_then(|version| version.template.as_ref())
        };
        let stacks = file.stacks.iter().map(|stack| {
            let template = stack.template.as_ref().or_else(|| stack.version.as_ref().and_then(of_version));
            let arn = self.catalog.add_stack(NewStack {
                name: stack.name.clone(),
                guid: stack.guid.clone(),
                status: stack.status.clone(),
                template: text_of(template).unwrap_or_default(),
            });
            (stack.name.as_str(), arn)
        });
        stacks.collect()
    }

    /// Gives the id of the record that provisioned it.
    fn provisioned(&self, one: &Provisioned, id: &str, stacks: &BTreeMap<&str, String>) -> String {
        let (catalog, created_at) = (self.catalog, one.created.of(self.start));
        let record = catalog.add(NewProduct {
            product_type: one.kind.clone(),
            tags: self.tags(&one.tags),
            user_arn: owner_arn(&one.owner),
            scripts: one.records.iter().map(script).collect(),
            product_id: self.scene.product_of(&one.version),
            artifact_id: one.version.clone(),
            parameters: one.parameters.0.clone(),
            stack: one.stack.as_ref().and_then(|stack| stacks.get(stack.as_str())).cloned(),
            ..NewProduct::new(id, &one.name, created_at)
        });
        let status = match one.status {
            Status::Available | Status::UnderChange => "AVAILABLE",
            Status::Tainted => "TAINTED",
            Status::Error => "ERROR",
        };
        catalog.change_product(id, |product| {
            status.clone_into(&mut product.status);
            product.status_message.clone_from(&one.message);
            product.drifted = one.drifted;
            if let Some(outputs) = &one.outputs {
                product.outputs = outputs.iter().map(|(key, value)| Output::new(key, value, "")).collect();
            }
        });
        if one.status != Status::UnderChange {
            return record;
        }
        let words = one.message.as_deref().unwrap_or("UPDATE_IN_PROGRESS");
        let since = one.since.map_or(self.start, |since| since.of(self.start));
        catalog.update_without_end(id, since, words).unwrap_or(record)
    }

    fn plan(&self, plan: &Plan) {
        let (provisioned_product, version) = match (&plan.existing, &plan.new) {
            (_, Some(new)) => {
                let version = (self.scene.product_of(&new.version), new.version.clone());
                (PlanFor::New { id: new.id.clone(), name: new.name.clone() }, Some(version))
            }
            (existing, None) => (PlanFor::Existing(existing.clone().unwrap_or_default()), None),
        };
        let new = NewPlan::new(&plan.id, provisioned_product, plan.changes.iter().map(change));
        let status = match plan.status {
            PlanStatus::CreateSuccess => "CREATE_SUCCESS",
            PlanStatus::CreateFailed => "CREATE_FAILED",
        };
        self.catalog.add_plan(NewPlan {
            name: plan.name.clone().unwrap_or_else(|| plan.id.clone()),
            parameters: plan.parameters.0.clone(),
            status: status.to_owned(),
            status_message: plan.message.clone(),
            script: plan.fails.as_deref().map(failing),
            version,
            ..new
        });
    }

    fn tags(&self, tags: &Pairs<TagValue>) -> Vec<(String, String)> {
        let value = |value: &TagValue| match value {
            TagValue::Text(text) => text.clone(),
            TagValue::At(at) => text(at.of(self.start)),
        };
        tags.iter().map(|(key, one)| (key.clone(), value(one))).collect()
    }
}

/// The ARN of an owner, who may be given as the name of a user.
pub(super) fn owner_arn(owner: &str) -> String {
    if owner.starts_with("arn:") {
        return owner.to_owned();
    }
    format!("arn:aws:iam::{}:user/{owner}", Place::default().account)
}

fn failing(words: &str) -> Script {
    Script::Fail(vec![("1".to_owned(), words.to_owned())])
}

fn script(ending: &Ending) -> Script {
    match ending {
        Ending { fails: Some(words), .. } => failing(words),
        Ending { passes: Some(status), .. } => Script::UnknownStatus(status.clone()),
        Ending { ends: Some(false), .. } => Script::Never,
        _ => Script::Succeed,
    }
}

/// A resource change in its wire form.
fn change(change: &Change) -> Value {
    let action = match change.action {
        Does::Add => "ADD",
        Does::Modify => "MODIFY",
        Does::Remove => "REMOVE",
    };
    let property = |property: &super::format::Property| {
        let recreation = match property.recreation {
            Recreation::Never => "NEVER",
            Recreation::Conditionally => "CONDITIONALLY",
            Recreation::Always => "ALWAYS",
        };
        let target = json!({ "Attribute": "PROPERTIES", "Name": property.name, "RequiresRecreation": recreation });
        let mut detail = json!({ "Target": target, "Evaluation": "STATIC" });
        if let Some(cause) = &property.caused_by {
            detail["CausingEntity"] = json!(cause);
        }
        detail
    };
    let details: Vec<Value> = change.properties.iter().map(property).collect();
    let scope: &[&str] = if details.is_empty() { &[] } else { &["PROPERTIES"] };
    let mut wire = json!({
        "Action": action,
        "LogicalResourceId": change.resource,
        "ResourceType": change.kind,
        "Scope": scope,
        "Details": details,
    });
    if let Some(id) = &change.physical_id {
        wire["PhysicalResourceId"] = json!(id);
    }
    if change.action == Does::Modify {
        wire["Replacement"] = json!(match change.replacement {
            Some(Replacement::True) => "TRUE",
            Some(Replacement::Conditional) => "CONDITIONAL",
            Some(Replacement::False) | None => "FALSE",
        });
    }
    wire
}

/// How long before its end a product's owner is warned first, unless the scene says when.
pub(super) const FIRST_WARNING: TimeDelta = TimeDelta::hours(48);
