//! The edges: what the workflow asks of Service Catalog, of the table and of the event bus.

mod bus;
mod catalog;
mod product;
mod products;
mod rows;
mod store;

pub use bus::{Bus, BusError};
pub use catalog::{CallError, Catalog, Described, Page, Record, Refusal, SearchRow, ServiceAction, Sought, Stamp};
pub use product::{Changing, Extension, Guard, Judgement, ProductItem, Protection};
pub use products::{Items, Kept, LookAt, Mark, Memory, Pass, Products, Standpoint};
pub use rows::{Due, DueNow, DueProduct, Rejection};
pub use store::{
    Adopted, Change, Claim, Fence, History, ImportSlot, PauseSwitch, Places, RemediationSlot, Store, StoreError,
    Takeover, Written,
};
