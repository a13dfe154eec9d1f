//! The service model's constraints on text members. Lengths count characters; patterns are matched whole, though the
//! model leaves most of them open at the end: what it lets slip, the service refuses later or, worse, cuts.

use std::sync::LazyLock;

use regex_lite::Regex;

/// A constraint on one text member.
#[derive(Debug)]
pub struct Rule {
    chars_min: usize,
    chars_max: usize,
    pattern: Option<Regex>,
    accepted: &'static str,
}

impl Rule {
    /// What is accepted, in words.
    #[must_use]
    pub fn accepted(&self) -> &'static str {
        self.accepted
    }

    /// Whether `text` keeps the rule.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        let chars = text.chars().count();
        (self.chars_min..=self.chars_max).contains(&chars) && self.pattern.as_ref().is_none_or(|p| p.is_match(text))
    }
}

fn rule(chars: (usize, usize), pattern: &str, accepted: &'static str) -> Rule {
    let whole = format!(r"\A(?:{pattern})\z");
    // A pattern below that does not compile is found by the first test that touches its rule.
    let pattern = Regex::new(&whole).ok();
    assert!(pattern.is_some(), "the pattern {whole} does not compile");
    Rule { chars_min: chars.0, chars_max: chars.1, pattern, accepted }
}

fn free(chars_max: usize, accepted: &'static str) -> Rule {
    Rule { chars_min: 1, chars_max, pattern: None, accepted }
}

/// Any Service Catalog identifier (`pp-...`, `act-...`, `plan-...`, `prod-...`, `pa-...`).
pub static ID: LazyLock<Rule> =
    LazyLock::new(|| rule((1, 100), "[a-zA-Z0-9_-]*", "1 to 100 letters, digits, `_` or `-`"));

/// The name of a provisioned product.
pub static NAME: LazyLock<Rule> = LazyLock::new(|| {
    rule((1, 128), "[a-zA-Z0-9][a-zA-Z0-9._-]*", "1 to 128 letters, digits, `.`, `_` or `-`, a letter or digit first")
});

/// A name, or the ARN of a provisioned product.
pub static NAME_OR_ARN: LazyLock<Rule> = LazyLock::new(|| {
    rule(
        (1, 1224),
        r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}|arn:[a-z0-9.-]{1,63}:servicecatalog:[a-z0-9.-]{1,63}:[0-9]{12}:stack/[^/]{1,128}/pp-[a-z0-9]{1,97}",
        "a name of 1 to 128 letters, digits, `.`, `_` or `-`, or an ARN `arn:...:stack/<name>/pp-<id>`",
    )
});

/// The ARN of a CloudFormation stack, with its GUID.
pub static STACK_ARN: LazyLock<Rule> = LazyLock::new(|| {
    rule(
        (1, 1224),
        r"arn:[a-z0-9.-]{1,63}:cloudformation:[a-z0-9.-]{1,63}:[0-9]{12}:stack/[a-zA-Z][a-zA-Z0-9-]{0,127}/[a-zA-Z0-9-]{1,64}",
        "the ARN of a CloudFormation stack, `arn:aws:cloudformation:<region>:<account>:stack/<name>/<guid>`",
    )
});

/// The ARN of a CloudFormation stack as events name it: some samples of AWS lack the GUID.
pub static EVENT_STACK_ARN: LazyLock<Rule> = LazyLock::new(|| {
    rule(
        (1, 1224),
        r"arn:[a-z0-9.-]{1,63}:cloudformation:[a-z0-9.-]{1,63}:[0-9]{12}:stack/[a-zA-Z][a-zA-Z0-9-]{0,127}(/[a-zA-Z0-9-]{1,64})?",
        "the ARN of a CloudFormation stack",
    )
});

/// A SHA-256 digest.
pub static DIGEST: LazyLock<Rule> =
    LazyLock::new(|| rule((64, 64), "[0-9a-f]{64}", "64 lower-case hexadecimal digits, as `steward plan show` prints"));

/// `acceptLanguage`.
pub static LANGUAGE: LazyLock<Rule> = LazyLock::new(|| rule((1, 100), "en|jp|zh", "`en`, `jp` or `zh`"));

/// What the envelope of an event says: source, detail type, id, account.
pub static EVENT_WORD: LazyLock<Rule> = LazyLock::new(|| free(256, "text of 1 to 256 characters"));

/// The caller's own key.
pub static REQUEST_ID: LazyLock<Rule> = LazyLock::new(|| free(256, "text of 1 to 256 characters"));

/// Until when a product is kept.
pub static UNTIL: LazyLock<Rule> =
    LazyLock::new(|| free(64, "an instant like 2026-11-20T18:00:00+01:00, or a day like 2026-11-20 (its end in UTC)"));

/// How much longer.
pub static FOR: LazyLock<Rule> = LazyLock::new(|| free(64, "a duration like 90m, 72h, 7d, 2w or 1d12h"));

/// Who asked.
pub static REQUESTER: LazyLock<Rule> = LazyLock::new(|| free(256, "text of 1 to 256 characters"));

/// Why.
pub static REASON: LazyLock<Rule> = LazyLock::new(|| free(1024, "text of 1 to 1,024 characters"));

/// The ARN of an EventBridge schedule.
pub static SCHEDULE_ARN: LazyLock<Rule> = LazyLock::new(|| rule((1, 1600), "arn:.+", "the ARN of a schedule"));

/// The name of a parameter of a service action.
pub static PARAMETER_NAME: LazyLock<Rule> = LazyLock::new(|| free(50, "text of 1 to 50 characters"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_matched_whole_and_lengths_are_kept() {
        let long = "a".repeat(101);
        for (rule, good, bad) in [
            (&*ID, &["pp-abcdefghijklm", "_", "A1"][..], &["", "pp-a b", "pp-a\n", "pp:a", "pp-ä", &long][..]),
            (&*NAME, &["team-a.dev_1", "7"], &["", "-a", ".a", "a b", "arn:aws:x"]),
            (
                &*NAME_OR_ARN,
                &["web", "arn:aws:servicecatalog:eu-central-1:111122223333:stack/web/pp-abc"],
                &["arn:aws:servicecatalog:eu-central-1:111122223333:stack/web", "arn:aws:s3:::bucket", "a/b"],
            ),
            (
                &*STACK_ARN,
                &["arn:aws:cloudformation:eu-central-1:111122223333:stack/web/11111111-2222-3333-4444-555555555555"],
                &["web", "arn:aws:cloudformation:eu-central-1:111122223333:stack/web"],
            ),
            (&*LANGUAGE, &["en", "jp", "zh"], &["de", "EN", ""]),
            (&*SCHEDULE_ARN, &["arn:aws:scheduler:eu-central-1:111122223333:schedule/default/x"], &["x", ""]),
        ] {
            for text in good {
                assert!(rule.holds(text), "{text:?} should be accepted as {}", rule.accepted());
            }
            for text in bad {
                assert!(!rule.holds(text), "{text:?} should be refused as {}", rule.accepted());
            }
        }
        assert!(DIGEST.holds(&"0a".repeat(32)) && !DIGEST.holds(&"0A".repeat(32)));
        assert!(REASON.holds(&"ü".repeat(1024)) && !REASON.holds(&"ü".repeat(1025)));
    }
}
