//! Principals: who may use a portfolio.

use regex_lite::Regex;

/// How a principal is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::catalog) enum PrincipalType {
    /// The ARN of one user, group or role.
    Iam,
    /// An ARN without account, with wildcards.
    Pattern,
}

/// Who may use a portfolio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::catalog) struct Principal {
    pub(in crate::catalog) arn: String,
    pub(in crate::catalog) principal_type: PrincipalType,
}

impl Principal {
    /// The principal or, with a wildcard or without an account, the pattern.
    pub(super) fn of(arn: &str) -> Self {
        let is_pattern = arn.contains(['*', '?']) || arn.contains(":iam:::");
        let principal_type = if is_pattern { PrincipalType::Pattern } else { PrincipalType::Iam };
        Self { arn: arn.to_owned(), principal_type }
    }

    /// Whether a caller is meant. The session of a role counts as its role, whatever path the role has: the session's
    /// ARN does not say it.
    pub(super) fn is(&self, caller_arn: &str) -> bool {
        if self.arn == caller_arn {
            return true;
        }
        let (Some(own), Some(caller)) = (Identity::of(&self.arn), Identity::of(caller_arn)) else {
            return is_like(&self.arn, caller_arn);
        };
        let is_here = own.account.is_empty() || is_like(own.account, caller.account);
        is_here && is_like(own.kind, caller.kind) && is_like(own.name, caller.name)
    }
}

/// What remains of an IAM or STS ARN without paths and sessions.
struct Identity<'a> {
    account: &'a str,
    /// `user`, `role` ...
    kind: &'a str,
    name: &'a str,
}

impl<'a> Identity<'a> {
    fn of(arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, _, account, resource) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let (kind, rest) = resource.split_once('/')?;
        match (service, kind) {
            ("sts", "assumed-role") => Some(Self { account, kind: "role", name: rest.split('/').next()? }),
            ("iam", _) => Some(Self { account, kind, name: rest.rsplit('/').next()? }),
            _ => None,
        }
    }
}

/// Whether a text is like a pattern, in which `*` stands for anything and `?` for one character.
fn is_like(pattern: &str, text: &str) -> bool {
    let pattern = regex_lite::escape(pattern).replace("\\*", ".*").replace("\\?", ".");
    Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|whole| whole.is_match(text))
}
