//! What each caller may do: the identity policies of the template's roles, decided as IAM decides them.

use std::collections::BTreeMap;

/// Whether a statement gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Gives, unless another statement takes.
    Allow,
    /// Takes, whatever else gives.
    Deny,
}

/// One statement of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Gives or takes.
    pub effect: Effect,
    /// `service:Action`, with `*` and `?` as wildcards; letters' case does not matter.
    pub actions: Vec<String>,
    /// ARNs, with `*` and `?` as wildcards.
    pub resources: Vec<String>,
}

/// The statements of every caller by its name. A caller that is not listed may do nothing, except the person at the
/// terminal ([`super::USER`]), who may do everything.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Caller name -> statements.
    pub statements: BTreeMap<String, Vec<Statement>>,
}

/// What a call needs: one action on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// `dynamodb:PutItem`.
    pub action: String,
    /// The ARN that the action is on, or `*` where the service knows none.
    pub resource: String,
}

/// Why a need is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No statement allows it.
    NotAllowed,
    /// A statement denies it.
    Denied,
}

impl Policy {
    /// Decides one need of a caller.
    ///
    /// # Errors
    /// Why it may not.
    pub fn decide(&self, caller: &str, need: &Need) -> Result<(), Refusal> {
        if caller == super::USER {
            return Ok(());
        }
        let statements = self.statements.get(caller).map_or(&[][..], Vec::as_slice);
        let applies = |effect: Effect| {
            let mut of_effect = statements.iter().filter(|statement| statement.effect == effect);
            of_effect.any(|statement| {
                statement.actions.iter().any(|pattern| matches_action(pattern, &need.action))
                    && statement.resources.iter().any(|pattern| matches(pattern, &need.resource))
            })
        };
        if applies(Effect::Deny) {
            Err(Refusal::Denied)
        } else if applies(Effect::Allow) {
            Ok(())
        } else {
            Err(Refusal::NotAllowed)
        }
    }
}

/// Whether a pattern of actions covers an action.
pub(super) fn matches_action(pattern: &str, action: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}

/// Whether a pattern of ARNs covers one.
pub(super) fn matches_resource(pattern: &str, resource: &str) -> bool {
    matches(pattern, resource)
}

/// IAM's wildcards: `*` is any run of characters, `?` any one.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to go on when what follows the last star turns out not to fit.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == b'?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                p = at + 1;
                t = from + 1;
            }
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(statements: &[(Effect, &str, &str)], action: &str, resource: &str) -> Result<(), Refusal> {
        let statement = |&(effect, action, resource): &(Effect, &str, &str)| Statement {
            effect,
            actions: vec![action.to_owned()],
            resources: vec![resource.to_owned()],
        };
        let statements = statements.iter().map(statement).collect();
        let policy = Policy { statements: BTreeMap::from([("F".to_owned(), statements)]) };
        let need = Need { action: action.to_owned(), resource: resource.to_owned() };
        policy.decide("F", &need)
    }

    #[test]
    fn wildcards_are_iams() {
        for (pattern, text, expected) in [
            ("*", "anything", true),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcb", false),
            ("a*b*c", "a-b-b-c", true),
            ("table/T/index/*", "table/T/index/due", true),
            ("table/T", "table/T/index/due", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn what_is_not_allowed_is_refused_and_a_deny_wins() {
        let allow = (Effect::Allow, "dynamodb:Get*", "arn:t");
        let deny = (Effect::Deny, "*", "arn:t");
        assert_eq!(decide(&[allow], "dynamodb:GetItem", "arn:t"), Ok(()));
        assert_eq!(decide(&[(Effect::Allow, "DynamoDB:getitem", "*")], "dynamodb:GetItem", "arn:t"), Ok(()));
        assert_eq!(decide(&[allow], "dynamodb:PutItem", "arn:t"), Err(Refusal::NotAllowed));
        assert_eq!(decide(&[allow], "dynamodb:GetItem", "arn:u"), Err(Refusal::NotAllowed));
        assert_eq!(decide(&[allow, deny], "dynamodb:GetItem", "arn:t"), Err(Refusal::Denied));
        assert_eq!(decide(&[], "dynamodb:GetItem", "arn:t"), Err(Refusal::NotAllowed));
    }

    #[test]
    fn only_the_person_needs_no_statement() {
        let need = Need { action: "dynamodb:Scan".to_owned(), resource: "*".to_owned() };
        assert_eq!(Policy::default().decide("user", &need), Ok(()));
        assert_eq!(Policy::default().decide("Other", &need), Err(Refusal::NotAllowed));
    }
}
