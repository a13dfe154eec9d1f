//! The edge to Lambda: the only modules that name the runtime and its event types.

pub mod batch;
pub mod payload;
pub mod requests;
pub mod start;
pub mod telemetry;
