//! Faults: what goes wrong between a function and a service, on purpose. Added and taken away while calls run.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::chance::{Chance, Dice};

/// How many fired faults are remembered.
const FIRED_MAX: usize = 10_000;

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// This answer, and the service never hears of the call.
    Answer {
        /// HTTP status.
        status: u16,
        /// The error code, as `__type`.
        code: String,
        /// The error's text.
        message: String,
    },
    /// The service carries the call out; the caller gets this answer instead.
    AnswerAfter {
        /// HTTP status.
        status: u16,
        /// The error code, as `__type`.
        code: String,
        /// The error's text.
        message: String,
    },
    /// The connection closes; the service never hears of the call.
    DropBefore,
    /// The service carries the call out, then the connection closes.
    DropAfter,
    /// The call reaches the service late.
    Delay(Duration),
    /// The answer reaches the caller late.
    DelayAnswer(Duration),
    /// The calling function's processes are killed; the service never hears of the call.
    KillBefore,
    /// The service carries the call out, then the calling function's processes are killed.
    KillAfter,
}

/// A fault and which calls it meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Calls of this caller; none: of any.
    pub caller: Option<String>,
    /// Calls to this service (`dynamodb`); none: to any.
    pub service: Option<String>,
    /// Calls of this operation; none: of any.
    pub operation: Option<String>,
    /// How many such calls pass first.
    pub skip: u32,
    /// How many are met after that.
    pub times: u32,
    /// What happens to them.
    pub effect: Effect,
}

impl Fault {
    /// As many times as there are calls, until it is taken away.
    pub const ALWAYS: u32 = u32::MAX;

    fn fits(&self, caller: &str, service: &str, operation: &str) -> bool {
        self.service.as_deref().is_none_or(|wanted| wanted == service)
            && self.caller.as_deref().is_none_or(|wanted| wanted == caller)
            && self.operation.as_deref().is_none_or(|wanted| wanted == operation)
    }
}

/// Names a fault that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId(u64);

impl FaultId {
    /// The id of this number.
    #[must_use]
    pub fn of(number: u64) -> Self {
        Self(number)
    }

    /// Its number: they count up from 1.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

/// A fault that may still fire.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its name.
    pub id: FaultId,
    /// The fault, with the counts that are left.
    pub fault: Fault,
    /// Whether it is left to chance.
    pub dice: Option<Dice>,
    /// How many calls it has met.
    pub met: u64,
}

/// A fault that met a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// Which fault.
    pub id: FaultId,
    /// When.
    pub at: DateTime<Utc>,
    /// Whose call.
    pub caller: String,
    /// To which service.
    pub service: String,
    /// Of which operation.
    pub operation: String,
    /// What happened to it.
    pub effect: Effect,
}

/// A call that a drawn fault may meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// Whose call.
    pub caller: &'a str,
    /// To which service.
    pub service: &'a str,
    /// Of which operation.
    pub operation: &'a str,
}

/// Draws what happens to a call, if anything does: faults by chance, with a generator of its own.
pub type Draw = Box<dyn FnMut(Target<'_>) -> Option<Effect> + Send>;

#[derive(Default)]
struct State {
    added: u64,
    pending: Vec<Standing>,
    drawn: Option<(FaultId, Draw)>,
    fired: VecDeque<Fired>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drawn = self.drawn.as_ref().map(|(id, _)| id);
        f.debug_struct("State").field("pending", &self.pending).field("drawn", &drawn).finish_non_exhaustive()
    }
}

/// The faults of a gateway. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    state: Arc<Mutex<State>>,
}

impl Faults {
    /// Adds a fault.
    #[must_use = "the id takes the fault away again"]
    pub fn add(&self, fault: Fault) -> FaultId {
        self.add_by_chance(fault, None)
    }

    /// Adds a fault that meets only some of its calls, if there is a chance to be drawn.
    #[must_use = "the id takes the fault away again"]
    pub fn add_by_chance(&self, fault: Fault, chance: Option<Chance>) -> FaultId {
        let mut state = self.state();
        state.added += 1;
        let id = FaultId(state.added);
        state.pending.push(Standing { id, fault, dice: chance.map(Dice::new), met: 0 });
        id
    }

    /// Lets every call that no fault meets be drawn for, from now on. There is one draw; a new one takes its place.
    #[must_use = "the id takes the draw away again"]
    pub fn draw(&self, draw: Draw) -> FaultId {
        let mut state = self.state();
        state.added += 1;
        let id = FaultId(state.added);
        state.drawn = Some((id, draw));
        id
    }

    /// Takes a fault or a draw away; `false`: it is used up already, or never was.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn remove(&self, id: FaultId) -> bool {
        let mut state = self.state();
        let before = state.pending.len();
        state.pending.retain(|standing| standing.id != id);
        state.drawn.take_if(|(other, _)| *other == id).is_some() || state.pending.len() < before
    }

    /// Takes all faults away, and the draw. What has fired is kept.
    pub fn clear(&self) {
        let mut state = self.state();
        state.pending.clear();
        state.drawn = None;
    }

    /// The faults that may still fire, with the counts that are left.
    #[must_use]
    pub fn pending(&self) -> Vec<(FaultId, Fault)> {
        self.state().pending.iter().map(|standing| (standing.id, standing.fault.clone())).collect()
    }

    /// The same, with what they have met so far and what is left to chance.
    #[must_use]
    pub fn standing(&self) -> Vec<Standing> {
        self.state().pending.clone()
    }

    /// The faults that fired, oldest first; the last 10,000.
    #[must_use]
    pub fn fired(&self) -> Vec<Fired> {
        self.state().fired.iter().cloned().collect()
    }

    /// Which effect a call meets. Every fault that matches counts the call against its `skip`, even when another one
    /// fires, so that "the third call" means the third call; of those that are due the oldest fires.
    pub(super) fn meet(&self, at: DateTime<Utc>, caller: &str, service: &str, operation: &str) -> Option<Effect> {
        let mut state = self.state();
        let mut met: Option<(FaultId, Effect)> = None;
        for Standing { id, fault, dice, met: meetings } in &mut state.pending {
            if !fault.fits(caller, service, operation) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
            } else if met.is_none() && fault.times > 0 && dice.as_mut().is_none_or(Dice::throw) {
                if fault.times != Fault::ALWAYS {
                    fault.times -= 1;
                }
                *meetings += 1;
                met = Some((*id, fault.effect.clone()));
            }
        }
        state.pending.retain(|standing| standing.fault.times > 0);
        if met.is_none()
            && let Some((id, draw)) = &mut state.drawn
        {
            met = draw(Target { caller, service, operation }).map(|effect| (*id, effect));
        }
        let (id, effect) = met?;
        if state.fired.len() == FIRED_MAX {
            state.fired.pop_front();
        }
        state.fired.push_back(Fired {
            id,
            at,
            caller: caller.to_owned(),
            service: service.to_owned(),
            operation: operation.to_owned(),
            effect: effect.clone(),
        });
        Some(effect)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(caller: Option<&str>, operation: Option<&str>, skip: u32, times: u32) -> Fault {
        Fault {
            caller: caller.map(str::to_owned),
            service: Some("dynamodb".to_owned()),
            operation: operation.map(str::to_owned),
            skip,
            times,
            effect: Effect::DropBefore,
        }
    }

    fn met(faults: &Faults, caller: &str, operation: &str) -> bool {
        faults.meet(DateTime::UNIX_EPOCH, caller, "dynamodb", operation).is_some()
    }

    #[test]
    fn a_fault_lets_its_first_calls_pass_and_is_used_up() {
        let faults = Faults::default();
        let _ = faults.add(fault(None, Some("PutItem"), 1, 2));
        assert!(!met(&faults, "F", "GetItem"));
        assert_eq!([met(&faults, "F", "PutItem"), met(&faults, "G", "PutItem")], [false, true]);
        assert_eq!(faults.pending()[0].1.times, 1);
        assert_eq!([met(&faults, "F", "PutItem"), met(&faults, "F", "PutItem")], [true, false]);
        assert!(faults.pending().is_empty());
        let callers: Vec<String> = faults.fired().into_iter().map(|fired| fired.caller).collect();
        assert_eq!(callers, ["G", "F"]);
    }

    #[test]
    fn a_fault_meets_only_its_caller_and_service() {
        let faults = Faults::default();
        let _ = faults.add(fault(Some("F"), None, 0, 9));
        assert!(!met(&faults, "G", "PutItem"));
        assert!(faults.meet(DateTime::UNIX_EPOCH, "F", "events", "PutEvents").is_none());
        assert!(met(&faults, "F", "PutItem"));
    }

    #[test]
    fn a_fault_of_any_service_counts_the_calls_to_each() {
        let faults = Faults::default();
        let _ = faults.add(Fault { service: None, ..fault(Some("F"), None, 1, 1) });
        assert!(!met(&faults, "F", "PutItem"));
        assert!(faults.meet(DateTime::UNIX_EPOCH, "F", "events", "PutEvents").is_some());
    }

    #[test]
    fn faults_count_the_calls_that_others_take() {
        let faults = Faults::default();
        let first = faults.add(fault(None, None, 0, 1));
        let second = faults.add(fault(None, None, 1, 1));
        assert!(met(&faults, "F", "PutItem") && met(&faults, "F", "PutItem"));
        let ids: Vec<FaultId> = faults.fired().iter().map(|fired| fired.id).collect();
        assert_eq!(ids, [first, second]);
    }

    #[test]
    fn a_fault_taken_away_fires_no_more() {
        let faults = Faults::default();
        let id = faults.add(fault(None, None, 0, 9));
        faults.remove(id);
        assert!(!met(&faults, "F", "PutItem"));
        let _ = faults.add(fault(None, None, 0, 9));
        faults.clear();
        assert!(!met(&faults, "F", "PutItem"));
    }

    #[test]
    fn a_fault_by_chance_meets_as_many_as_it_says_and_the_same_ones_again() {
        let run = |seed| {
            let faults = Faults::default();
            let always = Fault { times: Fault::ALWAYS, ..fault(None, None, 0, 0) };
            let _ = faults.add_by_chance(always, Some(Chance { percent: 20.0, seed }));
            let hits: Vec<bool> = (0..1_000).map(|_| met(&faults, "F", "PutItem")).collect();
            let count = hits.iter().filter(|hit| **hit).count();
            assert_eq!(faults.standing()[0].met, count as u64);
            assert!((150..250).contains(&count), "{count} of 1,000 at 20 %");
            hits
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }

    #[test]
    fn a_fault_for_always_is_not_used_up() {
        let faults = Faults::default();
        let id = faults.add(fault(None, None, 0, Fault::ALWAYS));
        assert!((0..1_000).all(|_| met(&faults, "F", "PutItem")));
        assert_eq!(faults.pending()[0].1.times, Fault::ALWAYS);
        assert_eq!([faults.remove(id), faults.remove(id)], [true, false]);
    }

    #[test]
    fn a_draw_decides_where_no_fault_does() {
        let faults = Faults::default();
        let mut random = fastrand::Rng::with_seed(7);
        let drawn = faults
            .draw(Box::new(move |target| (target.caller == "F" && random.u8(..100) < 30).then_some(Effect::DropAfter)));
        let added = faults.add(fault(None, None, 0, 1));
        let hits = (0..1_000).filter(|_| met(&faults, "F", "PutItem")).count();
        assert!((250..350).contains(&hits), "{hits} of 1,000 at 30 %");
        assert!(!(0..1_000).any(|_| met(&faults, "G", "PutItem")));
        let fired = faults.fired();
        assert_eq!((fired.len(), fired[0].id, fired[1].id), (hits, added, drawn));
        faults.remove(drawn);
        assert!(!(0..100).any(|_| met(&faults, "F", "PutItem")));
        let _ = faults.draw(Box::new(|_| Some(Effect::DropBefore)));
        faults.clear();
        assert!(!met(&faults, "F", "PutItem"));
    }
}
