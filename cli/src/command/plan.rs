//! Plans: what they would change, and the approval of just that.

use std::process::ExitCode;

use serde_json::{Value, json};
use shared::judge::Verdict;
use shared::plan::{self, Plan, ResourceChange};
use shared::ports::Catalog as _;
use shared::request::Kind;

use super::request;
use crate::arguments::{Asked, Wait};
use crate::aws::Session;
use crate::print;
use crate::problem::Problem;

/// The approval of a plan.
pub(super) struct Approval {
    pub(super) plan: String,
    pub(super) digest: Option<String>,
    pub(super) allow_replacement: bool,
    pub(super) reason: Option<String>,
    pub(super) wait: Wait,
}

pub(super) async fn show(session: &Session, id: &str) -> Result<ExitCode, Problem> {
    let plan = read(session, id).await?;
    print::answer(&session.global, &document(&plan), || in_words(&plan));
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn approve(session: &Session, approval: Approval) -> Result<ExitCode, Problem> {
    let plan = read(session, &approval.plan).await?;
    let digest = plan::digest(&plan);
    if let Some(wanted) = approval.digest.filter(|wanted| *wanted != digest) {
        return Err(Problem::Refused(format!(
            "{} is not what was reviewed: its digest is {digest}, and not {wanted}",
            plan.id
        )));
    }
    if !session.global.json {
        in_words(&plan);
    }
    let destroys = plan.changes.iter().filter(|change| change.may_destroy()).count();
    if destroys > 0 && !approval.allow_replacement {
        return Err(Problem::Refused(format!(
            "{destroys} of {} changes remove or may replace a resource; if that is meant: --allow-replacement",
            plan.changes.len()
        )));
    }
    // By what judges it when it arrives: whoever approves hears at once what would be rejected later.
    let given = plan::Approval {
        digest: Some(&digest),
        require_digest: true,
        allow_replacement: true,
        given_at: session.clock.now(),
        is_open: false,
    };
    if let Verdict::Never(why) | Verdict::NotNow(why) = plan::judge(&plan, &given) {
        return Err(Problem::Refused(why));
    }
    let asked = Asked { reason: approval.reason, request_id: None, language: None, wait: approval.wait };
    let what =
        if destroys > 0 { format!(", {destroys} of which remove or may replace a resource") } else { String::new() };
    let question = format!("Approve {} changes by {}{what}?", plan.changes.len(), plan.id);
    let request = request::approval(&plan.id, &digest, approval.allow_replacement);
    request::send(session, Kind::ExecutePlan, request, &asked, Some(&question)).await
}

async fn read(session: &Session, id: &str) -> Result<Plan, Problem> {
    let plan = session.catalog.plan(id).await?;
    plan.ok_or_else(|| Problem::NotFound(format!("there is no plan {id}, or you may not see it")))
}

fn document(plan: &Plan) -> Value {
    json!({
        "planId": plan.id,
        "status": plan.status,
        "statusMessage": plan.status_message,
        "productId": plan.product_id,
        "provisioningArtifactId": plan.artifact_id,
        "provisionedProductId": plan.provisioned_product_id,
        "provisionedProductName": plan.provisioned_product_name,
        "updatedAt": plan.updated_at.map(print::iso),
        "resourceChangesDigest": plan::digest(plan),
        "needsAllowReplacement": plan.changes.iter().any(ResourceChange::may_destroy),
        "parameters": plan.parameters,
        "resourceChanges": plan.changes,
    })
}

fn in_words(plan: &Plan) {
    print::head(&format!("{}  {}", plan.id, plan.status));
    let version =
        [&plan.product_id, &plan.artifact_id].map(|id| id.clone().unwrap_or_else(|| "?".to_owned())).join(", ");
    let name = plan.provisioned_product_name.clone().unwrap_or_default();
    let parameters: Vec<String> = plan
        .parameters
        .iter()
        .map(|one| {
            let value =
                if one.use_previous_value { "as it is".to_owned() } else { one.value.clone().unwrap_or_default() };
            format!("{}={value}", one.key.as_deref().unwrap_or("?"))
        })
        .collect();
    print::facts([
        ("words", plan.status_message.clone()),
        ("about", plan.provisioned_product_id.as_ref().map(|id| format!("{name} ({id})"))),
        ("version", Some(version)),
        ("parameters", Some(parameters.join(", "))),
        ("digest", Some(plan::digest(plan))),
    ]);
    if plan.changes.is_empty() {
        print::line("It changes nothing.");
        return;
    }
    print::line("");
    let mut changes: Vec<&ResourceChange> = plan.changes.iter().collect();
    changes.sort_by_key(|change| (!change.may_destroy(), change.logical_resource_id.clone()));
    let mut table = print::Table::new(&["", "ACTION", "RESOURCE", "TYPE", "REPLACEMENT", "CHANGES", "ITSELF"]);
    for change in changes {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        // A word, since a colour is not seen by everybody.
        let mark = if change.may_destroy() { "DESTROYS" } else { "" };
        table.row([
            mark.to_owned(),
            text(&change.action),
            text(&change.logical_resource_id),
            text(&change.resource_type),
            text(&change.replacement),
            change.scope.join(", "),
            text(&change.physical_resource_id),
        ]);
    }
    table.print();
}
