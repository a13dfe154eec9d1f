//! Lambda: runs the shipped function binaries unmodified, each process against a Runtime API of its own.
//!
//! A process handles one invocation at a time. Invocations at the same time get processes of their own up to the
//! function's limit; further ones wait (Lambda would throttle them, but whoever invokes here would only ask again). Unlike
//! at Lambda a process is not frozen between invocations.

mod environment;
mod exchange;
mod logs;
mod pool;
mod process;
mod runtime_api;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use futures_util::future::{BoxFuture, join_all};
use serde_json::Value;

pub use logs::{LogLine, Sink, Stream};

use crate::api::{Invoke, InvokeError};
use crate::clock::Clock;
use crate::gateway::Place;
use environment::Ended;
use exchange::{Invocation, Report};
use logs::Logs;
use pool::Pool;

/// A function of the template.
#[derive(Clone, Debug)]
pub struct Function {
    /// The logical id.
    pub name: String,
    /// The shipped binary.
    pub program: PathBuf,
    /// Arguments; a shipped binary has none.
    pub arguments: Vec<OsString>,
    /// The environment that the template gives. What Lambda itself sets goes before it.
    pub environment: BTreeMap<String, String>,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// Memory in MB, as the function is told; it is not enforced.
    pub memory: u32,
    /// The log group's name.
    pub log_group: String,
    /// How many invocations run at once.
    pub concurrency: usize,
}

impl Function {
    /// A function with Lambda's defaults: 3 s, 128 MB, ten invocations at once.
    #[must_use]
    pub fn new(name: &str, program: impl Into<PathBuf>) -> Self {
        Self {
            name: name.to_owned(),
            program: program.into(),
            arguments: Vec::new(),
            environment: BTreeMap::new(),
            timeout: Duration::from_secs(3),
            memory: 128,
            log_group: format!("/aws/lambda/{name}"),
            concurrency: 10,
        }
    }
}

/// What all functions share.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Tells deadlines, so it has to run as the functions' own clock does.
    pub clock: Clock,
    /// Account and region.
    pub place: Place,
    /// `AWS_ENDPOINT_URL`.
    pub endpoint: String,
    /// Seed of the request ids.
    pub seed: u64,
}

impl Setup {
    fn function_arn(&self, name: &str) -> String {
        let Place { account, region } = &self.place;
        format!("arn:aws:lambda:{region}:{account}:function:{name}")
    }
}

/// One process, for the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessReport {
    /// The function's logical id.
    pub function: String,
    /// The process id.
    pub pid: u32,
    /// How many invocations it took.
    pub invocations: u64,
    /// The most memory it had resident, in KiB, as last seen.
    pub peak_rss_kib: u64,
    /// How it ended; none: it lives.
    pub ended: Option<String>,
}

#[derive(Debug)]
struct Shared {
    pools: BTreeMap<String, Pool>,
    logs: Arc<Logs>,
    random: Mutex<fastrand::Rng>,
}

/// The functions. Clones are the same functions; their processes end with the last clone, or by [`Functions::stop`].
#[derive(Clone, Debug)]
pub struct Functions {
    shared: Arc<Shared>,
}

impl Functions {
    /// Gets ready; processes are started when they are needed. `sink` gets each line that they print.
    #[must_use]
    pub fn start(setup: Setup, functions: Vec<Function>, sink: Option<Sink>) -> Self {
        let logs = Arc::new(Logs::new(sink));
        let random = Mutex::new(fastrand::Rng::with_seed(setup.seed));
        let setup = Arc::new(setup);
        let pool = |function: Function| {
            let name = function.name.clone();
            (name, Pool::new(function, Arc::clone(&setup), Arc::clone(&logs)))
        };
        let pools = functions.into_iter().map(pool).collect();
        Self { shared: Arc::new(Shared { pools, logs, random }) }
    }

    /// Kills (SIGKILL) the processes of a function that run an invocation, which then has crashed. Returns how many,
    /// once they are dead.
    pub async fn kill(&self, function: &str) -> usize {
        match self.shared.pools.get(function) {
            Some(pool) => pool.kill_busy().await,
            None => 0,
        }
    }

    /// The kill hook for the gateway. It does not keep the functions alive.
    #[must_use]
    pub fn kill_hook(&self) -> crate::gateway::Kill {
        let functions = Arc::downgrade(&self.shared);
        Arc::new(move |caller| {
            let functions = functions.upgrade().map(|shared| Self { shared });
            Box::pin(async move {
                if let Some(functions) = functions {
                    functions.kill(&caller).await;
                }
            })
        })
    }

    /// Kills all processes; invocations from now on have crashed.
    pub async fn stop(&self) {
        join_all(self.shared.pools.values().map(Pool::stop)).await;
    }

    /// Invokes a function with a payload as it is written: what is JSON by its grammar, and what no [`Value`] holds (a lone
    /// surrogate, a hundred lists in one another).
    ///
    /// # Errors
    /// As [`Invoke::invoke`].
    pub async fn invoke_text(&self, function: &str, payload: &str) -> Result<Value, InvokeError> {
        self.shared.invoke(function, payload.to_owned().into()).await
    }

    /// The last 20,000 lines that processes printed, oldest first.
    #[must_use]
    pub fn log(&self) -> Vec<LogLine> {
        self.shared.logs.all()
    }

    /// How many processes of each function were started.
    #[must_use]
    pub fn starts(&self) -> BTreeMap<String, u64> {
        let started = |(name, pool): (&String, &Pool)| (name.clone(), pool.started());
        self.shared.pools.iter().map(started).collect()
    }

    /// All processes, living and ended, with their memory.
    pub async fn processes(&self) -> Vec<ProcessReport> {
        join_all(self.shared.pools.values().map(Pool::processes)).await.concat()
    }
}

impl Shared {
    fn invocation(&self, payload: Bytes) -> Invocation {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let (high, low) = (random.u64(..), random.u64(..));
        Invocation {
            id: format!(
                "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
                high >> 32,
                high >> 16 & 0xffff,
                high & 0xfff,
                low >> 52,
                low & 0xffff_ffff_ffff
            ),
            trace: format!("Root=1-{:08x}-{high:016x}{:08x};Parent={low:016x};Sampled=0", high >> 32, low >> 32),
            payload,
        }
    }

    async fn invoke(&self, function: &str, payload: Bytes) -> Result<Value, InvokeError> {
        let pool = self.pools.get(function).ok_or(InvokeError::Unknown)?;
        let failed = |error_type: String, message: String| Err(InvokeError::Function { error_type, message });
        match pool.invoke(self.invocation(payload)).await {
            Ended::Reported(Report::Response(body)) if body.is_empty() => Ok(Value::Null),
            Ended::Reported(Report::Response(body)) => serde_json::from_slice(&body).or_else(|error| {
                failed("Runtime.InvalidResponse".to_owned(), format!("The answer is no JSON: {error}"))
            }),
            Ended::Reported(Report::Error(said)) | Ended::Init(said) => failed(said.error_type, said.message),
            Ended::Crashed | Ended::NotFetched => Err(InvokeError::Crashed),
            Ended::TimedOut => Err(InvokeError::TimedOut),
        }
    }
}

impl Invoke for Functions {
    fn invoke(&self, function: &str, payload: Value) -> BoxFuture<'_, Result<Value, InvokeError>> {
        let (shared, function) = (Arc::clone(&self.shared), function.to_owned());
        Box::pin(async move {
            // A task of its own: an invoker that gives up does not end what it began.
            let running = tokio::spawn(async move { shared.invoke(&function, payload.to_string().into()).await });
            running.await.unwrap_or(Err(InvokeError::Crashed))
        })
    }

    fn invoke_text(&self, function: &str, payload: String) -> BoxFuture<'_, Result<Value, InvokeError>> {
        let (shared, function) = (Arc::clone(&self.shared), function.to_owned());
        Box::pin(async move { shared.invoke(&function, payload.into()).await })
    }
}
