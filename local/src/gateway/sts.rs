//! The one question of STS that tools ask before anything else: who am I?

use axum::body::Bytes;

use super::Place;
use crate::api::{Answer, Caller};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Answers a call of the query protocol.
pub(super) fn answer(caller: &Caller, body: &[u8], place: &Place) -> Answer {
    let form = String::from_utf8_lossy(body);
    let action = form.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or_default();
    if action == "GetCallerIdentity" {
        let user = caller.name.to_ascii_uppercase();
        xml(
            200,
            &format!(
                "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\"><GetCallerIdentityResult><Arn>{}</Arn>\
                 <UserId>AIDALOCAL{user}</UserId><Account>{}</Account></GetCallerIdentityResult>\
                 <ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
                caller.arn, place.account
            ),
        )
    } else {
        xml(
            400,
            &format!(
                "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>InvalidAction</Code>\
                 <Message>The local cloud's STS answers GetCallerIdentity only.</Message></Error>\
                 <RequestId>local</RequestId></ErrorResponse>"
            ),
        )
    }
}

fn xml(status: u16, body: &str) -> Answer {
    Answer {
        status,
        headers: vec![("content-type".to_owned(), "text/xml".to_owned())],
        body: Bytes::from(body.to_owned()),
    }
}
