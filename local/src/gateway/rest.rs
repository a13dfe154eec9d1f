//! Requests that are paths and verbs: what they ask of Lambda, as an operation and its input.

use axum::body::Bytes;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::api::Answer;

/// The version that begins nearly every path.
const VERSION: &str = "2015-03-31";

/// The operation and its input.
pub(super) fn read(head: &Parts, body: &Bytes) -> Result<(String, Bytes), Answer> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let path: Vec<String> = head.uri.path().trim_matches('/').split('/').map(decoded).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let [VERSION, path @ ..] = &path[..] else { return Err(unknown(head)) };
    let (operation, own) = match (head.method.as_str(), path) {
        ("POST", ["functions", name, "invocations"]) => ("Invoke", invocation(head, name, body)?),
        ("GET", ["functions"]) => ("ListFunctions", json!({})),
        ("GET", ["functions", name]) => ("GetFunction", json!({ "FunctionName": name })),
        ("GET", ["functions", name, "configuration"]) => ("GetFunctionConfiguration", json!({ "FunctionName": name })),
        ("GET", ["event-source-mappings"]) => ("ListEventSourceMappings", json!({})),
        ("GET", ["event-source-mappings", id]) => ("GetEventSourceMapping", json!({ "UUID": id })),
        ("PUT", ["event-source-mappings", id]) => {
            let body: Value = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
            let mut members = body.as_object().cloned().unwrap_or_default();
            members.insert("UUID".to_owned(), json!(id));
            ("UpdateEventSourceMapping", Value::Object(members))
        }
        _ => return Err(unknown(head)),
    };
    let mut input: Map<String, Value> = query(head.uri.query().unwrap_or_default());
    input.extend(own.as_object().cloned().unwrap_or_default());
    Ok((operation.to_owned(), Bytes::from(Value::Object(input).to_string())))
}

/// What is invoked, how, and with what: a payload is text here, as it was written.
fn invocation(head: &Parts, name: &str, body: &Bytes) -> Result<Value, Answer> {
    let payload = std::str::from_utf8(body).map_err(|error| malformed(&error))?;
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    Ok(json!({
        "FunctionName": name,
        "InvocationType": header("x-amz-invocation-type").unwrap_or("RequestResponse"),
        "LogType": header("x-amz-log-type").unwrap_or("None"),
        "Payload": payload,
    }))
}

fn query(query: &str) -> Map<String, Value> {
    let decoded = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), Value::String(decoded(value)))).collect()
}

fn unknown(head: &Parts) -> Answer {
    let text = format!("The local cloud's Lambda has no {} {}.", head.method, head.uri.path());
    Answer::error(404, "UnknownOperationException", &text)
}

fn malformed(error: &dyn std::error::Error) -> Answer {
    Answer::error(400, "InvalidRequestContentException", &format!("Could not parse request body: {error}"))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn asked(method: &str, uri: &str, body: &'static str) -> Result<(String, Value), u16> {
        let (head, ()) = Request::builder().method(method).uri(uri).body(()).unwrap().into_parts();
        let (operation, input) = read(&head, &Bytes::from(body)).map_err(|answer| answer.status)?;
        Ok((operation, serde_json::from_slice(&input).unwrap()))
    }

    #[test]
    fn a_path_and_a_verb_are_an_operation_and_its_input() {
        let (operation, input) = asked("POST", "/2015-03-31/functions/F/invocations", "{\"a\":1}").unwrap();
        assert_eq!((operation.as_str(), &input["Payload"]), ("Invoke", &json!("{\"a\":1}")));
        assert_eq!((&input["FunctionName"], &input["InvocationType"]), (&json!("F"), &json!("RequestResponse")));
        let arn = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Ar%3A1%3Afunction%3AF?Qualifier=1";
        let expected = json!({ "FunctionName": "arn:aws:lambda:r:1:function:F", "Qualifier": "1" });
        assert_eq!(asked("GET", arn, "").unwrap(), ("GetFunction".to_owned(), expected));
        let list = asked("GET", "/2015-03-31/event-source-mappings/?FunctionName=F", "").unwrap();
        assert_eq!(list, ("ListEventSourceMappings".to_owned(), json!({ "FunctionName": "F" })));
        let update = asked("PUT", "/2015-03-31/event-source-mappings/u", "{\"Enabled\":false,\"UUID\":\"v\"}").unwrap();
        assert_eq!(update.1, json!({ "Enabled": false, "UUID": "u" }), "the path decides");
    }

    #[test]
    fn what_no_path_leads_to_is_refused() {
        for (method, uri, body, status) in [
            ("DELETE", "/2015-03-31/functions/F", "", 404),
            ("GET", "/", "", 404),
            ("GET", "/2014-11-13/functions/F", "", 404),
            ("PUT", "/2015-03-31/event-source-mappings/u", "x", 400),
        ] {
            assert_eq!(asked(method, uri, body), Err(status), "{method} {uri}");
        }
    }
}
