//! What is known of products: attribute by attribute.

use std::collections::HashMap;

use shared::clock::Time;
use shared::operation::OperationId;
use shared::ports::{Extension, Items, Kept, LookAt, Mark, Protection, Standpoint, StoreError, Written};

use super::{Table, millis};

impl Table {
    /// See [`shared::ports::Products::items`].
    #[must_use]
    pub fn items(&self, ids: &[String]) -> Items {
        ids.iter().filter_map(|id| Some((id.clone(), Ok(self.item(id)?.clone())))).collect()
    }

    /// See [`shared::ports::Products::standpoints`].
    #[must_use]
    pub fn standpoints(&self, ids: &[OperationId]) -> HashMap<OperationId, Standpoint> {
        let standpoint = |id: &OperationId| {
            let item = self.operations.get(id)?;
            let (state, why) = (item.operation.standing.state, item.operation.why.clone());
            Some((id.clone(), Standpoint { state, since: item.updated_at, why }))
        };
        ids.iter().filter_map(standpoint).collect()
    }

    /// See [`shared::ports::Products::mark`].
    pub fn mark(&mut self, now: Time, id: &str, read_due_at: Option<Time>, mark: &Mark) -> Written {
        let there = self.item(id).and_then(|item| item.due_at);
        let due_at = match mark.look_at {
            LookAt::AsItIs => read_due_at,
            LookAt::Then(at) => Some(at),
            LookAt::Never => None,
        };
        if there != read_due_at.map(millis) {
            let is_own = mark.look_at != LookAt::AsItIs && self.is_marked(id, due_at, mark);
            return if is_own { Written::Applied } else { Written::Fenced };
        }
        self.product(now, id, |product| {
            let item = &mut product.item;
            item.judgement = mark.judgement.clone().or(item.judgement.take());
            item.noticed = mark.noticed.clone().or(item.noticed.take());
            item.changing = mark.changing.clone().or(item.changing.take());
            if let Some(notice) = &mark.notice {
                item.notice = notice.clone();
            }
            item.due_at = due_at;
        });
        Written::Applied
    }

    fn is_marked(&self, id: &str, due_at: Option<Time>, mark: &Mark) -> bool {
        let nothing = shared::ports::ProductItem::default();
        let item = self.item(id).unwrap_or(&nothing);
        item.due_at == due_at.map(millis)
            && (mark.judgement.is_none() || mark.judgement == item.judgement)
            && (mark.noticed.is_none() || mark.noticed == item.noticed)
    }

    /// See [`shared::ports::Products::extend`].
    ///
    /// # Errors
    /// If there is no extension.
    pub fn extend(
        &mut self,
        now: Time,
        id: &str,
        read_lease: Option<Time>,
        extensions: &[Extension],
    ) -> Result<Kept, StoreError> {
        let Some(last) = extensions.last() else { return Err(StoreError("no extension to write".to_owned())) };
        let there = self.item(id);
        if there.and_then(|item| item.lease_until) != read_lease {
            let was_ours = there.is_some_and(|item| item.extensions.iter().any(|known| known.id == last.id));
            return Ok(if was_ours { Kept::Before } else { Kept::Changed });
        }
        self.product(now, id, |product| {
            product.item.lease_until = Some(last.until);
            product.item.extensions = extensions.to_vec();
        });
        Ok(Kept::Now)
    }

    /// See [`shared::ports::Products::protect`].
    pub fn protect(&mut self, now: Time, id: &str, protection: Option<&Protection>, at: Time) -> Kept {
        let before = self.products.get(id).and_then(|product| product.protection_at);
        if before.is_some_and(|before| before > at) {
            return Kept::Changed;
        }
        self.product(now, id, |product| {
            product.item.protection = protection.cloned();
            product.protection_at = Some(at);
        });
        Kept::Now
    }
}
