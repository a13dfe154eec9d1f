//! What goes wrong, by chance: drawn from a generator of its own, so that a run can be had again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use steward_local::gateway::USER;
use steward_local::gateway::faults::{Effect, Faults, Target};

/// Of a thousand faults, how many are of each kind.
const KINDS: [(&str, u32); 10] = [
    ("throttled", 280),
    ("500", 120),
    ("503", 120),
    ("500, carried out", 60),
    ("closed before", 150),
    ("closed after", 150),
    ("delayed", 55),
    ("answered late", 55),
    (KILLED_BEFORE, 5),
    (KILLED_AFTER, 5),
];
const KILLED_BEFORE: &str = "killed before";
const KILLED_AFTER: &str = "killed after";
/// The longest delay: less than any pause after which a call is taken for lost.
const DELAY_MAX: u64 = 500;

/// The faults of a run.
#[derive(Clone, Debug)]
pub(super) struct Chances {
    met: Arc<Mutex<BTreeMap<&'static str, u64>>>,
    kills: Arc<AtomicBool>,
}

impl Chances {
    /// Lets so many of a hundred calls of the functions go wrong, until the faults are cleared.
    pub(super) fn begin(faults: &Faults, seed: u64, percent: f64) -> Self {
        let chances = Self { met: Arc::default(), kills: Arc::new(AtomicBool::new(true)) };
        let (drawing, mut random) = (chances.clone(), fastrand::Rng::with_seed(seed));
        let _ = faults.draw(Box::new(move |target| {
            if target.caller == USER || random.f64() * 100.0 >= percent {
                return None;
            }
            let (name, effect) = drawing.one(target, &mut random);
            *drawing.met.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default() += 1;
            Some(effect)
        }));
        chances
    }

    /// From now on no process is killed: what is to be measured has to live.
    pub(super) fn spare(&self) {
        self.kills.store(false, Ordering::Relaxed);
    }

    /// How many faults of each kind there were.
    pub(super) fn met(&self) -> BTreeMap<&'static str, u64> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn one(&self, target: Target<'_>, random: &mut fastrand::Rng) -> (&'static str, Effect) {
        let parts: u32 = KINDS.iter().map(|(_, part)| part).sum();
        let mut left = random.u32(..parts);
        let mut drawn = KINDS[0].0;
        for (name, part) in KINDS {
            if left < part {
                drawn = name;
                break;
            }
            left -= part;
        }
        let is_kill = [KILLED_BEFORE, KILLED_AFTER].contains(&drawn);
        let drawn = if is_kill && !self.kills.load(Ordering::Relaxed) { "closed after" } else { drawn };
        let by = Duration::from_millis(random.u64(1..=DELAY_MAX));
        let answer = |status: u16, code: &str| (status, code.to_owned(), "Something went wrong.".to_owned());
        let effect = match drawn {
            "throttled" => {
                let code = if target.service == "dynamodb" {
                    "ProvisionedThroughputExceededException"
                } else {
                    "ThrottlingException"
                };
                let (status, code, message) = answer(400, code);
                Effect::Answer { status, code, message }
            }
            "500" | "503" => {
                let known = if drawn == "500" { (500, "InternalServerError") } else { (503, "ServiceUnavailable") };
                let (status, code, message) = answer(known.0, known.1);
                Effect::Answer { status, code, message }
            }
            "500, carried out" => {
                let (status, code, message) = answer(500, "InternalServerError");
                Effect::AnswerAfter { status, code, message }
            }
            "closed before" => Effect::DropBefore,
            "delayed" => Effect::Delay(by),
            "answered late" => Effect::DelayAnswer(by),
            KILLED_BEFORE => Effect::KillBefore,
            KILLED_AFTER => Effect::KillAfter,
            _ => Effect::DropAfter,
        };
        (drawn, effect)
    }
}
