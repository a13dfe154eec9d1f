//! The edges: what the workflow asks of Service Catalog, of the table and of the event bus.

mod bus;
mod catalog;
mod product;
mod rows;
mod store;

pub use bus::{Bus, BusError};
pub use catalog::{CallError, Catalog, Described, Record, Refusal, SearchRow, ServiceAction, Sought, Stamp};
pub use product::{Guard, Judgement, ProductItem, Protection};
pub use rows::{Due, Rejection};
pub use store::{Change, Claim, Fence, History, ImportSlot, RemediationSlot, Store, StoreError, Takeover, Written};
