//! The main job: the samples through the whole system, and what became of them.

pub mod cases;
pub mod report;
