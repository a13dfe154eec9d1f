//! The processes of one function: as many as there are invocations at a time, up to its limit.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::environment::{Ended, Environment};
use super::exchange::{Diagnostic, Invocation};
use super::logs::Logs;
use super::{Function, ProcessReport, Setup};

/// How many processes an invocation tries that end without having fetched it.
const TRIES_MAX: usize = 3;
/// How many ended processes are remembered for the report.
const ENDED_MAX: usize = 10_000;

#[derive(Debug, Default)]
struct State {
    /// Free ones; the last used is taken first, so that few stay warm.
    idle: Vec<Arc<Environment>>,
    live: BTreeMap<u32, Arc<Environment>>,
    ended: VecDeque<ProcessReport>,
}

#[derive(Debug)]
pub(super) struct Pool {
    pub(super) function: Function,
    setup: Arc<Setup>,
    logs: Arc<Logs>,
    places: Semaphore,
    started: AtomicU64,
    closed: AtomicBool,
    state: Mutex<State>,
}

impl Pool {
    pub(super) fn new(function: Function, setup: Arc<Setup>, logs: Arc<Logs>) -> Self {
        Self {
            places: Semaphore::new(function.concurrency.max(1)),
            function,
            setup,
            logs,
            started: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    /// Runs an invocation in a free process or a new one; waits for a place if the limit is reached.
    pub(super) async fn invoke(&self, invocation: Invocation) -> Ended {
        // Closed only by the end of everything.
        let Ok(_place) = self.places.acquire().await else {
            return Ended::Crashed;
        };
        for _ in 0..TRIES_MAX {
            let environment = match self.environment().await {
                Ok(environment) => environment,
                Err(diagnostic) => return Ended::Init(diagnostic),
            };
            let ended = environment.invoke(invocation.clone()).await;
            self.give_back(environment, &ended);
            if !matches!(ended, Ended::NotFetched) {
                return ended;
            }
        }
        Ended::Crashed
    }

    async fn environment(&self) -> Result<Arc<Environment>, Diagnostic> {
        loop {
            let idle = self.state().idle.pop();
            match idle {
                Some(environment) if environment.is_dead() => self.forget(&environment),
                Some(environment) => return Ok(environment),
                None => break,
            }
        }
        let n = self.started.fetch_add(1, Ordering::Relaxed);
        let stream = format!("[$LATEST]{}-{n}", self.function.name);
        match Environment::start(&self.setup, &self.function, &self.logs, &stream).await {
            Ok(environment) => {
                self.state().live.insert(environment.pid, Arc::clone(&environment));
                // One that was started while everything was being stopped must not outlive it.
                if self.closed.load(Ordering::Acquire) {
                    environment.kill().await;
                }
                Ok(environment)
            }
            Err(error) => Err(Diagnostic {
                error_type: "Runtime.InvalidEntrypoint".to_owned(),
                message: format!("{}: {error}", self.function.program.display()),
            }),
        }
    }

    fn give_back(&self, environment: Arc<Environment>, ended: &Ended) {
        if matches!(ended, Ended::Reported(_)) && !environment.is_dead() {
            self.state().idle.push(environment);
        } else {
            self.forget(&environment);
        }
    }

    fn forget(&self, environment: &Arc<Environment>) {
        let mut state = self.state();
        state.live.remove(&environment.pid);
        if state.ended.len() == ENDED_MAX {
            state.ended.pop_front();
        }
        let report = self.describe(environment);
        state.ended.push_back(report);
    }

    fn describe(&self, environment: &Environment) -> ProcessReport {
        ProcessReport {
            function: self.function.name.clone(),
            pid: environment.pid,
            invocations: environment.invocations.load(Ordering::Relaxed),
            peak_rss_kib: environment.peak_rss.load(Ordering::Relaxed),
            ended: environment.end(),
        }
    }

    fn live(&self) -> Vec<Arc<Environment>> {
        self.state().live.values().cloned().collect()
    }

    /// Kills the processes that run an invocation; how many there were.
    pub(super) async fn kill_busy(&self) -> usize {
        let busy: Vec<_> = self.live().into_iter().filter(|one| one.busy.load(Ordering::Acquire)).collect();
        join_all(busy.iter().map(|environment| environment.kill())).await;
        busy.len()
    }

    /// Kills all processes and starts no more.
    pub(super) async fn stop(&self) {
        self.closed.store(true, Ordering::Release);
        self.places.close();
        let end = async |environment: Arc<Environment>| {
            environment.measure().await;
            environment.kill().await;
        };
        join_all(self.live().into_iter().map(end)).await;
    }

    /// How many processes were started.
    pub(super) fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// All processes, the ended ones first.
    pub(super) async fn processes(&self) -> Vec<ProcessReport> {
        let live = self.live();
        join_all(live.iter().map(|environment| environment.measure())).await;
        let ended = self.state().ended.iter().cloned().collect::<Vec<_>>();
        ended.into_iter().chain(live.iter().map(|environment| self.describe(environment))).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
