//! Answers of the query protocol: a structure's members are elements, and a list's are each called `member`.

use axum::body::Bytes;
use serde_json::Value;

use crate::api::Answer;
use crate::gateway::protocol::escaped;

const NAMESPACE: &str = "http://cloudformation.amazonaws.com/doc/2010-05-15/";

/// The answer to an operation.
pub(super) fn answer(operation: &str, result: &Value) -> Answer {
    let mut body = format!("<{operation}Response xmlns=\"{NAMESPACE}\"><{operation}Result>");
    write(&mut body, result);
    let end = "<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata>";
    body.push_str(&["</", operation, "Result>", end, "</", operation, "Response>"].concat());
    Answer { status: 200, headers: vec![("content-type".to_owned(), "text/xml".to_owned())], body: Bytes::from(body) }
}

fn write(out: &mut String, value: &Value) {
    match value {
        Value::Null => {}
        Value::Object(members) => members.iter().for_each(|(name, value)| element(out, name, value)),
        Value::Array(items) => items.iter().for_each(|item| element(out, "member", item)),
        Value::String(text) => out.push_str(&escaped(text)),
        Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
}

fn element(out: &mut String, name: &str, value: &Value) {
    if value.is_null() {
        return;
    }
    out.push('<');
    out.push_str(name);
    out.push('>');
    write(out, value);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}
