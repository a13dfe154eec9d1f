//! Records: one for each operation that was accepted.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Kind, Output, Provisioned, seconds};
use crate::catalog::tags;

/// How a record is to end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Script {
    /// It SUCCEEDS.
    Succeed,
    /// It FAILS with these errors (code, description), by way of `IN_PROGRESS_IN_ERROR`. What becomes of the product
    /// depends on the kind of the record: a failed termination or update taints it.
    Fail(Vec<(String, String)>),
    /// It never ends: the engine does not answer.
    Never,
    /// It is in a status that nobody knows for a while, then SUCCEEDS.
    UnknownStatus(String),
}

/// A record: one operation on a provisioned product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// `rec-...`.
    pub id: String,
    /// What it is about.
    pub kind: Kind,
    /// `TERMINATE_PROVISIONED_PRODUCT` ...
    pub record_type: String,
    /// `CREATED` ...
    pub status: String,
    /// When the call was accepted.
    pub created_at: DateTime<Utc>,
    /// When the status changed last.
    pub updated_at: DateTime<Utc>,
    /// The provisioned product, as it was then.
    pub product: Provisioned,
    /// Code and description.
    pub errors: Vec<(String, String)>,
    /// The token of the call that made it.
    pub token: String,
    /// Who called.
    pub caller: String,
    /// The ARN of who called.
    pub caller_arn: String,
    /// What the call asked for, to compare a repeated one with.
    pub asked: Value,
    /// How it is to end.
    pub script: Script,
    /// What it puts out, besides the stack's ARN.
    pub outputs: Vec<Output>,
    /// What a service action runs.
    pub automation: Option<Automation>,
    /// What is still to happen to it, and when.
    pub(in crate::catalog) steps: VecDeque<(DateTime<Utc>, Step)>,
    /// The product's status and its message before: a service action gives them back.
    pub(in crate::catalog) before: (String, Option<String>),
    /// What the product is once the record SUCCEEDED.
    pub(in crate::catalog) becomes: Option<Becoming>,
}

/// The run of an automation document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Automation {
    /// The service action, `act-...`.
    pub action_id: String,
    /// The execution's id.
    pub execution_id: String,
    /// The document's name or ARN.
    pub document: String,
    /// The document's version.
    pub version: String,
}

/// What a record makes of a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::catalog) struct Becoming {
    /// The version, `pa-...`.
    pub(in crate::catalog) artifact_id: String,
    pub(in crate::catalog) path_id: Option<String>,
    pub(in crate::catalog) parameters: Vec<(String, String)>,
    pub(in crate::catalog) outputs: Vec<Output>,
}

/// Something that happens to a record by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::catalog) enum Step {
    /// Its status changes.
    Status(String),
    /// Its stack's status changes: an event.
    Stack(String),
    /// Its automation ends so: an event.
    Automation(String),
    /// It ends.
    End,
}

impl Record {
    /// Whether it is at its end.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self.status.as_str(), "SUCCEEDED" | "FAILED")
    }

    pub(in crate::catalog) fn detail(&self) -> Value {
        let errors: Vec<Value> =
            self.errors.iter().map(|(code, text)| json!({ "Code": code, "Description": text })).collect();
        let mut detail = json!({
            "RecordId": self.id,
            "ProvisionedProductName": self.product.name,
            "Status": self.status,
            "CreatedTime": seconds(self.created_at),
            "UpdatedTime": seconds(self.updated_at),
            "ProvisionedProductType": self.product.product_type,
            "RecordType": self.record_type,
            "ProvisionedProductId": self.product.id,
            "ProductId": self.product.product_id,
            "ProvisioningArtifactId": self.product.artifact_id,
            "RecordErrors": errors,
            "RecordTags": tags::shown(&self.product.tags),
        });
        if let Some(path_id) = &self.product.path_id {
            detail["PathId"] = json!(path_id);
        }
        if let Some(role) = &self.product.launch_role {
            detail["LaunchRoleArn"] = json!(role);
        }
        detail
    }
}

/// One call that was carried out: not refused, not repeated from memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// The operation.
    pub operation: String,
    /// The provisioned product.
    pub product_id: String,
    /// The token.
    pub token: String,
    /// The record that it made.
    pub record_id: String,
    /// Who called.
    pub caller: String,
    /// What the call asked for, without its token.
    pub asked: Value,
    /// When.
    pub at: DateTime<Utc>,
}
