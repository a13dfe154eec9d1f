//! The main job: the samples through the whole system, and what became of them.

mod ask;
mod beginning;
pub mod build;
pub mod cases;
pub(crate) mod deliver;
pub mod ends;
mod fault;
mod print;
mod ready;
pub mod report;
pub mod scene;
mod serve;

use std::collections::{BTreeMap, HashMap};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};

use crate::clock::SPEEDS;
use crate::cloud::{Cloud, CloudError, Options};
use crate::data::Data;
use beginning::Beginning;
use cases::Case;
use ends::Ends;
use ready::Ready;
use report::{Outcome, ProductRow, Report};

/// How long a run may take before what is not settled counts as lost.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often a run looks whether everything is settled.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Steward's local cloud: the shipped functions against a faithful Service Catalog, on this machine.
///
/// Without options: builds the functions, sends every sample of events/ through the system, prints what became of each, and
/// succeeds only if each ended as events/README.md says.
#[derive(Clone, Debug, Parser)]
#[command(name = "cargo local", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Stay up with a status page, and print what to export to use the AWS CLI against it.
    #[arg(long)]
    serve: bool,
    /// What there is to begin with while serving: demo, empty, samples (what the samples of events/ are about), or a scene's
    /// file; docs/local-cloud.md has the format. demo if not given.
    #[arg(long, value_name = "NAME|FILE", requires = "serve")]
    scene: Option<String>,
    /// Keep what there is in this directory, and go on with it when it is there already; the scene is for a new one alone.
    #[arg(long, value_name = "DIR", requires = "serve")]
    data: Option<PathBuf>,
    /// Write this file when everything can be called: JSON with the endpoint and what to export. It is removed at the end.
    #[arg(long, value_name = "FILE", requires = "serve")]
    ready_file: Option<PathBuf>,
    /// Write what happened as JSON: operations, products, and the calls of each function.
    #[arg(long, value_name = "FILE", conflicts_with = "serve")]
    report: Option<PathBuf>,
    /// Run the function binaries of this folder instead of building them.
    #[arg(long, value_name = "DIR")]
    bins: Option<PathBuf>,
    /// How many times faster than at AWS records, delays and schedules pass.
    #[arg(long, value_name = "FACTOR", default_value_t = 60.0, value_parser = factor)]
    speed: f64,
    /// The port of the endpoint, 0 for any free one; 4612 with --serve, any free one without, if not given.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// A value for a parameter of template.yaml, like BackoffBase=2s; may be given more than once.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = name_and_value)]
    parameters: Vec<(String, String)>,
    /// Print the functions' log lines as they come.
    #[arg(long)]
    logs: bool,
}

/// What to do with a cloud that is served.
#[derive(Clone, Debug, Subcommand)]
enum Command {
    /// Switch what goes wrong in a cloud that is served: list faults, add and remove them.
    Fault(fault::FaultArguments),
}

fn factor(text: &str) -> Result<f64, String> {
    let factor = text.parse().ok().filter(|factor| SPEEDS.contains(factor));
    factor.ok_or_else(|| format!("accepted: a number from {} to {}", SPEEDS.start(), SPEEDS.end()))
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    parts.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| "accepted: NAME=VALUE".to_owned())
}

/// Does what the arguments say.
pub async fn main(arguments: Arguments) -> ExitCode {
    let done = match &arguments.command {
        Some(Command::Fault(fault)) => fault::run(fault).await.map(|()| ExitCode::SUCCESS),
        None => run(&arguments).await,
    };
    match done {
        Ok(code) => code,
        Err(problem) => {
            print::problem(&problem);
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let root = build::root()?;
    // Before anything is built: a slip in a scene is told at once.
    let beginning = match (&arguments.scene, arguments.serve) {
        (Some(name), _) => Beginning::read(name)?,
        (None, true) => Beginning::demo()?,
        (None, false) => Beginning::Samples,
    };
    let ready = arguments.ready_file.as_deref().map(Ready::new).transpose()?;
    let data = arguments.data.as_deref().map(Data::open).transpose().map_err(|error| error.to_string())?;
    let before = data.as_ref().and_then(Data::scene).map(str::to_owned);
    let scene_name = before.clone().unwrap_or_else(|| beginning.name().to_owned());
    let samples = cases::load(&root.join("events")).map_err(|error| error.to_string())?;
    print::title();
    let bins = match &arguments.bins {
        Some(bins) => bins.clone(),
        None => build::functions(&root).await?,
    };
    let port = arguments.port.unwrap_or(if arguments.serve { serve::PORT } else { 0 });
    let mut options = Options { speed: arguments.speed, port, ..Options::quick(&root, &bins) };
    let data = data.map(Arc::new);
    options.data.clone_from(&data);
    options.parameters.extend(Beginning::parameters(&scene_name).chain(arguments.parameters.iter().cloned()));
    if arguments.logs {
        options.logs = Some(Arc::new(print::log));
    }
    let cloud = Arc::new(start(options).await?);
    if before.is_none() {
        beginning.set(&cloud).await?;
    }
    let kept = cloud.keep(&scene_name).map_err(|error| error.to_string())?;
    print::cloud(&cloud, arguments.speed);
    if arguments.serve {
        print::data(data.as_deref(), before.as_deref(), arguments.scene.as_deref());
        if let Some(ready) = &ready {
            ready.tell(&cloud)?;
        }
        let served = tokio::select! {
            served = serve::until_interrupted(&cloud, samples) => served,
            told = told_to_end() => told,
            problem = kept => Err(problem.to_string()),
        };
        cloud.stop().await;
        let saved = cloud.save(&scene_name).map_err(|error| error.to_string());
        return served.and(saved).map(|()| ExitCode::SUCCESS);
    }

    print::sending(&samples);
    let began = Instant::now();
    send(&cloud, &samples).await?;
    let report = settled(&cloud, &samples, began).await?;
    cloud.stop().await;
    let all_as_expected = print::outcomes(&samples, &report, began.elapsed());
    if let Some(file) = &arguments.report {
        let text = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        std::fs::write(file, text + "\n").map_err(|error| format!("{}: {error}", file.display()))?;
        print::written(file);
    }
    Ok(if all_as_expected { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns when somebody else than the person at the terminal ends this program: `kill`, a service manager, a test.
async fn told_to_end() -> Result<(), String> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate()).map_err(|error| error.to_string())?.recv().await;
        Ok(())
    }
    #[cfg(not(unix))]
    std::future::pending().await
}

async fn start(options: Options) -> Result<Cloud, String> {
    let port = options.port;
    Cloud::start(options).await.map_err(|error| match error {
        CloudError::Gateway(error) if error.kind() == ErrorKind::AddrInUse => format!(
            "port {port} of 127.0.0.1 is taken, by another local cloud perhaps; choose another with --port PORT, or --port 0 \
             for any free one"
        ),
        error => error.to_string(),
    })
}

/// Sends every sample the way it would really come.
async fn send(cloud: &Cloud, samples: &[Case]) -> Result<(), String> {
    for case in samples {
        deliver::deliver(cloud, case).await?;
    }
    Ok(())
}

/// Waits until nothing is left to do, and tells what happened.
async fn settled(cloud: &Cloud, samples: &[Case], began: Instant) -> Result<Report, String> {
    loop {
        let report = report(cloud).await?;
        let outcomes: Vec<Outcome<'_>> = samples.iter().map(|case| Outcome::of(case, samples, &report)).collect();
        let arrived =
            samples.iter().zip(&outcomes).all(|(case, outcome)| outcome.count() >= case.ends_as.values().sum());
        let done = outcomes.iter().filter(|outcome| outcome.is_settled()).count();
        print::progress(done, samples.len(), began.elapsed());
        let all_settled = arrived && done == samples.len() && cloud.wiring.is_idle();
        if all_settled || began.elapsed() > PATIENCE {
            print::progress_ends();
            return Ok(report);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What has happened so far.
///
/// # Errors
/// If the table does not answer.
pub async fn report(cloud: &Cloud) -> Result<Report, String> {
    let items = cloud.dynamo.scan(&cloud.table).await.map_err(|error| error.to_string())?;
    let (operations, rejected) = report::rows(&items);
    let mut executed: HashMap<(String, bool), u64> = HashMap::new();
    for one in cloud.catalog.executions() {
        let terminates = one.operation == "TerminateProvisionedProduct";
        *executed.entry((one.product_id, terminates)).or_default() += 1;
    }
    let executed =
        |product: &str, terminates| executed.get(&(product.to_owned(), terminates)).copied().unwrap_or_default();
    let (ends, products) = (Ends::read(cloud, &items), cloud.catalog.products());
    let expiries = ends::expiries(&operations);
    let end_rows = products.iter().filter_map(|product| ends.row(product, &expiries)).collect();
    let products = products.into_iter().map(|product| {
        let (expires_at, why) = ends.end(&product);
        ProductRow {
            terminations: executed(&product.id, true),
            executions: executed(&product.id, false),
            status: if product.gone { "TERMINATED".to_owned() } else { product.status },
            id: product.id,
            name: product.name,
            expires_at,
            why,
        }
    });
    let (calls, unused) = (cloud.gateway.counts(), cloud.gateway.unused_actions());
    let folder = |id: &str| cloud.template.functions.get(id).map(|function| folder(&function.code_uri));
    Ok(Report {
        operations,
        rejected,
        products: products.collect(),
        ends: end_rows,
        sweep: ends.sweep(),
        notices: notices(cloud),
        // What the functions called, by the names of their folders.
        calls: calls.into_iter().filter_map(|(caller, calls)| Some((folder(&caller)?, calls))).collect(),
        unused: unused.into_iter().filter_map(|(caller, actions)| Some((folder(&caller)?, actions))).collect(),
    })
}

/// By topic and rule, how many notices there were, and what the last one said.
fn notices(cloud: &Cloud) -> BTreeMap<(String, String), (usize, String)> {
    let mut notices: BTreeMap<_, (usize, String)> = BTreeMap::new();
    for notice in cloud.wiring.notices() {
        let row = notices.entry((notice.topic, notice.rule)).or_default();
        *row = (row.0 + 1, notice.text);
    }
    notices
}

fn folder(code_uri: &str) -> String {
    code_uri.trim_end_matches('/').rsplit('/').next().unwrap_or(code_uri).to_owned()
}
