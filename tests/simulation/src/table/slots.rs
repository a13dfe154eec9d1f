//! What only one operation at a time may have.

use shared::clock::Time;
use shared::operation::OperationId;
use shared::ports::{Change, Fence, ImportSlot, RemediationSlot, StoreError};
use shared::remediation::Slot;

use super::Table;
use super::operations::holds;

/// How many imports may wait in line.
const LINE_MAX: usize = 1_000;

impl Table {
    /// See [`shared::ports::Store::take_remediation_slot`].
    ///
    /// # Errors
    /// If it is to be taken from somebody and there is none.
    pub fn take_remediation_slot(
        &mut self,
        now: Time,
        (id, fence): (&OperationId, &Fence),
        change: &Change,
        slot: &Slot,
        taken_from: Option<&OperationId>,
    ) -> Result<RemediationSlot, StoreError> {
        if !self.operations.get(id).is_some_and(|item| holds(&item.operation, fence)) {
            return Ok(RemediationSlot::Fenced);
        }
        let product_id = change.product_id.clone().unwrap_or_default();
        let held = self.item(&product_id).and_then(|item| item.remediation.clone());
        let may = match (&held, taken_from) {
            (None, from) => from.is_none(),
            (Some(held), None) => held.owner == *id,
            (Some(held), Some(from)) => held.owner == *from,
        };
        if !may {
            let nobodys = || StoreError("a taken slot without its owner".to_owned());
            return held.map(RemediationSlot::Held).ok_or_else(nobodys);
        }
        self.write(now, id, fence, change);
        self.product(now, &product_id, |product| product.item.remediation = Some(slot.clone()));
        Ok(RemediationSlot::Taken)
    }

    /// See [`shared::ports::Store::leave_alone`].
    pub fn leave_alone(&mut self, now: Time, product_id: &str, slot: &Slot) {
        let is_there = self.item(product_id).and_then(|item| item.remediation.as_ref());
        if is_there.is_some_and(|there| there.owner == slot.owner) {
            let alone = Slot { left_alone: true, ..slot.clone() };
            self.product(now, product_id, |product| product.item.remediation = Some(alone));
        }
    }

    /// See [`shared::ports::Store::take_import_slot`].
    pub fn take_import_slot(&mut self, id: &OperationId) -> ImportSlot {
        let slot = &mut self.imports;
        match slot.owner.clone() {
            Some(owner) if owner != *id => {
                if slot.line.contains(id) {
                    ImportSlot::Line(owner)
                } else if slot.line.len() >= LINE_MAX {
                    ImportSlot::Full(owner)
                } else {
                    slot.line.push(id.clone());
                    ImportSlot::Line(owner)
                }
            }
            _ => {
                slot.owner = Some(id.clone());
                ImportSlot::Ours
            }
        }
    }

    /// See [`shared::ports::Store::pass_import_slot`].
    pub fn pass_import_slot(&mut self, id: &OperationId) -> Option<OperationId> {
        let slot = &mut self.imports;
        if slot.owner.as_ref() != Some(id) {
            return None;
        }
        slot.owner = (!slot.line.is_empty()).then(|| slot.line.remove(0));
        slot.owner.clone()
    }
}
