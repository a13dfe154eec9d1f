//! Extensions and protections: a person's word, kept in the table, bounded by the policy, and answered by an event.

use std::sync::Arc;

use chrono::TimeDelta;
use tracing::info;

use super::{Edges, Trouble};
use crate::clock::{LAST, Time, in_millis};
use crate::config::Sweeping;
use crate::expiry::{Expiry, subject};
use crate::outcome::{self, Outgoing};
use crate::ports::{
    Bus, CallError, Catalog, Described, Extension, Guard, Kept, ProductItem, Products, Protection, SearchRow, Sought,
    Store, StoreError,
};
use crate::request::{Keep, ProductRef, Until, Wish};

/// How many extensions of a product are kept: an item may have 400 KB, and nobody may fill it from outside. One that is older
/// and delivered again counts as a new one: it lets live longer, never shorter.
const EXTENSIONS_MAX: usize = 20;
/// How often an item that changes while it is looked at is looked at again.
const LOOKS_MAX: u32 = 5;

/// The workflow of requests about the life of a product.
#[derive(Debug)]
pub struct Keeper<C, S, B> {
    /// The edges.
    pub edges: Arc<Edges<C, S, B>>,
    /// The parameters.
    pub settings: Arc<Sweeping>,
}

/// A request, and what makes two deliveries of it the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is asked.
    pub keep: Keep,
    /// The same for every delivery.
    pub id: String,
    /// When it was asked.
    pub at: Time,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done, and said so.
    Done,
    /// It cannot be done, for the reason.
    Refused(String),
}

/// A product, as far as its life depends on it.
struct Looked {
    product: Described,
    row: Option<SearchRow>,
    guard: Guard,
}

impl<C: Catalog, S: Store + Products, B: Bus> Keeper<C, S, B> {
    /// Does what is asked, and publishes the answer. Delivered twice, it is done once and answered twice, with one id.
    ///
    /// # Errors
    /// If Service Catalog, the table or the bus does not answer: then it has to come again.
    pub async fn keep(&self, asked: &Asked) -> Result<Answer, Trouble> {
        let id = &asked.keep.product_id;
        let by_id = ProductRef::Id(id.clone());
        let (product, row, guard) = tokio::join!(
            self.edges.catalog.describe(&by_id),
            self.edges.catalog.search(Sought::Product(id)),
            self.edges.store.guard(id)
        );
        let unread = |error: CallError| Trouble::Search(error);
        let Some(product) = product.map_err(unread)? else {
            return Ok(Answer::Refused(format!(
                "no provisioned product {id}: it never was, or Steward may not see it"
            )));
        };
        let looked = Looked { product, row: row.map_err(unread)?, guard: guard? };
        let told = match &asked.keep.wish {
            Wish::Extend(until) => self.extend(asked, *until, &looked).await?,
            Wish::Protect(until) => self.protect(asked, Some(asked.protection(*until)), &looked).await?,
            Wish::Unprotect => self.protect(asked, None, &looked).await?,
        };
        match told {
            Ok(event) => {
                info!(product = id, by = asked.keep.requested_by, "{}: {}", event.detail_type, asked.keep.reason);
                self.edges.publish(&[event]).await?;
                Ok(Answer::Done)
            }
            Err(why) => Ok(Answer::Refused(why)),
        }
    }

    async fn extend(&self, asked: &Asked, until: Until, looked: &Looked) -> Result<Result<Outgoing, String>, Trouble> {
        let (now, id) = (self.edges.clock.now(), &asked.keep.product_id);
        let granted = |extension: &Extension| outcome::extended(&self.edges.scope, id, extension, &looked.notice());
        let mut item = looked.guard.product.clone().unwrap_or_default();
        for _ in 0..LOOKS_MAX {
            if let Some(known) = item.extensions.iter().find(|known| known.id == asked.id) {
                return Ok(Ok(granted(known)));
            }
            let until = match self.longer(until, looked, &item, now) {
                Ok(until) => until,
                Err(why) => return Ok(Err(why)),
            };
            let extension = Extension {
                id: asked.id.clone(),
                until,
                by: asked.keep.requested_by.clone(),
                reason: asked.keep.reason.clone(),
                at: now,
            };
            let from = (item.extensions.len() + 1).saturating_sub(EXTENSIONS_MAX);
            let kept: Vec<Extension> = item.extensions.iter().skip(from).chain([&extension]).cloned().collect();
            match self.edges.store.extend(id, item.lease_until, &kept).await? {
                Kept::Now => return Ok(Ok(granted(&extension))),
                // Another word, or this one delivered twice: what is there by now decides. The queue would take half an hour.
                Kept::Before | Kept::Changed => {
                    item = self.edges.store.guard(id).await?.product.unwrap_or_default();
                }
            }
        }
        Err(StoreError("too many extensions at once".to_owned()).into())
    }

    /// Until when it may live: never beyond its ceiling, and not at all if that is no longer than it lives anyway.
    fn longer(&self, until: Until, looked: &Looked, item: &ProductItem, now: Time) -> Result<Time, String> {
        // Unknown tags are no reason to refuse: what the table knows is what is extended then.
        let unknown = SearchRow { product_type: looked.product.product_type.clone(), ..SearchRow::default() };
        let mut row = looked.row.clone();
        let known = row.is_some();
        let row = row.get_or_insert(unknown);
        row.created_at = looked.product.created_at.or(row.created_at);
        let mut subject = subject(row, Some(item));
        subject.protection = None;
        let policy = &self.settings.policy;
        let ends_at = match policy.expiry(&subject, now) {
            Expiry::At(at, _) => Some(at),
            Expiry::Outside(why) | Expiry::Protected(why) | Expiry::Unreadable(why) | Expiry::Never(why) if known => {
                return Err(format!("there is nothing to extend: {why}"));
            }
            _ => item.judgement.as_ref().map(|judgement| judgement.expires_at).max(item.lease_until),
        };
        let wanted = match until {
            Until::At(at) => at,
            Until::For(life) => later(ends_at.unwrap_or(now).max(now), life),
        };
        let ceiling = policy.rule(&subject).max_ttl.zip(row.created_at).map(|(life, created)| later(created, life));
        let until = ceiling.map_or(wanted, |ceiling| ceiling.min(wanted));
        if until <= now {
            return Err(format!("{until} is over"));
        }
        match ends_at {
            Some(ends_at) if until <= ends_at && ceiling == Some(until) => {
                Err(format!("it lives until {ends_at} already, and nothing lives longer than the ceiling"))
            }
            Some(ends_at) if until <= ends_at => Err(format!("it lives until {ends_at} already")),
            _ => Ok(until),
        }
    }

    /// Without a protection, it has none any more.
    async fn protect(
        &self,
        asked: &Asked,
        protection: Option<Protection>,
        looked: &Looked,
    ) -> Result<Result<Outgoing, String>, Trouble> {
        let now = self.edges.clock.now();
        if let Some(until) = protection.as_ref().and_then(|protection| protection.until).filter(|until| *until <= now) {
            return Ok(Err(format!("{until} is over")));
        }
        let product_id = &asked.keep.product_id;
        match self.edges.store.protect(product_id, protection.as_ref(), asked.at).await? {
            Kept::Now | Kept::Before => {
                let (scope, notice) = (&self.edges.scope, looked.notice());
                Ok(Ok(outcome::protection(scope, product_id, &asked.id, protection.as_ref(), &asked.keep, &notice)))
            }
            Kept::Changed => Ok(Err("a later word on its protection holds".to_owned())),
        }
    }
}

impl Asked {
    fn protection(&self, until: Option<Until>) -> Protection {
        let until = until.map(|until| match until {
            Until::At(at) => at,
            // Counted from when it was asked: delivered again, it is no longer.
            Until::For(life) => later(self.at, life),
        });
        Protection { by: self.keep.requested_by.clone(), reason: self.keep.reason.clone(), until }
    }
}

impl Looked {
    fn notice(&self) -> crate::operation::Notice {
        crate::operation::Notice {
            name: self.product.name.clone(),
            product_name: self.row.as_ref().and_then(|row| row.product_name.clone()),
            owner: self.row.as_ref().and_then(|row| row.owner.clone()),
            ..crate::operation::Notice::default()
        }
    }
}

fn later(at: Time, by: TimeDelta) -> Time {
    at.checked_add_signed(by).map_or(LAST, |at| in_millis(at).min(LAST))
}
