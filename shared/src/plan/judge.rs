//! Whether a plan is still what was approved, and may be executed: judged before every send.

use super::{Plan, digest, in_words};
use crate::clock::Time;
use crate::judge::Verdict;

/// What the approval says, and what stands beside it.
#[derive(Clone, Debug)]
pub struct Approval<'a> {
    /// The digest of what was approved.
    pub digest: Option<&'a str>,
    /// Whether there must be one.
    pub require_digest: bool,
    /// Whether resources may be removed or replaced.
    pub allow_replacement: bool,
    /// When it was given.
    pub given_at: Time,
    /// Whether a call of the present attempt may have left of which no answer is known.
    pub is_open: bool,
}

/// The service's words for a change set that changes nothing.
const NO_CHANGES: [&str; 2] = ["No updates are to be performed", "didn't contain changes"];

/// Judges the execution of a plan.
#[must_use]
pub fn judge(plan: &Plan, approval: &Approval<'_>) -> Verdict {
    let words = plan.status_message.as_deref().unwrap_or("no reason given");
    match plan.status.as_str() {
        "CREATE_SUCCESS" => match approved(plan, approval) {
            // What it says may be what is left of it after our own call.
            Verdict::Never(why) if approval.is_open => {
                Verdict::NotNow(format!("perhaps executed by this operation, its record is not found yet; else {why}"))
            }
            verdict => verdict,
        },
        "CREATE_IN_PROGRESS" => Verdict::NotNow("the plan is still being made".into()),
        "CREATE_FAILED" if NO_CHANGES.iter().any(|text| words.contains(text)) => {
            Verdict::NothingToDo(format!("nothing to do: the plan changes nothing ({words})"))
        }
        "CREATE_FAILED" => Verdict::Never(format!("the plan could not be made: {words}")),
        // Perhaps our own call: its record will say so.
        status if status.starts_with("EXECUTE_") && approval.is_open => {
            Verdict::NotNow(format!("the plan is {status}, perhaps by this operation; its record is not found yet"))
        }
        "EXECUTE_IN_PROGRESS" => Verdict::Never("the plan is being executed by somebody else".into()),
        "EXECUTE_SUCCESS" => Verdict::Never("the plan was executed before, by somebody else".into()),
        "EXECUTE_FAILED" => Verdict::Never(format!("the plan was executed before, and failed: {words}")),
        other => Verdict::NotNow(format!("the plan is {other}")),
    }
}

fn approved(plan: &Plan, approval: &Approval<'_>) -> Verdict {
    let now = digest(plan);
    match approval.digest {
        None if approval.require_digest => {
            return Verdict::Never(format!(
                "`resourceChangesDigest` is missing: an approval says what it is for; the plan's is {now}"
            ));
        }
        Some(approved) if approved != now => return Verdict::Never(differs(plan, approval, approved, &now)),
        _ => {}
    }
    let destroys: Vec<_> = plan.changes.iter().filter(|change| change.may_destroy()).collect();
    if !destroys.is_empty() && !approval.allow_replacement {
        return Verdict::Never(format!(
            "{} of {} changes remove or may replace a resource, and `allowReplacement` is not given: {}",
            destroys.len(),
            plan.changes.len(),
            in_words(destroys)
        ));
    }
    Verdict::Send
}

fn differs(plan: &Plan, approval: &Approval<'_>, approved: &str, now: &str) -> String {
    let of = |id: &Option<String>| id.clone().unwrap_or_else(|| "?".to_owned());
    let later = match plan.updated_at {
        Some(at) if at > approval.given_at => format!(", changed at {at}, after the approval"),
        _ => String::new(),
    };
    let names: Vec<&str> = plan.parameters.iter().filter_map(|parameter| parameter.key.as_deref()).collect();
    format!(
        "the plan is not what was approved: its digest is {now}, approved was {approved}{later}. It now gives {} the version \
         {} of {}, with the parameters [{}], by {} changes: {}",
        of(&plan.provisioned_product_id),
        of(&plan.artifact_id),
        of(&plan.product_id),
        names.join(", "),
        plan.changes.len(),
        in_words(&plan.changes)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::ResourceChange;

    fn change(action: &str, replacement: Option<&str>) -> ResourceChange {
        ResourceChange {
            action: Some(action.into()),
            logical_resource_id: Some("Database".into()),
            resource_type: Some("AWS::RDS::DBInstance".into()),
            replacement: replacement.map(str::to_owned),
            ..ResourceChange::default()
        }
    }

    fn plan(status: &str, changes: Vec<ResourceChange>) -> Plan {
        Plan { id: "plan-a".into(), status: status.into(), changes, ..Plan::default() }
    }

    fn judged(plan: &Plan, edit: impl FnOnce(&mut Approval<'_>)) -> Verdict {
        let digest = digest(plan);
        let mut approval = Approval {
            digest: Some(&digest),
            require_digest: true,
            allow_replacement: false,
            given_at: Time::UNIX_EPOCH,
            is_open: false,
        };
        edit(&mut approval);
        judge(plan, &approval)
    }

    fn never(verdict: Verdict) -> String {
        match verdict {
            Verdict::Never(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_approved_is_sent() {
        let plan = plan("CREATE_SUCCESS", vec![change("MODIFY", Some("FALSE")), change("ADD", None)]);
        assert_eq!(judged(&plan, |_| {}), Verdict::Send);
        assert_eq!(judged(&plan, |a| (a.digest, a.require_digest) = (None, false)), Verdict::Send);
        assert!(never(judged(&plan, |a| a.digest = None)).contains("is missing"));
        let other = "0".repeat(64);
        let why = never(judge(
            &plan,
            &Approval {
                digest: Some(&other),
                require_digest: false,
                allow_replacement: true,
                given_at: Time::UNIX_EPOCH,
                is_open: false,
            },
        ));
        assert!(why.contains("not what was approved") && why.contains("MODIFY Database"), "{why}");
    }

    #[test]
    fn what_is_another_plan_by_now_is_not_sent_again_and_says_nothing_of_a_call_whose_answer_was_lost() {
        let plan = plan("CREATE_SUCCESS", vec![change("MODIFY", Some("FALSE"))]);
        let open = |given: &str| {
            let approval = Approval {
                digest: Some(given),
                require_digest: true,
                allow_replacement: false,
                given_at: Time::UNIX_EPOCH,
                is_open: true,
            };
            judge(&plan, &approval)
        };
        assert!(matches!(open(&"0".repeat(64)), Verdict::NotNow(why) if why.contains("not what was approved")));
        assert_eq!(open(&digest(&plan)), Verdict::Send);
    }

    #[test]
    fn whatever_may_destroy_needs_to_be_allowed() {
        for (action, replacement) in [
            ("REMOVE", None),
            ("MODIFY", Some("TRUE")),
            ("MODIFY", Some("CONDITIONAL")),
            ("MODIFY", Some("PERHAPS")),
            ("DYNAMIC", None),
        ] {
            let plan = plan("CREATE_SUCCESS", vec![change("ADD", None), change(action, replacement)]);
            let why = never(judged(&plan, |_| {}));
            assert!(why.contains("1 of 2 changes") && why.contains("Database"), "{why}");
            assert_eq!(judged(&plan, |a| a.allow_replacement = true), Verdict::Send, "{action} {replacement:?}");
        }
    }

    #[test]
    fn every_status_has_its_verdict() {
        let words = |status: &str, message: &str| {
            let plan = Plan { status_message: Some(message.into()), ..plan(status, Vec::new()) };
            judged(&plan, |_| {})
        };
        for message in [
            "No updates are to be performed.",
            "The submitted information didn't contain changes. Submit different ...",
        ] {
            assert!(matches!(words("CREATE_FAILED", message), Verdict::NothingToDo(_)), "{message}");
        }
        assert!(never(words("CREATE_FAILED", "Parameters: [X] do not exist")).contains("[X] do not exist"));
        assert!(matches!(words("CREATE_IN_PROGRESS", ""), Verdict::NotNow(_)));
        assert!(matches!(words("SOMETHING_NEW", ""), Verdict::NotNow(_)));
        for status in ["EXECUTE_IN_PROGRESS", "EXECUTE_SUCCESS", "EXECUTE_FAILED"] {
            assert!(matches!(words(status, ""), Verdict::Never(_)), "{status}");
            let ours = judged(&plan(status, Vec::new()), |a| a.is_open = true);
            assert!(matches!(ours, Verdict::NotNow(_)), "{status}: it may be our own call");
        }
    }
}
