//! `cargo simulate`: runs schedules, and replays the first one that breaks a promise.

#![expect(clippy::print_stdout, reason = "it is a command")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Parser;
use steward_simulation::{Mutant, Outcome, Trial, run};

/// Runs schedules of everything that can go wrong, over the real code of every function.
#[derive(Debug, Parser)]
#[command(name = "cargo simulate", disable_version_flag = true)]
struct Arguments {
    /// How many schedules.
    #[arg(long, default_value_t = 100_000)]
    schedules: u64,
    /// For how many seconds, however many that are.
    #[arg(long, conflicts_with = "schedules")]
    seconds: Option<u64>,
    /// The seed of the first.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Replays the schedule of this seed alone, and prints what happens in it.
    #[arg(long, conflicts_with_all = ["schedules", "seconds", "from"])]
    seed: Option<u64>,
    /// Breaks a promise on purpose, at a simulated port.
    #[arg(long, value_enum)]
    mutant: Option<Mutant>,
    /// Goes on after a promise was broken, and counts.
    #[arg(long)]
    count: bool,
}

/// What all schedules came to.
#[derive(Debug, Default)]
struct Sum {
    schedules: u64,
    calls: u64,
    operations: u64,
    executions: u64,
    hours: i64,
    /// The seeds that broke a promise, by promise.
    broken: BTreeMap<&'static str, Vec<u64>>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(seed) = arguments.seed {
        return replay(seed, arguments.mutant);
    }
    let began = Instant::now();
    let sum = all(&arguments, began);
    let seconds = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let each_second = sum.schedules as f64 / seconds;
    println!(
        "{} schedules in {seconds:.1} s, {each_second:.0} a second: {} calls, {} operations, {} executions, {} hours of theirs.",
        sum.schedules, sum.calls, sum.operations, sum.executions, sum.hours
    );
    let Some(first) = sum.broken.values().flatten().min() else {
        println!("No promise was broken.");
        return ExitCode::SUCCESS;
    };
    for (rule, seeds) in &sum.broken {
        let shown: Vec<String> = seeds.iter().take(5).map(u64::to_string).collect();
        println!("BROKEN by {} schedules: {rule} ({})", seeds.len(), shown.join(", "));
    }
    if !arguments.count {
        replay(*first, arguments.mutant);
    }
    ExitCode::FAILURE
}

/// Runs them on all cores; the seeds are the same however many there are.
fn all(arguments: &Arguments, began: Instant) -> Sum {
    let (next, sum) = (AtomicU64::new(0), Mutex::new(Sum::default()));
    let limit = arguments.seconds.map(Duration::from_secs);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let is_over = limit.map_or(number >= arguments.schedules, |limit| began.elapsed() >= limit);
                    if is_over {
                        return;
                    }
                    let seed = arguments.from + number;
                    let outcome = run(Trial { seed, mutant: arguments.mutant, with_history: false });
                    let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                    sum.add(seed, &outcome);
                    if !sum.broken.is_empty() && !arguments.count {
                        return;
                    }
                }
            });
        }
    });
    sum.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl Sum {
    fn add(&mut self, seed: u64, outcome: &Outcome) {
        self.schedules += 1;
        self.calls += outcome.calls;
        self.operations += outcome.operations;
        self.executions += outcome.executions;
        self.hours += outcome.lasted.num_hours();
        if let Some(violation) = &outcome.violation {
            self.broken.entry(violation.rule).or_default().push(seed);
        }
    }
}

fn replay(seed: u64, mutant: Option<Mutant>) -> ExitCode {
    let outcome = run(Trial { seed, mutant, with_history: true });
    for line in outcome.history {
        println!("{line}");
    }
    let with = mutant.map(|mutant| format!(" --mutant {}", name(mutant))).unwrap_or_default();
    match outcome.violation {
        None => {
            println!("Seed {seed}: no promise was broken.");
            ExitCode::SUCCESS
        }
        Some(violation) => {
            println!("\nSeed {seed} breaks: {}\n  {}", violation.rule, violation.words);
            println!("Again: cargo simulate --seed {seed}{with}");
            ExitCode::FAILURE
        }
    }
}

fn name(mutant: Mutant) -> String {
    use clap::ValueEnum as _;
    mutant.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
