//! A provisioned product.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Script, object, seconds};
use crate::gateway::Place;

/// A provisioned product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// The ARN of its `CloudFormation` stack; none: it is not of a stack.
    pub stack: Option<String>,
    /// The launch path that it came by.
    pub path_id: Option<String>,
    /// Key and value of each provisioning parameter.
    pub parameters: Vec<(String, String)>,
    /// What its stack puts out.
    pub outputs: Vec<Output>,
    /// Whether its stack is no longer what the template says.
    pub drifted: bool,
    /// The role that it is changed with, if an administrator has set one.
    pub launch_role: Option<String>,
}

/// Something that a record or a stack puts out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Words on it.
    pub description: String,
}

impl Output {
    /// An output.
    #[must_use]
    pub fn new(key: &str, value: &str, description: &str) -> Self {
        Self { key: key.to_owned(), value: value.to_owned(), description: description.to_owned() }
    }

    /// The output that every product of a stack has.
    pub(in crate::catalog) fn of_stack(arn: &str) -> Self {
        Self::new("CloudformationStackARN", arn, "The ARN of the launched Cloudformation Stack")
    }

    pub(in crate::catalog) fn wire(&self) -> Value {
        json!({ "OutputKey": self.key, "OutputValue": self.value, "Description": self.description })
    }
}

impl Provisioned {
    /// A product of a stack, with no record yet.
    pub(in crate::catalog) fn new(id: &str, name: &str, now: DateTime<Utc>, place: &Place) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            product_type: "CFN_STACK".to_owned(),
            status: "AVAILABLE".to_owned(),
            status_message: None,
            tags: Vec::new(),
            created_at: now,
            user_arn: String::new(),
            product_id: "prod-sandbox000001".to_owned(),
            product_name: "Sandbox".to_owned(),
            artifact_id: "pa-sandbox0000001".to_owned(),
            last_record_id: String::new(),
            last_provisioning_record_id: String::new(),
            last_successful_record_id: String::new(),
            token: String::new(),
            scripts: VecDeque::new(),
            gone: false,
            stack_kept: false,
            stack: Some(Self::made_stack(id, place)),
            path_id: None,
            parameters: Vec::new(),
            outputs: Vec::new(),
            drifted: false,
            launch_role: None,
        }
    }

    /// Its ARN: the service's name is `servicecatalog`, the resource's `stack`.
    #[must_use]
    pub fn arn(&self, account: &str, region: &str) -> String {
        format!("arn:aws:servicecatalog:{region}:{account}:stack/{}/{}", self.name, self.id)
    }

    /// Whether something else is going on with it.
    #[must_use]
    pub fn is_changing(&self) -> bool {
        matches!(self.status.as_str(), "UNDER_CHANGE" | "PLAN_IN_PROGRESS")
    }

    /// The ARN of the stack that the service makes for a product.
    pub(in crate::catalog) fn made_stack(id: &str, place: &Place) -> String {
        let Place { account, region } = place;
        let guid = id.trim_start_matches("pp-");
        format!(
            "arn:aws:cloudformation:{region}:{account}:stack/SC-{account}-{id}/{guid:0>8.8}-0000-4000-8000-000000000000"
        )
    }

    /// What `DescribeProvisionedProduct` and the scan show: no tags.
    pub(in crate::catalog) fn detail(&self, account: &str, region: &str) -> Map<String, Value> {
        let mut detail = object(json!({
            "Name": self.name,
            "Arn": self.arn(account, region),
            "Type": self.product_type,
            "Id": self.id,
            "Status": self.status,
            "CreatedTime": seconds(self.created_at),
            "IdempotencyToken": self.token,
            "ProductId": self.product_id,
            "ProvisioningArtifactId": self.artifact_id,
        }));
        // A product that is only planned, or has not come about yet, has no records of some kinds.
        for (name, record) in [
            ("LastRecordId", &self.last_record_id),
            ("LastProvisioningRecordId", &self.last_provisioning_record_id),
            ("LastSuccessfulProvisioningRecordId", &self.last_successful_record_id),
        ] {
            if !record.is_empty() {
                detail.insert(name.to_owned(), json!(record));
            }
        }
        if let Some(message) = &self.status_message {
            detail.insert("StatusMessage".to_owned(), json!(message));
        }
        detail.extend(self.launch_role.as_ref().map(|role| ("LaunchRoleArn".to_owned(), json!(role))));
        detail
    }

    /// What the search shows: tags, the stack, names and owner.
    pub(in crate::catalog) fn row(&self, account: &str, region: &str) -> Map<String, Value> {
        let mut row = self.detail(account, region);
        // The model has it in the detail alone.
        row.remove("LaunchRoleArn");
        let mut tags: Vec<Value> = self.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        let product_arn = format!("arn:aws:catalog:{region}:{account}:product/{}", self.product_id);
        for (key, value) in [("productArn", product_arn), ("provisionedProductArn", self.arn(account, region))] {
            tags.push(json!({ "Key": format!("aws:servicecatalog:{key}"), "Value": value }));
        }
        row.insert("Tags".to_owned(), json!(tags));
        if let Some(stack) = &self.stack {
            row.insert("PhysicalId".to_owned(), json!(stack));
        }
        row.insert("ProductName".to_owned(), json!(self.product_name));
        row.insert("UserArn".to_owned(), json!(self.user_arn));
        row.insert("UserArnSession".to_owned(), json!(self.user_arn));
        row
    }
}
