//! Parameters, read once at start. A bad value stops the function with one line that names the variable, the value and
//! what is accepted; an empty value means unset.

mod read;
mod sweeping;
mod work;

use std::time::Duration;

pub use read::{BadVariable, Environment};
pub use sweeping::{Sweeping, Telling, judged_by};

use crate::request::Kind;
use crate::retry::Backoff;

/// What every function needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// `TABLE_NAME`.
    pub table_name: String,
    /// `EVENT_BUS_NAME`: a name or an ARN.
    pub event_bus_name: String,
    /// `HISTORY_TTL`: how long a settled operation is kept.
    pub history_ttl: Duration,
}

/// How a function sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// `DRY_RUN`: kinds that are judged and not sent.
    pub dry_run: Vec<Kind>,
    /// `BACKOFF_BASE`, `BACKOFF_MAX`.
    pub backoff: Backoff,
    /// `LEASE`: how long a claim may send.
    pub lease: Duration,
    /// `RESEND_AFTER`: how long after a send of unknown outcome its record is looked for, at the earliest.
    pub resend_after: Duration,
    /// `GIVE_UP_AFTER`: how long an attempt may try to get through.
    pub give_up_after: Duration,
    /// `FIRST_POLL`: when the record of a `CloudFormation` product is described first, should no event wake it.
    pub first_poll: Duration,
    /// `POLL_BASE`: when any other record is.
    pub poll_base: Duration,
}

/// How `reconcile` follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Following {
    /// `ATTEMPTS_MAX`: how many records of an operation may fail.
    pub attempts_max: u32,
    /// `BACKOFF_BASE`, `BACKOFF_MAX`.
    pub backoff: Backoff,
    /// `GIVE_UP_AFTER`: how long an unreadable record is looked for.
    pub give_up_after: Duration,
    /// `POLL_BASE`: the first pause between two looks at a record, and the least one, whatever wakes.
    pub poll_base: Duration,
    /// `POLL_MAX`: the longest.
    pub poll_max: Duration,
    /// `STALLED_AFTER`: when a record that still runs is reported.
    pub stalled_after: Duration,
    /// `REDRIVE_AFTER`: how long an operation sent on its way again is left to its queue.
    pub redrive_after: Duration,
}

impl Common {
    /// Reads the variables.
    ///
    /// # Errors
    /// The first one that is missing or bad.
    pub fn read(environment: &Environment) -> Result<Self, BadVariable> {
        let history_ttl = environment.duration("HISTORY_TTL", Duration::from_hours(35 * 24))?;
        if history_ttl < Duration::from_hours(30 * 24) {
            return Err(environment.bad("HISTORY_TTL", "at least 30d: a message may come again for that long"));
        }
        Ok(Self {
            table_name: environment.required("TABLE_NAME", "the name of Steward's table")?,
            event_bus_name: environment.required("EVENT_BUS_NAME", "the name or ARN of Steward's event bus")?,
            history_ttl,
        })
    }
}

impl Sending {
    /// Reads the variables.
    ///
    /// # Errors
    /// The first one that is bad.
    pub fn read(environment: &Environment, kind: Kind) -> Result<Self, BadVariable> {
        // Terminating twice is terminating once. Of the others no call may leave after another claim has looked for its
        // record: the signature of a request that is held up somewhere dies after five minutes.
        let lease = Duration::from_mins(if kind == Kind::Terminate { 1 } else { 6 });
        Ok(Self {
            dry_run: environment.kinds("DRY_RUN", &Kind::ALL)?,
            backoff: backoff(environment)?,
            lease: environment.positive("LEASE", lease)?,
            resend_after: environment.duration("RESEND_AFTER", Duration::from_mins(1))?,
            give_up_after: environment.positive("GIVE_UP_AFTER", Duration::from_hours(24))?,
            first_poll: environment.positive("FIRST_POLL", Duration::from_mins(15))?,
            poll_base: environment.positive("POLL_BASE", Duration::from_mins(1))?,
        })
    }

    /// How long before its end a lease is no longer used: a call that leaves then is answered in time.
    #[must_use]
    pub fn lease_margin(&self) -> Duration {
        (self.lease / 4).min(Duration::from_secs(5))
    }
}

impl Following {
    /// Reads the variables.
    ///
    /// # Errors
    /// The first one that is bad.
    pub fn read(environment: &Environment) -> Result<Self, BadVariable> {
        Ok(Self {
            attempts_max: environment.count("ATTEMPTS_MAX", 3, 1..=20)?,
            backoff: backoff(environment)?,
            give_up_after: environment.positive("GIVE_UP_AFTER", Duration::from_hours(24))?,
            poll_base: environment.positive("POLL_BASE", Duration::from_mins(1))?,
            poll_max: environment.positive("POLL_MAX", Duration::from_mins(15))?,
            stalled_after: environment.positive("STALLED_AFTER", Duration::from_hours(4))?,
            redrive_after: environment.positive("REDRIVE_AFTER", Duration::from_mins(15))?,
        })
    }
}

fn backoff(environment: &Environment) -> Result<Backoff, BadVariable> {
    let backoff = Backoff {
        base: environment.positive("BACKOFF_BASE", Duration::from_secs(30))?,
        max: environment.positive("BACKOFF_MAX", Duration::from_mins(15))?,
    };
    if backoff.max < backoff.base {
        return Err(environment.bad("BACKOFF_MAX", "at least BACKOFF_BASE"));
    }
    Ok(backoff)
}

#[cfg(test)]
mod tests;
