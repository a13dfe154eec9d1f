//! What differs from one kind of work to the other.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use super::Step;
use crate::clock::Time;
use crate::judge::Verdict;
use crate::operation::{Notice, Operation};
use crate::ports::{Bus, CallError, Catalog, Record, Stamp, Store};
use crate::request::Kind;
use crate::workflow::{Edges, Trouble};

/// What was read before a send.
#[derive(Debug)]
pub struct Seen<T> {
    /// What the kind of work goes by.
    pub what: T,
    /// Whether Steward is paused, and why.
    pub paused: Option<String>,
    /// What a person needs to know of the product.
    pub notice: Notice,
}

/// What a look before a send shows.
#[derive(Debug)]
pub enum Look<T> {
    /// All that is needed.
    Seen(Seen<T>),
    /// There is nothing to send, for what was seen.
    Ends(Box<Step>),
    /// A read failed.
    Blind(CallError),
}

/// What became of looking for the record of an attempt whose answer is unknown.
#[derive(Debug)]
pub enum Found {
    /// There it is, the first of these that is no other operation's; with a note for people if it may be another one's.
    Records(Vec<Record>, Option<String>),
    /// There is none: the same token may be sent again.
    Nothing,
    /// There is none, and there is nothing to send either, for what was seen.
    Ends(Box<Step>),
    /// A read failed.
    Blind(CallError),
}

/// One kind of work.
pub trait Work: Debug + Send + Sync + 'static {
    /// What it reads before it sends.
    type What: Debug + Send + Sync;

    /// The kind of the requests that it carries out.
    const KIND: Kind;

    /// Whether it learns from the switch alone whether Steward is paused, and from nothing that it reads anyway.
    const ASKS_SWITCH: bool;

    /// Whether a call of a claim that died may have left. Not if what it would have carried is stored before it leaves, and
    /// is not there.
    fn may_have_left(&self, operation: &Operation) -> bool {
        let _ = operation;
        true
    }

    /// Reads what must be known before anything is looked for or sent. What it finds out for good (a product's id) it
    /// notes in the operation.
    fn look<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &mut Operation,
    ) -> impl Future<Output = Result<Look<Self::What>, Trouble>> + Send;

    /// Looks for the record of an open attempt. What was written `settled` ago can be seen by all.
    fn find<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &Operation,
        seen: &Seen<Self::What>,
        settled: Duration,
    ) -> impl Future<Output = Result<Found, Trouble>> + Send;

    /// Whether it may be sent now.
    fn judge(&self, operation: &Operation, seen: &Seen<Self::What>, now: Time) -> Verdict;

    /// What would be done, for a dry run: "it would be ...".
    fn in_words(&self, operation: &Operation, seen: &Seen<Self::What>) -> String;

    /// Takes what only one operation at a time may have; gives what it comes to if it cannot.
    fn reserve<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &mut Operation,
        seen: &Seen<Self::What>,
    ) -> impl Future<Output = Result<Option<Step>, Trouble>> + Send {
        let _ = (edges, operation, seen);
        async { Ok(None) }
    }

    /// Sends.
    fn call<C: Catalog, S: Store, B: Bus>(
        &self,
        edges: &Edges<C, S, B>,
        operation: &Operation,
        seen: &Seen<Self::What>,
        stamp: Stamp<'_>,
    ) -> impl Future<Output = Result<Record, CallError>> + Send;
}
