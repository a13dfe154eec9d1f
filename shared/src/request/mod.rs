//! The four requests: what may be asked of Steward, checked before anything is stored or called.
//!
//! Constraints are those of the service model (botocore 1.43.11, `servicecatalog/2015-12-10`); the SDK checks none of
//! them before it sends.

mod difference;
mod execute_action;
mod execute_plan;
mod import;
mod keep;
mod members;
mod remediate;
pub mod rules;
mod shown;
mod terminate;

use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use difference::{content, difference};
pub use execute_action::ExecuteAction;
pub use execute_plan::ExecutePlan;
pub use import::Import;
pub use keep::{EXTENSION, Keep, PROTECTION, Until, Wish};
pub use members::Invalid;
pub use remediate::{Remediate, product_of_stack};
pub use shown::{shown, without};
pub use terminate::{ProductRef, Terminate};

use crate::clock::Time;
pub(crate) use members::{Members, kind_of, quoted};

/// No request is longer than this, in bytes of JSON.
pub const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// What kind of work an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `TerminateProvisionedProduct`.
    Terminate,
    /// `ExecuteProvisionedProductServiceAction`.
    ExecuteAction,
    /// `ExecuteProvisionedProductPlan`.
    ExecutePlan,
    /// `ImportAsProvisionedProduct`.
    Import,
}

impl Kind {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Terminate, Self::ExecuteAction, Self::ExecutePlan, Self::Import];

    /// The name in events, folders and the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminate => "terminate",
            Self::ExecuteAction => "execute-action",
            Self::ExecutePlan => "execute-plan",
            Self::Import => "import",
        }
    }
}

/// Which event carried the request: some members belong to one of them alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Somebody asks.
    Asked,
    /// Steward's own `Provisioned Product Expired`: a hint, judged before every send.
    Expiry,
    /// CloudFormation, or AWS Config, has found drift.
    Drift,
}

/// The members that reach the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// See [`Terminate`].
    Terminate(Terminate),
    /// See [`ExecuteAction`].
    ExecuteAction(ExecuteAction),
    /// See [`Remediate`].
    Remediate(Remediate),
    /// See [`ExecutePlan`].
    ExecutePlan(ExecutePlan),
    /// See [`Import`].
    Import(Import),
}

impl Target {
    /// The kind of work.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Terminate(_) => Kind::Terminate,
            Self::ExecuteAction(_) | Self::Remediate(_) => Kind::ExecuteAction,
            Self::ExecutePlan(_) => Kind::ExecutePlan,
            Self::Import(_) => Kind::Import,
        }
    }

    /// What the work is done to: with the kind and the trigger, the operation's identity.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Terminate(terminate) => match &terminate.product {
                ProductRef::Id(id) => id.clone(),
                ProductRef::Name(name) => format!("name:{name}"),
            },
            Self::ExecuteAction(action) => action.provisioned_product_id.clone(),
            Self::Remediate(remediate) => remediate.stack.clone(),
            Self::ExecutePlan(plan) => plan.plan_id.clone(),
            Self::Import(import) => import.physical_id.clone(),
        }
    }
}

/// What any request may carry beside its target. None of it reaches the call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The caller's own key.
    pub request_id: Option<String>,
    /// EventBridge Scheduler's words: the schedule's ARN and the instant it was meant to fire at.
    pub schedule: Option<(String, String)>,
    /// Who asks: a claim of the sender.
    pub requested_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Only in Steward's own expiry event: when the product expired.
    pub expires_at: Option<Time>,
}

/// A request that keeps every constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The event it came in.
    pub origin: Origin,
    /// What is to be done.
    pub target: Target,
    /// Who asks, why, and by which key.
    pub asked: Asked,
}

impl Request {
    /// Reads a request of a kind.
    ///
    /// # Errors
    /// The first constraint that is not kept, in words.
    pub fn parse(kind: Kind, origin: Origin, mut request: Value) -> Result<Self, Invalid> {
        if origin == Origin::Expiry {
            without_notice(&mut request);
        }
        let mut members = Members::of("the request", request)?;
        let target = match kind {
            Kind::Terminate => Target::Terminate(Terminate::take(&mut members)?),
            Kind::ExecuteAction => Target::ExecuteAction(ExecuteAction::take(&mut members)?),
            Kind::ExecutePlan => Target::ExecutePlan(ExecutePlan::take(&mut members)?),
            Kind::Import => Target::Import(Import::take(&mut members)?),
        };
        let mut asked = Asked::take(&mut members)?;
        if origin == Origin::Expiry {
            asked.expires_at = members.time("expiresAt")?;
            members.time("judgedAt")?;
            if asked.expires_at.is_none() {
                return Err(Invalid::new(format!("`expiresAt` is missing; accepted: {}", members::INSTANT)));
            }
        }
        members.finish()?;
        Ok(Self { origin, target, asked })
    }
}

/// An expiry event tells people more than it asks: what is for them alone is not read.
fn without_notice(event: &mut Value) {
    let Value::Object(members) = event else { return };
    for name in ["id", "account", "region", "productName", "owner", "tags"] {
        members.remove(name);
    }
    // By its id alone: the name may be another product's by now.
    if members.contains_key("provisionedProductId") {
        members.remove("provisionedProductName");
    }
}

impl Asked {
    fn take(members: &mut Members) -> Result<Self, Invalid> {
        let request_id = members.text("requestId", &rules::REQUEST_ID)?;
        let arn = members.text("scheduleArn", &rules::SCHEDULE_ARN)?;
        let time = members.time("scheduledTime")?;
        let schedule = match (arn, time) {
            (Some(arn), Some(time)) => Some((arn, time.to_rfc3339_opts(SecondsFormat::AutoSi, true))),
            (None, None) => None,
            _ => {
                return Err(Invalid::new(
                    "one of `scheduleArn` and `scheduledTime` is missing; accepted: both of them, or neither",
                ));
            }
        };
        let requested_by = members.text("requestedBy", &rules::REQUESTER)?;
        let reason = members.text("reason", &rules::REASON)?;
        Ok(Self { request_id, schedule, requested_by, reason, expires_at: None })
    }
}
