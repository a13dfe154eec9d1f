//! The table, as the workflow asks it for operations.

use std::future::Future;

use shared::clock::Time;
use shared::operation::{Operation, OperationId, State, token};
use shared::ports::{
    Adopted, Change, Claim, Due, DueNow, Fence, Guard, ImportSlot, PauseSwitch, Places, Rejection, RemediationSlot,
    Store, StoreError, Takeover, Written,
};
use shared::remediation::Slot;
use shared::request::Kind;
use shared::retry::after;

use super::Port;
use crate::call::Nature;
use crate::mutant::Mutant;
use crate::world::World;

type Told<T> = Result<T, StoreError>;

impl PauseSwitch for Port {
    fn paused(&self) -> impl Future<Output = Told<Option<String>>> + Send {
        self.table(Nature::Read, || "reads the switch".to_owned(), |world, _| Ok(world.table.paused()))
    }
}

impl Store for Port {
    fn claim(&self, operation: &Operation) -> impl Future<Output = Told<Claim>> + Send {
        let words = || format!("claims {} ({} {})", operation.id, operation.kind.as_str(), operation.subject);
        let operation = operation.clone();
        let is_import = operation.kind == Kind::Import && operation.standing.state.is_live();
        let nature = if is_import { Nature::Transaction } else { Nature::Write };
        self.table(nature, words, move |world, _| Ok(world.table.claim(world.now, &operation)))
    }

    fn take_over(&self, id: &OperationId, takeover: Takeover) -> impl Future<Output = Told<Option<Operation>>> + Send {
        let words = || format!("takes {id} over");
        let id = id.clone();
        self.table(Nature::Write, words, move |world, _| {
            let mut takeover = takeover.clone();
            if world.mutant == Some(Mutant::Fencing) {
                takeover.now = after(takeover.now, std::time::Duration::from_hours(10_000));
            }
            world.table.take_over(world.now, &id, &takeover)
        })
    }

    fn write(&self, id: &OperationId, fence: &Fence, change: &Change) -> impl Future<Output = Told<Written>> + Send {
        let words = || written(id, change);
        let (id, fence, mut change) = (id.clone(), fence.clone(), change.clone());
        let nature = if change.protection.is_some() { Nature::Transaction } else { Nature::Write };
        self.table(nature, words, move |world, _| {
            let fence = fence_of(world, &id, &fence);
            if world.mutant == Some(Mutant::Retry) {
                renew(world, &id, &mut change);
            }
            Ok(world.table.write(world.now, &id, &fence, &change))
        })
    }

    fn adopt(
        &self,
        id: &OperationId,
        fence: &Fence,
        change: &Change,
        record_id: &str,
    ) -> impl Future<Output = Told<Adopted>> + Send {
        let words = || format!("adopts {record_id}: {}", written(id, change));
        let (id, fence, change, record_id) = (id.clone(), fence.clone(), change.clone(), record_id.to_owned());
        self.table(Nature::Transaction, words, move |world, _| {
            let fence = fence_of(world, &id, &fence);
            Ok(world.table.adopt(world.now, &id, &fence, &change, &record_id))
        })
    }

    fn take_remediation_slot(
        &self,
        id: &OperationId,
        fence: &Fence,
        change: &Change,
        slot: &Slot,
        taken_from: Option<&OperationId>,
    ) -> impl Future<Output = Told<RemediationSlot>> + Send {
        let (id, fence, change, slot) = (id.clone(), fence.clone(), change.clone(), slot.clone());
        let words = || "takes the slot of its product's repair".to_owned();
        let taken_from = taken_from.cloned();
        self.table(Nature::Transaction, words, move |world, _| {
            let fence = fence_of(world, &id, &fence);
            if world.mutant == Some(Mutant::RepairSlot) {
                world.table.write(world.now, &id, &fence, &change);
                return Ok(RemediationSlot::Taken);
            }
            world.table.take_remediation_slot(world.now, (&id, &fence), &change, &slot, taken_from.as_ref())
        })
    }

    fn leave_alone(&self, product_id: &str, slot: &Slot) -> impl Future<Output = Told<()>> + Send {
        let (product_id, slot) = (product_id.to_owned(), slot.clone());
        self.table(
            Nature::Write,
            || "leaves its drift alone".to_owned(),
            move |world, _| {
                world.table.leave_alone(world.now, &product_id, &slot);
                Ok(())
            },
        )
    }

    fn take_import_slot(&self, id: &OperationId) -> impl Future<Output = Told<ImportSlot>> + Send {
        let words = || format!("{id} takes the slot of imports");
        let id = id.clone();
        self.table(Nature::Write, words, move |world, _| Ok(world.table.take_import_slot(&id)))
    }

    fn pass_import_slot(&self, id: &OperationId) -> impl Future<Output = Told<Option<OperationId>>> + Send {
        let words = || format!("{id} passes the slot of imports on");
        let id = id.clone();
        self.table(Nature::Write, words, move |world, _| Ok(world.table.pass_import_slot(&id)))
    }

    fn operation(&self, id: &OperationId) -> impl Future<Output = Told<Option<Operation>>> + Send {
        let words = || format!("reads {id}");
        let id = id.clone();
        self.table(Nature::Read, words, move |world, _| Ok(world.table.operation(&id).cloned()))
    }

    fn standing(&self, id: &OperationId) -> impl Future<Output = Told<Option<(State, Time)>>> + Send {
        let words = || format!("reads how {id} stands");
        let id = id.clone();
        self.table(Nature::Read, words, move |world, _| Ok(world.table.standing(&id)))
    }

    fn postpone(
        &self,
        id: &OperationId,
        fence: &Fence,
        due_at: Time,
        retry_at: Option<Time>,
    ) -> impl Future<Output = Told<Written>> + Send {
        let words = || format!("postpones {id} to {due_at}");
        let (id, fence) = (id.clone(), fence.clone());
        self.table(Nature::Write, words, move |world, _| {
            Ok(world.table.postpone(world.now, &id, &fence, due_at, retry_at))
        })
    }

    fn take_look(
        &self,
        id: &OperationId,
        fence: &Fence,
        before: Option<Time>,
        now: Time,
        due_at: Time,
    ) -> impl Future<Output = Told<Written>> + Send {
        let words = || format!("takes it upon itself to look at {id}");
        let (id, fence) = (id.clone(), fence.clone());
        self.table(Nature::Write, words, move |world, _| {
            Ok(world.table.take_look(world.now, &id, &fence, (before, now), due_at))
        })
    }

    fn guard(&self, product_id: &str) -> impl Future<Output = Told<Guard>> + Send {
        let words = || format!("reads the switch and what is said of {product_id}");
        let product_id = product_id.to_owned();
        self.table(Nature::Read, words, move |world, here| {
            let mut guard = world.table.guard(&product_id);
            world.looked_at_guard(here, &product_id, &guard);
            if let (Some(Mutant::Judging), Some(item)) = (world.mutant, &mut guard.product) {
                (item.protection, item.lease_until) = (None, None);
            }
            Ok(guard)
        })
    }

    fn live(&self, limit: u32) -> impl Future<Output = Told<Vec<Due>>> + Send {
        let words = || "asks the index for what lives".to_owned();
        self.table(Nature::Read, words, move |world, _| Ok(world.table.live(world.now, limit)))
    }

    fn due(&self, now: Time, limit: u32) -> impl Future<Output = Told<DueNow>> + Send {
        let words = || "asks the index for what is due".to_owned();
        self.table(Nature::Read, words, move |world, _| Ok(world.table.due(world.now, now, limit)))
    }

    fn of_product(&self, product_id: &str, limit: u32) -> impl Future<Output = Told<Vec<Due>>> + Send {
        let words = || format!("asks the index for operations of {product_id}");
        let product_id = product_id.to_owned();
        self.table(Nature::Read, words, move |world, _| Ok(world.table.of_product(world.now, &product_id, limit)))
    }

    fn take_places(&self, window: &str, count: u32, max: u32, _: Time) -> impl Future<Output = Told<Places>> + Send {
        let words = || format!("takes {count} places in {window}");
        let window = window.to_owned();
        self.table(Nature::Write, words, move |world, _| Ok(world.table.take_places(&window, count, max)))
    }

    fn reject(&self, rejection: &Rejection) -> impl Future<Output = Told<()>> + Send {
        let words = || format!("keeps a rejection: {}", rejection.error);
        let rejection = rejection.clone();
        self.table(Nature::Write, words, move |world, _| {
            world.table.reject(&rejection);
            Ok(())
        })
    }
}

/// Makes an operator's retry of an open attempt a new one.
fn renew(world: &World, id: &OperationId, change: &mut Change) {
    let was = world.table.operation(id).map(|operation| operation.standing);
    if was.is_some_and(|was| was.state == State::Failed && was.open) && change.standing.state == State::Waiting {
        (change.standing.attempt, change.standing.open) = (change.standing.attempt + 1, false);
        change.token = Some(token::derive(id, change.standing.attempt));
    }
}

/// The fence, or one that whatever is there passes.
fn fence_of(world: &World, id: &OperationId, fence: &Fence) -> Fence {
    match world.table.operation(id) {
        Some(there) if world.mutant == Some(Mutant::Fencing) => Fence::of(there),
        _ => fence.clone(),
    }
}

fn written(id: &OperationId, change: &Change) -> String {
    let why = change.why.as_deref().unwrap_or_default();
    format!("writes {id}: {} of attempt {} {why}", change.standing.state.as_str(), change.standing.attempt)
}
