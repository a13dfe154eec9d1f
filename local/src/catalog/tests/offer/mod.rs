//! What is on offer.

mod scene;
