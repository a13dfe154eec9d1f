//! A cloud of one's own for each scenario: the real binaries, everything at speed, and questions to ask of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use shared::ports::{Extension, Judgement, Kept, Mark, Products as _, Protection};
use steward_local::catalog::{NewProduct, Settings};
use steward_local::cloud::{Cloud, Options};
use steward_local::gateway::faults::{Effect, Fault};
use steward_local::run::report::{OperationRow, Report};

mod actions;
mod events;
mod plans;

use crate::root;

pub use events::{action_requested, approved, asked, event};

/// How long a scenario may take to come to its end on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The action that repairs drift of every product that a scenario adds.
pub const REPAIR: &str = "act-repair0000001";
/// An action that somebody may ask for on every such product.
pub const RESTART: &str = "act-restart000001";

/// A cloud, and what scenarios ask of it.
pub struct World {
    /// The cloud.
    pub cloud: Cloud,
}

/// The folder of the function binaries: where cargo puts them beside this test.
///
/// # Panics
/// If they are not there.
#[must_use]
pub fn bins() -> PathBuf {
    let this = std::env::current_exe().expect("a test has a path");
    let bins = this.ancestors().nth(2).expect("target/<profile>/deps/<test>").to_owned();
    assert!(
        bins.join("terminate").is_file(),
        "no function binaries in {}: run `cargo test` at the root",
        bins.display()
    );
    bins
}

/// Everything at a speed at which a termination takes a second.
#[must_use]
pub fn fast(settings: Settings) -> Options {
    let options = Options { speed: 120.0, settings, ..Options::quick(Path::new(&root()), &bins()) };
    [
        ("BackoffBase", "200ms"),
        ("BackoffMax", "800ms"),
        ("Lease", "4s"),
        ("LongLease", "4s"),
        ("ResendAfter", "1s"),
        ("FirstPoll", "6s"),
        ("PollBase", "300ms"),
        ("PollMax", "1s"),
        ("RedriveAfter", "1s"),
    ]
    .into_iter()
    .fold(options, |options, (name, value)| options.with(name, value))
}

/// What no scenario of this process has needed so far, of all that roles allow.
static UNNEEDED: Mutex<Option<Unneeded>> = Mutex::new(None);

type Unneeded = BTreeMap<String, BTreeSet<String>>;

/// What it did not need is noted for `tools/check-permissions.py`: once all scenarios have run, nothing may be left.
impl Drop for World {
    fn drop(&mut self) {
        let unused = self.cloud.gateway.unused_actions();
        let mut unneeded = UNNEEDED.lock().unwrap_or_else(PoisonError::into_inner);
        let left = match unneeded.take() {
            None => unused,
            Some(before) => before
                .into_iter()
                .filter_map(|(function, actions)| {
                    let still = unused.get(&function)?;
                    Some((function, actions.intersection(still).cloned().collect()))
                })
                .collect(),
        };
        // Nobody can be told of a failure here; the check misses the file then.
        let _ = std::fs::write(root().join("target/unneeded-actions.json"), json!(left).to_string());
        *unneeded = Some(left);
    }
}

impl World {
    /// A world of these options.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn of(options: Options) -> Self {
        let world = Self { cloud: Cloud::start(options).await.expect("the local cloud starts") };
        world.offer(REPAIR, "remediate-drift");
        world.offer(RESTART, "restart");
        world
    }

    /// A fast world.
    pub async fn new() -> Self {
        Self::of(fast(Settings::default())).await
    }

    /// Adds a product that is a day old.
    #[must_use]
    pub fn product(&self, id: &str) -> NewProduct {
        NewProduct::new(id, &format!("name-of-{id}"), now() - TimeDelta::days(1))
    }

    /// Adds a product that expired an hour ago and was judged so; gives the event that says so.
    ///
    /// # Panics
    /// If the table does not answer.
    pub async fn expired(&self, new: NewProduct) -> Value {
        let id = new.id.clone().expect("a product with an id");
        let expires_at = now() - TimeDelta::hours(1);
        let expires_at = chrono::DateTime::from_timestamp(expires_at.timestamp(), 0).expect("in range");
        let last_provisioning_record_id = self.cloud.catalog.add(new);
        let judgement = Judgement { expires_at, judged_at: now(), last_provisioning_record_id, ..Judgement::default() };
        let mark = Mark { judgement: Some(judgement), ..Mark::default() };
        self.cloud.store.mark(&id, None, &mark).await.expect("the table answers");
        event(
            "steward",
            "Provisioned Product Expired",
            &json!({ "provisionedProductId": id, "expiresAt": expires_at, "judgedAt": now() }),
        )
    }

    /// Puts an event on Steward's bus, as whoever may.
    pub async fn put(&self, event: &Value) {
        self.cloud.wiring.put(self.cloud.bus(), event.clone()).await;
    }

    /// Asks for the termination of a product.
    pub async fn ask(&self, id: &str) -> Value {
        let event = asked(&json!({ "provisionedProductId": id }));
        self.put(&event).await;
        event
    }

    /// Protects a product in the table, or ends that.
    ///
    /// # Panics
    /// If the table does not answer.
    pub async fn protect(&self, id: &str, protection: Option<&Protection>) {
        self.cloud.store.protect(id, protection, now()).await.expect("the table answers");
    }

    /// Extends a product that was not extended before.
    ///
    /// # Panics
    /// If the table does not answer, or it was.
    pub async fn extend(&self, id: &str, until: chrono::DateTime<Utc>) {
        let (by, reason) = ("jo".to_owned(), "the demo was put off".to_owned());
        let extension = Extension { id: format!("until {until}"), until, by, reason, at: now() };
        let kept = self.cloud.store.extend(id, None, &[extension]).await.expect("the table answers");
        assert_eq!(kept, Kept::Now, "{id}");
    }

    /// Lets a fault meet `times` calls of `operation`.
    pub fn fault(&self, service: &str, operation: &str, times: u32, effect: Effect) {
        let (service, operation) = (Some(service.to_owned()), Some(operation.to_owned()));
        let _ = self.cloud.gateway.faults().add(Fault { caller: None, service, operation, skip: 0, times, effect });
    }

    /// What has happened so far.
    ///
    /// # Panics
    /// If the table does not answer.
    pub async fn report(&self) -> Report {
        steward_local::run::report(&self.cloud).await.expect("the table answers")
    }

    /// Waits until the operation about `subject` is as `wanted`, and gives it.
    ///
    /// # Panics
    /// If it does not come to that in time.
    pub async fn until(&self, subject: &str, wanted: impl Fn(&OperationRow) -> bool) -> OperationRow {
        let began = Instant::now();
        loop {
            let report = self.report().await;
            let found = report.operations.iter().find(|row| row.subject == subject && wanted(row));
            if let Some(row) = found {
                return row.clone();
            }
            if began.elapsed() > PATIENCE {
                let logs: Vec<String> = self.cloud.functions.log().into_iter().map(|line| line.text).collect();
                panic!("{subject} has not come to it: {:#?}\n{}", report.operations, logs.join("\n"));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the operation about `subject` has come to its end, and nothing is under way.
    ///
    /// # Panics
    /// If it does not in time.
    pub async fn ended(&self, subject: &str) -> OperationRow {
        let row = self.until(subject, |row| !is_live(row)).await;
        self.quiet().await;
        row
    }

    /// Waits until every operation has come to its end, and gives what has happened.
    ///
    /// # Panics
    /// If one does not in time.
    pub async fn all_ended(&self) -> Report {
        let began = Instant::now();
        loop {
            let report = self.report().await;
            let live: Vec<_> = report.operations.iter().filter(|row| is_live(row)).collect();
            if live.is_empty() {
                self.quiet().await;
                return report;
            }
            assert!(began.elapsed() < PATIENCE, "not at their end: {live:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until no queue holds anything.
    ///
    /// # Panics
    /// If one does for too long.
    pub async fn quiet(&self) {
        let began = Instant::now();
        while !self.cloud.wiring.is_idle() {
            assert!(began.elapsed() < PATIENCE, "a queue does not run empty");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The tokens of the calls that the service carried out on a product, in order.
    #[must_use]
    pub fn executions(&self, id: &str) -> Vec<String> {
        let of_product = self.cloud.catalog.executions().into_iter().filter(|execution| execution.product_id == id);
        of_product.map(|execution| execution.token).collect()
    }

    /// How often a function made a call.
    #[must_use]
    pub fn calls(&self, function: &str, call: &str) -> u64 {
        self.cloud.gateway.counts().get(function).and_then(|calls| calls.get(call)).copied().unwrap_or_default()
    }

    /// What was asked for by the calls that the service carried out on a product, in order: operation and members.
    #[must_use]
    pub fn asked_for(&self, id: &str) -> Vec<(String, Value)> {
        let of_product = self.cloud.catalog.executions().into_iter().filter(|execution| execution.product_id == id);
        of_product.map(|execution| (execution.operation, execution.asked)).collect()
    }

    /// The outcome events about a product, or about what else an operation is about: detail type and detail.
    #[must_use]
    pub fn told(&self, id: &str) -> Vec<(String, Value)> {
        let events = self.cloud.wiring.seen().into_iter().map(|seen| seen.event);
        let is_about = |detail: &Value| detail["provisionedProductId"] == id || detail["subject"] == id;
        events
            .filter(|event| is_about(&event["detail"]) && event["detail"].get("operation").is_some())
            .map(|event| (event["detail-type"].as_str().unwrap_or_default().to_owned(), event["detail"].clone()))
            .collect()
    }

    /// The ends that are told of operations on a product. One told twice, as when two looks find it at the same time, bears
    /// the same id both times: consumers drop it.
    #[must_use]
    pub fn ends(&self, id: &str) -> BTreeSet<(String, String)> {
        let told = self.told(id).into_iter();
        told.map(|(kind, detail)| (kind, detail["id"].as_str().unwrap_or_default().to_owned())).collect()
    }
}

/// Whether work is left.
#[must_use]
pub fn is_live(row: &OperationRow) -> bool {
    matches!(row.state.as_str(), "submitting" | "submitted" | "waiting")
}

/// The hour that it is: a cap that counts by hours may be passed when one ends.
#[must_use]
pub fn hour() -> i64 {
    now().timestamp().div_euclid(3_600)
}

#[expect(clippy::disallowed_methods, reason = "scenarios run on the machine's own time, as the functions do")]
fn now() -> chrono::DateTime<Utc> {
    Utc::now()
}
