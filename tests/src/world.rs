//! A cloud of one's own for each scenario: the real binaries, everything at speed, and questions to ask of it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use shared::operation::Notice;
use shared::ports::Judgement;
use steward_local::catalog::{NewProduct, Settings};
use steward_local::cloud::{Cloud, Options};
use steward_local::gateway::faults::{Effect, Fault};
use steward_local::run::report::{OperationRow, Report};

use crate::root;

/// How long a scenario may take to come to its end on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

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

impl World {
    /// A world of these options.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn of(options: Options) -> Self {
        Self { cloud: Cloud::start(options).await.expect("the local cloud starts") }
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
        let judgement = Judgement { expires_at, judged_at: now(), last_provisioning_record_id };
        self.cloud.store.judge(&id, &judgement, &Notice::default()).await.expect("the table answers");
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

    /// Lets a fault meet `times` calls of `operation`.
    pub fn fault(&self, service: &str, operation: &str, times: u32, effect: Effect) {
        let (service, operation) = (service.to_owned(), Some(operation.to_owned()));
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
        let row =
            self.until(subject, |row| !matches!(row.state.as_str(), "submitting" | "submitted" | "waiting")).await;
        self.quiet().await;
        row
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

    /// The outcome events about a product: detail type and detail.
    #[must_use]
    pub fn told(&self, id: &str) -> Vec<(String, Value)> {
        let events = self.cloud.wiring.seen().into_iter().map(|seen| seen.event);
        events
            .filter(|event| event["detail"]["provisionedProductId"] == id && event["detail"].get("operation").is_some())
            .map(|event| (event["detail-type"].as_str().unwrap_or_default().to_owned(), event["detail"].clone()))
            .collect()
    }
}

/// A whole event of a new id.
#[must_use]
pub fn event(source: &str, detail_type: &str, detail: &Value) -> Value {
    json!({
        "version": "0",
        "id": format!("{:032x}", fastrand::u128(..)),
        "detail-type": detail_type,
        "source": source,
        "account": "111122223333",
        "time": now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "region": "eu-central-1",
        "resources": [],
        "detail": detail,
    })
}

/// A `Termination Requested`.
#[must_use]
pub fn asked(detail: &Value) -> Value {
    event("platform.portal", "Termination Requested", detail)
}

#[expect(clippy::disallowed_methods, reason = "scenarios run on the machine's own time, as the functions do")]
fn now() -> chrono::DateTime<Utc> {
    Utc::now()
}
