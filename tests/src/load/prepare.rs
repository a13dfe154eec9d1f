//! A request made ready: the product, the plan or the stack that it is about, and the event that asks.

use chrono::TimeDelta;
use serde_json::{Value, json};
use shared::expiry::Noticed;
use shared::ports::{Extension, Judgement, LookAt, Mark, Products as _};
use steward_local::catalog::{NewPlan, NewProduct, NewStack, PlanFor, SANDBOX_TEMPLATE, Script};
use steward_local::wiring::DEFAULT_BUS;

use super::marked;
use super::mix::Sort;
use crate::sweeping::{SHORTEST_LEAD, hence, now, text};
use crate::world::{RESTART, World, action_requested, approved, asked, event};

/// The queues that take what nobody can read.
const QUEUES: [&str; 4] = ["TerminationsQueue", "ActionsQueue", "PlansQueue", "ImportsQueue"];
const WORDS: &str = "The bucket you tried to delete is not empty";

/// How a request comes.
#[derive(Clone, Debug)]
pub(super) enum Message {
    /// On Steward's bus.
    Asked(Value),
    /// On the account's own bus.
    Observed(Value),
    /// Into a queue.
    Raw(&'static str, String),
    /// By itself.
    Nothing,
}

impl Message {
    /// Sends it.
    pub(super) async fn send(&self, world: &World) {
        match self {
            Self::Asked(event) => world.put(event).await,
            Self::Observed(event) => world.cloud.wiring.put(DEFAULT_BUS, event.clone()).await,
            Self::Raw(queue, body) => assert!(world.cloud.wiring.send(queue, body.clone()), "there is no {queue}"),
            Self::Nothing => {}
        }
    }
}

/// Makes ready what a request of this sort is about; gives what asks for it.
pub(super) async fn prepare(world: &World, sort: Sort, number: usize) -> Message {
    let id = format!("pp-{}", marked(number));
    let product = || world.product(&id);
    let add = |new: NewProduct| world.cloud.catalog.add(new);
    let fails = || Script::Fail(vec![("1".to_owned(), WORDS.to_owned())]);
    let terminate = || Message::Asked(asked(&json!({ "provisionedProductId": id })));
    match sort {
        Sort::Termination | Sort::TerminationByName => {
            add(product());
        }
        Sort::TerminationFailsOnce => {
            add(product().scripts([fails()]));
        }
        Sort::TerminationFails => {
            add(product().scripts([fails(), fails(), fails(), fails()]));
        }
        Sort::Protected => {
            add(product().tag("steward:protect", "true"));
        }
        Sort::UnknownProduct => {}
        Sort::Expired => return Message::Asked(world.expired(product()).await),
        Sort::Expiring => {
            expiring(world, product()).await;
            return Message::Nothing;
        }
        Sort::ExtendedMeanwhile => {
            let event = world.expired(product()).await;
            extend(world, &id).await;
            return Message::Asked(event);
        }
        Sort::Action | Sort::ActionFails => {
            add(if sort == Sort::ActionFails { product().scripts([fails()]) } else { product() });
            let detail = json!({ "provisionedProductId": id, "serviceActionId": RESTART });
            return Message::Asked(action_requested(&detail));
        }
        Sort::Drift | Sort::DriftFailsOnce => {
            add(if sort == Sort::Drift { product() } else { product().scripts([fails()]) });
            return Message::Observed(drift(&world.stack(&id), number));
        }
        Sort::Plan | Sort::PlanFails | Sort::OtherPlan => {
            add(product());
            return Message::Asked(plan(world, sort, number));
        }
        Sort::Import => return Message::Asked(import(world, number)),
        Sort::Extension | Sort::UnknownExtended | Sort::Protection => {
            if sort != Sort::UnknownExtended {
                add(product().tag("expires-at", &text(hence(TimeDelta::days(9)))));
            }
            return Message::Asked(word(sort, &id));
        }
        Sort::BadMessage => {
            let queue = QUEUES[number % QUEUES.len()];
            return Message::Raw(queue, format!("{{\"detail\": {}, no JSON", marked(number)));
        }
    }
    match sort {
        Sort::TerminationByName => Message::Asked(asked(&json!({ "provisionedProductName": format!("name-of-{id}") }))),
        _ => terminate(),
    }
}

/// A product that ends in a moment, and whose owner was warned in good time.
async fn expiring(world: &World, new: NewProduct) {
    let at = hence(TimeDelta::seconds(1));
    let (id, created_at) = (new.id.clone().unwrap_or_default(), new.created_at);
    let long_ago = now() - TimeDelta::days(7);
    let judgement = Judgement {
        expires_at: at,
        judged_at: long_ago,
        last_provisioning_record_id: world.cloud.catalog.add(new.tag("expires-at", &text(at))),
        created_at: Some(created_at),
        ..Judgement::default()
    };
    let lead = Some(SHORTEST_LEAD.num_milliseconds());
    let noticed = Noticed { expires_at: at, seen_at: long_ago, warned_at: Some(long_ago), lead };
    let mark =
        Mark { judgement: Some(judgement), noticed: Some(noticed), look_at: LookAt::Then(at), ..Mark::default() };
    world.cloud.store.mark(&id, None, &mark).await.expect("the table answers");
}

async fn extend(world: &World, id: &str) {
    let (by, reason, until) = ("jo".to_owned(), "the demo was put off".to_owned(), hence(TimeDelta::days(5)));
    let extension = Extension { id: format!("until {until}"), until, by, reason, at: now() };
    world.cloud.store.extend(id, None, &[extension]).await.expect("the table answers");
}

fn drift(stack: &str, number: usize) -> Value {
    let detail = json!({
        "stack-id": stack,
        "stack-drift-detection-id": format!("00000000-0000-4000-8000-{number:012}"),
        "status-details": { "stack-drift-status": "DRIFTED", "detection-status": "DETECTION_COMPLETE" },
        "drift-detection-details": { "drifted-stack-resource-count": 1 },
        "client-request-token": "",
    });
    event("aws.cloudformation", "CloudFormation Drift Detection Status Change", &detail)
}

fn plan(world: &World, sort: Sort, number: usize) -> Value {
    let (id, product) = (format!("plan-{}", marked(number)), format!("pp-{}", marked(number)));
    let topic = json!({ "Action": "ADD", "LogicalResourceId": "Topic", "ResourceType": "AWS::SNS::Topic" });
    let new = NewPlan::new(&id, PlanFor::Existing(product), [topic]);
    match sort {
        Sort::PlanFails => world.planned(new.script(Script::Fail(vec![("1".to_owned(), WORDS.to_owned())]))),
        Sort::OtherPlan => {
            world.cloud.catalog.add_plan(new);
            approved(&json!({ "planId": id, "resourceChangesDigest": "0".repeat(64) }))
        }
        _ => world.planned(new),
    }
}

fn import(world: &World, number: usize) -> Value {
    let name = marked(number);
    let stack = world.cloud.catalog.add_stack(NewStack {
        name: name.clone(),
        guid: "0a1b2c3d-0000-4000-8000-000000000000".to_owned(),
        status: "CREATE_COMPLETE".to_owned(),
        template: SANDBOX_TEMPLATE.to_owned(),
    });
    let any = world.product(&name);
    let detail = json!({
        "productId": any.product_id,
        "provisioningArtifactId": any.artifact_id,
        "provisionedProductName": format!("adopted-{name}"),
        "physicalId": stack,
    });
    event("platform.portal", "Import Requested", &detail)
}

/// What somebody says of a product's life.
fn word(sort: Sort, id: &str) -> Value {
    let mut detail = json!({ "provisionedProductId": id, "requestedBy": "jo", "reason": "the demo is on Friday" });
    if sort == Sort::Protection {
        return event("platform.portal", "Protection Requested", &detail);
    }
    detail["for"] = json!("2d");
    event("platform.portal", "Extension Requested", &detail)
}
