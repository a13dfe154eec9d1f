//! AWS, as the command sees it: who asks, where Steward is deployed, its table, bus, queues and functions.

mod deployment;
mod doctor;
mod events;
mod functions;
mod letters;
mod session;

pub(crate) use deployment::Deployment;
pub(crate) use letters::{LETTERS, Letter, Letters};
pub(crate) use session::Session;
