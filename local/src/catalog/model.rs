//! Provisioned products and records, and how they look on the wire.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// How a record is to end.
#[derive(Clone, Debug, PartialEq)]
pub enum Script {
    /// It SUCCEEDS.
    Succeed,
    /// It FAILS with these errors (code, description), by way of `IN_PROGRESS_IN_ERROR`; the product is TAINTED then.
    Fail(Vec<(String, String)>),
    /// It never ends: the engine does not answer.
    Never,
    /// It is in a status that nobody knows for a while, then SUCCEEDS.
    UnknownStatus(String),
}

/// A provisioned product.
#[derive(Clone, Debug, PartialEq)]
pub struct Provisioned {
    /// `pp-...`.
    pub id: String,
    /// Its name, unique among the living.
    pub name: String,
    /// `CFN_STACK`, `CONTROL_TOWER_ACCOUNT` ...
    pub product_type: String,
    /// `AVAILABLE` ...
    pub status: String,
    /// Words on the status.
    pub status_message: Option<String>,
    /// Key and value.
    pub tags: Vec<(String, String)>,
    /// When it was provisioned.
    pub created_at: DateTime<Utc>,
    /// Who provisioned it.
    pub user_arn: String,
    /// The product, `prod-...`.
    pub product_id: String,
    /// The product's name.
    pub product_name: String,
    /// The version, `pa-...`.
    pub artifact_id: String,
    /// The latest record of any kind.
    pub last_record_id: String,
    /// The latest record that provisions, updates or terminates.
    pub last_provisioning_record_id: String,
    /// The latest such record that SUCCEEDED.
    pub last_successful_record_id: String,
    /// The token of the provisioning.
    pub token: String,
    /// How its next records are to end, first one first; none left: they SUCCEED.
    pub scripts: VecDeque<Script>,
    /// Whether it is gone.
    pub gone: bool,
    /// Whether its resources outlived it.
    pub stack_kept: bool,
}

impl Provisioned {
    /// Its ARN: the service's name is `servicecatalog`, the resource's `stack`.
    #[must_use]
    pub fn arn(&self, account: &str, region: &str) -> String {
        format!("arn:aws:servicecatalog:{region}:{account}:stack/{}/{}", self.name, self.id)
    }

    /// The ARN of its `CloudFormation` stack.
    #[must_use]
    pub fn stack_arn(&self, account: &str, region: &str) -> String {
        let guid = self.id.trim_start_matches("pp-");
        format!(
            "arn:aws:cloudformation:{region}:{account}:stack/SC-{account}-{}/{guid:0>8.8}-0000-4000-8000-000000000000",
            self.id
        )
    }

    /// What `DescribeProvisionedProduct` and the scan show: no tags.
    pub(super) fn detail(&self, account: &str, region: &str) -> Map<String, Value> {
        let mut detail = object(json!({
            "Name": self.name,
            "Arn": self.arn(account, region),
            "Type": self.product_type,
            "Id": self.id,
            "Status": self.status,
            "CreatedTime": seconds(self.created_at),
            "IdempotencyToken": self.token,
            "LastRecordId": self.last_record_id,
            "LastProvisioningRecordId": self.last_provisioning_record_id,
            "LastSuccessfulProvisioningRecordId": self.last_successful_record_id,
            "ProductId": self.product_id,
            "ProvisioningArtifactId": self.artifact_id,
        }));
        if let Some(message) = &self.status_message {
            detail.insert("StatusMessage".to_owned(), json!(message));
        }
        detail
    }

    /// What the search shows: tags, the stack, names and owner.
    pub(super) fn row(&self, account: &str, region: &str) -> Map<String, Value> {
        let mut row = self.detail(account, region);
        let mut tags: Vec<Value> = self.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        let product_arn = format!("arn:aws:catalog:{region}:{account}:product/{}", self.product_id);
        for (key, value) in [("productArn", product_arn), ("provisionedProductArn", self.arn(account, region))] {
            tags.push(json!({ "Key": format!("aws:servicecatalog:{key}"), "Value": value }));
        }
        row.insert("Tags".to_owned(), json!(tags));
        if self.product_type == "CFN_STACK" {
            row.insert("PhysicalId".to_owned(), json!(self.stack_arn(account, region)));
        }
        row.insert("ProductName".to_owned(), json!(self.product_name));
        row.insert("ProvisioningArtifactName".to_owned(), json!("v1"));
        row.insert("UserArn".to_owned(), json!(self.user_arn));
        row.insert("UserArnSession".to_owned(), json!(self.user_arn));
        row
    }
}

/// A record: one operation on a provisioned product.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// `rec-...`.
    pub id: String,
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
    /// What is still to happen to it, and when.
    pub(super) steps: VecDeque<(DateTime<Utc>, Step)>,
}

/// Something that happens to a record by itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Its status changes.
    Status(String),
    /// Its stack's status changes: an event.
    Stack(&'static str),
    /// It ends.
    End,
}

impl Record {
    /// Whether it is at its end.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self.status.as_str(), "SUCCEEDED" | "FAILED")
    }

    pub(super) fn detail(&self) -> Value {
        let errors: Vec<Value> =
            self.errors.iter().map(|(code, text)| json!({ "Code": code, "Description": text })).collect();
        json!({
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
            "RecordTags": [],
        })
    }
}

/// One call that was carried out: not refused, not repeated from memory.
#[derive(Clone, Debug, PartialEq)]
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
    /// When.
    pub at: DateTime<Utc>,
}

/// An instant as the service writes it: seconds, with a fraction of milliseconds.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit a double's 53 bits")]
pub(super) fn seconds(at: DateTime<Utc>) -> f64 {
    at.timestamp_millis() as f64 / 1000.0
}

/// A duration as it passes here.
pub(super) fn passing(clock: &crate::clock::Clock, real: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(clock.scaled(real)).unwrap_or_default()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
