//! Idempotency tokens: derived, stored before the call, never made up by the SDK.

use super::identity::OperationId;

/// The token of an attempt, as Service Catalog wants it: at most 128 of `[a-zA-Z0-9_-]`, a letter or digit first.
/// It is readable, so that a token in `CloudTrail` leads back to its operation.
#[must_use]
pub fn derive(operation: &OperationId, attempt: u32) -> String {
    format!("{operation}-a{attempt}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::identity::Trigger;
    use crate::request::Kind;
    use crate::scope::Scope;

    #[test]
    fn a_token_keeps_the_pattern_and_tells_attempts_apart() {
        let id = OperationId::derive(&Scope::new("1", "r"), Kind::Import, "weird: ünïcode / subject", &Trigger::Bare);
        let rule = regex_lite::Regex::new(r"\A[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}\z").unwrap();
        for attempt in [1, 2, u32::MAX] {
            assert!(rule.is_match(&derive(&id, attempt)));
        }
        assert_ne!(derive(&id, 1), derive(&id, 2));
    }
}
