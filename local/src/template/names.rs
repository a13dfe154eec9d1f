//! Names and ARNs, made from logical ids: what `Ref` and `GetAtt` give.

use crate::gateway::Place;

/// What `!Ref` of a resource gives.
pub(super) fn reference(kind: &str, id: &str, place: &Place) -> String {
    match kind {
        "AWS::SQS::Queue" => format!("https://sqs.{}.amazonaws.com/{}/{id}", place.region, place.account),
        "AWS::SNS::Topic" => format!("arn:aws:sns:{}:{}:{id}", place.region, place.account),
        _ => id.to_owned(),
    }
}

/// What `!GetAtt` of a resource gives, if the local cloud knows the attribute. `name`: a bus's own name.
pub(super) fn attribute(kind: &str, id: &str, attribute: &str, name: Option<&str>, place: &Place) -> Option<String> {
    let Place { account, region } = place;
    let arn = |service: &str, rest: String| Some(format!("arn:aws:{service}:{region}:{account}:{rest}"));
    match (kind, attribute) {
        ("AWS::DynamoDB::Table", "Arn") => arn("dynamodb", format!("table/{id}")),
        ("AWS::Events::EventBus", "Name") => name.map(str::to_owned),
        ("AWS::Events::EventBus", "Arn") => arn("events", format!("event-bus/{}", name?)),
        ("AWS::Events::Rule", "Arn") => arn("events", format!("rule/{id}")),
        ("AWS::SQS::Queue", "Arn") => arn("sqs", id.to_owned()),
        ("AWS::Serverless::Function", "Arn") => arn("lambda", format!("function:{id}")),
        ("AWS::Logs::LogGroup", "Arn") => arn("logs", format!("log-group:{id}:*")),
        ("AWS::IAM::Role", "Arn") => Some(format!("arn:aws:iam::{account}:role/{id}")),
        _ => None,
    }
}
