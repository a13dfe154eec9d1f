use super::*;
use crate::workflow::execute_action::Action;
use crate::workflow::execute_plan::PlanExecution;
use crate::workflow::terminate::Termination;

fn sending(variables: &[(&str, &str)]) -> Result<Sending, String> {
    Sending::read(&Environment::of(variables.iter().copied()), Kind::Terminate).map_err(|bad| bad.to_string())
}

#[test]
fn unset_and_empty_variables_are_safe() {
    let defaults = sending(&[]).unwrap();
    assert_eq!(defaults.dry_run, Kind::ALL, "a function that is told nothing sends nothing");
    assert_eq!(sending(&[("DRY_RUN", ""), ("LEASE", "")]).unwrap(), defaults);
    for empty in [&[][..], &[("PROTECT_TAG", "")]] {
        let rules = Termination::read(&Environment::of(empty.iter().copied())).unwrap().rules;
        assert_eq!(rules.protect_tag, "steward:protect");
    }
    let action = Action::read(&Environment::default()).unwrap();
    assert_eq!((action.remediation_name.as_str(), action.cooldown), ("remediate-drift", Duration::from_hours(1)));
    assert!(PlanExecution::read(&Environment::default()).unwrap().require_digest);
}

#[test]
fn what_is_not_idempotent_has_a_longer_lease() {
    for kind in Kind::ALL {
        let longer = if kind == Kind::Terminate { 0 } else { 5 };
        let lease = Sending::read(&Environment::default(), kind).unwrap().lease;
        assert_eq!(lease, Duration::from_mins(1 + longer), "{kind:?}");
    }
}

#[test]
fn dry_run_is_all_none_or_a_list() {
    let dry = |value| sending(&[("DRY_RUN", value)]).map(|sending| sending.dry_run);
    assert_eq!(dry("false"), Ok(vec![]));
    assert_eq!(dry("execute-plan, import"), Ok(vec![Kind::ExecutePlan, Kind::Import]));
    assert!(dry("yes").unwrap_err().starts_with(r#"DRY_RUN is "yes"; accepted: true, false, or some of terminate,"#));
}

// Hazard B11: history is kept for as long as messages may come again.
#[test]
fn a_bad_variable_is_named_with_its_value_and_what_is_accepted() {
    for (name, value, accepted) in [
        (
            "LEASE",
            "0s",
            "LEASE is \"0s\"; accepted: a whole number and a unit: 500ms, 30s, 15m, 24h or 7d, more than 0",
        ),
        ("BACKOFF_MAX", "1s", "BACKOFF_MAX is \"1s\"; accepted: at least BACKOFF_BASE"),
    ] {
        assert_eq!(sending(&[(name, value)]).unwrap_err(), accepted);
    }
    for (name, value, accepted) in [
        (
            "GRACE_PERIOD",
            "soon",
            "GRACE_PERIOD is \"soon\"; accepted: a whole number and a unit: 500ms, 30s, 15m, 24h or 7d",
        ),
        ("INCLUDE_CONTROL_TOWER", "1", "INCLUDE_CONTROL_TOWER is \"1\"; accepted: true or false"),
    ] {
        assert_eq!(Termination::read(&Environment::of([(name, value)])).unwrap_err().to_string(), accepted);
    }
    let following = Following::read(&Environment::of([("ATTEMPTS_MAX", "0")])).unwrap_err();
    assert_eq!(following.to_string(), "ATTEMPTS_MAX is \"0\"; accepted: a whole number from 1 to 20");
    let common = Common::read(&Environment::default()).unwrap_err();
    assert_eq!(common.to_string(), "TABLE_NAME is not set; accepted: the name of Steward's table");
    let common = Common::read(&Environment::of([("HISTORY_TTL", "7d")])).unwrap_err();
    assert_eq!(
        common.to_string(),
        "HISTORY_TTL is \"7d\"; accepted: at least 30d: a message may come again for that long"
    );
}
