//! Who may put events on a bus: the denies of its policies, as the template states them. Inside an account an allow adds
//! nothing to what a caller's own role says, so denies are all that there is to decide here.

use regex_lite::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::WiringError;
use crate::api::Caller;
use crate::gateway::USER;
use crate::template::id_of;

/// `AWS::Events::EventBusPolicy`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Policy {
    event_bus_name: String,
    #[serde(rename = "StatementId")]
    _statement_id: String,
    statement: Statement,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    effect: String,
    principal: String,
    action: String,
    resource: String,
    #[serde(default)]
    condition: Map<String, Value>,
}

/// One statement that denies.
#[derive(Debug)]
pub(super) struct Deny {
    bus: String,
    /// Principals whom it does not concern.
    unless: Vec<Regex>,
    /// The sources that it concerns; absent: all.
    sources: Option<Vec<String>>,
}

impl Deny {
    /// Reads a policy of the template; `None`: it denies nothing, or is none of a bus.
    pub(super) fn read(id: &str, policy: &Value) -> Result<Option<Self>, WiringError> {
        let wrong = |problem: String| WiringError(format!("{id}: {problem}"));
        if policy.get("EventBusName").is_none() {
            return Ok(None);
        }
        let policy: Policy = serde_json::from_value(policy.clone()).map_err(|error| wrong(error.to_string()))?;
        let Statement { effect, principal, action, resource, condition } = policy.statement;
        let bus = id_of(&policy.event_bus_name).to_owned();
        if effect == "Allow" {
            return Ok(None);
        }
        if (effect.as_str(), principal.as_str(), action.as_str()) != ("Deny", "*", "events:PutEvents")
            || id_of(&resource) != bus
        {
            return Err(wrong(format!("only a Deny of events:PutEvents on {bus} to all principals is known here")));
        }
        let mut deny = Self { bus, unless: Vec::new(), sources: None };
        let tests = condition.iter().flat_map(|(operator, keys)| {
            keys.as_object().into_iter().flatten().map(move |(key, values)| (operator.as_str(), key.as_str(), values))
        });
        for (operator, key, values) in tests {
            let values = texts(values).ok_or_else(|| wrong(format!("{operator} {key}: no texts")))?;
            match (operator, key) {
                ("ArnNotLike" | "ArnNotEquals", "aws:PrincipalArn") => {
                    for pattern in values {
                        let whole = regex_lite::escape(&pattern).replace(r"\*", ".*").replace(r"\?", ".");
                        let whole = Regex::new(&format!("^{whole}$"));
                        deny.unless.push(whole.map_err(|error| wrong(format!("{pattern}: {error}")))?);
                    }
                }
                ("StringEquals" | "ForAnyValue:StringEquals", "events:source") => deny.sources = Some(values),
                _ => return Err(wrong(format!("the condition {operator} {key} is not known to the local cloud"))),
            }
        }
        Ok(Some(deny))
    }

    /// Whether it keeps the caller from putting an event of this source on the bus. The person at the terminal stands for
    /// a requester, but not for Steward.
    pub(super) fn denies(&self, bus: &str, source: &str, caller: &Caller) -> bool {
        if self.bus != bus || (self.sources.is_none() && caller.name == USER) {
            return false;
        }
        let concerned = self.sources.as_ref().is_none_or(|sources| sources.iter().any(|one| one == source));
        let principal = principal(&caller.arn);
        concerned && !self.unless.iter().any(|pattern| pattern.is_match(&principal))
    }
}

/// `aws:PrincipalArn`: of a session it is the role.
pub(super) fn principal(arn: &str) -> String {
    let role = || {
        let (account, rest) = arn.strip_prefix("arn:aws:sts::")?.split_once(":assumed-role/")?;
        Some(format!("arn:aws:iam::{account}:role/{}", rest.split('/').next()?))
    };
    role().unwrap_or_else(|| arn.to_owned())
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(many) => many.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(effect: &str, condition: &Value) -> Value {
        json!({
            "EventBusName": "b", "StatementId": "s",
            "Statement": {
                "Effect": effect, "Principal": "*", "Action": "events:PutEvents",
                "Resource": "arn:aws:events:r:1:event-bus/b", "Condition": condition,
            },
        })
    }

    #[test]
    fn a_session_is_known_by_its_role_and_wildcards_count() {
        let condition =
            json!({ "ArnNotLike": { "aws:PrincipalArn": ["arn:aws:iam::1:role/Ours", "arn:aws:iam::1:role/team-*"] } });
        let deny = Deny::read("P", &policy("Deny", &condition)).unwrap().unwrap();
        let denied = |arn: &str| deny.denies("b", "x", &Caller { name: "F".to_owned(), arn: arn.to_owned() });
        assert!(!denied("arn:aws:sts::1:assumed-role/Ours/F"));
        assert!(!denied("arn:aws:sts::1:assumed-role/team-a/somebody"));
        assert!(denied("arn:aws:sts::1:assumed-role/OursToo/F"));
        assert!(denied("arn:aws:sts::2:assumed-role/Ours/F"));
        let person = Caller { name: USER.to_owned(), arn: "arn:aws:iam::1:user/admin".to_owned() };
        assert!(!deny.denies("b", "x", &person), "stands for a requester");
        assert!(!deny.denies("another", "x", &Caller { name: "F".to_owned(), arn: String::new() }));
    }

    #[test]
    fn what_is_not_known_is_an_error_and_an_allow_decides_nothing() {
        assert!(Deny::read("P", &policy("Allow", &json!({}))).unwrap().is_none());
        assert!(Deny::read("P", &json!({ "Queues": [] })).unwrap().is_none());
        let unknown = policy("Deny", &json!({ "StringLike": { "events:source": "s*" } }));
        assert_eq!(
            Deny::read("P", &unknown).unwrap_err().to_string(),
            "wiring: P: the condition StringLike events:source is not known to the local cloud"
        );
        let mut misspelt = policy("Deny", &json!({}));
        misspelt["StatmentId"] = json!("s");
        assert!(Deny::read("P", &misspelt).unwrap_err().to_string().contains("unknown field `StatmentId`"));
    }
}
