//! Principals, who may use a portfolio: associate, disassociate and list them.

use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::catalog::Catalog;
use crate::catalog::input::{self, Input, Refused, page, some};
use crate::catalog::records::with_next;

/// The ARN of one user, group or role; and one without account, with or without wildcards.
const IAM: &str = "arn:[a-z0-9-]+:iam::[0-9]{12}:(user|group|role)/[^*?]+";
const IAM_PATTERN: &str = "arn:[a-z0-9-]+:iam:::(user|group|role)/.+";

/// How a principal is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::catalog) enum PrincipalType {
    /// The ARN of one user, group or role.
    Iam,
    /// An ARN without account, with wildcards.
    Pattern,
}

/// Who may use a portfolio.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl Catalog {
    /// Twice is as good as once: the model has no code for a principal that is there already.
    pub(super) fn associate_principal(&self, input: &Input) -> Result<Value, Refused> {
        let portfolio_id = input.required("PortfolioId", input::ID)?;
        let arn = input.required("PrincipalARN", some(1000))?;
        let (principal_type, pattern) = match input.required_one_of("PrincipalType", &["IAM", "IAM_PATTERN"])?.as_str()
        {
            "IAM" => (PrincipalType::Iam, IAM),
            _ => (PrincipalType::Pattern, IAM_PATTERN),
        };
        let mut state = self.lock();
        state.offer.portfolio_or_refuse(&portfolio_id)?;
        if !Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|whole| whole.is_match(&arn)) {
            return Err(Refused::invalid(format!("Invalid principal ARN: {arn}")));
        }
        let principal = Principal { arn, principal_type };
        state.offer.change_portfolio(&portfolio_id, |portfolio| {
            if !portfolio.principals.contains(&principal) {
                portfolio.principals.push(principal);
            }
        })
    }

    /// Whoever is not among them is gone already: the model has no code for that either. Without a type an ARN is one of IAM.
    pub(super) fn disassociate_principal(&self, input: &Input) -> Result<Value, Refused> {
        let portfolio_id = input.required("PortfolioId", input::ID)?;
        let arn = input.required("PrincipalARN", some(1000))?;
        let principal_type = match input.one_of("PrincipalType", &["IAM", "IAM_PATTERN"])?.as_deref() {
            Some("IAM_PATTERN") => PrincipalType::Pattern,
            _ => PrincipalType::Iam,
        };
        let gone = Principal { arn, principal_type };
        let mut state = self.lock();
        state.offer.change_portfolio(&portfolio_id, |portfolio| portfolio.principals.retain(|one| *one != gone))
    }

    pub(super) fn list_principals(&self, input: &Input) -> Result<Value, Refused> {
        let portfolio_id = input.required("PortfolioId", input::ID)?;
        let shown = |principal: &Principal| {
            let principal_type = match principal.principal_type {
                PrincipalType::Iam => "IAM",
                PrincipalType::Pattern => "IAM_PATTERN",
            };
            json!({ "PrincipalARN": principal.arn, "PrincipalType": principal_type })
        };
        // Before the portfolio is looked for: what is wrong with a request is wrong whatever it asks for.
        input.page_size(20)?;
        input.page_start()?;
        let state = self.lock();
        let principals: Vec<Value> =
            state.offer.portfolio_or_refuse(&portfolio_id)?.principals.iter().map(shown).collect();
        let (shown, next) = page(&principals, input, 20)?;
        Ok(with_next(json!({ "Principals": shown }), next))
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
