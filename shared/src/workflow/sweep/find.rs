//! Weighing the candidates, with what the table knows of them and of their operations.

use std::collections::{BTreeMap, HashMap};
use std::mem::take;
use std::ops::RangeBounds;

use futures_util::{StreamExt as _, stream};
use tracing::warn;

use super::{Run, Sweeper};
use crate::clock::Time;
use crate::expiry::{Ending, Left, Stage, Weighed, hindrance, weigh};
use crate::operation::{OperationId, Trigger};
use crate::outcome::Line;
use crate::ports::{Bus, Catalog, Changing, PauseSwitch, ProductItem, Products, SearchRow, Standpoint};
use crate::request::Kind;
use crate::retry::after;
use crate::workflow::Trouble;

/// How many products are read from the table at once.
const BATCH: usize = 100;
/// How many such reads are under way at the same time.
const BATCHES_SIDE_BY_SIDE: usize = 4;
/// How many of the products under change are asked since when, in one sweep.
const CHANGING_MAX: usize = 100;
/// How many records are described at the same time.
const SIDE_BY_SIDE: usize = 8;

/// A product that is to be noted.
pub(super) struct Found {
    pub(super) row: SearchRow,
    pub(super) item: Option<ProductItem>,
    pub(super) ending: Ending,
}

/// Some of the candidates, weighed, with the operations that were to end them.
struct Batch {
    weighed: Vec<(SearchRow, Option<ProductItem>, Weighed)>,
    operations: HashMap<OperationId, Standpoint>,
}

/// What became of all candidates.
#[derive(Default)]
pub(super) struct Findings {
    /// To be noted.
    pub(super) found: Vec<Found>,
    /// Noted by earlier sweeps for then, and not to end as it stands now.
    pub(super) held: Vec<(String, Time)>,
    /// Under change, since when: to be kept with the product.
    pub(super) changing: Vec<(SearchRow, Option<ProductItem>, Changing)>,
    /// How many, by what becomes of them.
    counts: BTreeMap<&'static str, u64>,
    /// What somebody should know of.
    pub(super) lines: Vec<Line>,
}

impl Findings {
    /// How many end in this span of time.
    pub(super) fn ending(&self, when: impl RangeBounds<Time>) -> u64 {
        self.found.iter().filter(|found| when.contains(&found.ends_at())).count() as u64
    }

    /// Which end by then.
    pub(super) fn ending_lines(&self, by: Time) -> Vec<Line> {
        let found = self.found.iter().filter(|found| found.ends_at() <= by);
        let line = |found: &Found| {
            let why = format!("it ends at {}: {}", found.ends_at(), found.ending.why);
            Line { product_id: found.row.id.clone(), what: "ending", why }
        };
        found.map(line).collect()
    }

    /// Shows what would end, before anything else that somebody should know of: whoever arms Steward goes by this.
    pub(super) fn show_endings(&mut self) {
        self.found.sort_by_key(Found::ends_at);
        let endings = self.ending_lines(Time::MAX_UTC);
        self.lines.splice(0..0, endings);
    }

    /// Lets none end by then, whoever has noted it.
    pub(super) fn hold_all(&mut self, by: Time) {
        let (ends, others) = take(&mut self.found).into_iter().partition(|found| found.ends_at() <= by);
        self.found = others;
        self.hold(ends);
    }

    /// Lets only so many end by then, those first that have been due for longest.
    pub(super) fn keep_oldest(&mut self, most: u64, by: Time) {
        let (mut ends, others): (Vec<Found>, Vec<Found>) =
            take(&mut self.found).into_iter().partition(|found| found.ends_at() <= by);
        ends.sort_by(|one, other| (one.ending.at, &one.row.id).cmp(&(other.ending.at, &other.row.id)));
        let capped = ends.split_off(usize::try_from(most).unwrap_or(usize::MAX).min(ends.len()));
        self.found = others;
        self.found.append(&mut ends);
        for found in &capped {
            let why = format!("it ends at {}, and others have been due for longer", found.ending.at);
            self.left(found.row.id.clone(), Left::Capped, why);
        }
        self.hold(capped);
    }

    /// Leaves the ends in this span to the next sweep, which rules on them. People are warned all the same.
    pub(super) fn leave(&mut self, when: impl RangeBounds<Time>, now: Time) {
        let is_left = |found: &Found| when.contains(&found.ends_at()) && found.ending.next(now) == found.ends_at();
        let (left, others): (Vec<Found>, Vec<Found>) = take(&mut self.found).into_iter().partition(is_left);
        self.found = others;
        for _ in &left {
            self.count(Left::Later.as_str());
        }
        self.hold(left);
    }

    fn hold(&mut self, ends: Vec<Found>) {
        self.held.extend(ends.into_iter().filter_map(|found| Some((found.row.id, found.item?.due_at?))));
    }

    /// How many, by what becomes of them.
    pub(super) fn counts(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = self.counts.clone();
        for found in &self.found {
            let has_come = found.ending.outlook.stage == Stage::Expired;
            *counts.entry(if has_come { "expired" } else { "expiring" }).or_default() += 1;
        }
        counts
    }

    fn left(&mut self, product_id: String, left: Left, why: String) {
        self.count(left.as_str());
        // What is as it should be needs no word.
        if !matches!(left, Left::Outside | Left::Never | Left::Later) {
            self.lines.push(Line { product_id, what: left.as_str(), why });
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }
}

impl Found {
    /// When it ends, grace and notice included.
    fn ends_at(&self) -> Time {
        self.ending.outlook.ends_at
    }
}

impl<C: Catalog, S: PauseSwitch + Products, B: Bus> Sweeper<C, S, B> {
    /// Weighs all candidates of a complete pass; `None`: the time is up.
    pub(super) async fn find(&self, run: &mut Run) -> Result<Option<Findings>, Trouble> {
        let mut findings = Findings::default();
        for piece in 0..run.pass.pieces {
            if self.edges.clock.now() >= run.until {
                return Ok(None);
            }
            let rows = self.edges.store.piece(&run.pass, piece).await?;
            let weighed = self.weigh_all(rows, run.now).await?;
            self.sort(weighed, run.now, &mut findings);
        }
        let (candidates, now) = (&run.candidates, run.now);
        let mut weighed = stream::iter((0..candidates.len()).step_by(BATCH))
            .map(|from| self.weigh_all(candidates.iter().skip(from).take(BATCH).cloned().collect(), now))
            .buffered(BATCHES_SIDE_BY_SIDE);
        while let Some(weighed) = weighed.next().await {
            if self.edges.clock.now() >= run.until {
                return Ok(None);
            }
            self.sort(weighed?, run.now, &mut findings);
        }
        self.stuck(run.now, &mut findings).await;
        Ok(Some(findings))
    }

    /// Weighs some of them, with what the table knows.
    async fn weigh_all(&self, rows: Vec<SearchRow>, now: Time) -> Result<Batch, Trouble> {
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let mut items = self.edges.store.items(&ids).await?;
        let weighed: Vec<(SearchRow, Option<ProductItem>, Weighed)> = rows
            .into_iter()
            .map(|row| match items.remove(&row.id).transpose() {
                Ok(item) => {
                    let weighed = weigh(&self.settings.policy, &row, item.as_ref(), now, self.horizon());
                    (row, item, weighed)
                }
                // Unread is not unprotected.
                Err(error) => (row, None, Weighed::Left(Left::Unreadable, error.to_string())),
            })
            .collect();
        let operations = self.operations(&weighed).await?;
        Ok(Batch { weighed, operations })
    }

    /// Says what becomes of each.
    fn sort(&self, batch: Batch, now: Time, findings: &mut Findings) {
        let Batch { weighed, operations } = batch;
        for (row, item, weighed) in weighed {
            if let (true, Some(record_id)) = (row.is_under_change, &row.last_record_id) {
                let known = item.as_ref().and_then(|item| item.changing.clone());
                let known = known.filter(|changing| changing.record_id == *record_id);
                let changing = known.unwrap_or(Changing { record_id: record_id.clone(), since: Time::MIN_UTC });
                findings.changing.push((row.clone(), item.clone(), changing));
            }
            match weighed {
                Weighed::Left(left, why) => findings.left(row.id, left, why),
                Weighed::Ends(ending) => {
                    let operation = operations.get(&self.operation(&row, &ending));
                    let has_come = ending.outlook.stage == Stage::Expired;
                    match has_come.then(|| hindrance(&row, operation, now)).flatten() {
                        Some((left, why)) => findings.left(row.id, left, why),
                        None => findings.found.push(Found { row, item, ending }),
                    }
                }
            }
        }
    }

    /// The operations that were to end those whose end has come.
    async fn operations(
        &self,
        weighed: &[(SearchRow, Option<ProductItem>, Weighed)],
    ) -> Result<HashMap<OperationId, Standpoint>, Trouble> {
        let ids: Vec<OperationId> = weighed
            .iter()
            .filter_map(|(row, _, weighed)| match weighed {
                Weighed::Ends(ending) if ending.outlook.stage == Stage::Expired => Some(self.operation(row, ending)),
                _ => None,
            })
            .collect();
        if ids.is_empty() { Ok(HashMap::new()) } else { Ok(self.edges.store.standpoints(&ids).await?) }
    }

    fn operation(&self, row: &SearchRow, ending: &Ending) -> OperationId {
        OperationId::derive(&self.edges.scope, Kind::Terminate, &row.id, &Trigger::Expiry(ending.at))
    }

    /// Says which products have been under change for too long. Since when, only the record says: it is asked once.
    async fn stuck(&self, now: Time, findings: &mut Findings) {
        let unknown =
            findings.changing.iter().enumerate().filter(|(_, (_, _, changing))| changing.since == Time::MIN_UTC);
        let unknown: Vec<(usize, String)> =
            unknown.take(CHANGING_MAX).map(|(place, (_, _, changing))| (place, changing.record_id.clone())).collect();
        let asked = stream::iter(unknown).map(|(place, record_id)| async move {
            let record = self.edges.catalog.record(&record_id).await;
            // Unknown is not stuck: it is asked again by the next sweep.
            let since = record.inspect_err(|error| warn!(record = record_id, "not described: {error}")).ok();
            (place, since.flatten().and_then(|record| record.created_at))
        });
        let answers: Vec<(usize, Option<Time>)> = asked.buffer_unordered(SIDE_BY_SIDE).collect().await;
        for (place, since) in answers {
            if let (Some((_, _, changing)), Some(since)) = (findings.changing.get_mut(place), since) {
                changing.since = since;
            }
        }
        findings.changing.retain(|(_, _, changing)| changing.since != Time::MIN_UTC);
        let stuck: Vec<Line> = findings
            .changing
            .iter()
            .filter(|(_, _, changing)| after(changing.since, self.settings.stalled_after) <= now)
            .map(|(row, _, changing)| {
                let words = row.status_message.as_deref().unwrap_or("no reason given");
                let why = format!("UNDER_CHANGE since {} by {}: {words}", changing.since, changing.record_id);
                Line { product_id: row.id.clone(), what: "stuck", why }
            })
            .collect();
        for line in stuck {
            findings.count("stuck");
            findings.lines.push(line);
        }
        findings
            .changing
            .retain(|(_, item, changing)| item.as_ref().and_then(|item| item.changing.as_ref()) != Some(changing));
    }
}
