//! An `AWS::DynamoDB::Table` as CloudFormation writes it, turned into the calls that make it.

use serde_json::{Map, Value, json};

/// What `CreateTable` and `UpdateTimeToLive` are to be called with.
pub(super) struct Table {
    /// The body of `CreateTable`.
    pub(super) create: Value,
    /// The `TimeToLiveSpecification`, if there is one.
    pub(super) time_to_live: Option<Value>,
}

/// Reads the properties. Those that mean nothing on one machine (backups, encryption at rest, deletion protection) are
/// left out; an unknown one is an error, so that nothing in the template is silently not tried.
pub(super) fn read(name: &str, properties: &Value) -> Result<Table, String> {
    let Value::Object(properties) = properties else {
        return Err("the properties are no object".to_owned());
    };
    let mut create = Map::from_iter([("TableName".to_owned(), json!(name))]);
    let mut time_to_live = None;
    for (property, value) in properties {
        match property.as_str() {
            "TableName"
            | "PointInTimeRecoverySpecification"
            | "SSESpecification"
            | "DeletionProtectionEnabled"
            | "TableClass"
            | "OnDemandThroughput" => {}
            "AttributeDefinitions"
            | "KeySchema"
            | "BillingMode"
            | "GlobalSecondaryIndexes"
            | "LocalSecondaryIndexes"
            | "ProvisionedThroughput"
            | "Tags" => {
                create.insert(property.clone(), value.clone());
            }
            "StreamSpecification" => {
                let mut stream = value.clone();
                // CloudFormation says it by the property's presence, the API by a member.
                stream["StreamEnabled"] = json!(true);
                create.insert(property.clone(), stream);
            }
            "TimeToLiveSpecification" => time_to_live = Some(value.clone()),
            unknown => return Err(format!("the property {unknown} is not known here")),
        }
    }
    Ok(Table { create: Value::Object(create), time_to_live })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_property_is_named() {
        let error = read("T", &json!({ "KeySchemas": [] })).err();
        assert_eq!(error.as_deref(), Some("the property KeySchemas is not known here"));
    }

    #[test]
    fn what_means_nothing_here_is_left_out_and_time_to_live_kept_apart() {
        let table = read(
            "T",
            &json!({
                "BillingMode": "PAY_PER_REQUEST",
                "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true },
                "TimeToLiveSpecification": { "AttributeName": "ttl", "Enabled": true },
                "StreamSpecification": { "StreamViewType": "NEW_IMAGE" },
            }),
        )
        .unwrap();
        let create = json!({
            "TableName": "T", "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": { "StreamViewType": "NEW_IMAGE", "StreamEnabled": true },
        });
        assert_eq!(table.create, create);
        assert_eq!(table.time_to_live, Some(json!({ "AttributeName": "ttl", "Enabled": true })));
    }
}
