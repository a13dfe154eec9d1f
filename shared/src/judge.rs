//! Whether a product may be terminated now: judged before every send, by what is read right before it.

use std::time::Duration;

use crate::clock::Time;
use crate::ports::{Described, Guard, SearchRow};
use crate::request::Origin;
use crate::retry::after;

/// What is judged.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// Somebody asked, or it has expired.
    pub origin: Origin,
    /// When the product expired, by the event.
    pub expires_at: Option<Time>,
    /// When it was asked.
    pub requested_at: Time,
    /// Whether what cannot be deleted is to be left behind.
    pub ignores_errors: bool,
    /// The record of this operation's own latest attempt: its termination is no change of the product by others.
    pub own_record: Option<&'a str>,
    /// The switch and the product's item.
    pub guard: &'a Guard,
    /// The product.
    pub product: &'a Described,
    /// Its row in the search index; looked up only when somebody asked.
    pub row: Option<&'a SearchRow>,
    /// Now.
    pub now: Time,
}

/// The parameters that judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The tag that protects, unless its value is `false`.
    pub protect_tag: String,
    /// How long after its expiry a product lives on.
    pub grace_period: Duration,
    /// Whether Control Tower accounts may be terminated.
    pub include_control_tower: bool,
    /// Whether a request may leave behind what cannot be deleted.
    pub allow_ignore_errors: bool,
    /// The digest of the parameters that say which products end, and when.
    pub parameters: String,
}

/// The judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Send.
    Send,
    /// Not now: it may pass.
    NotNow(String),
    /// Not any more, by the reason.
    Never(String),
    /// There is no need, by the reason: nothing was wrong with the request.
    Needless(String),
    /// It is as it should be already, by the reason.
    NothingToDo(String),
}

/// Judges a termination.
#[must_use]
pub fn termination(case: &Case<'_>, rules: &Rules) -> Verdict {
    if case.ignores_errors && !rules.allow_ignore_errors {
        let why = "`ignoreErrors` is not allowed: what cannot be deleted would live on, and nobody would know of it; \
                   accepted: a request without it (the parameter AllowIgnoreErrors allows it)";
        return Verdict::Never(why.into());
    }
    if let Some(reason) = protected_in_table(case) {
        return Verdict::Never(reason);
    }
    if case.product.product_type.as_deref() == Some("CONTROL_TOWER_ACCOUNT") && !rules.include_control_tower {
        return Verdict::Never("a CONTROL_TOWER_ACCOUNT is not touched; IncludeControlTower allows it".into());
    }
    if case.product.created_at.is_some_and(|created| created > case.requested_at) {
        return Verdict::Never(format!("{} was created after the request was made", case.product.id));
    }
    let verdict = match case.origin {
        Origin::Expiry => expired(case, rules),
        Origin::Asked | Origin::Drift => asked(case, rules),
    };
    if verdict != Verdict::Send || case.product.is_stable() {
        return verdict;
    }
    let words = case.product.status_message.as_deref().map(|text| format!(" ({text})")).unwrap_or_default();
    Verdict::NotNow(format!("the product is {}{words}", case.product.status))
}

fn protected_in_table(case: &Case<'_>) -> Option<String> {
    let protection = case.guard.product.as_ref()?.protection.as_ref()?;
    protection.holds(case.now).then(|| protection.in_words())
}

/// The event is a hint. What counts is the judgement on the product's item, and that nothing has changed since.
fn expired(case: &Case<'_>, rules: &Rules) -> Verdict {
    let Some(item) = &case.guard.product else {
        return Verdict::Never("no judgement is stored for this product: its expiry was not found by Steward".into());
    };
    let Some(judgement) = &item.judgement else {
        return Verdict::Never("no judgement is stored for this product: its expiry was not found by Steward".into());
    };
    // The table keeps milliseconds; an event may be finer.
    if case.expires_at.map(|at| at.timestamp_millis()) != Some(judgement.expires_at.timestamp_millis()) {
        return Verdict::Never(format!(
            "outdated: the product expires at {} by the latest judgement",
            judgement.expires_at
        ));
    }
    if let Some(why) = judgement.outdated(item.lease_until, &rules.parameters) {
        return Verdict::Never(why);
    }
    let end = after(judgement.expires_at, rules.grace_period);
    if end > case.now {
        return Verdict::Never(format!("not yet: expiry plus grace is at {end}"));
    }
    let last = case.product.last_provisioning_record_id.as_deref();
    if last != Some(judgement.last_provisioning_record_id.as_str()) && (last.is_none() || last != case.own_record) {
        return Verdict::Never(format!(
            "changed since it was judged: its last provisioning record is {}, judged was {}",
            last.unwrap_or("unknown"),
            judgement.last_provisioning_record_id
        ));
    }
    Verdict::Send
}

/// Whoever asks is asked for protection by tag too. Tags come from an index that lags: they count only if the row was
/// built from the product's last provisioning record, and unknown tags terminate nothing.
fn asked(case: &Case<'_>, rules: &Rules) -> Verdict {
    let Some(row) = case.row else {
        return Verdict::NotNow("its tags are unknown: the search does not show the product".into());
    };
    let protected =
        row.tags.iter().any(|(key, value)| *key == rules.protect_tag && !value.trim().eq_ignore_ascii_case("false"));
    if protected {
        return Verdict::Never(format!("protected by its tag {}", rules.protect_tag));
    }
    if row.is_under_change && case.product.is_stable() {
        return Verdict::NotNow("its tags are unknown: the search still shows it under change".into());
    }
    // Our own failed termination is the one provisioning record that cannot have changed a tag.
    let last = case.product.last_provisioning_record_id.as_deref();
    if last != row.last_provisioning_record_id.as_deref() && (last.is_none() || last != case.own_record) {
        return Verdict::NotNow("its tags are unknown: the search has not caught up with its last change".into());
    }
    Verdict::Send
}

#[cfg(test)]
mod tests;
