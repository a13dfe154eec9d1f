//! Who calls: the access key in the Authorization header names the caller. Signatures are not verified: keys are public
//! names here, and the endpoint listens on loopback only.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::{Place, USER};
use crate::api::{Answer, Caller};

/// How far a request's date may be from the clock, as at AWS.
const SKEW: TimeDelta = TimeDelta::minutes(5);
/// How `x-amz-date` is written.
const DATE: &str = "%Y%m%dT%H%M%SZ";

/// The access keys that the gateway knows.
#[derive(Clone, Debug)]
pub struct Identities {
    place: Place,
    callers: BTreeMap<String, Caller>,
}

impl Identities {
    /// Only the person at the terminal, who may do everything.
    #[must_use]
    pub fn new(place: Place) -> Self {
        let user = Caller { name: USER.to_owned(), arn: format!("arn:aws:iam::{}:user/admin", place.account) };
        let callers = BTreeMap::from([(Self::access_key(USER), user)]);
        Self { place, callers }
    }

    /// Adds a function, by the logical ids of itself and of its role.
    #[must_use]
    pub fn with_function(mut self, function: &str, role: &str) -> Self {
        let caller = Caller {
            name: function.to_owned(),
            arn: format!("arn:aws:sts::{}:assumed-role/{role}/{function}", self.place.account),
        };
        self.callers.insert(Self::access_key(function), caller);
        self
    }

    /// Adds somebody who has taken a role of the same name.
    #[must_use]
    pub fn with_person(self, name: &str) -> Self {
        self.with_function(name, name)
    }

    /// The callers, by name.
    pub(super) fn names(&self) -> Vec<String> {
        self.callers.values().map(|caller| caller.name.clone()).collect()
    }

    /// The access key id of a caller.
    #[must_use]
    pub fn access_key(caller: &str) -> String {
        format!("AKIALOCAL{}", caller.to_ascii_uppercase())
    }

    /// Account and region.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// The caller of a request.
    pub(super) fn caller(&self, headers: &HeaderMap) -> Result<Caller, Answer> {
        let Some(authorization) = headers.get("authorization") else {
            return Err(Answer::error(403, "MissingAuthenticationToken", "Missing Authentication Token"));
        };
        let (key, _) = authorization.to_str().ok().and_then(credential).ok_or_else(|| {
            let text = "Authorization header requires 'Credential' parameter.";
            Answer::error(403, "IncompleteSignatureException", text)
        })?;
        match self.callers.get(key) {
            Some(caller) => Ok(caller.clone()),
            None => Err(Answer::error(
                403,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )),
        }
    }
}

/// The service that a request's signature is for.
pub(super) fn service(headers: &HeaderMap) -> Option<&str> {
    headers.get("authorization").and_then(|authorization| credential(authorization.to_str().ok()?)?.1)
}

/// The access key id and the service of `AWS4-HMAC-SHA256 Credential=<key>/<day>/<region>/<service>/aws4_request, ..`.
fn credential(authorization: &str) -> Option<(&str, Option<&str>)> {
    let parameters = authorization.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let mut parameters = parameters.split(',').map(str::trim);
    let mut parts = parameters.find_map(|parameter| parameter.strip_prefix("Credential="))?.split('/');
    let key = parts.next()?;
    Some((key, parts.nth(2)))
}

/// Refuses what was signed too long ago or in the future: a call that was held back must not arrive after its time.
pub(super) fn check_date(headers: &HeaderMap, now: DateTime<Utc>) -> Result<(), Answer> {
    let date = headers.get("x-amz-date").and_then(|date| date.to_str().ok());
    let Some(signed) = date.and_then(|date| NaiveDateTime::parse_from_str(date, DATE).ok()) else {
        let text = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
        return Err(Answer::error(403, "IncompleteSignatureException", text));
    };
    let signed = signed.and_utc();
    let (then, today) = (signed.format(DATE), now.format(DATE));
    let message = if signed < now - SKEW {
        let limit = (now - SKEW).format(DATE);
        format!("Signature expired: {then} is now earlier than {limit} ({today} - 5 min.)")
    } else if signed > now + SKEW {
        let limit = (now + SKEW).format(DATE);
        format!("Signature not yet current: {then} is still later than {limit} ({today} + 5 min.)")
    } else {
        return Ok(());
    };
    Err(Answer::error(403, "InvalidSignatureException", &message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn the_key_names_the_caller_and_the_scope_the_service() {
        let identities = Identities::new(Place::default()).with_function("TerminateFunction", "TerminateRole");
        let scope = "20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00";
        let signed =
            headers("authorization", &format!("AWS4-HMAC-SHA256 Credential=AKIALOCALTERMINATEFUNCTION/{scope}"));
        let (caller, service) = (identities.caller(&signed).unwrap(), super::service(&signed));
        assert_eq!(caller.name, "TerminateFunction");
        assert_eq!(caller.arn, "arn:aws:sts::111122223333:assumed-role/TerminateRole/TerminateFunction");
        assert_eq!(service, Some("dynamodb"));
        let person = headers("authorization", &format!("AWS4-HMAC-SHA256 Credential=AKIALOCALUSER/{scope}"));
        assert_eq!(identities.caller(&person).unwrap().arn, "arn:aws:iam::111122223333:user/admin");
        let other = headers("authorization", "Bearer x");
        assert_eq!(identities.caller(&other).unwrap_err().status, 403);
    }

    #[test]
    fn a_request_is_valid_for_five_minutes_before_and_after_its_date() {
        let now = NaiveDateTime::parse_from_str("20260101T120000Z", DATE).unwrap().and_utc();
        for (date, refused) in [
            ("20260101T120000Z", None),
            ("20260101T115500Z", None),
            ("20260101T115459Z", Some("Signature expired: 20260101T115459Z is now earlier than 20260101T115500Z")),
            ("20260101T120500Z", None),
            ("20260101T120501Z", Some("Signature not yet current: 20260101T120501Z is still later")),
            ("yesterday", Some("Authorization header requires")),
        ] {
            let answer = check_date(&headers("x-amz-date", date), now).err();
            let body = answer.map(|answer| String::from_utf8(answer.body.to_vec()).unwrap());
            match (refused, &body) {
                (None, None) => {}
                (Some(text), Some(body)) => assert!(body.contains(text), "{body}"),
                _ => panic!("{date}: {body:?}"),
            }
        }
    }
}
