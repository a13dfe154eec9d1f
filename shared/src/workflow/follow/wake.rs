//! Wake-ups: something has happened that may be the end of a record.

use std::collections::{BTreeSet, HashSet};

use futures_util::StreamExt as _;
use futures_util::stream;

use super::{Follower, PAGE, SIDE_BY_SIDE, Tally, fence};
use crate::clock::Time;
use crate::operation::State;
use crate::ports::{Bus, Catalog, Due, Products, Store, Written};
use crate::request::Kind;
use crate::retry::after;
use crate::workflow::Trouble;

/// How many live operations are looked through for those that an event without a product's name may be about.
const LIVE_MAX: u32 = 500;

/// What events tell of: the operations on it are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Woken {
    /// Provisioned products whose stacks have come to rest.
    pub products: BTreeSet<String>,
    /// Stacks, by ARN, that were imported or failed to be.
    pub imported_stacks: BTreeSet<String>,
    /// Whether an automation has ended: it names no product, so it may be any service action's.
    pub actions: bool,
}

impl Woken {
    /// Whether nothing is woken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn asks_all(&self) -> bool {
        self.actions || !self.imported_stacks.is_empty()
    }

    fn is_about(&self, operation: &Due) -> bool {
        match operation.kind {
            Kind::ExecuteAction => self.actions && operation.standing.state == State::Submitted,
            Kind::Import => self.imported_stacks.contains(&operation.subject),
            Kind::Terminate | Kind::ExecutePlan => false,
        }
    }
}

impl<C: Catalog, S: Store + Products, B: Bus> Follower<C, S, B> {
    /// Looks at the operations on which something has just happened.
    ///
    /// # Errors
    /// If the table cannot be read at all.
    pub async fn wake(&self, woken: Woken, until: Time) -> Result<Tally, Trouble> {
        let mut tally = Tally::default();
        if woken.is_empty() {
            return Ok(tally);
        }
        let paused = self.edges.store.paused().await?.is_some();
        let mut found = Vec::new();
        if woken.asks_all() {
            let live = self.edges.store.live(LIVE_MAX).await?;
            found.extend(live.into_iter().filter(|operation| woken.is_about(operation)));
        }
        let mut of_products = stream::iter(woken.products)
            .map(|product_id| async move { self.edges.store.of_product(&product_id, PAGE).await })
            .buffer_unordered(SIDE_BY_SIDE);
        while let Some(operations) = of_products.next().await {
            found.extend(operations?);
        }
        let mut seen = HashSet::new();
        found.retain(|operation| self.is_woken(operation, paused) && seen.insert(operation.id.clone()));
        let mut taken = stream::iter(found)
            .map(|operation| async move { Ok::<_, Trouble>(self.takes(&operation).await?.then_some(operation)) })
            .buffer_unordered(SIDE_BY_SIDE);
        let mut found = Vec::new();
        while let Some(operation) = taken.next().await {
            found.extend(operation?);
        }
        // All together: what ends is told in one call.
        self.follow(found, paused, until, &mut tally).await;
        Ok(tally)
    }

    /// The end of one automation wakes all actions in flight, and several end at the same time: each record is looked at by
    /// one of those who are woken. That costs a write, and a look costs hundreds of them.
    async fn takes(&self, operation: &Due) -> Result<bool, Trouble> {
        if operation.kind != Kind::ExecuteAction || operation.standing.state != State::Submitted {
            return Ok(true);
        }
        let now = self.edges.clock.now();
        let again = after(now, self.settings.poll_base);
        let due_at = operation.due_at.map_or(again, |due| due.min(again));
        let store = &self.edges.store;
        let taken = store.take_look(&operation.id, &fence(operation), operation.polled_at, now, due_at).await?;
        Ok(taken == Written::Applied)
    }

    /// Whether an event is a reason to look at an operation now.
    fn is_woken(&self, operation: &Due, paused: bool) -> bool {
        let now = self.edges.clock.now();
        match operation.standing.state {
            State::Submitted => operation.polled_at.is_none_or(|polled| after(polled, self.settings.poll_base) <= now),
            // What is open is left alone until its record can be found.
            State::Waiting => !paused && !operation.standing.open,
            _ => false,
        }
    }
}
