//! Steward core.
