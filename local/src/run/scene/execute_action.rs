//! What the samples of `execute-action` are about.

use super::{created, failing};
use crate::catalog::{Catalog, NewAction, NewOffer, NewProduct};

/// The version that the sample products are of.
const SANDBOX: (&str, &str) = ("prod-sandbox000001", "pa-sandbox0000001");
/// A version that offers no action at all.
const PLAIN: (&str, &str) = ("prod-plain0000001", "pa-plain000000001");

/// Products on which an action is executed, and nothing is in the way.
const READY: [(&str, &str); 14] = [
    ("pp-drift0000001", "sandbox-drifted"),
    ("pp-driftten00001", "sandbox-drifted-ten-times"),
    ("pp-driftconf0001", "sandbox-not-compliant"),
    ("pp-driftboth0001", "sandbox-drifted-for-both"),
    ("pp-driftagain001", "sandbox-drifted-again"),
    ("pp-action0000001", "sandbox-restarted"),
    ("pp-action0000002", "sandbox-restarted-by-default"),
    ("pp-action0000003", "sandbox-restarted-directly"),
    ("pp-action0000004", "sandbox-restarted-nightly"),
    ("pp-action0000005", "sandbox-restarted-by-topic"),
    ("pp-action0000006", "sandbox-without-that-action"),
    ("pp-action0000007", "sandbox-without-that-parameter"),
    ("pp-action0000008", "sandbox-asked-twice"),
    ("pp-safe000000002", "sandbox-safe-from-actions"),
];

pub(super) fn set(catalog: &Catalog) {
    let associated = || vec![(SANDBOX.0.to_owned(), SANDBOX.1.to_owned())];
    for (id, name) in
        [("act-remediate001", "remediate-drift"), ("act-redeploy0001", "redeploy"), ("act-restart00001", "restart")]
    {
        catalog.offer_action(NewAction {
            id: id.to_owned(),
            name: name.to_owned(),
            document: format!("Acme-{name}"),
            version: "1".to_owned(),
            parameters: Some(PARAMETERS.to_owned()),
            associated: associated(),
            ..NewAction::default()
        });
    }
    catalog.offer_product(NewOffer {
        product_id: PLAIN.0.to_owned(),
        product_name: "Plain".to_owned(),
        artifact_id: PLAIN.1.to_owned(),
        artifact_name: "v1".to_owned(),
        template: "{\"Resources\": {\"Topic\": {\"Type\": \"AWS::SNS::Topic\"}}}".to_owned(),
        principals: vec!["*".to_owned()],
    });
    let new = |id: &str, name: &str| NewProduct::new(id, name, created());
    for (id, name) in READY {
        catalog.add(new(id, name));
    }
    let broken = || failing("Step fails when it is Execute/Cancelling action. The instance is not reachable");
    for product in [
        new("pp-drifttag00001", "sandbox-with-its-own-repair").tag("steward:remediation", "act-redeploy0001"),
        new("pp-badtag000001", "sandbox-with-a-bad-tag").tag("steward:remediation", "redeploy it!"),
        new("pp-noaction00001", "plain").of(PLAIN.0, PLAIN.1),
        new("pp-adopted000001", "adopted-network").stack(
            "arn:aws:cloudformation:eu-central-1:111122223333:stack/legacy-network/0a1b2c3d-0000-4000-8000-000000000000",
        ),
        new("pp-driftfail0001", "sandbox-repaired-at-last").scripts([broken()]),
        new("pp-actionfail001", "sandbox-not-restarted").scripts([broken()]),
        new("pp-driftbusy0001", "sandbox-drifted-and-busy"),
        new("pp-actionbusy001", "sandbox-busy-with-an-update"),
    ] {
        catalog.add(product);
    }
    for busy in ["pp-driftbusy0001", "pp-actionbusy001"] {
        catalog.update(busy, None);
    }
}

const PARAMETERS: &str = r#"[{"Name": "InstanceId", "Type": "TARGET"}, {"Name": "Force", "Type": "TEXT_VALUE"}]"#;
