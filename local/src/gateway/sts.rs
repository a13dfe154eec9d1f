//! The one question of STS that tools ask before anything else: who am I?

use axum::body::Bytes;

use super::Place;
use crate::api::{Answer, Caller};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Answers a call of the query protocol.
pub(super) fn answer(caller: &Caller, operation: &str, place: &Place) -> Answer {
    if operation != "GetCallerIdentity" {
        return Answer::error(400, "InvalidAction", "The local cloud's STS answers GetCallerIdentity only.");
    }
    let user = caller.name.to_ascii_uppercase();
    let body = format!(
        "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\"><GetCallerIdentityResult><Arn>{}</Arn>\
         <UserId>AIDALOCAL{user}</UserId><Account>{}</Account></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
        caller.arn, place.account
    );
    Answer { status: 200, headers: vec![("content-type".to_owned(), "text/xml".to_owned())], body: Bytes::from(body) }
}
