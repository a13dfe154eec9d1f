//! Many mixed requests while calls go wrong: all settled, none doubled, each told, the functions' memory flat.
//!
//! ```sh
//! cargo bench --bench load                                    # 10,000 requests, 5 % faults
//! cargo bench --bench load -- 500 --seed 7 --faults 10        # so many, other ones, and so many of a hundred calls
//! ```
//!
//! The functions are built and run as they ship. Records pass faster than at AWS, pauses are shorter, and nothing but the
//! functions' own memory is judged by a limit: how quick it is depends on the machine.

use std::error::Error;
use std::process::ExitCode;

use steward_tests::built::built;
use steward_tests::load::Load;

const FUNCTIONS: [&str; 6] = ["terminate", "execute-action", "execute-plan", "import", "reconcile", "sweep"];
/// How many problems are shown.
const SHOWN_MAX: usize = 30;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let load = load(std::env::args().skip(1))?;
    built(&FUNCTIONS)?;
    say(&format!("{} requests, seed {}, {} % faults", load.requests, load.seed, load.percent));
    let outcome = load.run().await;
    say(&outcome.figures.to_string());
    for problem in outcome.wrong.iter().take(SHOWN_MAX) {
        say(&format!("WRONG: {problem}"));
    }
    if outcome.wrong.is_empty() {
        say("All are settled, none is doubled, each is told.");
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("{} are wrong.", outcome.wrong.len()));
    Ok(ExitCode::FAILURE)
}

/// What the arguments ask for.
fn load(mut arguments: impl Iterator<Item = String>) -> Result<Load, Box<dyn Error>> {
    let mut load = Load { requests: 10_000, seed: 1, percent: 5.0, say };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a number"));
        match argument.as_str() {
            "--seed" => load.seed = value()?.parse()?,
            "--faults" => load.percent = value()?.parse()?,
            // Cargo itself adds it.
            "--bench" => {}
            count => load.requests = count.parse()?,
        }
    }
    Ok(load)
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn say(line: &str) {
    println!("{line}");
}
