//! How services are spoken to: JSON with the operation in a header, forms answered in XML, or paths and verbs.
//!
//! Whatever a request looks like, its service gets the operation's name and its input as JSON, and says what is wrong as
//! JSON, too: here an error becomes what the service's own clients read.

use axum::body::Bytes;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::rest;
use crate::api::Answer;

/// A protocol of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// AWS JSON.
    Json,
    /// AWS JSON of a service that once spoke in forms: its errors tell their old names, too.
    Sqs,
    /// A form in, XML out.
    Query,
    /// Paths and verbs, JSON within.
    Rest,
}

/// What SQS called its errors before it spoke JSON, where that is another name.
const OLD_NAMES: [(&str, &str); 11] = [
    ("AccessDeniedException", "AccessDenied"),
    ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
    ("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"),
    ("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"),
    ("TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"),
    ("BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"),
    ("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong"),
    ("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"),
    ("PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress"),
    ("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"),
    ("UnknownOperationException", "InvalidAction"),
];

/// Errors of the model, and those that every service has.
const COMMON: [&str; 6] = [
    "AccessDeniedException",
    "InvalidParameterValue",
    "MissingParameter",
    "SerializationException",
    "UnknownOperationException",
    "InternalFailure",
];

impl Protocol {
    /// How a service is spoken to.
    pub(super) fn of(service: &str) -> Self {
        match service {
            "sqs" => Self::Sqs,
            "cloudformation" | "sts" => Self::Query,
            "lambda" => Self::Rest,
            _ => Self::Json,
        }
    }

    /// The operation and its input. `target`: the operation that the header names.
    pub(super) fn read(self, target: &str, head: &Parts, body: Bytes) -> Result<(String, Bytes), Answer> {
        match self {
            Self::Rest => rest::read(head, &body),
            Self::Query => Ok(form(&body)),
            // Some clients still send forms to services that speak JSON.
            Self::Json | Self::Sqs if target.is_empty() => Ok((form(&body).0, body)),
            Self::Json | Self::Sqs => Ok((target.to_owned(), body)),
        }
    }

    /// An answer as the service's clients read it.
    pub(super) fn dress(self, mut answer: Answer) -> Answer {
        let error = (answer.status >= 400).then(|| serde_json::from_slice::<Value>(&answer.body).ok()).flatten();
        let error = error.and_then(|error| {
            let text = |member: &str| error.get(member).and_then(Value::as_str).map(str::to_owned);
            Some((text("__type")?, text("message").unwrap_or_default()))
        });
        match (self, error) {
            (Self::Json, _) | (Self::Query | Self::Rest, None) => answer,
            (Self::Sqs, error) => {
                answer.headers.retain(|(name, _)| name != "content-type");
                answer.headers.push(("content-type".to_owned(), "application/x-amz-json-1.0".to_owned()));
                if let Some((code, message)) = error {
                    let old = OLD_NAMES.iter().find(|(new, _)| *new == code).map_or(code.as_str(), |(_, old)| old);
                    let fault = if answer.status < 500 { "Sender" } else { "Receiver" };
                    answer.headers.push(("x-amzn-query-error".to_owned(), format!("{old};{fault}")));
                    let home =
                        if COMMON.contains(&code.as_str()) { "com.amazon.coral.service" } else { "com.amazonaws.sqs" };
                    let body = serde_json::json!({ "__type": format!("{home}#{code}"), "message": message });
                    answer.body = Bytes::from(body.to_string());
                }
                answer
            }
            (Self::Query, Some((code, message))) => {
                // The names of common errors are shorter in this protocol.
                let (status, code) = match code.as_str() {
                    "AccessDeniedException" => (403, "AccessDenied"),
                    "UnrecognizedClientException" => (403, "InvalidClientTokenId"),
                    "ThrottlingException" => (400, "Throttling"),
                    other => (answer.status, other),
                };
                let fault = if status < 500 { "Sender" } else { "Receiver" };
                let body = format!(
                    "<ErrorResponse><Error><Type>{fault}</Type><Code>{}</Code><Message>{}</Message></Error>\
                     <RequestId>local</RequestId></ErrorResponse>",
                    escaped(code),
                    escaped(&message)
                );
                let headers = vec![("content-type".to_owned(), "text/xml".to_owned())];
                Answer { status, headers, body: Bytes::from(body) }
            }
            (Self::Rest, Some((code, message))) => {
                let status = match code.as_str() {
                    "AccessDeniedException" => 403,
                    "ResourceNotFoundException" => 404,
                    _ => answer.status,
                };
                let fault = if status < 500 { "User" } else { "Service" };
                let body = serde_json::json!({ "Type": fault, "Message": message });
                let mut answer = Answer::json(status, &body);
                answer.headers.push(("x-amzn-errortype".to_owned(), code));
                answer
            }
        }
    }
}

/// Text within XML.
#[must_use]
pub(crate) fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
        out
    })
}

/// The operation of a form, and all else of it as JSON.
fn form(body: &[u8]) -> (String, Bytes) {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let decoded = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let mut members = Map::new();
    for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
        members.insert(decoded(name), Value::String(decoded(value)));
    }
    let operation = members.remove("Action").and_then(|action| action.as_str().map(str::to_owned));
    members.remove("Version");
    (operation.unwrap_or_default(), Bytes::from(Value::Object(members).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dressed(protocol: Protocol, code: &str) -> (u16, Vec<(String, String)>, String) {
        let answer = protocol.dress(Answer::error(400, code, "a < b"));
        (answer.status, answer.headers, String::from_utf8(answer.body.to_vec()).unwrap())
    }

    #[test]
    fn a_form_is_an_operation_and_its_input() {
        let (operation, input) = form(b"Action=DescribeStacks&Version=2010-05-15&StackName=a%3Ab+c&Empty=");
        assert_eq!(operation, "DescribeStacks");
        let input: Value = serde_json::from_slice(&input).unwrap();
        assert_eq!(input, serde_json::json!({ "StackName": "a:b c", "Empty": "" }));
        assert_eq!(form(b"{}").0, "");
    }

    #[test]
    fn an_error_is_what_the_clients_of_its_service_read() {
        let (status, headers, body) = dressed(Protocol::Query, "AccessDeniedException");
        assert!(status == 403 && body.contains("<Code>AccessDenied</Code><Message>a &lt; b</Message>"), "{body}");
        assert_eq!(headers, [("content-type".to_owned(), "text/xml".to_owned())]);
        let (status, headers, body) = dressed(Protocol::Rest, "ResourceNotFoundException");
        assert!(status == 404 && body.contains("a < b"), "{body}");
        assert!(headers.contains(&("x-amzn-errortype".to_owned(), "ResourceNotFoundException".to_owned())));
        let (status, headers, body) = dressed(Protocol::Sqs, "QueueDoesNotExist");
        assert!(status == 400 && body.contains("com.amazonaws.sqs#QueueDoesNotExist"), "{body}");
        let old = "AWS.SimpleQueueService.NonExistentQueue;Sender".to_owned();
        assert!(headers.contains(&("x-amzn-query-error".to_owned(), old)));
        assert!(dressed(Protocol::Sqs, "MissingParameter").2.contains("com.amazon.coral.service#MissingParameter"));
        assert_eq!(dressed(Protocol::Json, "X").2, r#"{"__type":"X","message":"a < b"}"#);
    }

    #[test]
    fn what_is_no_error_of_ours_stays_as_it_is() {
        let other = Answer { status: 400, headers: Vec::new(), body: Bytes::from("words") };
        assert_eq!(Protocol::Rest.dress(other.clone()).body, other.body);
        assert_eq!(Protocol::Query.dress(Answer::ok(&serde_json::json!({}))).body, "{}");
    }
}
