//! What is asked of Steward.

use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use shared::clock::Time;
use shared::inbound::Message;
use shared::operation::OperationId;
use shared::plan::{Plan, ResourceChange, digest};
use shared::ports::{Judgement, Mark};
use shared::request::Kind;
use shared::retry::after;

use super::Act;
use crate::agenda::Event;
use crate::process::Function;
use crate::program::decoded;
use crate::queue::Told;
use crate::service::{ARTIFACT, PRODUCT, PlanState, RESTART, stack_of};
use crate::world::{World, scope};

impl World {
    fn some<'a>(&mut self, of: &'a [String]) -> &'a str {
        &of[self.chance.index(of.len())]
    }

    /// An event comes then, and perhaps once more, and the operation that it asks for must end.
    fn event(&mut self, kind: Kind, source: &str, detail_type: &str, detail: Value, lasts: Duration) {
        let pause = self.chance.between(Duration::ZERO, lasts.mul_f64(0.7));
        let told = Told {
            source: source.to_owned(),
            detail_type: detail_type.to_owned(),
            detail,
            id: format!("event-{}", self.number(3)),
            at: after(self.now, pause),
        };
        if let Ok(Message::Request(inbound)) = decoded(kind, told.clone()) {
            let subject = inbound.request.target.subject();
            self.ledger.wanted.insert(OperationId::derive(&scope(), kind, &subject, &inbound.trigger));
        }
        self.come(Function::of(kind), &told, pause);
    }

    fn come(&mut self, function: Function, told: &Told, pause: Duration) {
        for again in 0..=u64::from(self.chance.is(0.25)) {
            let more = self.chance.between(Duration::ZERO, Duration::from_secs(again * 3_600));
            self.plan(pause + more, Event::Act(Act::Event(function, Box::new(told.clone()))));
        }
    }

    pub(super) fn ask_terminations(&mut self, products: &[String], lasts: Duration) {
        for _ in 0..=self.chance.below(3) {
            let id = self.some(products).to_owned();
            let detail = match self.chance.below(9) {
                // There is none.
                8 => json!({ "provisionedProductId": "pp-none" }),
                0 => json!({ "provisionedProductName": format!("name-{id}") }),
                1 | 4 => json!({ "provisionedProductId": id, "requestId": "the-key" }),
                2 => json!({ "provisionedProductId": id, "requestId": "the-key", "ignoreErrors": true }),
                _ => {
                    self.expire(&id, lasts);
                    continue;
                }
            };
            self.event(Kind::Terminate, "me", "Termination Requested", detail, lasts);
        }
    }

    /// A product has run out, and was judged so before the schedule begins.
    fn expire(&mut self, id: &str, lasts: Duration) {
        let Some(product) = self.service.products.get_mut(id) else { return };
        let expires_at = self.now - TimeDelta::hours(1);
        (product.expires_at, product.is_protected) = (Some(expires_at), false);
        let judgement = Judgement {
            expires_at,
            judged_at: self.now,
            last_provisioning_record_id: product.last_provisioning_record.clone(),
            ..Judgement::default()
        };
        let due_at = self.table.item(id).and_then(|item| item.due_at);
        self.table.mark(self.now, id, due_at, &Mark { judgement: Some(judgement), ..Mark::default() });
        self.ledger.judged_before.insert(id.to_owned());
        let detail = json!({ "provisionedProductId": id, "expiresAt": instant(expires_at) });
        self.event(Kind::Terminate, "steward", "Provisioned Product Expired", detail, lasts);
    }

    pub(super) fn ask_actions(&mut self, products: &[String], lasts: Duration) {
        for number in 0..=self.chance.below(3) {
            let action = if self.chance.is(0.95) { RESTART } else { "act-nothing" };
            let detail = json!({
                "provisionedProductId": self.some(products),
                "serviceActionId": action,
                "parameters": { "How": [number.to_string()] },
            });
            self.event(Kind::ExecuteAction, "me", "Service Action Requested", detail, lasts);
        }
    }

    pub(super) fn find_drift(&mut self, products: &[String], lasts: Duration) {
        for number in 0..=self.chance.below(4) {
            let stack = stack_of(self.some(products));
            let (source, detail_type, detail) = if self.chance.is(0.7) {
                let status = json!({ "stack-drift-status": "DRIFTED", "detection-status": "DETECTION_COMPLETE" });
                let detail = json!({
                    "stack-id": stack,
                    "stack-drift-detection-id": format!("detection-{number}"),
                    "status-details": status,
                });
                ("aws.cloudformation", "CloudFormation Drift Detection Status Change", detail)
            } else {
                let detail = json!({
                    "resourceId": stack,
                    "resourceType": "AWS::CloudFormation::Stack",
                    "newEvaluationResult": { "complianceType": "NON_COMPLIANT" },
                });
                ("aws.config", "Config Rules Compliance Change", detail)
            };
            self.event(Kind::ExecuteAction, source, detail_type, detail, lasts);
        }
    }

    pub(super) fn approve_plans(&mut self, products: &[String], lasts: Duration) {
        for number in 0..=self.chance.below(2) {
            let id = format!("plan-{number}");
            let destroys = self.chance.is(0.2);
            let change = |name: String| ResourceChange {
                action: Some(if destroys { "REMOVE" } else { "MODIFY" }.to_owned()),
                logical_resource_id: Some(name),
                ..ResourceChange::default()
            };
            let content = Plan {
                id: id.clone(),
                product_id: Some(PRODUCT.to_owned()),
                artifact_id: Some(ARTIFACT.to_owned()),
                provisioned_product_id: Some(self.some(products).to_owned()),
                changes: (0..=self.chance.below(2)).map(|change_of| change(format!("R{change_of}"))).collect(),
                ..Plan::default()
            };
            let approved = if self.chance.is(0.9) { digest(&content) } else { "0".repeat(64) };
            self.service.plans.insert(id.clone(), PlanState { content, status: "CREATE_SUCCESS", executed_at: None });
            let allow = self.chance.is(0.5);
            let detail = json!({ "planId": id, "resourceChangesDigest": approved, "allowReplacement": allow });
            for _ in 0..=u64::from(self.chance.is(0.3)) {
                self.event(Kind::ExecutePlan, "me", "Plan Approved", detail.clone(), lasts);
            }
            let when = self.chance.between(Duration::ZERO, lasts);
            if self.chance.is(0.15) {
                self.plan(when, Event::Act(Act::SwapPlan(id)));
            } else if self.chance.is(0.1) {
                self.plan(when, Event::Act(Act::DeletePlan(id)));
            }
        }
    }

    pub(super) fn ask_imports(&mut self, lasts: Duration) {
        for number in 0..=self.chance.below(3) {
            let stack = format!("arn:aws:cloudformation:eu-central-1:111122223333:stack/legacy-{number}/guid");
            if self.chance.is(0.9) {
                self.service.stacks.push(stack.clone());
            }
            let detail = json!({
                "productId": PRODUCT,
                "provisioningArtifactId": ARTIFACT,
                "provisionedProductName": format!("legacy-{number}"),
                "physicalId": stack,
                "protect": self.chance.is(0.7),
            });
            for _ in 0..=u64::from(self.chance.is(0.2)) {
                self.event(Kind::Import, "me", "Import Requested", detail.clone(), lasts);
            }
        }
    }

    /// Extensions and protections.
    pub(super) fn say_words(&mut self, products: &[String], lasts: Duration) {
        for _ in 0..self.chance.below(4) {
            let id = self.some(products).to_owned();
            let pause = self.chance.between(Duration::ZERO, lasts);
            let hours = 1 + self.chance.below(6);
            let (by, reason) = ("jo", "the demo was put off");
            let (detail_type, detail) = match self.chance.below(3) {
                0 => (
                    "Extension Requested",
                    json!({ "provisionedProductId": id, "for": format!("{hours}h"), "requestedBy": by, "reason": reason }),
                ),
                1 => (
                    "Protection Requested",
                    json!({ "provisionedProductId": id, "for": format!("{hours}h"), "requestedBy": by, "reason": reason }),
                ),
                _ => (
                    "Protection Requested",
                    json!({ "provisionedProductId": id, "protect": false, "requestedBy": by, "reason": reason }),
                ),
            };
            let told = Told {
                source: "me".to_owned(),
                detail_type: detail_type.to_owned(),
                detail,
                id: format!("event-{}", self.number(3)),
                at: after(self.now, pause),
            };
            self.ledger.words += 1;
            self.come(Function::Sweep, &told, pause);
        }
    }
}

fn instant(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
