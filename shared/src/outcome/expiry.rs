//! What is told of ends: that one comes, that one has come, and what a sweep has found.

use std::collections::BTreeMap;

use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};

use super::{Outgoing, object};
use crate::clock::Time;
use crate::operation::identity::digest;
use crate::operation::{MESSAGE_BYTES_MAX, Notice, cut};
use crate::ports::{Extension, Judgement, Protection};
use crate::request::Keep;
use crate::scope::Scope;

/// How many products an event about a sweep names.
pub const SAMPLE_MAX: usize = 20;
/// How long what is said of one of them may be, in bytes.
const WORDS_BYTES_MAX: usize = 256;
/// How many of a product's tags are shown.
const TAGS_MAX: usize = 10;

/// A product that a sweep has something to say of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `pp-...`.
    pub product_id: String,
    /// The word that it is counted by.
    pub what: &'static str,
    /// Why.
    pub why: String,
}

/// The event that warns of an end. `lead`: how long before it; `ends_at`: when the product is ended, grace and notice included.
#[must_use]
pub fn expiring(
    scope: &Scope,
    product_id: &str,
    judgement: &Judgement,
    notice: &Notice,
    lead: TimeDelta,
    ends_at: Time,
) -> Outgoing {
    let expires_at = instant(judgement.expires_at);
    let mut detail = json!({
        "id": digest(&["expiring", product_id, &expires_at, &lead.num_milliseconds().to_string()]),
        "account": scope.account,
        "region": scope.region,
        "provisionedProductId": product_id,
        "expiresAt": expires_at,
        "endsAt": instant(ends_at),
        "lead": in_words(lead),
        "why": judgement.why,
        "howToExtend": format!(
            "publish `Extension Requested` with {{\"provisionedProductId\": \"{product_id}\", \"for\": \"2d\", \"requestedBy\": \
             ..., \"reason\": ...}} on Steward's bus"
        ),
    });
    describe(&mut detail, notice);
    Outgoing { detail_type: "Provisioned Product Expiring", detail }
}

/// The event that says that an end has come: a hint, which `terminate` judges again.
#[must_use]
pub fn expired(scope: &Scope, product_id: &str, judgement: &Judgement, notice: &Notice) -> Outgoing {
    let expires_at = instant(judgement.expires_at);
    let mut detail = json!({
            "id": digest(&["expired", product_id, &expires_at]),
            "account": scope.account,
            "region": scope.region,
            "provisionedProductId": product_id,
            "expiresAt": expires_at,
            "judgedAt": instant(judgement.judged_at),
            "requestedBy": "steward",
            "reason": cut(&format!("expired: {}", judgement.why.as_deref().unwrap_or("its time is over")), WORDS_BYTES_MAX),
    });
    describe(&mut detail, notice);
    Outgoing { detail_type: "Provisioned Product Expired", detail }
}

/// The event that ends a sweep which has done its work.
#[must_use]
pub fn completed(
    scope: &Scope,
    began_at: Time,
    ended_at: Time,
    is_dry: bool,
    counts: &BTreeMap<String, u64>,
    lines: &[Line],
) -> Outgoing {
    let detail = json!({
        "id": digest(&["completed", &scope.account, &scope.region, &instant(began_at)]),
        "account": scope.account,
        "region": scope.region,
        "beganAt": instant(began_at),
        "endedAt": instant(ended_at),
        "dryRun": is_dry,
        "counts": counts,
        "sample": sample(lines),
    });
    Outgoing { detail_type: "Sweep Completed", detail }
}

/// The event of a sweep that has done nothing, since something is not as it should be.
#[must_use]
pub fn halted(scope: &Scope, began_at: Time, why: &str, counts: &BTreeMap<String, u64>, lines: &[Line]) -> Outgoing {
    let detail = json!({
        "id": digest(&["halted", &scope.account, &scope.region, &instant(began_at), why]),
        "account": scope.account,
        "region": scope.region,
        "beganAt": instant(began_at),
        "why": cut(why, MESSAGE_BYTES_MAX),
        "counts": counts,
        "sample": sample(lines),
    });
    Outgoing { detail_type: "Sweep Halted", detail }
}

/// The event that answers an extension.
#[must_use]
pub fn extended(scope: &Scope, product_id: &str, extension: &Extension, notice: &Notice) -> Outgoing {
    let mut detail = json!({
        "id": digest(&["extended", &extension.id]),
        "account": scope.account,
        "region": scope.region,
        "provisionedProductId": product_id,
        "until": instant(extension.until),
        "requestedBy": extension.by,
        "reason": extension.reason,
    });
    describe(&mut detail, notice);
    Outgoing { detail_type: "Extension Granted", detail }
}

/// The event that answers a word on a product's protection; without one, it has none any more.
#[must_use]
pub fn protection(
    scope: &Scope,
    product_id: &str,
    request_id: &str,
    protection: Option<&Protection>,
    keep: &Keep,
    notice: &Notice,
) -> Outgoing {
    let mut detail = json!({
        "id": digest(&["protection", request_id]),
        "account": scope.account,
        "region": scope.region,
        "provisionedProductId": product_id,
        "protected": protection.is_some(),
        "until": protection.and_then(|protection| protection.until).map(instant),
        "requestedBy": keep.requested_by,
        "reason": keep.reason,
    });
    describe(&mut detail, notice);
    Outgoing { detail_type: "Protection Changed", detail }
}

/// The event that lets a sweep that ran out of time go on.
#[must_use]
pub fn sweep_due(began_at: Time) -> Outgoing {
    Outgoing { detail_type: "Sweep Due", detail: json!({ "beganAt": instant(began_at) }) }
}

fn sample(lines: &[Line]) -> Value {
    let line = |line: &Line| {
        json!({
            "provisionedProductId": line.product_id,
            "what": line.what,
            "why": cut(&line.why, WORDS_BYTES_MAX),
        })
    };
    lines.iter().take(SAMPLE_MAX).map(line).collect()
}

fn describe(detail: &mut Value, notice: &Notice) {
    let Value::Object(members) = detail else { return };
    for (name, value) in
        [("provisionedProductName", &notice.name), ("productName", &notice.product_name), ("owner", &notice.owner)]
    {
        if let Some(value) = value {
            members.insert(name.to_owned(), json!(value));
        }
    }
    if !notice.tags.is_empty() {
        let tags = notice.tags.iter().take(TAGS_MAX).map(|(key, value)| (key.clone(), json!(value)));
        members.insert("tags".to_owned(), Value::Object(object(tags.collect())));
    }
}

fn instant(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A lead as people write it: `48h`, `30m`; `0` once the end has come.
fn in_words(lead: TimeDelta) -> String {
    match lead.num_milliseconds() {
        0 => "0".to_owned(),
        millis if millis % 3_600_000 == 0 => format!("{}h", millis / 3_600_000),
        millis if millis % 60_000 == 0 => format!("{}m", millis / 60_000),
        millis if millis % 1_000 == 0 => format!("{}s", millis / 1_000),
        millis => format!("{millis}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Kind, Origin, Request};

    #[test]
    fn whoever_reads_an_expiry_learns_all_and_terminate_what_it_needs() {
        let judgement = Judgement { expires_at: Time::UNIX_EPOCH, ..Judgement::default() };
        let notice = Notice {
            name: Some("sandbox".into()),
            product_name: Some("Sandbox".into()),
            owner: Some("arn:aws:iam::111122223333:user/jo".into()),
            tags: [("team".to_owned(), "a".to_owned())].into(),
        };
        let event = expired(&Scope::new("111122223333", "eu-central-1"), "pp-a", &judgement, &notice);
        for name in ["id", "provisionedProductName", "productName", "owner", "tags", "expiresAt", "reason"] {
            assert!(!event.detail[name].is_null(), "{name}: {}", event.detail);
        }
        let request = Request::parse(Kind::Terminate, Origin::Expiry, event.detail.clone()).unwrap();
        assert_eq!(request.asked.expires_at, Some(Time::UNIX_EPOCH));
        assert!(Request::parse(Kind::Terminate, Origin::Asked, event.detail).is_err(), "of an expiry alone");
    }
}
