//! When a provisioned product ends, by its tags, the table and the parameters. Pure.
//!
//! What is protected does not end, and what cannot be read ends nothing. Otherwise a product ends at the earlier of its
//! ceiling and the later of its lease and what its tags (or the default) say.

mod policy;
mod read;
mod stage;

pub use policy::{Expiry, Filter, Match, Policy, Rule, Subject, Tags};
pub use read::{End, Ttl, Unreadable, end, ttl};
pub use stage::{Noticed, Stage, Timing, stage};

#[cfg(test)]
mod tests;
