//! Steward's core.
//!
//! What happens to an operation is decided by pure code ([`operation`], [`judge`], [`expiry`], [`plan`], [`remediation`],
//! [`decide`], [`retry`]): no clock, no network, no randomness of its own. The [`workflow`] moves an operation through it over
//! the ports in [`ports`]; the adapters live in [`aws`] and [`lambda`], the only modules that name the SDK and the runtime.

pub mod clock;
pub mod config;
pub mod decide;
pub mod duration;
pub mod expiry;
pub mod inbound;
pub mod judge;
pub mod operation;
pub mod outcome;
pub mod plan;
pub mod ports;
pub mod remediation;
pub mod request;
pub mod retry;
pub mod scope;
pub mod workflow;

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "lambda")]
pub mod lambda;
