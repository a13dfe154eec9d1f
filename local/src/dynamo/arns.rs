//! The engine names its tables in an account and region of its own; here they are translated into the local cloud's.
//! Only operations about tables are: an item's own data is never rewritten.

use axum::body::Bytes;

use crate::api::Answer;

const ENGINE: &str = "arn:aws:dynamodb:dynoxide:000000000000:";
const LOCAL: &str = "arn:aws:dynamodb:eu-central-1:111122223333:";

fn about_tables(operation: &str) -> bool {
    matches!(
        operation,
        "CreateTable"
            | "DeleteTable"
            | "DescribeTable"
            | "UpdateTable"
            | "TagResource"
            | "UntagResource"
            | "ListTagsOfResource"
    )
}

fn replaced(body: &Bytes, from: &str, to: &str) -> Option<Bytes> {
    let text = std::str::from_utf8(body).ok()?;
    text.contains(from).then(|| Bytes::from(text.replace(from, to)))
}

/// A request on its way to the engine.
pub(super) fn inward(operation: &str, body: Bytes) -> Bytes {
    if about_tables(operation) { replaced(&body, LOCAL, ENGINE).unwrap_or(body) } else { body }
}

/// An answer on its way to the caller.
pub(super) fn outward(operation: &str, mut answer: Answer) -> Answer {
    if about_tables(operation)
        && let Some(body) = replaced(&answer.body, ENGINE, LOCAL)
    {
        answer.body = body;
        // It was the checksum of the other body.
        answer.headers.retain(|(name, _)| name != "x-amz-crc32");
    }
    answer
}
