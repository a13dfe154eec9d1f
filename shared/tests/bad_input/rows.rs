//! The bad inputs of the table: each is wrong for one reason.

use serde_json::{Value, json};
use shared::request::Kind;

const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const STACK: &str = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/11111111-2222-3333-4444-555555555555";
const ELSEWHERE: &str = "arn:aws:cloudformation:eu-west-1:999999999999:stack/web/11111111-2222-3333-4444-555555555555";
const SCHEDULE: &str = "arn:aws:scheduler:eu-central-1:111122223333:schedule/default/x";

/// An object with these members in place of its own; `null` takes one out.
pub(crate) fn with(base: &Value, members: &Value) -> Value {
    let mut changed = base.clone();
    for (name, value) in members.as_object().unwrap() {
        changed[name] = value.clone();
    }
    changed.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    changed
}

pub(crate) fn event(source: &str, detail_type: &str, detail: &Value) -> Value {
    json!({"detail-type": detail_type, "source": source, "id": "e-1", "account": "111122223333",
           "time": "2026-11-20T12:00:00Z", "detail": detail})
}

/// What is wrong before it matters whose it is.
pub(crate) fn texts() -> Vec<String> {
    let request = json!({"provisionedProductId": "pp-a"}).to_string();
    let sns = |message: Value| json!({"Type": "Notification", "MessageId": "m-1", "Message": message}).to_string();
    let utf16: String = request.bytes().flat_map(|byte| [byte as char, '\0']).collect();
    let envelope = event("platform.portal", "Termination Requested", &json!({"provisionedProductId": "pp-a"}));
    let enveloped = |members: Value| with(&envelope, &members).to_string();
    vec![
        String::new(),
        " ".into(),
        "nonsense".into(),
        "{".into(),
        "{\"provisionedProductId\":\"pp-a\",}".into(),
        "{'provisionedProductId':'pp-a'}".into(),
        "provisionedProductId: pp-a".into(),
        format!("{request}{request}"),
        format!("\u{feff}{request}"),
        utf16,
        "eyJwcm92aXNpb25lZFByb2R1Y3RJZCI6InBwLWEifQ==".into(),
        "\u{fffd}\u{fffd}\u{fffd}".into(),
        r#"{"provisionedProductId":"pp-a","reason":"\ud800"}"#.into(),
        "{\"reason\":\"two\nlines\"}".into(),
        r#"{"provisionedProductId":1e999}"#.into(),
        r#"{"provisionedProductId":"pp-a","provisionedProductId":"pp-b"}"#.into(),
        format!("{{\"reason\":{}{}}}", "[".repeat(200), "]".repeat(200)),
        format!("{{\"reason\":\"{}\"}}", "x".repeat(262_144 - 13)),
        format!("{{\"reason\":\"{}\"}}", "x".repeat(1_048_576 - 13)),
        "null".into(),
        "5".into(),
        "true".into(),
        "[]".into(),
        format!("[{request}]"),
        json!(request).to_string(),
        enveloped(json!({"source": null})),
        enveloped(json!({"source": 5})),
        enveloped(json!({"source": "x".repeat(70_000 / 2)})),
        enveloped(json!({"detail-type": 5})),
        enveloped(json!({"detail-type": "Termination requested"})),
        enveloped(json!({"detail-type": "\u{202e}detseuqeR"})),
        enveloped(json!({"id": ""})),
        enveloped(json!({"id": {}})),
        enveloped(json!({"account": 111_122_223_333_u64})),
        enveloped(json!({"time": "yesterday"})),
        enveloped(json!({"time": 1_795_176_001})),
        enveloped(json!({"time": "+262142-12-31T23:59:59Z"})),
        enveloped(json!({"detail": null})),
        enveloped(json!({"detail": "{}"})),
        sns(json!("nonsense")),
        sns(json!(5)),
        sns(json!(sns(json!(request)))),
        sns(json!("[".repeat(200))),
        json!({"Type": "Notification", "MessageId": 5, "Message": request}).to_string(),
        json!({"Type": "Notification", "MessageId": "", "Message": request}).to_string(),
    ]
}

/// The members that any request may have.
pub(crate) fn asked() -> Vec<Value> {
    vec![
        json!({"requestId": 5}),
        json!({"requestId": ""}),
        json!({"requestId": "k".repeat(257)}),
        json!({"requestedBy": ["jo"]}),
        json!({"requestedBy": "j".repeat(257)}),
        json!({"reason": false}),
        json!({"reason": "r".repeat(1025)}),
        json!({"scheduleArn": SCHEDULE}),
        json!({"scheduledTime": "2026-11-20T12:00:00Z"}),
        json!({"scheduleArn": "default/x", "scheduledTime": "2026-11-20T12:00:00Z"}),
        json!({"scheduleArn": SCHEDULE, "scheduledTime": "2026-11-20"}),
        json!({"scheduleArn": SCHEDULE, "scheduledTime": 1_795_176_001}),
        json!({"acceptLanguage": "de"}),
        json!({"acceptLanguage": 5}),
        json!({"unknown": 5}),
        json!({"x".repeat(300): 5}),
    ]
}

pub(crate) fn requests(kind: Kind) -> (Value, Vec<Value>) {
    match kind {
        Kind::Terminate => (
            json!({"provisionedProductId": "pp-a"}),
            vec![
                json!({"provisionedProductId": null}),
                json!({"provisionedProductId": 5}),
                json!({"provisionedProductId": ""}),
                json!({"provisionedProductId": "pp a"}),
                json!({"provisionedProductId": "pp-\u{0}"}),
                json!({"provisionedProductId": "рр-а"}),
                json!({"provisionedProductId": "p".repeat(101)}),
                json!({"provisionedProductId": ["pp-a"]}),
                json!({"provisionedProductName": "web"}),
                json!({"provisionedProductId": null, "provisionedProductName": "-web"}),
                json!({"provisionedProductId": null, "provisionedProductName": "n".repeat(129)}),
                json!({"provisionedProductId": null, "provisionedProductName": "arn:aws:s3:::bucket"}),
                json!({"provisionedProductId": null, "provisionedProductName":
                       format!("arn:aws:servicecatalog:eu-central-1:111122223333:stack/web/pp-{}", "a".repeat(98))}),
                json!({"provisionedProductId": null, "provisionedProductName":
                       "arn:aws:servicecatalog:eu-west-1:999999999999:stack/web/pp-a"}),
                json!({"ignoreErrors": "true"}),
                json!({"retainPhysicalResources": 1}),
                json!({"expiresAt": "2026-11-20T12:00:00Z"}),
            ],
        ),
        Kind::ExecuteAction => (
            json!({"provisionedProductId": "pp-a", "serviceActionId": "act-a", "requestId": "k"}),
            vec![
                json!({"requestId": null}),
                json!({"provisionedProductId": null}),
                json!({"serviceActionId": null}),
                json!({"serviceActionId": 5}),
                json!({"serviceActionId": "act/a"}),
                json!({"parameters": "Password=hunter2"}),
                json!({"parameters": {}}),
                json!({"parameters": {"Password": "hunter2"}}),
                json!({"parameters": {"Password": [5]}}),
                json!({"parameters": {"Password": ["x".repeat(513)]}}),
                json!({"parameters": {"Password": vec!["x"; 26]}}),
                json!({"parameters": {"": []}}),
                json!({"parameters": {"p".repeat(51): []}}),
                json!({"parameters": (0..201).map(|at| (format!("p{at}"), json!([]))).collect::<serde_json::Map<_, _>>()}),
                json!({"Parameters": {"Password": ["hunter2"]}}),
            ],
        ),
        Kind::ExecutePlan => (
            json!({"planId": "plan-a", "resourceChangesDigest": DIGEST}),
            vec![
                json!({"planId": null}),
                json!({"planId": 5}),
                json!({"planId": "plan a"}),
                json!({"resourceChangesDigest": 5}),
                json!({"resourceChangesDigest": DIGEST.to_uppercase()}),
                json!({"resourceChangesDigest": &DIGEST[1..]}),
                json!({"allowReplacement": "yes"}),
            ],
        ),
        Kind::Import => (
            json!({"productId": "prod-a", "provisioningArtifactId": "pa-a", "provisionedProductName": "web",
                   "physicalId": STACK, "requestId": "k"}),
            vec![
                json!({"requestId": null}),
                json!({"productId": null}),
                json!({"provisioningArtifactId": null}),
                json!({"provisioningArtifactId": "1.0.0"}),
                json!({"provisionedProductName": null}),
                json!({"provisionedProductName": "my web"}),
                json!({"physicalId": null}),
                json!({"physicalId": "web"}),
                json!({"physicalId": &STACK[..STACK.len() - 37]}),
                json!({"physicalId": ELSEWHERE}),
                json!({"protect": "no"}),
                json!({"tags": {"ttl": "7d"}}),
            ],
        ),
    }
}

/// What Steward, CloudFormation and AWS Config say, garbled.
pub(crate) fn events(kind: Kind) -> Vec<Value> {
    let due = |detail: &Value| event("steward", "Operation Due", detail);
    let mut events = vec![
        due(&json!({"kind": kind.as_str(), "operation": "op-1"})),
        due(&json!({"kind": "repair", "operation": format!("op-{}", &DIGEST[..40])})),
        event("platform.portal", "Operation Due", &json!({})),
    ];
    let expired = |detail: &Value| event("steward", "Provisioned Product Expired", detail);
    let detection =
        |detail: &Value| event("aws.cloudformation", "CloudFormation Drift Detection Status Change", detail);
    let compliance = |detail: &Value| event("aws.config", "Config Rules Compliance Change", detail);
    let stack = json!({"resourceType": "AWS::CloudFormation::Stack", "resourceId": STACK});
    match kind {
        Kind::Terminate => events.extend([
            event("platform.portal", "Provisioned Product Expired", &json!({})),
            expired(&json!({"provisionedProductId": "pp-a"})),
            expired(&json!({"provisionedProductId": "pp-a", "expiresAt": "2026-11-20"})),
            expired(&json!({"provisionedProductId": "pp-a", "expiresAt": "2026-11-20T12:00:00Z", "judgedAt": 5})),
        ]),
        Kind::ExecuteAction => events.extend([
            detection(&json!("drifted")),
            detection(&json!({})),
            detection(&json!({"stack-id": "web", "status-details": {}})),
            detection(&json!({"stack-id": STACK})),
            detection(&json!({"stack-id": STACK, "status-details": {"stack-drift-status": 5}})),
            detection(&json!({"stack-id": STACK, "stack-drift-detection-id": "", "status-details": {}})),
            detection(&json!({"stack-id": ELSEWHERE, "status-details": {}})),
            compliance(&json!({})),
            compliance(&json!({"resourceType": "AWS::S3::Bucket", "resourceId": "b"})),
            compliance(&json!({"resourceType": "AWS::CloudFormation::Stack", "resourceId": "web"})),
            compliance(&stack),
            compliance(&with(&stack, &json!({"newEvaluationResult": {"complianceType": 5}}))),
        ]),
        Kind::ExecutePlan | Kind::Import => {}
    }
    events
}
