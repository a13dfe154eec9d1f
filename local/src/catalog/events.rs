//! What the services around the catalog put on the default bus, as it really looks.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Catalog;
use super::model::{Automation, Record};
use crate::gateway::Place;

/// The rule of AWS Config that looks for drift, by the name that it has unless somebody gives it another.
const DRIFT_RULE: &str = "cloudformation-stack-drift-detection-check";
const STACK_TYPE: &str = "AWS::CloudFormation::Stack";

/// `CloudFormation Stack Status Change`.
pub(super) fn stack_status(stack: &str, status: &str, at: DateTime<Utc>, place: &Place) -> Value {
    let detail = json!({
        "stack-id": stack,
        "status-details": { "status": status, "status-reason": "" },
        "client-request-token": "",
    });
    event("aws.cloudformation", "CloudFormation Stack Status Change", &[stack], at, place, &detail)
}

/// `EC2 Automation Execution Status-change Notification`: the end of a service action's run.
pub(super) fn automation(run: &Automation, status: &str, record: &Record, at: DateTime<Utc>, place: &Place) -> Value {
    let Place { account, region } = place;
    let written = |at: DateTime<Utc>| at.format("%b %-d, %Y %-I:%M:%S %p").to_string();
    // Whatever is asked for by a name such as `$DEFAULT`, the event says a number.
    let version: f64 = run.version.parse().unwrap_or(1.0);
    let document = run.document.rsplit('/').next().unwrap_or_default();
    let execution = format!("arn:aws:ssm:{region}:{account}:automation-execution/{}", run.execution_id);
    let definition = format!("arn:aws:ssm:{region}:{account}:automation-definition/{document}:{version}");
    let detail = json!({
        "ExecutionId": run.execution_id,
        "Definition": document,
        "DefinitionVersion": version,
        "Status": status,
        "StartTime": written(record.created_at),
        "EndTime": written(at),
        "Time": (at - record.created_at).as_seconds_f64() * 1000.0,
        "ExecutedBy": record.caller_arn,
    });
    let detail_type = "EC2 Automation Execution Status-change Notification";
    event("aws.ssm", detail_type, &[&execution, &definition], at, place, &detail)
}

/// `CloudFormation Drift Detection Status Change`: a detection that found one resource drifted.
pub(super) fn drift(stack: &str, detection: &str, at: DateTime<Utc>, place: &Place) -> Value {
    let detail = json!({
        "stack-id": stack,
        "stack-drift-detection-id": detection,
        "status-details": { "stack-drift-status": "DRIFTED", "detection-status": "DETECTION_COMPLETE" },
        "drift-detection-details": { "drifted-stack-resource-count": 1 },
        "client-request-token": "",
    });
    event("aws.cloudformation", "CloudFormation Drift Detection Status Change", &[stack], at, place, &detail)
}

/// `Config Rules Compliance Change` of the rule that looks for drift: the stack complied until now.
pub(super) fn config_drift(stack: &str, at: DateTime<Utc>, place: &Place) -> Value {
    let Place { account, region } = place;
    let written = |before: i64| (at - TimeDelta::milliseconds(before)).to_rfc3339_opts(SecondsFormat::Millis, true);
    let result = |compliance: &str, before: i64| {
        json!({
            "evaluationResultIdentifier": {
                "evaluationResultQualifier": {
                    "configRuleName": DRIFT_RULE,
                    "resourceType": STACK_TYPE,
                    "resourceId": stack,
                },
                "orderingTimestamp": written(before + 15_000),
            },
            "complianceType": compliance,
            "resultRecordedTime": written(before),
            "configRuleInvokedTime": written(before + 500),
        })
    };
    let detail = json!({
        "resourceId": stack,
        "awsRegion": region,
        "awsAccountId": account,
        "configRuleName": DRIFT_RULE,
        "recordVersion": "1.0",
        "configRuleARN": format!("arn:aws:config:{region}:{account}:config-rule/config-rule-drift0"),
        "messageType": "ComplianceChangeNotification",
        "newEvaluationResult": result("NON_COMPLIANT", 1_000),
        "oldEvaluationResult": result("COMPLIANT", 81_000),
        "notificationCreationTime": written(0),
        "resourceType": STACK_TYPE,
    });
    // The service names no resources here.
    event("aws.config", "Config Rules Compliance Change", &[], at, place, &detail)
}

/// An event in its envelope.
pub(super) fn event(
    source: &str,
    detail_type: &str,
    resources: &[&str],
    at: DateTime<Utc>,
    place: &Place,
    detail: &Value,
) -> Value {
    json!({
        "version": "0",
        "id": new_uuid(),
        "detail-type": detail_type,
        "source": source,
        "account": place.account,
        "time": at.to_rfc3339_opts(SecondsFormat::Secs, true),
        "region": place.region,
        "resources": resources,
        "detail": detail,
    })
}

impl Catalog {
    /// An event of somebody's in a whole envelope: its source, its type, its resources and its detail are given.
    #[must_use]
    pub fn enveloped(&self, given: &Value, at: DateTime<Utc>) -> Value {
        let text = |name: &str| given[name].as_str().unwrap_or_default();
        let resources: Vec<&str> =
            given["resources"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        event(text("source"), text("detail-type"), &resources, at, &self.place, &given["detail"])
    }
}

/// A random id in the form of a UUID.
pub(super) fn new_uuid() -> String {
    format!("{:08x}-0000-4000-8000-{:012x}", fastrand::u32(..), fastrand::u64(..) & 0xffff_ffff_ffff)
}
