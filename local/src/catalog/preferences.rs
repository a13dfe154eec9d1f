//! Preferences for stack sets: checked like everything else, and then refused, since there are no stack sets here.

use super::input::{Input, Refused};

const OPERATIONS: [&str; 3] = ["CREATE", "UPDATE", "DELETE"];
const MOST: usize = i32::MAX as usize;

/// Reads `ProvisioningPreferences` of a provisioning or an update.
pub(super) fn read(input: &Input) -> Result<(), Refused> {
    let Some(preferences) = input.part("ProvisioningPreferences")? else { return Ok(()) };
    preferences.number("StackSetFailureToleranceCount", 0, MOST)?;
    preferences.number("StackSetFailureTolerancePercentage", 0, 100)?;
    preferences.number("StackSetMaxConcurrencyCount", 1, MOST)?;
    preferences.number("StackSetMaxConcurrencyPercentage", 1, 100)?;
    preferences.one_of("StackSetOperationType", &OPERATIONS)?;
    if preferences.is_empty() {
        return Ok(());
    }
    Err(Refused::invalid("ProvisioningPreferences are for stack sets, which the local cloud does not have."))
}
