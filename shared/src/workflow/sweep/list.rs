//! Reading the pages: what ends far away is only counted, so that memory holds what is near.

use chrono::TimeDelta;

use super::{CLOCKS_APART_MAX, Run, Sweeper};
use crate::expiry::{Left, Weighed, weigh};
use crate::ports::{Bus, CallError, Catalog, Page, Pass, Products, Refusal, SearchRow, Store};
use crate::workflow::Trouble;

/// How many candidates are kept in one item: each is cut to what counts, and an item may have 400 KB.
const PIECE: usize = 150;

/// How far the reading has come.
pub(super) enum Listed {
    /// All pages.
    All,
    /// The time is up.
    OutOfTime,
    /// The service's clock and ours say different things.
    ClockApart(String),
    /// The search does not answer.
    Failed(CallError),
}

impl<C: Catalog, S: Store + Products, B: Bus> Sweeper<C, S, B> {
    pub(super) async fn list(&self, run: &mut Run) -> Result<Listed, Trouble> {
        while !run.pass.listed {
            if self.edges.clock.now() >= run.until {
                return Ok(Listed::OutOfTime);
            }
            let page = match self.edges.catalog.list(run.pass.next_page.as_deref()).await {
                Ok(page) => page,
                // A page's token that is no good any more: the pass begins anew.
                Err(CallError::Refused { refusal: Refusal::Invalid, .. }) if run.pass.next_page.is_some() => {
                    run.pass = Pass::new(run.now);
                    run.candidates.clear();
                    continue;
                }
                Err(error) => return Ok(Listed::Failed(error)),
            };
            let apart = page.answered_at.map(|at| self.edges.clock.now() - at).unwrap_or_default();
            if apart.abs() > CLOCKS_APART_MAX {
                let seconds = apart.num_seconds();
                return Ok(Listed::ClockApart(format!("the service's clock and ours are {seconds} seconds apart")));
            }
            self.take(page, run);
        }
        Ok(Listed::All)
    }

    fn take(&self, page: Page, run: &mut Run) {
        let horizon = self.horizon();
        for row in page.rows {
            run.pass.seen += 1;
            let weighed = weigh(&self.settings.policy, &row, None, run.now, horizon);
            run.pass.included += u64::from(!matches!(weighed, Weighed::Left(Left::Outside, _)));
            match weighed {
                // Somebody should know of what is unreadable, and of what is stuck; the rest is only counted.
                Weighed::Left(left, _)
                    if left != Left::Unreadable && (left == Left::Outside || !row.is_under_change) =>
                {
                    *run.pass.counts.entry(left.as_str().to_owned()).or_default() += 1;
                }
                _ => run.candidates.push(self.cut(row)),
            }
        }
        // The least: what is launched while the pages are read may come too late for them.
        run.pass.announced = [page.total, run.pass.announced].into_iter().flatten().min();
        run.pass.listed = page.next.is_none();
        run.pass.next_page = page.next;
    }

    /// How far a sweep looks ahead: one may be late, or fail.
    pub(super) fn horizon(&self) -> TimeDelta {
        TimeDelta::from_std(self.settings.interval * 2).unwrap_or(TimeDelta::MAX)
    }

    /// A row, with the tags alone that count or are shown.
    fn cut(&self, mut row: SearchRow) -> SearchRow {
        let (policy, shown) = (&self.settings.policy, &self.settings.notice_tags);
        row.tags.retain(|(key, _)| policy.heeds(key) || shown.contains(key));
        row
    }

    /// Keeps the candidates for the next run.
    pub(super) async fn keep(&self, run: &mut Run) -> Result<(), Trouble> {
        for rows in run.candidates.chunks(PIECE) {
            self.edges.store.keep_piece(&run.pass, run.pass.pieces, rows).await?;
            run.pass.pieces += 1;
        }
        run.candidates.clear();
        Ok(())
    }
}
