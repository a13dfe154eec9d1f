//! Who may do what with a queue, by the queue's own policy.

use regex_lite::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

/// What a policy says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It allows it, and nothing denies it.
    Allowed,
    /// It denies it.
    Denied,
    /// It says nothing to it.
    Silent,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By<'a> {
    /// `EventBridge`, for a rule of this ARN.
    Rule(&'a str),
    /// A user, or the session of a role.
    Principal(&'a str),
}

/// A queue's policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueuePolicy {
    statements: Vec<Statement>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    #[serde(rename = "Version")]
    _version: String,
    #[serde(default, rename = "Id")]
    _id: Option<String>,
    statement: Vec<Written>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Written {
    #[serde(default, rename = "Sid")]
    _sid: Option<String>,
    effect: String,
    principal: Value,
    action: Value,
    resource: Value,
    #[serde(default)]
    condition: Map<String, Value>,
}

#[derive(Clone, Debug)]
struct Statement {
    allows: bool,
    principal: Principal,
    actions: Vec<Regex>,
    resources: Vec<Regex>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug)]
enum Principal {
    Everybody,
    Aws(Vec<String>),
    Services(Vec<String>),
}

#[derive(Clone, Debug)]
struct Condition {
    key: Key,
    /// Whether it holds where no value fits.
    negated: bool,
    values: Vec<Regex>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    SourceArn,
    PrincipalArn,
    SecureTransport,
}

impl QueuePolicy {
    /// Reads a policy's document.
    ///
    /// # Errors
    /// What of it is not known here: nothing of a policy is passed over.
    pub(crate) fn read(document: &Value) -> Result<Self, String> {
        let document = Document::deserialize(document).map_err(|error| error.to_string())?;
        let statements = document.statement.iter().map(Statement::read).collect::<Result<_, _>>()?;
        Ok(Self { statements })
    }

    /// Decides an action on a queue, by its ARN.
    pub(crate) fn decide(&self, by: By<'_>, action: &str, queue: &str) -> Decision {
        let mut decision = Decision::Silent;
        for statement in self.statements.iter().filter(|statement| statement.concerns(by, action, queue)) {
            if !statement.allows {
                return Decision::Denied;
            }
            decision = Decision::Allowed;
        }
        decision
    }
}

impl Statement {
    fn read(written: &Written) -> Result<Self, String> {
        let allows = match written.effect.as_str() {
            "Allow" => true,
            "Deny" => false,
            other => return Err(format!("the effect {other:?}; accepted: Allow, Deny")),
        };
        let mut conditions = Vec::new();
        for (operator, keys) in &written.condition {
            for (key, values) in keys.as_object().into_iter().flatten() {
                conditions.push(Condition::read(operator, key, values)?);
            }
        }
        Ok(Self {
            allows,
            principal: Principal::read(&written.principal)?,
            // The case of an action does not matter.
            actions: patterns(&texts(&written.action)?, "(?i)")?,
            resources: patterns(&texts(&written.resource)?, "")?,
            conditions,
        })
    }

    fn concerns(&self, by: By<'_>, action: &str, queue: &str) -> bool {
        self.principal.is(by)
            && self.actions.iter().any(|pattern| pattern.is_match(action))
            && self.resources.iter().any(|pattern| pattern.is_match(queue))
            && self.conditions.iter().all(|condition| condition.holds(by))
    }
}

impl Principal {
    fn read(written: &Value) -> Result<Self, String> {
        let of = |member: &str| written.get(member).map(texts).transpose();
        match (written, of("AWS")?, of("Service")?) {
            (Value::String(all), _, _) if all == "*" => Ok(Self::Everybody),
            (_, Some(arns), None) if arns.iter().any(|arn| arn == "*") => Ok(Self::Everybody),
            (_, Some(arns), None) => Ok(Self::Aws(arns)),
            (_, None, Some(services)) => Ok(Self::Services(services)),
            _ => Err(format!("the principal {written} is not known to the local cloud")),
        }
    }

    fn is(&self, by: By<'_>) -> bool {
        match (self, by) {
            (Self::Everybody, _) => true,
            (Self::Services(services), By::Rule(_)) => services.iter().any(|service| service == "events.amazonaws.com"),
            (Self::Aws(arns), By::Principal(arn)) => {
                let account = arn.split(':').nth(4).unwrap_or_default();
                let role = super::bus_policy::principal(arn);
                arns.iter().any(|one| {
                    one == arn || *one == role || one == account || *one == format!("arn:aws:iam::{account}:root")
                })
            }
            (Self::Services(_), By::Principal(_)) | (Self::Aws(_), By::Rule(_)) => false,
        }
    }
}

impl Condition {
    fn read(operator: &str, key: &str, values: &Value) -> Result<Self, String> {
        let unknown = || format!("the condition {operator} {key} is not known to the local cloud");
        let key = match key {
            "aws:SourceArn" => Key::SourceArn,
            "aws:PrincipalArn" => Key::PrincipalArn,
            "aws:SecureTransport" => Key::SecureTransport,
            _ => return Err(unknown()),
        };
        let negated = match operator {
            "ArnEquals" | "ArnLike" if key != Key::SecureTransport => false,
            "ArnNotEquals" | "ArnNotLike" if key != Key::SecureTransport => true,
            "Bool" if key == Key::SecureTransport => false,
            _ => return Err(unknown()),
        };
        Ok(Self { key, negated, values: patterns(&texts(values)?, "")? })
    }

    /// What a request does not say fits nothing.
    fn holds(&self, by: By<'_>) -> bool {
        let said = match (self.key, by) {
            (Key::SourceArn, By::Rule(rule)) => Some(rule.to_owned()),
            (Key::PrincipalArn, By::Principal(arn)) => Some(super::bus_policy::principal(arn)),
            // Loopback, where nobody listens, counts as TLS.
            (Key::SecureTransport, _) => Some("true".to_owned()),
            (Key::SourceArn, By::Principal(_)) | (Key::PrincipalArn, By::Rule(_)) => None,
        };
        said.is_some_and(|said| self.values.iter().any(|value| value.is_match(&said))) != self.negated
    }
}

fn texts(value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::String(one) => Ok(vec![one.clone()]),
        Value::Array(many) => {
            many.iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(|| wrong(one))).collect()
        }
        other => Err(wrong(other)),
    }
}

fn wrong(value: &Value) -> String {
    format!("{value} where a text belongs")
}

/// IAM's wildcards.
fn patterns(texts: &[String], flags: &str) -> Result<Vec<Regex>, String> {
    let pattern = |text: &String| {
        let whole = regex_lite::escape(text).replace(r"\*", ".*").replace(r"\?", ".");
        Regex::new(&format!("{flags}^{whole}$")).map_err(|error| format!("{text}: {error}"))
    };
    texts.iter().map(pattern).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const QUEUE: &str = "arn:aws:sqs:r:1:Q";
    const RULE: &str = "arn:aws:events:r:1:rule/b/Ours";

    fn ours() -> QueuePolicy {
        let condition = |operator: &str| json!({ operator: { "aws:SourceArn": [RULE] } });
        QueuePolicy::read(&json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sqs:SendMessage",
              "Resource": QUEUE, "Condition": condition("ArnEquals") },
            { "Effect": "Deny", "Principal": "*", "Action": "sqs:sendmessage",
              "Resource": QUEUE, "Condition": condition("ArnNotEquals") },
            { "Effect": "Deny", "Principal": "*", "Action": "sqs:*",
              "Resource": QUEUE, "Condition": { "Bool": { "aws:SecureTransport": "false" } } },
        ] }))
        .unwrap()
    }

    #[test]
    fn our_rules_may_send_and_nobody_else() {
        let decide = |by, action| ours().decide(by, action, QUEUE);
        assert_eq!(decide(By::Rule(RULE), "sqs:SendMessage"), Decision::Allowed);
        assert_eq!(decide(By::Rule("arn:aws:events:r:1:rule/b/Other"), "sqs:SendMessage"), Decision::Denied);
        let admin = By::Principal("arn:aws:iam::1:user/admin");
        assert_eq!(decide(admin, "sqs:SendMessage"), Decision::Denied, "a rule's ARN is what he has not");
        assert_eq!(decide(admin, "sqs:ReceiveMessage"), Decision::Silent);
        assert_eq!(ours().decide(By::Rule(RULE), "sqs:SendMessage", "arn:aws:sqs:r:1:P"), Decision::Silent);
    }

    #[test]
    fn a_principal_is_an_arn_an_account_or_a_role() {
        for (written, fits) in [
            (json!("*"), true),
            (json!({ "AWS": "*" }), true),
            (json!({ "AWS": ["arn:aws:iam::1:role/A", "2"] }), true),
            (json!({ "AWS": "1" }), true),
            (json!({ "AWS": "arn:aws:iam::1:root" }), true),
            (json!({ "AWS": "arn:aws:iam::1:role/B" }), false),
            (json!({ "Service": "events.amazonaws.com" }), false),
        ] {
            let principal = Principal::read(&written).unwrap();
            assert_eq!(principal.is(By::Principal("arn:aws:sts::1:assumed-role/A/session")), fits, "{written}");
        }
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        let with = |member: &str, value: Value| {
            let mut statement = json!({ "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*" });
            statement[member] = value;
            QueuePolicy::read(&json!({ "Version": "2012-10-17", "Statement": [statement] })).err().unwrap_or_default()
        };
        assert_eq!(with("Sid", json!("x")), "");
        assert!(with("Effect", json!("Refuse")).contains("accepted: Allow, Deny"));
        assert!(with("NotAction", json!("x")).contains("unknown field `NotAction`"));
        assert!(with("Principal", json!({ "Federated": "x" })).contains("is not known"));
        assert!(with("Condition", json!({ "Bool": { "aws:SourceArn": "x" } })).contains("Bool aws:SourceArn"));
        assert!(with("Condition", json!({ "IpAddress": { "aws:SourceIp": "x" } })).contains("aws:SourceIp"));
        assert!(with("Action", json!([1])).contains("1 where a text belongs"));
    }
}
