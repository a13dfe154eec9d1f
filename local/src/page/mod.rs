//! The local cloud's own interface: the status page at `/`, and what it and a terminal ask below `/_local/`. All of it is
//! JSON over HTTP, for programs too.
//!
//! What goes on is read from the table and the catalog a few times a second at the most, and only while somebody looks.

mod assets;
mod change;
mod effect;
mod fault;
mod guard;
mod look;
mod reply;
mod sample;
mod setting;
mod site;
mod stream;
mod switch;
#[cfg(test)]
mod tests;
pub mod view;
mod watch;

use std::sync::Arc;

use crate::cloud::Cloud;
use crate::run::cases::Case;

/// Opens the interface of a cloud, with samples that may be published. It ends with the cloud.
pub fn open(cloud: &Arc<Cloud>, samples: Vec<Case>) {
    cloud.gateway.set_site(Arc::new(site::Local::new(cloud, samples)));
}

/// All effects that a fault may have: how each is written, and what it means.
#[must_use]
pub fn effects() -> &'static [(&'static str, &'static str)] {
    &effect::KNOWN
}
