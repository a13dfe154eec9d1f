//! When a provisioned product ends, by its tags, the table and the parameters. Pure.
//!
//! What is protected does not end, and what cannot be read ends nothing. Otherwise a product ends at the earlier of its
//! ceiling and the later of its lease and what its tags (or the default) say.

mod caps;
mod policy;
mod read;
mod stage;
mod weigh;
mod word;

pub use caps::{Caps, OnTooMany, Ruling, rule};
pub use policy::{Expiry, Filter, Match, Policy, Rule, Subject, Tags};
pub use read::{End, Ttl, Unreadable, end, ttl};
pub use stage::{Noticed, Outlook, Stage, Timing, outlook};
pub use weigh::{Ending, Left, Weighed, hindrance, subject, weigh};
pub use word::{Word, word};

#[cfg(test)]
mod tests;
