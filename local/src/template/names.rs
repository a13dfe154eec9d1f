//! Names and ARNs, made from logical ids: what `Ref` and `GetAtt` give.

use crate::gateway::Place;

/// The stack's name: what `AWS::StackName` gives.
pub const STACK: &str = "steward";

/// The stack's ARN: what `AWS::StackId` gives.
#[must_use]
pub fn stack_id(place: &Place) -> String {
    let Place { account, region } = place;
    format!("arn:aws:cloudformation:{region}:{account}:stack/{STACK}/{}", uuid(STACK))
}

/// The id of an event source mapping.
#[must_use]
pub fn mapping_id(id: &str) -> String {
    uuid(id)
}

/// The name of a queue: the stack's before its own, as CloudFormation makes it. Policies count on that.
#[must_use]
pub fn queue_name(id: &str) -> String {
    format!("{STACK}-{id}")
}

/// The logical id of the queue of a name.
pub(super) fn queue_id(name: &str) -> Option<&str> {
    name.strip_prefix(STACK)?.strip_prefix('-')
}

/// The type that the transform of SAM makes of one of its own.
pub(super) fn transformed(kind: &str) -> &str {
    if kind == "AWS::Serverless::Function" { "AWS::Lambda::Function" } else { kind }
}

/// What resources are called that have a say in it: the property with the name, by type.
pub(super) const NAMED: [(&str, &str); 2] =
    [("AWS::Events::EventBus", "Name"), ("AWS::CloudWatch::Dashboard", "DashboardName")];

/// What `!Ref` of a resource gives. `bus`: that of a rule, unless it is the default one.
pub(super) fn reference(kind: &str, id: &str, bus: Option<&str>, place: &Place) -> String {
    let Place { account, region } = place;
    match kind {
        "AWS::SQS::Queue" => format!("https://sqs.{region}.amazonaws.com/{account}/{}", queue_name(id)),
        "AWS::SNS::Topic" => format!("arn:aws:sns:{region}:{account}:{id}"),
        "AWS::Lambda::EventSourceMapping" => mapping_id(id),
        "AWS::IAM::ManagedPolicy" => format!("arn:aws:iam::{account}:policy/{STACK}-{id}"),
        "AWS::Events::Rule" => bus.map_or_else(|| id.to_owned(), |bus| format!("{bus}|{id}")),
        _ => id.to_owned(),
    }
}

/// What `!GetAtt` of a resource gives, if the local cloud knows the attribute. `name`: its own name, if it has one. `bus`: as
/// for [`reference`].
pub(super) fn attribute(
    kind: &str,
    id: &str,
    attribute: &str,
    (name, bus): (Option<&str>, Option<&str>),
    place: &Place,
) -> Option<String> {
    let Place { account, region } = place;
    let arn = |service: &str, rest: String| Some(format!("arn:aws:{service}:{region}:{account}:{rest}"));
    match (kind, attribute) {
        ("AWS::DynamoDB::Table", "Arn") => arn("dynamodb", format!("table/{id}")),
        ("AWS::Events::EventBus", "Name") => name.map(str::to_owned),
        ("AWS::Events::EventBus", "Arn") => arn("events", format!("event-bus/{}", name?)),
        ("AWS::Events::Rule", "Arn") => arn("events", rule(id, bus)),
        ("AWS::SQS::Queue", "Arn") => arn("sqs", queue_name(id)),
        ("AWS::SQS::Queue", "QueueName") => Some(queue_name(id)),
        ("AWS::Serverless::Function", "Arn") => arn("lambda", format!("function:{id}")),
        ("AWS::Logs::LogGroup", "Arn") => arn("logs", format!("log-group:{id}:*")),
        ("AWS::IAM::Role", "Arn") => Some(format!("arn:aws:iam::{account}:role/{id}")),
        _ => None,
    }
}

/// What an ARN says of a rule.
fn rule(id: &str, bus: Option<&str>) -> String {
    bus.map_or_else(|| format!("rule/{id}"), |bus| format!("rule/{bus}/{id}"))
}

/// An id in the form of a UUID, the same in each run.
fn uuid(id: &str) -> String {
    let digits = format!("{:x}", md5::compute(id));
    format!("{}-{}-4{}-a{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..])
}
