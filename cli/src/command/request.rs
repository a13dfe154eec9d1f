//! Asking for work. It is checked by what checks it when it arrives; what is sent is what was checked.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde_json::{Map, Value, json};
use shared::clock::Time;
use shared::operation::{OperationId, Trigger};
use shared::request::{Kind, Origin, Request};

use super::follow::{Sent, follow};
use crate::arguments::{self, Asked};
use crate::aws::Session;
use crate::print;
use crate::problem::Problem;

pub(super) async fn run(session: &Session, asked: arguments::Request) -> Result<ExitCode, Problem> {
    match asked {
        arguments::Request::Terminate { product, name, ignore_errors, retain_resources, asked } => {
            let member = if name { "provisionedProductName" } else { "provisionedProductId" };
            let mut request = json!({ member: product });
            flag(&mut request, "ignoreErrors", ignore_errors);
            flag(&mut request, "retainPhysicalResources", retain_resources);
            let what = if retain_resources {
                "Its resources stay, and nobody manages them."
            } else {
                "Its resources are deleted, and nobody can bring them back."
            };
            let question = format!("End {product}? {what}");
            send(session, Kind::Terminate, request, &asked, Some(&question)).await
        }
        arguments::Request::Action { product, action, parameters, asked } => {
            let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (name, value) in parameters {
                named.entry(name).or_default().push(value);
            }
            let mut request = json!({ "provisionedProductId": product, "serviceActionId": action });
            if !named.is_empty() {
                request["parameters"] = json!(named);
            }
            send(session, Kind::ExecuteAction, request, &asked, None).await
        }
        arguments::Request::Plan { plan, digest, allow_replacement, asked } => {
            let request = approval(&plan, &digest, allow_replacement);
            let question = format!("Execute {plan}, though it may remove or replace resources?");
            let question = allow_replacement.then_some(question.as_str());
            send(session, Kind::ExecutePlan, request, &asked, question).await
        }
        arguments::Request::Import { product, artifact, name, stack_arn, unprotected, asked } => {
            let request = json!({ "productId": product, "provisioningArtifactId": artifact,
                "provisionedProductName": name, "physicalId": stack_arn, "protect": !unprotected });
            send(session, Kind::Import, request, &asked, None).await
        }
    }
}

/// Checks a request, asks if it must be confirmed, and sends it.
pub(super) async fn send(
    session: &Session,
    kind: Kind,
    request: Value,
    asked: &Asked,
    question: Option<&str>,
) -> Result<ExitCode, Problem> {
    let Value::Object(mut members) = request else { return Err(Problem::Usage("a request is an object".to_owned())) };
    // A key of its own: should the SDK send the event twice, it is one request.
    let key = asked.request_id.clone().unwrap_or_else(|| format!("cli-{:032x}", fastrand::u128(..)));
    add(&mut members, "requestId", Some(key));
    add(&mut members, "requestedBy", Some(session.by.clone()));
    add(&mut members, "reason", asked.reason.clone());
    add(&mut members, "acceptLanguage", asked.language.clone());
    let detail = Value::Object(members);
    let request = Request::parse(kind, Origin::Asked, detail.clone())?;
    let trigger = Trigger::of(kind, &request.asked, None, None);
    let id = OperationId::derive(session.scope(), kind, &request.target.subject(), &trigger);
    // What was asked before is not asked again: there would be nothing to wait for.
    let before = session.store.stored(&id).await?;
    if before.is_some_and(|stored| !stored.operation.standing.holds_no_place()) {
        return follow(session, &Sent { id: &id, done: "was asked for before", at: Time::MIN_UTC }, &asked.wait).await;
    }
    if let Some(question) = question {
        print::confirm(&session.global, question)?;
    }
    let at = session.clock.now();
    session.publish(detail_type(kind), &detail).await?;
    follow(session, &Sent { id: &id, done: "asked for", at }, &asked.wait).await
}

/// The approval of a plan as it is.
pub(super) fn approval(plan: &str, digest: &str, allow_replacement: bool) -> Value {
    let mut request = json!({ "planId": plan, "resourceChangesDigest": digest });
    flag(&mut request, "allowReplacement", allow_replacement);
    request
}

fn flag(request: &mut Value, name: &str, is_set: bool) {
    if is_set {
        request[name] = json!(true);
    }
}

fn add(members: &mut Map<String, Value>, name: &str, value: Option<String>) {
    if let Some(value) = value {
        members.insert(name.to_owned(), value.into());
    }
}

fn detail_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Terminate => "Termination Requested",
        Kind::ExecuteAction => "Service Action Requested",
        Kind::ExecutePlan => "Plan Approved",
        Kind::Import => "Import Requested",
    }
}
