//! The local cloud: everything that Steward touches at AWS, on one machine.
//!
//! The shipped function binaries run unmodified, as processes of their own, against the services in this crate; how
//! they are wired is read from `template.yaml`, so that a local run tests what is deployed.

pub mod api;
pub mod catalog;
pub mod clients;
pub mod clock;
pub mod cloud;
pub mod data;
pub mod dynamo;
pub mod functions;
pub mod gateway;
pub mod lambda;
pub mod page;
pub mod rights;
pub mod run;
pub mod scene;
pub mod sqs;
pub mod stack;
pub mod template;
pub mod wiring;
