//! The main job: the samples through the whole system, and what became of them.

pub mod build;
pub mod cases;
pub mod ends;
mod page;
mod print;
pub mod report;
pub mod scene;
mod serve;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;

use crate::api::Invoke as _;
use crate::cloud::{Cloud, CloudError, Options};
use crate::wiring::DEFAULT_BUS;
use cases::{Case, Delivery};
use ends::Ends;
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
#[command(name = "cargo local", version)]
pub struct Arguments {
    /// Stay up with the sample catalog, and print what to export to use the AWS CLI against it.
    #[arg(long)]
    serve: bool,
    /// Write what happened as JSON: operations, products, and the calls of each function.
    #[arg(long, value_name = "FILE", conflicts_with = "serve")]
    report: Option<PathBuf>,
    /// Run the function binaries of this folder instead of building them.
    #[arg(long, value_name = "DIR")]
    bins: Option<PathBuf>,
    /// How many times faster than at AWS records, delays and schedules pass.
    #[arg(long, value_name = "FACTOR", default_value_t = 60.0)]
    speed: f64,
    /// The port of the endpoint; any free one if not given.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// A value for a parameter of template.yaml, like BackoffBase=2s; may be given more than once.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = name_and_value)]
    parameters: Vec<(String, String)>,
    /// Print the functions' log lines as they come.
    #[arg(long)]
    logs: bool,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    parts.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| "accepted: NAME=VALUE".to_owned())
}

/// Does what the arguments say.
pub async fn main(arguments: Arguments) -> ExitCode {
    match run(&arguments).await {
        Ok(code) => code,
        Err(problem) => {
            print::problem(&problem);
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let root = build::root()?;
    let samples = cases::load(&root.join("events")).map_err(|error| error.to_string())?;
    print::title();
    let bins = match &arguments.bins {
        Some(bins) => bins.clone(),
        None => build::functions(&root).await?,
    };
    let mut options = Options { speed: arguments.speed, port: arguments.port, ..Options::quick(&root, &bins) };
    let own = scene::PARAMETERS.map(|(name, value)| (name.to_owned(), value.to_owned()));
    options.parameters.extend(own.into_iter().chain(arguments.parameters.iter().cloned()));
    if arguments.logs {
        options.logs = Some(Arc::new(print::log));
    }
    let cloud = start(options).await.map_err(|error| error.to_string())?;
    scene::set(&cloud).await.map_err(|error| error.to_string())?;
    print::cloud(&cloud, arguments.speed);
    if arguments.serve {
        serve::until_interrupted(&cloud).await?;
        cloud.stop().await;
        return Ok(ExitCode::SUCCESS);
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

async fn start(options: Options) -> Result<Cloud, CloudError> {
    Cloud::start(options).await
}

/// Sends every sample the way it would really come.
async fn send(cloud: &Cloud, samples: &[Case]) -> Result<(), String> {
    for case in samples {
        let (id, function) = cloud
            .template
            .functions
            .iter()
            .find(|(_, function)| function.code_uri.trim_end_matches('/').ends_with(&case.function))
            .ok_or_else(|| format!("template.yaml has no function for events/{}", case.function))?;
        let queue = cloud.template.mappings.values().find(|mapping| mapping.function_name == *id);
        let queue = queue.map(|mapping| crate::template::id_of(&mapping.event_source_arn)).unwrap_or_default();
        for delivery in case.deliveries() {
            match delivery {
                Delivery::Bus(event) => {
                    // What AWS itself tells comes over the account's own bus.
                    let own = event["source"].as_str().is_some_and(|source| source.starts_with("aws."));
                    cloud.wiring.put(if own { DEFAULT_BUS } else { cloud.bus() }, event).await;
                }
                Delivery::Queue(body) => {
                    if !cloud.wiring.send(queue, body) {
                        return Err(format!("{} reads from no queue", function.code_uri));
                    }
                }
                Delivery::Invoke(payload) => {
                    let answer = cloud.functions.invoke(id, payload).await;
                    answer.map_err(|error| format!("{}/{}: {error:?}", case.function, case.name))?;
                }
            }
        }
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
