//! An execution environment, as Lambda calls it: one process of a function with a Runtime API of its own.

use std::io;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::Child;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

use super::exchange::{Diagnostic, Exchange, Invocation, Report};
use super::logs::{LogLine, Logs, Stream, next_line};
use super::runtime_api::{Api, router};
use super::{Function, Setup, process};
use crate::clock::Clock;

/// How long a process may take to ask for its first invocation, as at Lambda.
const INIT_MAX: Duration = Duration::from_secs(10);
/// How long the rest of a dead process's output is waited for; a grandchild could keep the pipe open for ever.
const DRAIN_MAX: Duration = Duration::from_secs(1);

/// How an invocation in a process ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The process reported, and can take another invocation.
    Reported(Report),
    /// The process did not start.
    Init(Diagnostic),
    /// The process ended before it fetched the invocation, which can go to another one.
    NotFetched,
    /// The process ended while it ran the invocation.
    Crashed,
    /// The process did not report in time and was killed.
    TimedOut,
}

/// One process.
#[derive(Debug)]
pub(super) struct Environment {
    pub(super) pid: u32,
    pub(super) busy: AtomicBool,
    pub(super) invocations: AtomicU64,
    pub(super) peak_rss: AtomicU64,
    exchange: Arc<Exchange>,
    kill: Arc<Notify>,
    timeout: Duration,
    last_words: Arc<Mutex<Option<String>>>,
    watcher: JoinHandle<()>,
}

impl Environment {
    /// Starts a process. `stream` names its log stream.
    pub(super) async fn start(
        setup: &Setup,
        function: &Function,
        logs: &Arc<Logs>,
        stream: &str,
    ) -> io::Result<Arc<Self>> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?.to_string();
        let mut child = process::command(setup, function, &address, stream).spawn()?;
        let pid = child.id().unwrap_or_default();
        let exchange = Arc::new(Exchange::default());
        let last_words = Arc::default();
        let printer = Printer {
            logs: Arc::clone(logs),
            clock: setup.clock.clone(),
            function: function.name.clone(),
            pid,
            exchange: Arc::clone(&exchange),
            last_words: Arc::clone(&last_words),
        };
        let mut output = JoinSet::new();
        if let Some(stdout) = child.stdout.take() {
            output.spawn(printer.clone().copy(stdout, Stream::Stdout));
        }
        if let Some(stderr) = child.stderr.take() {
            output.spawn(printer.copy(stderr, Stream::Stderr));
        }
        let api = router(Api {
            exchange: Arc::clone(&exchange),
            clock: setup.clock.clone(),
            timeout: function.timeout,
            arn: setup.function_arn(&function.name),
        });
        // A set, so that the server ends whenever the task that holds it does.
        let mut server = JoinSet::new();
        server.spawn(async move {
            let _ = axum::serve(listener, api).await;
        });
        let kill = Arc::new(Notify::new());
        let watcher = tokio::spawn(watch(child, Arc::clone(&kill), output, server, Arc::clone(&exchange)));
        Ok(Arc::new(Self {
            pid,
            busy: AtomicBool::new(false),
            invocations: AtomicU64::new(0),
            peak_rss: AtomicU64::new(0),
            exchange,
            kill,
            timeout: function.timeout,
            last_words,
            watcher,
        }))
    }

    /// Whether the process is over.
    pub(super) fn is_dead(&self) -> bool {
        self.exchange.read(|state| state.dead.is_some())
    }

    /// How the process ended, if it did.
    pub(super) fn end(&self) -> Option<String> {
        self.exchange.read(|state| state.dead.clone())
    }

    /// Gives the process an invocation and waits for its end. One at a time: the pool sees to that.
    pub(super) async fn invoke(&self, invocation: Invocation) -> Ended {
        self.busy.store(true, Ordering::Release);
        let ended = self.run(invocation).await;
        self.busy.store(false, Ordering::Release);
        self.invocations.fetch_add(1, Ordering::Relaxed);
        self.measure().await;
        ended
    }

    async fn run(&self, invocation: Invocation) -> Ended {
        let starting = self.exchange.change(|state| {
            state.queued = Some(invocation);
            !state.ready
        });
        let limit = if starting { INIT_MAX } else { self.timeout };
        let fetched = self.exchange.wait(|state| {
            let over = state.gone || state.init_error.is_some();
            (state.running.is_some() || state.report.is_some() || over).then_some(())
        });
        let in_time = tokio::time::timeout(limit, fetched).await.is_ok();
        if !self.exchange.read(|state| state.running.is_some() || state.report.is_some()) {
            return self.not_fetched(starting, in_time).await;
        }
        let reported = self.exchange.wait(|state| (state.report.is_some() || state.gone).then_some(()));
        let in_time = tokio::time::timeout(self.timeout, reported).await.is_ok();
        // An answer counts even if the process ended right after it.
        match self.exchange.change(|state| state.report.take()) {
            Some(report) => Ended::Reported(report),
            None if in_time => Ended::Crashed,
            None => {
                self.measure().await;
                self.kill().await;
                Ended::TimedOut
            }
        }
    }

    /// The process ended, or hangs, without having fetched what it was given.
    async fn not_fetched(&self, starting: bool, in_time: bool) -> Ended {
        if !starting {
            self.kill().await;
            return if in_time { Ended::NotFetched } else { Ended::TimedOut };
        }
        let said = self.exchange.read(|state| state.init_error.clone());
        let ended = self.exchange.read(|state| state.dead.clone());
        self.kill().await;
        self.exchange.wait(|state| state.gone.then_some(())).await;
        let (error_type, message) = match (said, ended) {
            (Some(said), _) => (said.error_type, said.message),
            (None, Some(end)) => {
                ("Runtime.ExitError".to_owned(), format!("The process ended before it asked for work ({end})."))
            }
            (None, None) => (
                "Sandbox.Timedout".to_owned(),
                format!("The process did not ask for work within {} s.", INIT_MAX.as_secs()),
            ),
        };
        let last = self.last_words.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let message = match last {
            Some(last) => format!("{message} Its last line: {last}"),
            None => message,
        };
        Ended::Init(Diagnostic { error_type, message })
    }

    /// Kills the process (SIGKILL) and returns once it is dead.
    pub(super) async fn kill(&self) {
        self.kill.notify_one();
        self.exchange.wait(|state| state.dead.is_some().then_some(())).await;
    }

    /// Notes the most memory that the process has had so far.
    pub(super) async fn measure(&self) {
        if let Some(peak) = process::peak_rss(self.pid).await {
            self.peak_rss.fetch_max(peak, Ordering::Relaxed);
        }
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        // The child goes with the task that owns it.
        self.watcher.abort();
    }
}

/// Waits for the process's end, or brings it about, and tells.
async fn watch(
    mut child: Child,
    kill: Arc<Notify>,
    mut output: JoinSet<()>,
    mut server: JoinSet<()>,
    exchange: Arc<Exchange>,
) {
    let status = tokio::select! {
        status = child.wait() => status,
        () = kill.notified() => {
            let _ = child.start_kill();
            child.wait().await
        }
    };
    server.abort_all();
    let end = status.as_ref().map_or_else(ToString::to_string, ExitStatus::to_string);
    exchange.change(|state| state.dead = Some(end));
    let drained = async { while output.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(DRAIN_MAX, drained).await;
    exchange.change(|state| state.gone = true);
}

/// Turns a process's output into log lines.
#[derive(Clone)]
struct Printer {
    logs: Arc<Logs>,
    clock: Clock,
    function: String,
    pid: u32,
    exchange: Arc<Exchange>,
    last_words: Arc<Mutex<Option<String>>>,
}

impl Printer {
    async fn copy(self, from: impl AsyncRead + Unpin, stream: Stream) {
        let mut from = BufReader::new(from);
        while let Some(text) = next_line(&mut from).await {
            if stream == Stream::Stderr && !text.trim().is_empty() {
                *self.last_words.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.clone());
            }
            self.logs.add(LogLine {
                at: self.clock.now(),
                function: self.function.clone(),
                pid: self.pid,
                request_id: self.exchange.read(|state| state.latest.clone()),
                stream,
                text,
            });
        }
    }
}
