//! What each kind of work has parameters for.

use std::time::Duration;

use super::{BadVariable, Environment, judged_by};
use crate::judge::Rules;
use crate::workflow::execute_action::Action;
use crate::workflow::execute_plan::PlanExecution;
use crate::workflow::terminate::{Hourly, Termination};

impl Termination {
    /// Reads `GRACE_PERIOD`, `ALLOW_IGNORE_ERRORS`, `MAX_TERMINATIONS_PER_HOUR`, and what says which products end, and when.
    ///
    /// # Errors
    /// The first one that is bad.
    pub fn read(environment: &Environment) -> Result<Self, BadVariable> {
        Ok(Self {
            rules: Rules {
                protect_tag: environment.text("PROTECT_TAG").unwrap_or_else(|| "steward:protect".to_owned()),
                grace_period: environment.duration("GRACE_PERIOD", Duration::ZERO)?,
                include_control_tower: environment.flag("INCLUDE_CONTROL_TOWER", false)?,
                allow_ignore_errors: environment.flag("ALLOW_IGNORE_ERRORS", false)?,
                parameters: judged_by(environment),
            },
            hourly: Hourly::new(environment.count("MAX_TERMINATIONS_PER_HOUR", 50, 0..=100_000)?),
        })
    }
}

impl Action {
    /// Reads `REMEDIATION_ACTION_NAME`, `REMEDIATION_COOLDOWN`.
    ///
    /// # Errors
    /// If one is bad.
    pub fn read(environment: &Environment) -> Result<Self, BadVariable> {
        let name = environment.text("REMEDIATION_ACTION_NAME").unwrap_or_else(|| "remediate-drift".to_owned());
        Ok(Self::new(name, environment.duration("REMEDIATION_COOLDOWN", Duration::from_hours(1))?))
    }
}

impl PlanExecution {
    /// Reads `REQUIRE_PLAN_DIGEST`.
    ///
    /// # Errors
    /// If it is bad.
    pub fn read(environment: &Environment) -> Result<Self, BadVariable> {
        Ok(Self { require_digest: environment.flag("REQUIRE_PLAN_DIGEST", true)? })
    }
}
