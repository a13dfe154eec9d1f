//! What an event asks of a function: its request with all that makes two deliveries the same, or an operation that is due.

mod drift;
pub mod json;
pub mod keep;
pub mod wake_up;

use serde_json::Value;

use crate::clock::Time;
use crate::operation::{OperationId, Trigger};
use crate::request::{Import, Invalid, Kind, Members, Origin, Remediate, Request, Target, Terminate, quoted, rules};
use crate::scope::Scope;

/// The envelope of an `EventBridge` event, as far as it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Who published it.
    pub source: String,
    /// What it tells.
    pub detail_type: String,
    /// The event's id: the same whenever it is delivered again.
    pub id: Option<String>,
    /// The account that published it.
    pub account: Option<String>,
    /// When.
    pub time: Option<Time>,
}

impl Envelope {
    /// Takes an `EventBridge` event apart: its envelope, and its detail.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(event: Value) -> Result<(Self, Value), Invalid> {
        let mut members = Members::of("the event", event)?;
        let envelope = Self {
            source: members.required("source", &rules::EVENT_WORD)?,
            detail_type: members.required("detail-type", &rules::EVENT_WORD)?,
            // Without a character it would be the id of all events that have none.
            id: members.text("id", &rules::EVENT_WORD)?,
            account: members.text("account", &rules::EVENT_WORD)?,
            time: members.time("time")?,
        };
        let detail = members.value("detail");
        let detail = detail.ok_or_else(|| Invalid::new("`detail` is missing; accepted: a JSON object"))?;
        Ok((envelope, detail))
    }

    /// When it was asked. The time of an event is its sender's word, and nobody asks later than the message was sent: a
    /// product that gets a name between the two was not meant.
    #[must_use]
    pub fn asked_at(&self, sent_at: Time) -> Time {
        self.time.map_or(sent_at, |time| time.min(sent_at))
    }
}

/// A request and how it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbound {
    /// What is asked.
    pub request: Request,
    /// What makes two deliveries the same request.
    pub trigger: Trigger,
    /// The account in the envelope.
    pub sender_account: Option<String>,
    /// When it was asked.
    pub requested_at: Time,
    /// Why nothing is to be done at all, if that is plain from the event itself.
    pub no_need: Option<String>,
}

/// What a message turns out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A request.
    Request(Box<Inbound>),
    /// An operation of this kind is due again.
    Due(OperationId),
}

/// Where a bare request came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// The SNS message around it.
    pub sns_id: Option<String>,
    /// When it was sent, or now.
    pub sent_at: Time,
    /// Where it arrived: an ARN of another place names nothing here.
    pub scope: Scope,
}

/// The detail types that ask for each kind of work.
#[must_use]
pub const fn request_detail_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Terminate => "Termination Requested",
        Kind::ExecuteAction => "Service Action Requested",
        Kind::ExecutePlan => "Plan Approved",
        Kind::Import => "Import Requested",
    }
}

const EXPIRED: &str = "Provisioned Product Expired";
const DUE: &str = "Operation Due";

/// Reads an `EventBridge` event for the function of `kind`.
///
/// # Errors
/// If the event is not meant for this function, or its detail is no request of its kind.
pub fn event(kind: Kind, envelope: Envelope, detail: Value, carrier: &Carrier) -> Result<Message, Invalid> {
    if kind == Kind::ExecuteAction
        && let Some(drift) = drift::read(&envelope, &detail)
    {
        let drift::Drift { request, trigger, no_need } = drift?;
        let trigger = trigger.unwrap_or_else(|| of_event(kind, &request, &envelope, carrier));
        return taken(Inbound { no_need, ..inbound(request, trigger, envelope, carrier) }, carrier);
    }
    let asked = request_detail_type(kind);
    let origin = match envelope.detail_type.as_str() {
        DUE => return due(kind, &envelope, &detail),
        EXPIRED if kind == Kind::Terminate => {
            own(&envelope)?;
            Origin::Expiry
        }
        detail_type if detail_type == asked => Origin::Asked,
        other => {
            let more = match kind {
                Kind::Terminate => format!(", `{EXPIRED}`"),
                Kind::ExecuteAction => {
                    format!(", `{}` of aws.cloudformation, `{}` of aws.config", drift::DETECTION, drift::COMPLIANCE)
                }
                Kind::ExecutePlan | Kind::Import => String::new(),
            };
            return Err(Invalid::new(format!(
                "the detail type is {}; accepted by {}: `{asked}`{more}, `{DUE}`",
                quoted(other),
                kind.as_str()
            )));
        }
    };
    let request = Request::parse(kind, origin, detail)?;
    let trigger = of_event(kind, &request, &envelope, carrier);
    taken(inbound(request, trigger, envelope, carrier), carrier)
}

fn of_event(kind: Kind, request: &Request, envelope: &Envelope, carrier: &Carrier) -> Trigger {
    Trigger::of(kind, &request.asked, envelope.id.as_deref(), carrier.sns_id.as_deref())
}

fn inbound(request: Request, trigger: Trigger, envelope: Envelope, carrier: &Carrier) -> Inbound {
    let requested_at = envelope.asked_at(carrier.sent_at);
    Inbound { request, trigger, sender_account: envelope.account, requested_at, no_need: None }
}

/// Nothing in the request makes two deliveries of it the same? Terminating twice is terminating once; an action or an
/// import would act again with each redrive.
fn taken(inbound: Inbound, carrier: &Carrier) -> Result<Message, Invalid> {
    let kind = inbound.request.target.kind();
    here(&inbound.request, &carrier.scope)?;
    if inbound.trigger == Trigger::Bare && kind != Kind::Terminate {
        return Err(Invalid::new(format!(
            "nothing in the request makes two deliveries of it the same; accepted by {}: `requestId`, or `scheduleArn` \
             with `scheduledTime`, or the request as the detail of an EventBridge event with an id",
            kind.as_str()
        )));
    }
    Ok(Message::Request(Box::new(inbound)))
}

/// Reads a bare request for the function of `kind`.
///
/// # Errors
/// If it is no request of this kind, or nothing in it makes two deliveries the same where that could act twice.
pub fn bare(kind: Kind, request: Value, carrier: &Carrier) -> Result<Message, Invalid> {
    let request = Request::parse(kind, Origin::Asked, request)?;
    let trigger = of_event(kind, &request, &Envelope::default(), carrier);
    taken(inbound(request, trigger, Envelope::default(), carrier), carrier)
}

/// An ARN of another account or region names no product of ours, whatever its id.
fn here(request: &Request, ours: &Scope) -> Result<(), Invalid> {
    let named = match &request.target {
        Target::Terminate(Terminate { arn_scope, .. }) => arn_scope.clone(),
        Target::Remediate(Remediate { stack }) => Scope::of_arn(stack),
        Target::Import(Import { physical_id, .. }) => Scope::of_arn(physical_id),
        Target::ExecuteAction(_) | Target::ExecutePlan(_) => None,
    };
    match named {
        Some(scope) if scope != *ours => Err(Invalid::new(format!(
            "the ARN is of account {} in {}; accepted: account {} in {}",
            scope.account, scope.region, ours.account, ours.region
        ))),
        _ => Ok(()),
    }
}

fn due(kind: Kind, envelope: &Envelope, detail: &Value) -> Result<Message, Invalid> {
    own(envelope)?;
    let of_kind = detail.get("kind").and_then(Value::as_str).unwrap_or_default();
    if of_kind != kind.as_str() {
        return Err(Invalid::new(format!("`kind` is {}; accepted: {}", quoted(of_kind), kind.as_str())));
    }
    let id = detail.get("operation").and_then(Value::as_str).and_then(OperationId::parse);
    id.map(Message::Due).ok_or_else(|| {
        Invalid::new("`operation` is missing or no operation id; accepted: `op-` and 40 hexadecimal digits")
    })
}

/// The rules on the bus see to it that nobody else publishes under this source; a hint that lies is still only judged.
fn own(envelope: &Envelope) -> Result<(), Invalid> {
    if envelope.source == crate::outcome::SOURCE {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "`{}` has source {}; accepted: `{}` alone",
        envelope.detail_type,
        quoted(&envelope.source),
        crate::outcome::SOURCE
    )))
}
