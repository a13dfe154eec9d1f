//! Load: many mixed requests through the local cloud while one call in twenty goes wrong, each of them accounted for.
//!
//! The scenarios say what each request comes to. Here the same is asked of thousands at once: all settled, none doubled,
//! each told, and the functions' memory flat.

mod account;
mod chance;
mod figures;
mod memory;
mod mix;
mod prepare;
mod send;
mod watch;

use std::time::Duration;

use steward_local::catalog::Settings;
use steward_local::cloud::Options;

pub use figures::Figures;

use crate::sweeping::sweeping;
use crate::world::World;
use chance::Chances;
use memory::Memory;
use send::Sending;
use watch::Watch;

/// How long nothing may be settled before the rest counts as lost.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often is looked.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What is to be carried.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// How many requests.
    pub requests: usize,
    /// Of what the requests and the faults are drawn from.
    pub seed: u64,
    /// Of a hundred calls of the functions, how many meet a fault.
    pub percent: f64,
    /// Is told how far it is.
    pub say: fn(&str),
}

/// What became of it.
#[derive(Debug)]
pub struct Outcome {
    /// The figures.
    pub figures: Figures,
    /// What is not as it must be, in words; nothing: all is well.
    pub wrong: Vec<String>,
}

/// A world for it. No record ends sooner than the SDK has given up repeating the call that made it: at AWS records take
/// minutes, and their tokens are remembered while they run.
fn options() -> Options {
    let settings = Settings {
        termination: Duration::from_mins(4),
        action: Duration::from_mins(5),
        import: Duration::from_secs(40),
        ..Settings::default()
    };
    let options = Options { settings, ..sweeping() };
    [
        // As slow beside records as at AWS.
        ("PollBase", "1s"),
        ("PollMax", "4s"),
        ("RedriveAfter", "4s"),
        // Long after anything else here has ended.
        ("GiveUpAfter", "90s"),
        ("MaxTerminationsPerHour", "99999"),
        ("MaxTerminationsPerSweep", "99999"),
        ("MaxTerminationsPercent", "100"),
    ]
    .into_iter()
    .fold(options, |options, (name, value)| options.with(name, value))
}

impl Load {
    /// Carries it.
    ///
    /// # Panics
    /// If the local cloud itself fails.
    pub async fn run(self) -> Outcome {
        let world = World::of(options()).await;
        let chances = Chances::begin(world.cloud.gateway.faults(), self.seed, self.percent);
        let mut watch = Watch::new();
        let mut memory = Memory::new();
        let mut sending = Sending::new(self, &world, &chances);
        sending.all(&mut watch, &mut memory).await;
        sending.rest(&mut watch).await;
        memory.look(&world, 100).await;
        let (mut wrong, ended) = account::judge(&world, sending.requests(), &mut watch).await;
        wrong.extend(memory.wrong(self.requests));
        let figures = Figures::of(&world, &sending, &watch, &chances, &memory, ended);
        world.cloud.stop().await;
        Outcome { figures, wrong }
    }
}

/// The number of the request that an id, a name or a whole message is about.
fn number_in(text: &str) -> Option<usize> {
    let (_, after) = text.split_once(MARK)?;
    after.get(..DIGITS)?.parse().ok()
}

/// The part of every id that says what it is for.
const MARK: &str = "load";
const DIGITS: usize = 9;

/// Thirteen characters, as ids have.
fn marked(number: usize) -> String {
    format!("{MARK}{number:0DIGITS$}")
}
