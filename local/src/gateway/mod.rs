//! The gateway: one HTTP endpoint for all services, as `AWS_ENDPOINT_URL` of every SDK and of the AWS CLI.
//!
//! It finds the caller by its access key and the service by the operation's prefix, enforces the caller's role, counts,
//! and lets faults in. **Signatures are not verified**: an access key is a name here, not a proof. The endpoint listens
//! on loopback only.
//!
//! Services, site and kill hook are registered while it already listens, because functions need its address before they
//! exist, and some services need the functions.

pub mod chance;
pub mod faults;
mod handle;
mod identity;
mod ledger;
mod listen;
mod needs;
mod page;
pub mod policy;
pub(crate) mod protocol;
mod rest;
mod sts;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, Response};
use futures_util::future::BoxFuture;
use http_body_util::combinators::UnsyncBoxBody;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use identity::Identities;
pub use ledger::Logged;

use crate::api::Service;
use crate::clock::Clock;
use faults::Faults;
use ledger::Ledger;
use policy::Policy;

/// The caller's name of the person at the terminal.
pub const USER: &str = "user";

/// The caller's name of somebody who looks, held to the template's `ViewerPolicy`.
pub const VIEWER: &str = "viewer";

/// The caller's name of somebody who acts, held to `ViewerPolicy` and `OperatorPolicy`. To put events on Steward's bus the role
/// `operator` must be among the Requesters, too.
pub const OPERATOR: &str = "operator";

/// Below this path is what no SDK asks for: the local cloud's own interface.
pub const LOCAL: &str = "/_local/";

/// Where the local cloud pretends to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Account id.
    pub account: String,
    /// Region.
    pub region: String,
}

impl Default for Place {
    fn default() -> Self {
        Self { account: "111122223333".to_owned(), region: "eu-central-1".to_owned() }
    }
}

/// The body of an answer: whole, or as it comes.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;

/// What is at `/` and below [`LOCAL`]: nothing of AWS, but of the local cloud itself.
pub trait Site: Send + Sync + 'static {
    /// Answers a request, whose body is here as a whole.
    fn answer(&self, request: Request<Bytes>) -> BoxFuture<'static, Response<Body>>;
}

/// Kills the processes of a caller that are at work; its future ends when they are dead, so that a killed function
/// never sees its connection close.
pub type Kill = Arc<dyn Fn(String) -> BoxFuture<'static, ()> + Send + Sync>;

/// What is registered or set while the gateway runs.
#[derive(Default)]
struct Registered {
    services: BTreeMap<String, Arc<dyn Service>>,
    policy: Arc<Policy>,
    site: Option<Arc<dyn Site>>,
    kill: Option<Kill>,
    latency: Duration,
}

/// What every request sees.
struct Shared {
    clock: Clock,
    identities: Identities,
    faults: Faults,
    ledger: Ledger,
    registered: RwLock<Registered>,
    answered: AtomicU64,
}

/// The endpoint, listening for as long as this value lives.
pub struct Gateway {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Gateway {
    /// Listens on loopback; port 0 takes any free one. Nobody but the person at the terminal may do anything until
    /// [`Gateway::set_policy`].
    ///
    /// # Errors
    /// If the port is taken.
    pub async fn start(clock: Clock, identities: Identities, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            clock,
            identities,
            faults: Faults::default(),
            ledger: Ledger::default(),
            registered: RwLock::default(),
            answered: AtomicU64::new(0),
        });
        let serving = Arc::clone(&shared);
        let server = tokio::spawn(async move {
            listen::serve(listener, move |request| handle::handle(Arc::clone(&serving), request)).await;
        });
        Ok(Self { address, shared, server })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Registers a service by the name that signatures use: `dynamodb`, `servicecatalog`, `events`, `sqs`.
    pub fn register(&self, name: &str, service: Arc<dyn Service>) {
        self.shared.change(|registered| registered.services.insert(name.to_owned(), service));
    }

    /// Says what each caller may do from now on.
    pub fn set_policy(&self, policy: Policy) {
        self.shared.change(|registered| registered.policy = Arc::new(policy));
    }

    /// Says what a browser sees, and who answers below [`LOCAL`].
    pub fn set_site(&self, site: Arc<dyn Site>) {
        self.shared.change(|registered| registered.site = Some(site));
    }

    /// The callers that there are, by name.
    #[must_use]
    pub fn callers(&self) -> Vec<String> {
        self.shared.identities.names()
    }

    /// The services that there are, by the names that signatures use.
    #[must_use]
    pub fn services(&self) -> Vec<String> {
        self.shared.service_names()
    }

    /// The requests after the first `count` of all, the last `most` of them, and how many there have been.
    #[must_use]
    pub fn requests_after(&self, count: usize, most: usize) -> (usize, Vec<Logged>) {
        self.shared.ledger.requests_after(count, most)
    }

    /// Says how a caller's processes are killed.
    pub fn set_kill(&self, kill: Kill) {
        self.shared.change(|registered| registered.kill = Some(kill));
    }

    /// Lets every call take this long before it reaches its service.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.change(|registered| registered.latency = latency);
    }

    /// The faults; keep a clone to add and take away from anywhere.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// How often each caller called each `service:Operation`, refused and faulted calls included.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        self.shared.ledger.counts()
    }

    /// How long the answers to each caller's `service:Operation` took here, all together.
    #[must_use]
    pub fn times(&self) -> BTreeMap<String, BTreeMap<String, Duration>> {
        self.shared.ledger.times()
    }

    /// Counts calls and their times from zero again.
    pub fn reset_counts(&self) {
        self.shared.ledger.reset();
    }

    /// The last 10,000 requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Logged> {
        self.shared.ledger.requests()
    }

    /// The actions that roles allow and nobody has used so far, by caller. What the platform does with a role (reading
    /// the queue, writing logs and traces) is left out.
    #[must_use]
    pub fn unused_actions(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.shared.ledger.unused(&self.shared.policy(), |caller| !is_person(caller), &ledger::PLATFORM)
    }

    /// The same of the people: [`VIEWER`] and [`OPERATOR`]. What is allowed on services that the local cloud does not have
    /// (logs, metrics) is left out.
    #[must_use]
    pub fn unused_actions_of_people(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.shared.ledger.unused(&self.shared.policy(), is_person, &ledger::ELSEWHERE)
    }
}

fn is_person(caller: &str) -> bool {
    [USER, VIEWER, OPERATOR].contains(&caller)
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn change<R>(&self, change: impl FnOnce(&mut Registered) -> R) {
        change(&mut self.registered.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn read<R>(&self, read: impl FnOnce(&Registered) -> R) -> R {
        read(&self.registered.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn service(&self, name: &str) -> Option<Arc<dyn Service>> {
        self.read(|registered| registered.services.get(name).cloned())
    }

    fn service_names(&self) -> Vec<String> {
        self.read(|registered| registered.services.keys().cloned().collect())
    }

    fn policy(&self) -> Arc<Policy> {
        self.read(|registered| Arc::clone(&registered.policy))
    }

    fn site(&self) -> Option<Arc<dyn Site>> {
        self.read(|registered| registered.site.clone())
    }

    fn latency(&self) -> Duration {
        self.read(|registered| registered.latency)
    }

    async fn kill(&self, caller: String) {
        if let Some(kill) = self.read(|registered| registered.kill.clone()) {
            kill(caller).await;
        }
    }

    /// Request ids count up: a run's log can be read in order, and needs no randomness.
    fn next_request_id(&self) -> String {
        let n = self.answered.fetch_add(1, Ordering::Relaxed);
        format!("00000000-0000-4000-8000-{n:012x}")
    }
}
