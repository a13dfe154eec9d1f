//! Telling of ends, at the minute that the sweep has noted: that one comes, and that one has come.
//!
//! Nobody else does. Before it is told, `dueAt` is moved on the condition that it still is what was read, so that of two runs at
//! once one tells; a crash before the mark lets it be told again, with the same id.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tracing::{info, warn};

use super::{Follower, SIDE_BY_SIDE, Tally};
use crate::clock::Time;
use crate::expiry::{Noticed, Word, word};
use crate::outcome::{self, Outgoing};
use crate::ports::{
    Bus, Catalog, DueProduct, Judgement, LookAt, Mark, Places, ProductItem, Products, Store, StoreError, Written,
};
use crate::retry::after;
use crate::workflow::{Trouble, metric, window};

/// How long whoever has moved `dueAt` has to tell and to mark, at least: longer than a run lasts. Up to half as long again is a
/// matter of chance: of two runs in the same millisecond, neither must take the other's `dueAt` for its own.
pub(in crate::workflow) const TELLING: Duration = Duration::from_mins(2);

/// Something to be told, and what is written once it is.
struct Telling {
    id: String,
    event: Outgoing,
    mark: Mark,
    /// As it stands now.
    due_at: Time,
}

impl<C: Catalog, S: Store + Products, B: Bus> Follower<C, S, B> {
    /// Tells of the ends of these products, as far as there is something to tell.
    pub(super) async fn tell(&self, due: Vec<DueProduct>, is_paused: bool, tally: &mut Tally) -> Result<(), Trouble> {
        if due.is_empty() {
            return Ok(());
        }
        let now = self.edges.clock.now();
        let ids: Vec<&str> = due.iter().map(|product| product.id.as_str()).collect();
        let mut items = self.edges.store.items(&ids).await?;
        let words: Vec<(String, ProductItem, Time, Word)> = due
            .into_iter()
            .filter_map(|product| {
                let (item, proposed, word) = match items.remove(&product.id)? {
                    Ok(item) => {
                        let word = self.word(&item, is_paused, now);
                        let due_at = item.due_at;
                        (item, due_at, word)
                    }
                    // The sweep reports it; here it must not come again every minute.
                    Err(error) => (ProductItem::default(), product.due_at, Word::Nothing(error.to_string())),
                };
                // The index only proposes.
                let due_at = proposed.filter(|due| *due <= now)?;
                Some((product.id, item, due_at, word))
            })
            .collect();
        let ours_until = after(now, TELLING.mul_f64(1.0 + self.edges.dice.fraction() / 2.0));
        let taken: Vec<Option<(String, ProductItem, Word)>> = stream::iter(words)
            .map(|(id, item, due_at, word)| async move {
                let is_ours = self.take(&id, due_at, &word, ours_until).await;
                let is_ours = is_ours.inspect_err(|error| warn!(product = id, "its end is looked at again: {error}"));
                is_ours.unwrap_or_default().then_some((id, item, word))
            })
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await;
        let mut ours: Vec<(String, ProductItem, Word)> = taken.into_iter().flatten().collect();
        tally.seen += u32::try_from(ours.len()).unwrap_or(u32::MAX);
        self.within_cap(&mut ours, now, ours_until).await?;
        let telling = |(id, item, word)| self.telling(id, &item, word, now, ours_until);
        let tellings = ours.into_iter().filter_map(telling).collect();
        self.publish(tellings, tally).await;
        Ok(())
    }

    fn word(&self, item: &ProductItem, is_paused: bool, now: Time) -> Word {
        if is_paused {
            return Word::NotBefore(after(now, self.settings.poll_base));
        }
        if self.telling.dry_run {
            return Word::Nothing("terminations are dry".to_owned());
        }
        word(item, &self.telling.timing, &self.telling.parameters, now)
    }

    /// Takes a product in hand, or writes at once what needs no word; `false`: nothing is left to do.
    async fn take(&self, id: &str, due_at: Time, word: &Word, ours_until: Time) -> Result<bool, StoreError> {
        let (look_at, is_ours) = match word {
            Word::Nothing(why) => {
                info!(product = id, "nothing is told of its end: {why}");
                (LookAt::Never, false)
            }
            Word::NotBefore(next) => (LookAt::Then(*next), false),
            Word::Expiring { .. } | Word::Expired(_) => (LookAt::Then(ours_until), true),
        };
        let mark = Mark { look_at, ..Mark::default() };
        Ok(self.edges.store.mark(id, Some(due_at), &mark).await? == Written::Applied && is_ours)
    }

    /// Takes a place for each end in the cap of this window; those for which there is none are looked at in the next.
    async fn within_cap(
        &self,
        ours: &mut Vec<(String, ProductItem, Word)>,
        now: Time,
        ours_until: Time,
    ) -> Result<(), Trouble> {
        let wanted = ours.iter().filter(|(_, _, word)| matches!(word, Word::Expired(_))).count();
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
        if wanted == 0 {
            return Ok(());
        }
        let (window, until) = window(now, self.telling.interval);
        let cap = self.telling.cap;
        let granted = match self.edges.store.take_places(&window, wanted, cap, until).await? {
            Places::Taken => return Ok(()),
            Places::Left(0) => 0,
            Places::Left(left) => match self.edges.store.take_places(&window, left, cap, until).await? {
                Places::Taken => left,
                Places::Left(_) => 0,
            },
        };
        let why = format!(
            "{wanted} provisioned products have come to their end, and {granted} of {cap} may still go until {until} \
             (MaxTerminationsPerSweep)"
        );
        warn!("{why}");
        metrics::counter!(metric::HELD_BACK).increment(1);
        let counts = [("expired".to_owned(), u64::from(wanted))].into();
        let told = outcome::halted(&self.edges.scope, until, &why, &counts, &[]);
        // Said once for a window, as far as it can be; what counts is that nothing is told to end.
        if let Some(Err(error)) = self.edges.bus.publish(&[told]).await.into_iter().next() {
            warn!("{error}");
        }
        let mut places = granted;
        let mut refused = Vec::new();
        ours.retain(|(id, _, word)| {
            let may = !matches!(word, Word::Expired(_)) || places > 0;
            places = places.saturating_sub(u32::from(matches!(word, Word::Expired(_))));
            if !may {
                refused.push(id.clone());
            }
            may
        });
        let mark = Mark { look_at: LookAt::Then(until), ..Mark::default() };
        for id in refused {
            self.edges.store.mark(&id, Some(ours_until), &mark).await?;
        }
        Ok(())
    }

    fn telling(&self, id: String, item: &ProductItem, word: Word, now: Time, due_at: Time) -> Option<Telling> {
        match word {
            Word::Expiring { judgement, lead, ends_at, next } => {
                let event = outcome::expiring(&self.edges.scope, &id, &judgement, &item.notice, lead, ends_at);
                let noticed = noticed(item, &judgement, lead.num_milliseconds(), now);
                let mark = Mark { noticed: Some(noticed), look_at: LookAt::Then(next), ..Mark::default() };
                Some(Telling { id, event, mark, due_at })
            }
            Word::Expired(judgement) => {
                let event = outcome::expired(&self.edges.scope, &id, &judgement, &item.notice);
                let mark = Mark { look_at: LookAt::Never, ..Mark::default() };
                Some(Telling { id, event, mark, due_at })
            }
            Word::Nothing(_) | Word::NotBefore(_) => None,
        }
    }

    /// What the bus did not take keeps the `dueAt` that it has: it is told a little later.
    async fn publish(&self, tellings: Vec<Telling>, tally: &mut Tally) {
        let events: Vec<Outgoing> = tellings.iter().map(|telling| telling.event.clone()).collect();
        let taken = self.edges.bus.publish(&events).await;
        for (Telling { id, event, mark, due_at }, taken) in tellings.into_iter().zip(taken) {
            let done = match taken {
                Ok(()) => {
                    info!(product = id, "told: {}", event.detail_type);
                    self.edges.store.mark(&id, Some(due_at), &mark).await.map(|_| ()).map_err(Trouble::from)
                }
                Err(error) => Err(error.into()),
            };
            match done {
                Ok(()) => tally.told += 1,
                Err(error) => {
                    warn!(product = id, "its end is told again: {error}");
                    tally.troubled += 1;
                }
            }
        }
    }
}

/// What people know once this warning is out.
fn noticed(item: &ProductItem, judgement: &Judgement, lead: i64, now: Time) -> Noticed {
    let known = item.noticed.as_ref().filter(|noticed| noticed.expires_at == judgement.expires_at);
    Noticed {
        expires_at: judgement.expires_at,
        seen_at: known.map_or(now, |noticed| noticed.seen_at),
        warned_at: known.and_then(|noticed| noticed.warned_at).or(Some(now)),
        lead: Some(lead),
    }
}
