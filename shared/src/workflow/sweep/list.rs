//! Reading the pages: what ends far away is only counted, so that memory holds what is near.

use chrono::TimeDelta;
use futures_util::future::join;

use super::{CLOCKS_APART_MAX, Run, Sweeper};
use crate::clock::Time;
use crate::expiry::{Left, Weighed, subject, weigh};
use crate::ports::{Bus, CallError, Catalog, Page, Pass, PauseSwitch, Products, Refusal, SearchRow};
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

impl<C: Catalog, S: PauseSwitch + Products, B: Bus> Sweeper<C, S, B> {
    /// Reads all pages. The next one is on its way while one is weighed.
    pub(super) async fn list(&self, run: &mut Run) -> Result<Listed, Trouble> {
        let mut read: Option<Page> = None;
        while !run.pass.listed {
            let token = read.as_ref().map_or(&run.pass.next_page, |page| &page.next).clone();
            let is_last = read.is_some() && token.is_none();
            let take = |read: Option<Page>, run: &mut Run| read.into_iter().for_each(|page| self.take(page, run));
            if is_last || self.edges.clock.now() >= run.until {
                take(read, run);
                return Ok(if is_last { Listed::All } else { Listed::OutOfTime });
            }
            let weighing = async { take(read.take(), run) };
            let (answer, ()) = join(self.edges.catalog.list(token.as_deref()), weighing).await;
            let page = match answer {
                Ok(page) => page,
                // A page's token that is no good any more: the pass begins anew.
                Err(CallError::Refused { refusal: Refusal::Invalid, .. }) if token.is_some() => {
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
            read = Some(page);
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
                // Somebody should know of what is unreadable, what is stuck, and what is due and protected; the rest is only
                // counted.
                Weighed::Left(left, _)
                    if left == Left::Outside
                        || !(left == Left::Unreadable || row.is_under_change || self.is_due(left, &row, run.now)) =>
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

    /// Whether a product would end before the next sweeps, were it not protected.
    fn is_due(&self, left: Left, row: &SearchRow, now: Time) -> bool {
        let end = || self.settings.policy.unprotected_end(&subject(row, None));
        left == Left::Protected && end().is_some_and(|at| at - now <= self.horizon())
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
