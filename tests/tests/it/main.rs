//! What can only be seen with the whole in hand.

mod agreement;
mod budgets;
mod crashes;
mod faults;
mod guards;
mod records;
mod store;
