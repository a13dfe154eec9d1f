//! The flows: what each begins with, what it needs, and how one knows that it is over.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use steward_local::catalog::{NewPlan, NewProduct, PlanFor, Script, Settings};
use steward_local::cloud::Options;
use steward_tests::sweeping::{RECONCILE, SWEEP, hence};
use steward_tests::world::{World, asked, event, fast, is_live};

use crate::imports;

/// The product of every flow.
pub(super) const ID: &str = "pp-everycall00001";
const PLAN: &str = "plan-everycall01";
const SCHEDULE: &str = "ReconcileScheduleRule";
/// How long a claim may send.
const LEASE: Duration = Duration::from_secs(3);
/// How long after a send its record is looked for: longer than a call is under way, or nobody could know of it.
const RESEND_AFTER: Duration = Duration::from_secs(2);
/// When a record is looked at that no event tells of: it has ended by then.
const LOOK: Duration = Duration::from_millis(1_500);
/// So that what is due then is due.
const LITTLE: Duration = Duration::from_millis(300);

/// A flow through the functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// An end that has come.
    Expired,
    /// Somebody asks, by id.
    ById,
    /// Somebody asks, by name.
    ByName,
    /// A product without a stack: no event tells of its end.
    Polled,
    /// The first record FAILED.
    SecondAttempt,
    /// A service action that somebody asks for.
    Action,
    /// Drift that `CloudFormation` has found.
    Drift,
    /// A plan that was approved.
    Plan,
    /// A stack is adopted.
    Import,
    /// Somebody wants it to live longer.
    Extension,
    /// Somebody wants it to live.
    Protection,
    /// Its end comes, and that is told.
    Warning,
    /// Its end has come, and that is told.
    End,
    /// The answer to the termination was lost.
    UnansweredTermination,
    /// The answer to the service action was lost.
    UnansweredAction,
    /// The answer to the plan's execution was lost.
    UnansweredPlan,
    /// The answer to the import was lost.
    UnansweredImport,
}

impl Flow {
    /// The call whose answer is lost at first.
    pub(super) fn unanswered(self) -> Option<&'static str> {
        match self {
            Self::UnansweredTermination => Some("TerminateProvisionedProduct"),
            Self::UnansweredAction => Some("ExecuteProvisionedProductServiceAction"),
            Self::UnansweredPlan => Some("ExecuteProvisionedProductPlan"),
            Self::UnansweredImport => Some("ImportAsProvisionedProduct"),
            _ => None,
        }
    }

    /// What it is as long as no answer is lost.
    fn answered(self) -> Self {
        match self {
            Self::UnansweredTermination => Self::ById,
            Self::UnansweredAction => Self::Action,
            Self::UnansweredPlan => Self::Plan,
            Self::UnansweredImport => Self::Import,
            answered => answered,
        }
    }

    /// The function that what is asked for comes to, and the one that follows it.
    pub(super) fn functions(self) -> Vec<&'static str> {
        match self.answered() {
            Self::Expired | Self::ById | Self::ByName | Self::Polled | Self::SecondAttempt | Self::End => {
                vec!["TerminateFunction", RECONCILE]
            }
            Self::Action | Self::Drift => vec!["ExecuteActionFunction", RECONCILE],
            Self::Plan => vec!["ExecutePlanFunction", RECONCILE],
            Self::Import => vec!["ImportFunction", RECONCILE],
            Self::Extension | Self::Protection => vec![SWEEP],
            _ => vec![RECONCILE],
        }
    }

    /// A world for it, in which nothing happens by time until it may.
    pub(super) async fn world(self) -> World {
        let text = |time: Duration| format!("{}ms", time.as_millis());
        let settings = match self {
            Self::Import | Self::UnansweredImport => imports::quick(),
            // Five seconds here: its record is found while it runs.
            Self::UnansweredTermination => Settings { termination: Duration::from_mins(10), ..Settings::default() },
            _ => Settings::default(),
        };
        let parameters = [
            ("Lease", text(LEASE)),
            ("LongLease", text(LEASE)),
            ("ResendAfter", text(RESEND_AFTER)),
            ("FirstPoll", text(if self.unanswered().is_some() { LOOK } else { LOOK * 2 })),
            ("PollBase", text(if self == Self::Polled { LOOK } else { Duration::from_millis(300) })),
            ("PollMax", text(LOOK)),
            ("SweepSchedule", "rate(1000 days)".to_owned()),
            ("MaxTerminationsPercent", "100".to_owned()),
        ];
        let options = Options { hold_schedules: true, ..fast(settings) };
        World::of(parameters.iter().fold(options, |options, (name, value)| options.with(name, value))).await
    }

    /// What is there before it begins; gives the event that it begins with.
    pub(super) async fn prepare(self, world: &World) -> Value {
        let product = world.product(ID);
        let flow = self.answered();
        let person = |detail_type: &str, more: (&str, Value)| {
            let mut detail =
                json!({ "provisionedProductId": ID, "requestedBy": "jo", "reason": "the demo is on Friday" });
            detail[more.0] = more.1;
            event("platform.portal", detail_type, &detail)
        };
        match flow {
            Self::Expired => return world.expired(product).await,
            Self::SecondAttempt => {
                let fails = Script::Fail(vec![("1".to_owned(), "not empty".to_owned())]);
                return world.expired(product.scripts([fails])).await;
            }
            Self::Polled => {
                world.cloud.catalog.add(NewProduct { product_type: "TERRAFORM_OPEN_SOURCE".to_owned(), ..product });
            }
            Self::Plan => {
                world.cloud.catalog.add(product);
                let change =
                    json!({ "Action": "ADD", "LogicalResourceId": "Topic", "ResourceType": "AWS::SNS::Topic" });
                return world.planned(NewPlan::new(PLAN, PlanFor::Existing(ID.to_owned()), [change]));
            }
            Self::Import => return imports::asked(&imports::request(&imports::stack(world, "everycall"))),
            Self::Extension | Self::Protection => world.warned(ID, hence(TimeDelta::hours(3))).await,
            Self::Warning => {
                world.cloud.catalog.add(world.ending(ID, hence(TimeDelta::minutes(20))));
                world.swept().await;
            }
            Self::End => {
                world.warned(ID, hence(-TimeDelta::hours(1))).await;
                world.swept().await;
            }
            _ => {
                world.cloud.catalog.add(product);
            }
        }
        match flow {
            Self::ByName => asked(&json!({ "provisionedProductName": format!("name-of-{ID}") })),
            Self::ById | Self::Polled => asked(&json!({ "provisionedProductId": ID })),
            Self::Extension => person("Extension Requested", ("for", json!("2d"))),
            Self::Protection => person("Protection Requested", ("protect", json!(true))),
            _ => Value::Null,
        }
    }

    /// Begins, and does what time would do, up to its end.
    pub(super) async fn go(self, world: &World, event: &Value) {
        match self.answered() {
            Self::Action => {
                world.restart(ID).await;
            }
            Self::Drift => {
                world.drift(ID).await;
            }
            Self::Warning | Self::End => {
                world.cloud.wiring.fire(SCHEDULE).await;
            }
            _ => world.put(event).await,
        }
        match self {
            Self::SecondAttempt => {
                until(world, "submitted").await;
                until(world, "waiting").await;
                // Its backoff, which is shorter.
                tokio::time::sleep(LITTLE).await;
                world.cloud.wiring.fire(SCHEDULE).await;
            }
            Self::Polled => {
                until(world, "submitted").await;
                tokio::time::sleep(LOOK + LITTLE).await;
                world.cloud.wiring.fire(SCHEDULE).await;
            }
            _ if self.unanswered().is_some() => {
                until(world, "waiting").await;
                tokio::time::sleep(RESEND_AFTER + LITTLE).await;
                world.cloud.wiring.fire(SCHEDULE).await;
                until(world, "submitted").await;
                // Of the others the record has ended when it is found, and no event comes any more.
                if self != Self::UnansweredTermination {
                    tokio::time::sleep(LOOK + LITTLE).await;
                    world.cloud.wiring.fire(SCHEDULE).await;
                }
            }
            _ => {}
        }
    }

    /// What it tells of its end.
    fn tells(self) -> &'static [&'static str] {
        match self {
            Self::Extension => &["Extension Granted"],
            Self::Protection => &["Protection Changed"],
            Self::Warning => &["Provisioned Product Expiring"],
            Self::End => &["Provisioned Product Expired", "Operation Succeeded"],
            _ => &["Operation Succeeded"],
        }
    }

    /// Whether nothing is left to do.
    pub(super) async fn is_over(self, world: &World) -> bool {
        let told = world.outcomes();
        self.tells().iter().all(|wanted| told.keys().any(|(kind, _)| kind == wanted))
            && !self.is_untold(world).await
            && world.cloud.wiring.is_idle()
            && !world.report().await.operations.iter().any(is_live)
    }

    /// Whether it is still to be told of an end, or to be marked that it is.
    pub(super) async fn is_untold(self, world: &World) -> bool {
        match self {
            Self::Warning => world.item(ID).await.noticed.is_none_or(|noticed| noticed.lead.is_none()),
            Self::End => world.item(ID).await.due_at.is_some(),
            _ => false,
        }
    }
}

/// Waits until the one operation that there is stands so.
async fn until(world: &World, state: &str) {
    while world.report().await.operations.first().is_none_or(|row| row.state != state) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
