//! What makes two deliveries the same request.

use std::fmt::{self, Write as _};

use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::Time;
use crate::request::{Asked, Kind};
use crate::scope::Scope;

/// What makes two deliveries the same request. Typed, so that a caller's key can never equal another kind of trigger.
/// An SQS message id is none: it changes with every redrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The caller's own key.
    Request(String),
    /// The instant at which the product expired.
    Expiry(Time),
    /// A drift detection.
    Drift(String),
    /// A schedule and the instant it was meant to fire at.
    Schedule(String, String),
    /// An `EventBridge` event.
    Event(String),
    /// An SNS message.
    Sns(String),
    /// A plan: approved twice, it is still executed once.
    Plan,
    /// Nothing at all: the subject alone.
    Bare,
}

impl Trigger {
    /// The best trigger that a request offers, from the caller's key down to nothing.
    #[must_use]
    pub fn of(kind: Kind, asked: &Asked, event_id: Option<&str>, sns_id: Option<&str>) -> Self {
        if kind == Kind::ExecutePlan {
            return Self::Plan;
        }
        if let Some(key) = &asked.request_id {
            Self::Request(key.clone())
        } else if let Some(instant) = asked.expires_at {
            Self::Expiry(instant)
        } else if let Some((arn, time)) = &asked.schedule {
            Self::Schedule(arn.clone(), time.clone())
        } else if let Some(id) = event_id {
            Self::Event(id.to_owned())
        } else if let Some(id) = sns_id {
            Self::Sns(id.to_owned())
        } else {
            Self::Bare
        }
    }

    fn parts(&self) -> (&'static str, Vec<String>) {
        match self {
            Self::Request(key) => ("request", vec![key.clone()]),
            Self::Expiry(instant) => ("expiry", vec![instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)]),
            Self::Drift(id) => ("drift", vec![id.clone()]),
            Self::Schedule(arn, time) => ("schedule", vec![arn.clone(), time.clone()]),
            Self::Event(id) => ("event", vec![id.clone()]),
            Self::Sns(id) => ("sns", vec![id.clone()]),
            Self::Plan => ("plan", Vec::new()),
            Self::Bare => ("bare", Vec::new()),
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, values) = self.parts();
        f.write_str(kind)?;
        values.iter().try_for_each(|value| write!(f, ":{value}"))
    }
}

/// The identity of an operation: `op-` and 40 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(String);

impl OperationId {
    /// The identity of (account, region, kind, subject, trigger).
    #[must_use]
    pub fn derive(scope: &Scope, kind: Kind, subject: &str, trigger: &Trigger) -> Self {
        let (word, values) = trigger.parts();
        let mut parts = vec![scope.account.as_str(), &scope.region, kind.as_str(), subject, word];
        parts.extend(values.iter().map(String::as_str));
        Self(format!("op-{}", &digest(&parts)[..40]))
    }

    /// Reads an id as an event carries it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("op-")?;
        (digits.len() == 40 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
            .then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256 over the parts, each with its length before it: no two lists of parts give the same bytes.
#[must_use]
pub fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}

/// SHA-256 of a text, in hexadecimal.
#[must_use]
pub fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(subject: &str, trigger: &Trigger) -> OperationId {
        OperationId::derive(&Scope::new("111122223333", "eu-central-1"), Kind::Terminate, subject, trigger)
    }

    #[test]
    fn every_part_tells_operations_apart() {
        let base = id("pp-a", &Trigger::Bare);
        let other_scope =
            OperationId::derive(&Scope::new("1", "11122223333eu-central-1"), Kind::Terminate, "pp-a", &Trigger::Bare);
        let other_kind = OperationId::derive(
            &Scope::new("111122223333", "eu-central-1"),
            Kind::ExecuteAction,
            "pp-a",
            &Trigger::Bare,
        );
        for other in [other_scope, other_kind, id("pp-b", &Trigger::Bare), id("pp-a", &Trigger::Event("e".into()))] {
            assert_ne!(base, other);
        }
        assert_eq!(base, id("pp-a", &Trigger::Bare));
        assert_eq!(OperationId::parse(base.as_str()), Some(base));
    }

    // Hazard B1: one kind of trigger never equals another.
    #[test]
    fn triggers_are_typed_and_hashed_with_lengths() {
        assert_ne!(id("pp-a", &Trigger::Request("x".into())), id("pp-a", &Trigger::Event("x".into())));
        assert_ne!(
            id("pp-a", &Trigger::Schedule("ab".into(), "c".into())),
            id("pp-a", &Trigger::Schedule("a".into(), "bc".into()))
        );
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_ne!(digest(&["a", ""]), digest(&["a"]));
    }

    // Hazard B1: what changes with each delivery is no trigger.
    #[test]
    fn the_best_trigger_wins() {
        let mut asked = Asked { schedule: Some(("arn:s".into(), "t".into())), ..Asked::default() };
        let of = |asked: &Asked, event, sns| Trigger::of(Kind::Terminate, asked, event, sns).to_string();
        assert_eq!(of(&Asked::default(), None, None), "bare");
        assert_eq!(of(&Asked::default(), None, Some("s")), "sns:s");
        assert_eq!(of(&Asked::default(), Some("e"), Some("s")), "event:e");
        assert_eq!(of(&asked, Some("e"), None), "schedule:arn:s:t");
        asked.expires_at = chrono::DateTime::from_timestamp(0, 0);
        assert_eq!(of(&asked, Some("e"), None), "expiry:1970-01-01T00:00:00Z");
        asked.request_id = Some("k".into());
        assert_eq!(of(&asked, Some("e"), None), "request:k");
        assert_eq!(Trigger::of(Kind::ExecutePlan, &asked, Some("e"), None), Trigger::Plan);
    }

    #[test]
    fn only_whole_ids_are_read() {
        for text in ["", "op-", "op-xyz", "OP-0000000000000000000000000000000000000000", "op-000"] {
            assert_eq!(OperationId::parse(text), None, "{text}");
        }
    }
}
