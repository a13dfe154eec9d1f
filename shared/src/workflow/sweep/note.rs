//! Noting in the table what ends soon, and when somebody is to look at it.

use futures_util::{StreamExt as _, stream};
use tracing::info;

use super::{Findings, Run, Sweeper};
use crate::clock::Time;
use crate::expiry::Noticed;
use crate::operation::Notice;
use crate::ports::{Bus, Catalog, Judgement, LookAt, Mark, Products, Store, StoreError, Written};
use crate::workflow::Trouble;

use super::find::Found;

/// How many products are written at the same time.
const SIDE_BY_SIDE: usize = 16;

impl<C: Catalog, S: Store + Products, B: Bus> Sweeper<C, S, B> {
    /// Notes what was found; `false`: the time is up. What is noted already is not written again.
    pub(super) async fn note(&self, run: &Run, findings: &Findings) -> Result<bool, Trouble> {
        let marks: Vec<(String, Option<Time>, Mark)> = findings
            .found
            .iter()
            .filter_map(|found| Some((found.row.id.clone(), found.due_at(), self.mark(found, run.now)?)))
            .chain(findings.changing.iter().map(|(row, item, changing)| {
                let mark = Mark { changing: Some(changing.clone()), ..Mark::default() };
                (row.id.clone(), item.as_ref().and_then(|item| item.due_at), mark)
            }))
            .collect();
        let written: Vec<Result<bool, StoreError>> = stream::iter(marks)
            .map(|(id, due_at, mark)| async move {
                if self.edges.clock.now() >= run.until {
                    return Ok(false);
                }
                // Whoever looks at its end right now knows what was noted before; the next sweep sees what became of it.
                if self.edges.store.mark(&id, due_at, &mark).await? == Written::Fenced {
                    info!(product = id, "its end is being looked at; not noted");
                }
                Ok(true)
            })
            .buffer_unordered(SIDE_BY_SIDE)
            .collect()
            .await;
        let mut in_time = true;
        for written in written {
            in_time &= written?;
        }
        Ok(in_time)
    }

    /// What is to be written of a product; `None`: it is written already.
    fn mark(&self, found: &Found, now: Time) -> Option<Mark> {
        let Found { row, item, ending } = found;
        let judgement = Judgement {
            expires_at: ending.at,
            judged_at: now,
            last_provisioning_record_id: row.last_provisioning_record_id.clone().unwrap_or_default(),
            created_at: row.created_at,
            why: Some(ending.why.clone()),
        };
        let shown = &self.settings.notice_tags;
        let notice = Notice {
            name: row.name.clone(),
            product_name: row.product_name.clone(),
            owner: row.owner.clone(),
            tags: row.tags.iter().filter(|(key, _)| shown.contains(key)).cloned().collect(),
        };
        let known = item.as_ref().and_then(|item| item.noticed.clone());
        let noticed = known.filter(|noticed| noticed.expires_at == ending.at).unwrap_or(Noticed {
            expires_at: ending.at,
            seen_at: now,
            warned_at: None,
            lead: None,
        });
        let next = ending.next(now);
        let is_written = item.as_ref().is_some_and(|item| {
            let judged = item
                .judgement
                .as_ref()
                .is_some_and(|known| Judgement { judged_at: known.judged_at, ..judgement.clone() } == *known);
            // Due already: whoever looks is a little late.
            let due = item.due_at.is_some_and(|due| due == next || (due <= now && next <= now));
            judged && due && item.notice == notice && item.noticed.as_ref() == Some(&noticed)
        });
        (!is_written).then(|| Mark {
            judgement: Some(judgement),
            noticed: Some(noticed),
            look_at: LookAt::Then(next),
            notice: Some(notice),
            changing: None,
        })
    }
}

impl Found {
    /// When its end was to be looked at, as it was read.
    fn due_at(&self) -> Option<Time> {
        self.item.as_ref().and_then(|item| item.due_at)
    }
}
