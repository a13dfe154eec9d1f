//! What the services around the catalog put on the default bus, as it really looks.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::model::{Automation, Record};
use crate::gateway::Place;

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

/// A random id in the form of a UUID.
pub(super) fn new_uuid() -> String {
    format!("{:08x}-0000-4000-8000-{:012x}", fastrand::u32(..), fastrand::u64(..) & 0xffff_ffff_ffff)
}
