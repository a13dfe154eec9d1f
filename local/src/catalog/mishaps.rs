//! What goes wrong with records on purpose, switched while the service runs: records that fail, engines that never answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::model::{Kind, Provisioned, Script};
use crate::gateway::chance::{Chance, Dice};

/// What goes wrong, and with which records.
#[derive(Clone, Debug, PartialEq)]
pub struct Mishap {
    /// Records of this provisioned product, by its id or its name; none: of any.
    pub product: Option<String>,
    /// Records that this operation makes (`TerminateProvisionedProduct`); none: any.
    pub operation: Option<String>,
    /// How many such records pass first.
    pub skip: u32,
    /// How many it happens to after that.
    pub times: u32,
    /// How they end.
    pub script: Script,
}

impl Mishap {
    /// As many times as there are records, until it is taken away.
    pub const ALWAYS: u32 = u32::MAX;
}

/// Names a mishap that was added: a number that counts up from 1.
pub type MishapId = u64;

/// A mishap that may still happen.
#[derive(Clone, Debug)]
pub struct Troubled {
    /// Its name.
    pub id: MishapId,
    /// The mishap, with the counts that are left.
    pub mishap: Mishap,
    /// Whether it is left to chance.
    pub dice: Option<Dice>,
    /// How many records it has happened to.
    pub met: u64,
}

#[derive(Debug, Default)]
struct Kept {
    added: MishapId,
    pending: Vec<Troubled>,
}

/// The mishaps of a catalog. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Mishaps {
    kept: Arc<Mutex<Kept>>,
}

impl Mishaps {
    /// Adds a mishap, one that happens to some of its records only if there is a chance to be drawn.
    #[must_use = "the id takes the mishap away again"]
    pub fn add(&self, mishap: Mishap, chance: Option<Chance>) -> MishapId {
        let mut kept = self.kept();
        kept.added += 1;
        let id = kept.added;
        kept.pending.push(Troubled { id, mishap, dice: chance.map(Dice::new), met: 0 });
        id
    }

    /// Takes a mishap away; `false`: it is used up already, or never was.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn remove(&self, id: MishapId) -> bool {
        let mut kept = self.kept();
        let before = kept.pending.len();
        kept.pending.retain(|one| one.id != id);
        kept.pending.len() < before
    }

    /// Takes all of them away.
    pub fn clear(&self) {
        self.kept().pending.clear();
    }

    /// Those that may still happen.
    #[must_use]
    pub fn standing(&self) -> Vec<Troubled> {
        self.kept().pending.clone()
    }

    /// How a new record is to end, if something is to go wrong with it. Of several the oldest happens; each counts the
    /// records that it lets pass.
    pub(super) fn meet(&self, kind: Kind, product: &Provisioned) -> Option<Script> {
        let mut kept = self.kept();
        let mut script = None;
        for Troubled { mishap, dice, met, .. } in &mut kept.pending {
            let is_named = |wanted: &str| wanted == product.id || wanted == product.name;
            let fits = mishap.product.as_deref().is_none_or(is_named)
                && mishap.operation.as_deref().is_none_or(|wanted| wanted == kind.operation());
            if !fits {
                continue;
            }
            if mishap.skip > 0 {
                mishap.skip -= 1;
            } else if script.is_none() && mishap.times > 0 && dice.as_mut().is_none_or(Dice::throw) {
                if mishap.times != Mishap::ALWAYS {
                    mishap.times -= 1;
                }
                *met += 1;
                script = Some(mishap.script.clone());
            }
        }
        kept.pending.retain(|one| one.mishap.times > 0);
        script
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
