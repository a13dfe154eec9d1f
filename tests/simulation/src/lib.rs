//! A deterministic simulation: the real code of every function over a simulated table, service and bus, with one seeded
//! scheduler that decides the order of every step and all that goes wrong.
//!
//! A seed is a schedule. [`run`] runs one, and says whether a promise was broken; the same seed gives the same history.
//!
//! - `World` is all there is outside of the processes: the clock, the [`table`], the service, queues, and what has happened.
//! - A process is the real workflow over the `Port`s of the world: each call over an edge leaves, is on its way, is carried out,
//!   and is answered; each of these may go wrong (`Weather`), and the process may die at each.
//! - The checks know everything, and look at every call that acts, every write to an operation, and at the end.

mod agenda;
mod call;
mod chance;
mod check;
mod functions;
mod history;
mod mutant;
mod ports;
mod process;
mod program;
mod queue;
mod run;
mod script;
mod service;
pub mod table;
mod traffic;
mod weather;
mod world;

pub use check::Violation;
pub use mutant::Mutant;
pub use run::{Outcome, Trial, run};
