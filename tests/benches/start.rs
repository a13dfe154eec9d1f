//! How a function starts: from its process's start to its first poll, and to its first answer, beside a function that does
//! nothing. It judges nothing.
//!
//! ```sh
//! cargo bench --bench start               # each function, 20 times
//! cargo bench --bench start -- 50         # so many times
//! ```
//!
//! The functions are built and run as they ship; the services answer as fast as the local cloud can. The functions take turns,
//! so that what else runs on the machine hits all of them alike. The first answer is to a real job: a request about something
//! that nobody knows, stored, asked for at Service Catalog, told and settled; of `sweep` and `reconcile` their schedule.
//! The design asks for a first poll at most 1.5 times as late as that of the function that does nothing.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::{Value, json};
use steward_local::cloud::{Cloud, Options};
use steward_local::gateway::Identities;
use steward_tests::built::{built, example};
use steward_tests::root;
use steward_tests::sweeping::now;
use steward_tests::world::event;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::Notify;

const FUNCTIONS: [&str; 6] = ["terminate", "execute-action", "execute-plan", "import", "sweep", "reconcile"];
const NOTHING: &str = "do-nothing";
/// A process that has not answered by then never will.
const PATIENCE: Duration = Duration::from_secs(20);

/// One start.
#[derive(Clone, Copy)]
struct Start {
    polled: Duration,
    answered: Duration,
    peak_kib: u64,
}

/// The Runtime API for one process and one invocation.
struct Api {
    began: Instant,
    payload: String,
    arn: String,
    seen: std::sync::Mutex<(Option<Duration>, Option<Duration>)>,
    answered: Notify,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Cargo itself adds --bench.
    let times = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(20);
    let bins = built(&FUNCTIONS)?;
    let nothing = example(NOTHING)?;
    let options = Options { hold_schedules: true, ..Options::quick(&root(), &bins) };
    let cloud = Cloud::start(options).await?;
    let mut starts: BTreeMap<&str, Vec<Start>> = BTreeMap::new();
    for turn in 0..times {
        for name in FUNCTIONS.into_iter().chain([NOTHING]) {
            let program = if name == NOTHING { nothing.clone() } else { bins.join(name) };
            let start = start(&cloud, name, &program, &payload(name, turn)).await?;
            starts.entry(name).or_default().push(start);
        }
    }
    cloud.stop().await;
    print(&starts);
    Ok(())
}

/// What a function gets first.
fn payload(function: &str, turn: usize) -> Value {
    let because = |mut detail: Value| {
        detail["requestedBy"] = json!("bench");
        detail["reason"] = json!("to see how it starts");
        detail
    };
    let about = format!("start{turn:08}");
    let (detail_type, detail) = match function {
        "terminate" => ("Termination Requested", json!({ "provisionedProductId": format!("pp-{about}") })),
        "execute-action" => (
            "Service Action Requested",
            json!({ "provisionedProductId": format!("pp-{about}"), "serviceActionId": "act-start00000001" }),
        ),
        "execute-plan" => {
            ("Plan Approved", json!({ "planId": format!("plan-{about}"), "resourceChangesDigest": "0".repeat(64) }))
        }
        "import" => (
            "Import Requested",
            json!({
                "productId": "prod-start00000001",
                "provisioningArtifactId": "pa-start00000001",
                "provisionedProductName": about,
                "physicalId": format!("arn:aws:cloudformation:eu-central-1:111122223333:stack/{about}/0a1b2c3d"),
            }),
        ),
        _ => return event("aws.events", "Scheduled Event", &json!({})),
    };
    event("bench", detail_type, &because(detail))
}

/// Starts a process, gives it one invocation, and kills it.
async fn start(cloud: &Cloud, name: &str, program: &Path, payload: &Value) -> Result<Start, Box<dyn Error>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?.to_string();
    let id = cloud.template.functions.iter().find(|(_, function)| function.code_uri.ends_with(&format!("/{name}/")));
    let variables = id.map(|(_, function)| function.environment.variables.clone()).unwrap_or_default();
    let id = id.map_or(name, |(id, _)| id.as_str());
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(variables)
        .envs([
            ("AWS_LAMBDA_FUNCTION_NAME", id),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", id),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "start"),
            ("AWS_LAMBDA_RUNTIME_API", &address),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", &Identities::access_key(id)),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_ENDPOINT_URL", &cloud.gateway.url()),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let api = Arc::new(Api {
        began: Instant::now(),
        payload: payload.to_string(),
        arn: format!("arn:aws:lambda:eu-central-1:111122223333:function:{id}"),
        seen: std::sync::Mutex::default(),
        answered: Notify::new(),
    });
    let routes = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/{what}", post(answered))
        .with_state(Arc::clone(&api));
    let server = tokio::spawn(async move { axum::serve(listener, routes).await });
    // Its clock begins with the process, not with what was prepared for it.
    let mut child = command.spawn()?;
    let ended = tokio::time::timeout(PATIENCE, api.answered.notified()).await;
    let peak_kib = peak(child.id());
    child.kill().await?;
    server.abort();
    ended.map_err(|_| format!("{name} has not answered within {PATIENCE:?}"))?;
    let seen = *api.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match seen {
        (Some(polled), Some(answered)) => Ok(Start { polled, answered, peak_kib }),
        _ => Err(format!("{name} answers without having asked").into()),
    }
}

async fn next(State(api): State<Arc<Api>>) -> impl IntoResponse {
    let is_first = {
        let mut seen = api.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_first = seen.0.is_none();
        seen.0.get_or_insert(api.began.elapsed());
        is_first
    };
    if !is_first {
        std::future::pending::<()>().await;
    }
    let deadline = (now() + chrono::TimeDelta::seconds(30)).timestamp_millis();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("lambda-runtime-aws-request-id", "00000000-0000-4000-8000-000000000000".to_owned()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", api.arn.clone()),
        ("content-type", "application/json".to_owned()),
    ] {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
    (headers, api.payload.clone())
}

async fn answered(State(api): State<Arc<Api>>) -> StatusCode {
    let mut seen = api.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    seen.1.get_or_insert(api.began.elapsed());
    api.answered.notify_one();
    StatusCode::ACCEPTED
}

/// The most memory that the process had.
fn peak(pid: Option<u32>) -> u64 {
    let status = pid.and_then(|pid| std::fs::read_to_string(PathBuf::from(format!("/proc/{pid}/status"))).ok());
    let status = status.unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or_default()
}

fn median<T: Ord + Copy + Default>(starts: &[Start], of: impl Fn(&Start) -> T) -> T {
    let mut values: Vec<T> = starts.iter().map(of).collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn print(starts: &BTreeMap<&str, Vec<Start>>) {
    let nothing = starts.get(NOTHING).map(Vec::as_slice).unwrap_or_default();
    let (polled, answered) = (median(nothing, |start| start.polled), median(nothing, |start| start.answered));
    say(&["medians of", "first poll", "ratio", "first answer", "ratio", "peak"]);
    for (name, starts) in starts {
        let (of_poll, of_answer) = (median(starts, |start| start.polled), median(starts, |start| start.answered));
        say(&[
            name,
            &format!("{of_poll:.2?}"),
            &format!("{:.2}", of_poll.as_secs_f64() / polled.as_secs_f64()),
            &format!("{of_answer:.2?}"),
            &format!("{:.2}", of_answer.as_secs_f64() / answered.as_secs_f64()),
            &format!("{} KiB", median(starts, |start| start.peak_kib)),
        ]);
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn say(columns: &[&str]) {
    let columns: Vec<String> = columns.iter().map(|column| format!("{column:>15}")).collect();
    println!("{}", columns.join(" "));
}
