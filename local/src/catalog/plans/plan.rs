//! A plan, and how it looks on the wire.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::catalog::model::{Record, Script, object, seconds};
use crate::catalog::tags;

/// A plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// `plan-...`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is about, `pp-...`.
    pub provisioned_product_id: String,
    /// That product's name.
    pub provisioned_product_name: String,
    /// Whether executing it makes that product, and does not change it.
    pub is_new: bool,
    /// The product on offer, `prod-...`.
    pub product_id: String,
    /// The version, `pa-...`.
    pub artifact_id: String,
    /// The launch path.
    pub path_id: Option<String>,
    /// The resource changes, in their wire form. Nobody is shown them before the plan is made.
    pub changes: Vec<Value>,
    /// Key and value of each provisioning parameter.
    pub parameters: Vec<(String, String)>,
    /// Key and value.
    pub tags: Vec<(String, String)>,
    /// Who is told of the stack's events.
    pub notification_arns: Vec<String>,
    /// The status as it is shown: after an execution began, it lags.
    pub status: String,
    /// Words on the status.
    pub status_message: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When the shown status changed last.
    pub updated_at: DateTime<Utc>,
    /// The token of the call that made it.
    pub token: String,
    /// What that call asked for.
    pub asked: Value,
    /// The record of its execution.
    pub record_id: Option<String>,
    /// How that record is to end; none: as the product's scripts say.
    pub script: Option<Script>,
    /// Whether it was deleted.
    pub gone: bool,
    /// How far the shown status is behind the execution.
    pub(in crate::catalog) lag: TimeDelta,
    /// What is still to be shown, when, and with which words.
    pub(in crate::catalog) steps: VecDeque<(DateTime<Utc>, String, Option<String>)>,
}

impl Plan {
    /// Shows everything that is due.
    pub(in crate::catalog) fn settle(&mut self, now: DateTime<Utc>) {
        while let Some((at, status, message)) = self.steps.pop_front_if(|(at, _, _)| *at <= now) {
            (self.status, self.status_message, self.updated_at) = (status, message, at);
        }
    }

    /// Says that the record of its execution ended at that time.
    pub(in crate::catalog) fn executed(&mut self, at: DateTime<Utc>, errors: Option<&[(String, String)]>) {
        let status = if errors.is_some() { "EXECUTE_FAILED" } else { "EXECUTE_SUCCESS" };
        let message = errors.and_then(|errors| errors.first()).map(|(_, text)| text.clone());
        self.steps.push_back((at + self.lag, status.to_owned(), message));
    }

    /// The status without the lag. `record`: that of its execution.
    pub(super) fn real_status(&self, record: Option<&Record>) -> &str {
        match record.map(|record| record.status.as_str()) {
            None => &self.status,
            Some("SUCCEEDED") => "EXECUTE_SUCCESS",
            Some("FAILED") => "EXECUTE_FAILED",
            Some(_) => "EXECUTE_IN_PROGRESS",
        }
    }

    /// Whether its changes are known.
    pub(super) fn is_made(&self) -> bool {
        !matches!(self.status.as_str(), "CREATE_IN_PROGRESS" | "CREATE_FAILED")
    }

    /// What the list shows.
    pub(super) fn summary(&self) -> Map<String, Value> {
        object(json!({
            "PlanName": self.name,
            "PlanId": self.id,
            "ProvisionProductId": self.provisioned_product_id,
            "ProvisionProductName": self.provisioned_product_name,
            "PlanType": "CLOUDFORMATION",
            "ProvisioningArtifactId": self.artifact_id,
        }))
    }

    /// What the description shows besides the changes.
    pub(super) fn details(&self) -> Map<String, Value> {
        let parameter = |(key, value): &(String, String)| json!({ "Key": key, "Value": value });
        let parameters: Vec<Value> = self.parameters.iter().map(parameter).collect();
        let mut details = self.summary();
        details.extend(object(json!({
            "CreatedTime": seconds(self.created_at),
            "UpdatedTime": seconds(self.updated_at),
            "ProductId": self.product_id,
            "Status": self.status,
            "NotificationArns": self.notification_arns,
            "ProvisioningParameters": parameters,
            "Tags": tags::shown(&self.tags),
        })));
        let more = [("PathId", &self.path_id), ("StatusMessage", &self.status_message)];
        details.extend(more.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text.as_ref()?)))));
        details
    }
}
