//! A world that sweeps when it is told to, and what scenarios of expiry ask of it.

use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use shared::clock::in_millis;
use shared::expiry::Noticed;
use shared::operation::{OperationId, Trigger};
use shared::ports::{LookAt, Mark, ProductItem, Products as _, Store as _};
use shared::request::Kind;
use steward_local::api::{Call, Caller, Invoke as _, InvokeError, Service as _};
use steward_local::catalog::{NewProduct, Settings};
use steward_local::cloud::Options;
use steward_local::gateway::faults::{Effect, Fault};

use crate::world::{World, bins, event, fast};
use crate::{root, scope};

/// The sweep's own function.
pub const SWEEP: &str = "SweepFunction";
/// Whoever tells of ends.
pub const RECONCILE: &str = "ReconcileFunction";
/// The shortest lead of the template's default.
pub const SHORTEST_LEAD: TimeDelta = TimeDelta::minutes(30);
/// How long something may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A fast world in which nothing sweeps but the scenario.
#[must_use]
pub fn sweeping() -> Options {
    fast(Settings::default()).with("SweepSchedule", "rate(1000 days)")
}

/// The same, its sweep being stopped this soon before its end by Lambda.
///
/// # Panics
/// If the template cannot be copied.
#[must_use]
pub fn hurried(options: Options, timeout: u64) -> Options {
    let text = std::fs::read_to_string(root().join("template.yaml")).expect("template.yaml is readable");
    let (before, sweep) = text.split_once("\n  SweepFunction:").expect("a sweep");
    let sweep = sweep.replacen("Timeout: 300", &format!("Timeout: {timeout}"), 1);
    let folder = bins().join("../tmp");
    std::fs::create_dir_all(&folder).expect("a folder for the copy");
    let path = folder.join(format!("hurried-{:016x}.yaml", fastrand::u64(..)));
    std::fs::write(&path, format!("{before}\n  SweepFunction:{sweep}")).expect("a copy of the template");
    Options { template: path, ..options }
}

/// The present, as precise as the table.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "scenarios run on the machine's own time, as the functions do")]
pub fn now() -> DateTime<Utc> {
    in_millis(Utc::now())
}

/// So long from now.
#[must_use]
pub fn hence(by: TimeDelta) -> DateTime<Utc> {
    now() + by
}

/// As tags and events have it.
#[must_use]
pub fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

impl World {
    /// A product of a day that ends then by its tag.
    #[must_use]
    pub fn ending(&self, id: &str, at: DateTime<Utc>) -> NewProduct {
        self.product(id).tag("expires-at", &text(at))
    }

    /// Adds a product that ends then by its tag, and whose owner was warned in good time: a week ago.
    pub async fn warned(&self, id: &str, at: DateTime<Utc>) {
        self.cloud.catalog.add(self.ending(id, at));
        self.warn(id, at).await;
    }

    /// Stores that a product's owner was warned of this end a week ago.
    ///
    /// # Panics
    /// If the table does not answer.
    pub async fn warn(&self, id: &str, at: DateTime<Utc>) {
        let long_ago = now() - TimeDelta::days(7);
        let noticed = Noticed {
            expires_at: at,
            seen_at: long_ago.min(at - TimeDelta::milliseconds(1)),
            warned_at: Some(long_ago),
            lead: Some(SHORTEST_LEAD.num_milliseconds()),
        };
        let mark = Mark { noticed: Some(noticed), look_at: LookAt::AsItIs, ..Mark::default() };
        self.cloud.store.mark(id, None, &mark).await.expect("the table answers");
    }

    /// Sweeps once; gives what the function answers.
    ///
    /// # Errors
    /// If it fails.
    pub async fn try_sweep(&self) -> Result<Value, InvokeError> {
        self.cloud.functions.invoke(SWEEP, event("aws.events", "Scheduled Event", &json!({}))).await
    }

    /// Sweeps once; gives what the function answers.
    ///
    /// # Panics
    /// If it fails.
    pub async fn sweep(&self) -> Value {
        self.try_sweep().await.unwrap_or_else(|error| panic!("{error:?}\n{}", self.logs()))
    }

    /// Sweeps a whole pass; gives how many products came to what.
    ///
    /// # Panics
    /// If it does not complete.
    pub async fn swept(&self) -> Value {
        let answer = self.sweep().await;
        assert_eq!(answer["swept"], "completed", "{answer}");
        answer["counts"].clone()
    }

    /// Sweeps, which is halted; says why.
    ///
    /// # Panics
    /// If it is not.
    pub async fn halted(&self) -> String {
        let answer = self.sweep().await;
        assert_eq!(answer["swept"], "halted", "{answer}");
        answer["why"].as_str().expect("a reason").to_owned()
    }

    /// Looks at all that is due, and lets what comes of it be delivered.
    ///
    /// # Panics
    /// If it fails.
    pub async fn tick(&self) -> Value {
        let answer = self.cloud.functions.invoke(RECONCILE, event("aws.events", "Scheduled Event", &json!({}))).await;
        self.quiet().await;
        answer.expect("reconcile answers")
    }

    /// What the table says of a product.
    ///
    /// # Panics
    /// If the table does not answer.
    pub async fn item(&self, id: &str) -> ProductItem {
        self.cloud.store.guard(id).await.expect("the table answers").product.unwrap_or_default()
    }

    /// What was published of this type, about a product if one is named, oldest first.
    #[must_use]
    pub fn published(&self, detail_type: &str, id: Option<&str>) -> Vec<Value> {
        let events = self.cloud.wiring.seen().into_iter().map(|seen| seen.event);
        let is_wanted = |event: &Value| {
            event["detail-type"] == detail_type && id.is_none_or(|id| event["detail"]["provisionedProductId"] == id)
        };
        events.filter(is_wanted).map(|event| event["detail"].clone()).collect()
    }

    /// Waits until something of this type was published about a product.
    ///
    /// # Panics
    /// If it is not, in time.
    pub async fn until_published(&self, detail_type: &str, id: &str) -> Value {
        let began = Instant::now();
        loop {
            if let Some(detail) = self.published(detail_type, Some(id)).pop() {
                return detail;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "no {detail_type} of {id}: {:#?}\n{}",
                self.item(id).await,
                self.logs()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The operation that ends a product then.
    #[must_use]
    pub fn termination(&self, id: &str, at: DateTime<Utc>) -> OperationId {
        OperationId::derive(&scope(), Kind::Terminate, id, &Trigger::Expiry(at))
    }

    /// Says that nothing was told of a product, and nothing was done to it.
    ///
    /// # Panics
    /// If something was.
    pub async fn untouched(&self, id: &str) {
        self.tick().await;
        assert_eq!(self.published("Provisioned Product Expired", Some(id)), Vec::<Value>::new());
        assert_eq!(self.executions(id), Vec::<String>::new());
    }

    /// Says that a product was ended once, by one operation.
    ///
    /// # Panics
    /// If it was not.
    pub async fn ended_once(&self, id: &str) {
        let ended = self.ended(id).await;
        assert_eq!((ended.state.as_str(), ended.attempts), ("succeeded", 1), "{ended:?}");
        assert_eq!(self.executions(id), [ended.token], "{id}");
    }

    /// Lets a fault meet one call of a function, after `skip` of the same.
    pub fn fault_of(&self, function: &str, (service, operation): (&str, Option<&str>), skip: u32, effect: Effect) {
        let (caller, service) = (Some(function.to_owned()), Some(service.to_owned()));
        let operation = operation.map(str::to_owned);
        let _ = self.cloud.gateway.faults().add(Fault { caller, service, operation, skip, times: 1, effect });
    }

    /// The lease of a sweep that was killed runs out.
    ///
    /// # Panics
    /// If the table does not answer.
    pub async fn lease_over(&self) {
        let later = hence(TimeDelta::days(1));
        let memory = self.cloud.store.begin_sweep("later", later, later).await.expect("the table answers");
        let memory = memory.expect("the lease is over by then");
        self.cloud.store.end_sweep("later", &memory).await.expect("the table answers");
    }

    /// Whoever was to tell of a product and died has had its time: somebody looks at it now.
    ///
    /// # Panics
    /// If the table does not answer.
    pub async fn telling_over(&self, id: &str) {
        let item = self.item(id).await;
        let mark = Mark { look_at: LookAt::Then(now()), ..Mark::default() };
        self.cloud.store.mark(id, item.due_at, &mark).await.expect("the table answers");
    }

    /// Writes into an attribute of a product's item what nobody can read.
    ///
    /// # Panics
    /// If the table does not take it.
    pub async fn scribble(&self, id: &str, attribute: &str) {
        self.put_attribute(id, attribute, &json!({ "S": "please" })).await;
    }

    /// Sets an attribute of a product's item, in DynamoDB's own form.
    ///
    /// # Panics
    /// If the table does not take it.
    pub async fn put_attribute(&self, id: &str, attribute: &str, value: &Value) {
        let scope = scope();
        let update = json!({
            "TableName": self.cloud.table,
            "Key": { "pk": { "S": format!("product#{}#{}#{id}", scope.account, scope.region) } },
            "UpdateExpression": "SET #a = :a",
            "ExpressionAttributeNames": { "#a": attribute },
            "ExpressionAttributeValues": { ":a": value },
        });
        let caller = Caller { name: "ops".to_owned(), arn: "arn:aws:iam::111122223333:user/ops".to_owned() };
        let (operation, headers, body) = ("UpdateItem".to_owned(), Vec::new(), update.to_string().into());
        let answer = self.cloud.dynamo.call(Call { caller, operation, headers, body }).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
    }

    /// What the functions printed.
    #[must_use]
    pub fn logs(&self) -> String {
        self.cloud.functions.log().into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n")
    }
}
