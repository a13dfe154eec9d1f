//! The account and region that Steward works in: part of every identity, so that a hub for many accounts stays possible.

use serde::{Deserialize, Serialize};

/// An AWS account and region.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// Twelve digits.
    pub account: String,
    /// For example `eu-central-1`.
    pub region: String,
}

impl Scope {
    /// A scope of the two.
    #[must_use]
    pub fn new(account: impl Into<String>, region: impl Into<String>) -> Self {
        Self { account: account.into(), region: region.into() }
    }

    /// The scope of an ARN, if it is one with an account and a region.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        (parts.next() == Some("arn")).then_some(())?;
        let (region, account) = (parts.nth(2)?, parts.next()?);
        parts.next()?;
        (!region.is_empty() && !account.is_empty()).then(|| Self::new(account, region))
    }
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn a_function_arn_names_its_scope() {
        let arn = "arn:aws:lambda:eu-central-1:111122223333:function:steward-terminate";
        assert_eq!(Scope::of_arn(arn), Some(Scope::new("111122223333", "eu-central-1")));
        for bad in ["", "arn", "arn:aws:iam::111122223333:role/x", "arn:aws:lambda:eu-central-1:1"] {
            assert_eq!(Scope::of_arn(bad), None, "{bad}");
        }
    }
}
