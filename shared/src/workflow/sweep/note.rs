//! Noting in the table what ends soon, and when somebody is to look at it.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};
use tracing::info;

use super::{Findings, Run, Sweeper};
use crate::clock::Time;
use crate::expiry::Noticed;
use crate::operation::Notice;
use crate::ports::{Bus, Catalog, Judgement, LookAt, Mark, PauseSwitch, Products, StoreError, Written};
use crate::retry::after;
use crate::workflow::Trouble;
use crate::workflow::follow::tell::TELLING;

use super::find::Found;

/// How many products are written at the same time.
const SIDE_BY_SIDE: usize = 16;

/// What is to be written of products, and when each was to be looked at as it was read.
type Marks = BTreeMap<String, (Option<Time>, Mark)>;

impl<C: Catalog, S: PauseSwitch + Products, B: Bus> Sweeper<C, S, B> {
    /// Notes what was found; `false`: the time is up. What is noted already is not written again.
    pub(super) async fn note(&self, run: &Run, findings: &Findings) -> Result<bool, Trouble> {
        let mut marks = held(findings);
        for found in &findings.found {
            marks.extend(self.mark(found, run.now).map(|mark| (found.row.id.clone(), (found.due_at(), mark))));
        }
        // One write for each: of two, the second would find that the first has moved `dueAt`.
        for (row, item, changing) in &findings.changing {
            let due_at = item.as_ref().and_then(|item| item.due_at);
            let (_, mark) = marks.entry(row.id.clone()).or_insert_with(|| (due_at, Mark::default()));
            mark.changing = Some(changing.clone());
        }
        self.write(run, marks).await
    }

    /// Takes back what earlier sweeps have noted of ends that are held; `false`: the time is up.
    pub(super) async fn hold(&self, run: &Run, findings: &Findings) -> Result<bool, Trouble> {
        self.write(run, held(findings)).await
    }

    async fn write(&self, run: &Run, marks: Marks) -> Result<bool, Trouble> {
        let written: Vec<Result<bool, StoreError>> = stream::iter(marks)
            .map(|(id, (due_at, mark))| async move {
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
            lease_until: item.as_ref().and_then(|item| item.lease_until),
            parameters: Some(self.settings.parameters.clone()),
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
        let known = item.as_ref();
        let judged = known.and_then(|item| item.judgement.as_ref());
        let is_judged =
            judged.is_some_and(|known| Judgement { judged_at: known.judged_at, ..judgement.clone() } == *known);
        let is_same_end = judged.is_some_and(|known| known.expires_at == ending.at);
        // Whoever looks is a little late, or is telling of it right now (by its own clock, and later than this sweep began):
        // moved again, it would be told again.
        let in_hand = after(next.max(self.edges.clock.now()), TELLING * 2);
        let look_at = match known.and_then(|item| item.due_at) {
            Some(due) if is_same_end && due <= in_hand => LookAt::AsItIs,
            _ => LookAt::Then(next),
        };
        let is_written = look_at == LookAt::AsItIs
            && is_judged
            && known.is_some_and(|item| item.notice == notice && item.noticed.as_ref() == Some(&noticed));
        (!is_written).then_some(Mark {
            judgement: Some(judgement),
            noticed: Some(noticed),
            look_at,
            notice: Some(notice),
            changing: None,
        })
    }
}

fn held(findings: &Findings) -> Marks {
    let never = Mark { look_at: LookAt::Never, ..Mark::default() };
    findings.held.iter().map(|(id, due_at)| (id.clone(), (Some(*due_at), never.clone()))).collect()
}

impl Found {
    /// When its end was to be looked at, as it was read.
    fn due_at(&self) -> Option<Time> {
        self.item.as_ref().and_then(|item| item.due_at)
    }
}
