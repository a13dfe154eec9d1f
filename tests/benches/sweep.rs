//! What a sweep costs: calls, time as a ratio to what the searches themselves take, and memory. It judges nothing.
//!
//! ```sh
//! cargo bench --bench sweep               # 10,000 and 100,000 products
//! cargo bench --bench sweep -- 1000       # so many
//! ```
//!
//! The function `sweep` is built and run as it ships; every search is answered after 20 ms, DynamoDB as fast as it can.
//! The design asks for 100 searches, 1.05 times their latency and 32 MiB for 10,000 products.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures_util::{StreamExt as _, stream};
use shared::expiry::Noticed;
use shared::ports::{LookAt, Mark, Products as _};
use steward_local::catalog::NewProduct;
use steward_local::cloud::{Cloud, Options};
use steward_local::gateway::faults::{Effect, Fault};
use steward_tests::built::built;
use steward_tests::root;

/// How long a search takes.
const LATENCY: Duration = Duration::from_millis(20);
/// One product of so many has run out.
const EXPIRED: usize = 10;
/// How many products are put into the table at the same time.
const SIDE_BY_SIDE: usize = 16;
const FUNCTION: &str = "SweepFunction";
const SEARCH: &str = "servicecatalog:SearchProvisionedProducts";

/// What a run of the sweep came to.
struct Run {
    searches: u64,
    reads: u64,
    writes: u64,
    took: Duration,
    searching: Duration,
    /// On a core, and waiting for one: what others on this machine cost it.
    core: Core,
    peak_kib: u64,
}

/// What the kernel says of a process and the cores.
#[derive(Clone, Copy, Default)]
struct Core {
    used: Duration,
    waited: Duration,
}

impl Run {
    /// Its time, in searches.
    fn ratio(&self) -> f64 {
        self.took.as_secs_f64() / self.searching.as_secs_f64()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Cargo itself adds --bench.
    let asked: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![10_000, 100_000] } else { asked };
    let bins = built(&["sweep"])?;
    say(&[
        "products",
        "run",
        "searches",
        "BatchGetItem",
        "UpdateItem",
        "took",
        "searches took",
        "ratio",
        "used a core",
        "waited for it",
        "peak",
    ]);
    let mut runs: Vec<Vec<Run>> = Vec::new();
    for size in &sizes {
        runs.push(measure(&bins, *size).await?);
    }
    for (sizes, runs) in sizes.windows(2).zip(runs.windows(2)) {
        if let ([less, more], [of_less, of_more]) = (sizes, runs) {
            grow(*less, *more, of_less, of_more);
        }
    }
    Ok(())
}

/// Sweeps a catalog of `size` products: nothing there yet, all for the first time, and as every hour.
async fn measure(bins: &Path, size: usize) -> Result<Vec<Run>, Box<dyn Error>> {
    let options = Options { speed: 1.0, only: Some(vec!["sweep".to_owned()]), ..Options::quick(&root(), bins) };
    let options = options.with("MaxTerminationsPerSweep", "99999").with("MaxTerminationsPercent", "100");
    let cloud = Cloud::start(options).await?;
    let _ = cloud.gateway.faults().add(Fault {
        caller: None,
        service: Some("servicecatalog".to_owned()),
        operation: Some("SearchProvisionedProducts".to_owned()),
        skip: 0,
        times: u32::MAX,
        effect: Effect::DelayAnswer(LATENCY),
    });
    // The start of the process is no part of a sweep; a product, so that it is a sweep.
    fill(&cloud, 0..1).await?;
    sweep(&cloud).await?;
    fill(&cloud, 1..size).await?;
    let mut runs = Vec::new();
    for name in ["first", "second", "third"] {
        let run = sweep(&cloud).await?;
        say(&[
            &size.to_string(),
            name,
            &run.searches.to_string(),
            &run.reads.to_string(),
            &run.writes.to_string(),
            &format!("{:.2?}", run.took),
            &format!("{:.2?}", run.searching),
            &format!("{:.3}", run.ratio()),
            &format!("{:.2?}", run.core.used),
            &format!("{:.2?}", run.core.waited),
            &mebibytes(run.peak_kib),
        ]);
        runs.push(run);
    }
    cloud.stop().await;
    Ok(runs)
}

/// Adds products; a tenth has run out, and its people were warned in time.
async fn fill(cloud: &Cloud, numbers: std::ops::Range<usize>) -> Result<(), Box<dyn Error>> {
    let now = now();
    let ended = now - TimeDelta::days(1);
    let ended = DateTime::from_timestamp(ended.timestamp(), 0).unwrap_or(ended);
    let id = |number: usize| format!("pp-{number:013}");
    cloud.catalog.add_all(numbers.clone().map(|number| {
        let new = NewProduct::new(&id(number), &format!("sandbox-of-team-{number}"), now - TimeDelta::days(30))
            .tag("team", "platform")
            .tag("cost-centre", "4711")
            .tag("environment", "sandbox");
        if number % EXPIRED == 0 {
            new.tag("expires-at", &ended.to_rfc3339_opts(SecondsFormat::Secs, true))
        } else {
            new.tag("ttl", "365d")
        }
    }));
    let warned = Mark {
        noticed: Some(Noticed {
            expires_at: ended,
            seen_at: ended - TimeDelta::days(3),
            warned_at: Some(ended - TimeDelta::days(2)),
            lead: Some(TimeDelta::minutes(30).num_milliseconds()),
        }),
        look_at: LookAt::Then(ended),
        ..Mark::default()
    };
    let expired = numbers.filter(|number| number % EXPIRED == 0).map(id);
    let marked = stream::iter(expired).map(|id| {
        let warned = &warned;
        async move { cloud.store.mark(&id, None, warned).await }
    });
    let marked: Vec<_> = marked.buffer_unordered(SIDE_BY_SIDE).collect().await;
    marked.into_iter().try_for_each(|marked| marked.map(|_| ()))?;
    Ok(())
}

/// One sweep, from its schedule's invocation to its answer.
async fn sweep(cloud: &Cloud) -> Result<Run, Box<dyn Error>> {
    cloud.gateway.reset_counts();
    let before = cloud.wiring.seen().len();
    let core = core(cloud).await;
    let began = Instant::now();
    cloud.wiring.fire("SweepScheduleRule").await;
    let took = began.elapsed();
    let told = cloud.wiring.seen().split_off(before);
    if !told.iter().any(|seen| seen.event["detail-type"] == "Sweep Completed") {
        let log: Vec<String> = cloud.functions.log().into_iter().map(|line| line.text).collect();
        return Err(format!("the sweep has not come to its end: {told:?}\n{}", log.join("\n")).into());
    }
    let calls = cloud.gateway.counts().remove(FUNCTION).unwrap_or_default();
    let count = |call: &str| calls.get(call).copied().unwrap_or_default();
    let times = cloud.gateway.times().remove(FUNCTION).unwrap_or_default();
    let processes = cloud.functions.processes().await;
    let after = self::core(cloud).await;
    Ok(Run {
        searches: count(SEARCH),
        reads: count("dynamodb:BatchGetItem"),
        writes: count("dynamodb:UpdateItem"),
        took,
        searching: times.get(SEARCH).copied().unwrap_or_default(),
        core: Core { used: after.used.saturating_sub(core.used), waited: after.waited.saturating_sub(core.waited) },
        peak_kib: processes.iter().map(|process| process.peak_rss_kib).max().unwrap_or_default(),
    })
}

/// The function's only thread, as far as the kernel tells.
async fn core(cloud: &Cloud) -> Core {
    let processes = cloud.functions.processes().await;
    let living = processes.iter().find(|process| process.ended.is_none());
    let said = living.and_then(|process| std::fs::read_to_string(format!("/proc/{}/schedstat", process.pid)).ok());
    let mut times = said.iter().flat_map(|said| said.split(' ')).filter_map(|time| time.parse().ok());
    let mut next = || times.next().map(Duration::from_nanos).unwrap_or_default();
    Core { used: next(), waited: next() }
}

/// How many times as much the greater catalog costs.
fn grow(less: usize, more: usize, of_less: &[Run], of_more: &[Run]) {
    let all = |runs: &[Run]| {
        runs.iter().fold((0, Duration::ZERO, 0), |(calls, took, peak), run| {
            (calls + run.searches + run.reads + run.writes, took + run.took, run.peak_kib.max(peak))
        })
    };
    let ((calls, took, peak), (more_calls, more_took, more_peak)) = (all(of_less), all(of_more));
    let times = |less: f64, more: f64| format!("{:.2} x", more / less);
    #[expect(clippy::cast_precision_loss, reason = "counts of calls and KiB fit a double")]
    let rows = [
        ("products", times(less as f64, more as f64)),
        ("calls", times(calls as f64, more_calls as f64)),
        ("time", times(took.as_secs_f64(), more_took.as_secs_f64())),
        ("memory", times(peak as f64, more_peak as f64)),
    ];
    say(&[]);
    for (what, ratio) in rows {
        say(&[what, &ratio]);
    }
}

fn mebibytes(kib: u64) -> String {
    format!("{}.{} MiB", kib / 1024, kib % 1024 * 10 / 1024)
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn say(columns: &[&str]) {
    let columns: Vec<String> = columns.iter().map(|column| format!("{column:>13}")).collect();
    println!("{}", columns.join(" "));
}

#[expect(clippy::disallowed_methods, reason = "the functions run on the machine's own time, and so does this")]
fn now() -> DateTime<Utc> {
    Utc::now()
}
