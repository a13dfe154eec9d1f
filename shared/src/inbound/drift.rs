//! Drift, as CloudFormation and AWS Config tell of it.
//!
//! Both send more than drift that was found: detections that begin, fail, or find nothing. What is no drift is read too,
//! with the reason why nothing is to be done.

use serde_json::Value;

use super::Envelope;
use crate::operation::{Trigger, cut};
use crate::request::{Asked, Invalid, Members, Origin, Remediate, Request, Target, kind_of, quoted, rules};

/// CloudFormation's event.
pub(super) const DETECTION: &str = "CloudFormation Drift Detection Status Change";
/// AWS Config's event.
pub(super) const COMPLIANCE: &str = "Config Rules Compliance Change";

/// What an event says of a stack.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Drift {
    /// The remediation that it asks for.
    pub(super) request: Request,
    /// What makes two deliveries the same; none: the event's own id.
    pub(super) trigger: Option<Trigger>,
    /// Why nothing is to be done; none: the stack has drifted.
    pub(super) no_need: Option<String>,
}

/// AWS Config allows an annotation 256 characters.
const ANNOTATION_BYTES_MAX: usize = 1024;

/// Reads a drift event; `None` if the event is none.
pub(super) fn read(envelope: &Envelope, detail: &Value) -> Option<Result<Drift, Invalid>> {
    match (envelope.source.as_str(), envelope.detail_type.as_str()) {
        ("aws.cloudformation", DETECTION) => Some(detection(detail)),
        ("aws.config", COMPLIANCE) => Some(compliance(detail)),
        _ => None,
    }
}

fn detection(detail: &Value) -> Result<Drift, Invalid> {
    let mut members = Members::of("the detail", detail.clone())?;
    let stack = members.required("stack-id", &rules::EVENT_STACK_ARN)?;
    let id = members.text("stack-drift-detection-id", &rules::EVENT_WORD)?;
    let mut status = members.object("status-details")?;
    let found = word(&mut status, "stack-drift-status")?;
    let detection = word(&mut status, "detection-status")?;
    let no_need = match (detection.as_str(), found.as_str()) {
        ("DETECTION_COMPLETE", "DRIFTED") => None,
        ("DETECTION_COMPLETE", "IN_SYNC") => Some("the stack is in sync".to_owned()),
        ("DETECTION_COMPLETE", other) => Some(format!("the stack's drift status is {}", quoted(other))),
        ("DETECTION_IN_PROGRESS", _) => Some("the drift detection is still in progress".to_owned()),
        ("DETECTION_FAILED", _) => Some("the drift detection failed: it says nothing of the stack".to_owned()),
        (other, _) => Some(format!("the drift detection's status is {}", quoted(other))),
    };
    Ok(Drift { request: remediation(stack), trigger: id.map(Trigger::Drift), no_need })
}

fn compliance(detail: &Value) -> Result<Drift, Invalid> {
    let mut members = Members::of("the detail", detail.clone())?;
    let resource = members.required("resourceType", &rules::EVENT_WORD)?;
    if resource != "AWS::CloudFormation::Stack" {
        let resource = quoted(&resource);
        return Err(Invalid::new(format!("`resourceType` is {resource}; accepted: AWS::CloudFormation::Stack")));
    }
    let stack = members.required("resourceId", &rules::EVENT_STACK_ARN)?;
    let mut result = members.object("newEvaluationResult")?;
    let found = result.required("complianceType", &rules::EVENT_WORD)?;
    let annotation = result.value("annotation");
    let annotation = annotation.as_ref().and_then(Value::as_str);
    // The rule calls a stack NON_COMPLIANT too when the detection itself has failed, and says so only here.
    let failed = annotation.filter(|text| text.to_ascii_lowercase().contains("failed to detect drift"));
    let no_need = match (found.as_str(), failed) {
        ("NON_COMPLIANT", None) => None,
        ("NON_COMPLIANT", Some(text)) => {
            Some(format!("the drift detection failed: {}", cut(text, ANNOTATION_BYTES_MAX)))
        }
        ("COMPLIANT", _) => Some("the stack is in sync: it is COMPLIANT".to_owned()),
        (other, _) => Some(format!("the stack is {}", quoted(other))),
    };
    Ok(Drift { request: remediation(stack), trigger: None, no_need })
}

/// A word that may be absent or empty: of a detection that has only begun nothing is known yet.
fn word(members: &mut Members, name: &'static str) -> Result<String, Invalid> {
    match members.value(name) {
        None => Ok(String::new()),
        Some(Value::String(word)) => Ok(word),
        Some(other) => Err(Invalid::new(format!("`{name}` is {}; accepted: a status", kind_of(&other)))),
    }
}

fn remediation(stack: String) -> Request {
    let reason = Some("drift was found".to_owned());
    Request {
        origin: Origin::Drift,
        target: Target::Remediate(Remediate { stack }),
        asked: Asked { reason, ..Asked::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const STACK: &str = "arn:aws:cloudformation:eu-central-1:111122223333:stack/SC-111122223333-pp-abc/guid";

    fn event(source: &str, detail_type: &str, detail: &Value) -> Option<Result<Drift, Invalid>> {
        let envelope =
            Envelope { source: source.to_owned(), detail_type: detail_type.to_owned(), ..Envelope::default() };
        read(&envelope, detail)
    }

    fn detected(detection: &str, drift: &str) -> Option<String> {
        let status = json!({"detection-status": detection, "stack-drift-status": drift});
        let detail = json!({"stack-id": STACK, "stack-drift-detection-id": "d", "status-details": status});
        event("aws.cloudformation", DETECTION, &detail).unwrap().unwrap().no_need
    }

    fn complied(result: &Value) -> Option<String> {
        let detail =
            json!({"resourceId": STACK, "resourceType": "AWS::CloudFormation::Stack", "newEvaluationResult": result});
        event("aws.config", COMPLIANCE, &detail).unwrap().unwrap().no_need
    }

    #[test]
    fn only_drift_that_was_found_is_drift() {
        assert_eq!(detected("DETECTION_COMPLETE", "DRIFTED"), None);
        for (detection, drift, word) in [
            ("DETECTION_COMPLETE", "IN_SYNC", "in sync"),
            ("DETECTION_COMPLETE", "UNKNOWN", "UNKNOWN"),
            ("DETECTION_IN_PROGRESS", "", "in progress"),
            ("DETECTION_FAILED", "DRIFTED", "failed"),
            ("", "DRIFTED", "status"),
        ] {
            assert!(detected(detection, drift).unwrap().contains(word), "{detection} {drift}");
        }
    }

    #[test]
    fn non_compliance_is_drift_unless_the_detection_failed() {
        assert_eq!(complied(&json!({"complianceType": "NON_COMPLIANT"})), None);
        assert_eq!(complied(&json!({"complianceType": "NON_COMPLIANT", "annotation": "Stack has drifted."})), None);
        let failed = "While AWS CloudFormation failed to detect drift, defaulting to NON_COMPLIANT.";
        let text = complied(&json!({"complianceType": "NON_COMPLIANT", "annotation": failed})).unwrap();
        assert!(text.contains("detection failed"), "{text}");
        assert!(complied(&json!({"complianceType": "COMPLIANT"})).unwrap().contains("in sync"));
    }

    #[test]
    fn what_is_no_drift_event_is_not_read_and_what_is_broken_is_refused() {
        assert_eq!(event("somebody", DETECTION, &json!({})), None);
        assert!(event("aws.cloudformation", DETECTION, &json!({})).unwrap().is_err());
        let bucket = json!({"resourceId": "b", "resourceType": "AWS::S3::Bucket", "newEvaluationResult": {"complianceType": "COMPLIANT"}});
        let error = event("aws.config", COMPLIANCE, &bucket).unwrap().unwrap_err().to_string();
        assert_eq!(error, "`resourceType` is \"AWS::S3::Bucket\"; accepted: AWS::CloudFormation::Stack");
    }
}
