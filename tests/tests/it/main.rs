//! What can only be seen with the whole in hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod actions;
mod agreement;
mod alarms;
mod bad_input;
mod budgets;
mod cli;
mod crashes;
mod every_call;
mod faults;
mod guards;
mod handler;
mod hazards;
mod hourly;
mod imports;
mod late;
mod load;
mod logs;
mod plans;
mod publishing;
mod records;
mod store;
mod sweep;
mod time;
mod warm;
