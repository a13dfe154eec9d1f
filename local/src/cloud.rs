//! The whole cloud, put together: one gateway before all services, function processes behind a bus and queues.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use shared::aws::DynamoStore;
use shared::scope::Scope;
use thiserror::Error;
use tokio::task::JoinHandle;

use crate::catalog::{Catalog, Emit, Settings};
use crate::clients::clients;
use crate::clock::Clock;
use crate::data::{Data, DataError};
use crate::dynamo::{Dynamo, DynamoError};
use crate::functions::Lambda;
use crate::gateway::{Gateway, Identities, OPERATOR, Place, USER, VIEWER};
use crate::lambda::{Function, Functions, Setup, Sink};
use crate::rights;
use crate::scene::Later;
use crate::sqs::Sqs;
use crate::stack::Stacks;
use crate::template::{Template, TemplateError, id_of};
use crate::wiring::{DEFAULT_BUS, Wiring, WiringError};

/// How many processes of one function run at the same time, at the most.
const PROCESSES_MAX: usize = 10;

/// What a cloud is made of.
#[derive(Clone)]
pub struct Options {
    /// `template.yaml`.
    pub template: PathBuf,
    /// Values for some of its parameters.
    pub parameters: BTreeMap<String, String>,
    /// Where the function binaries are, named as their folders.
    pub bins: PathBuf,
    /// The functions that there are, by folder; none: all of the template's. An invocation of another one fails.
    pub only: Option<Vec<String>>,
    /// How many times faster than at AWS records, delays and schedules pass.
    pub speed: f64,
    /// The gateway's port; 0: any free one.
    pub port: u16,
    /// What is not known of the real Service Catalog.
    pub settings: Settings,
    /// Whether rules that fire by time wait until [`Wiring::hold_schedules`] lets them.
    pub hold_schedules: bool,
    /// Takes the functions' log lines as they come.
    pub logs: Option<Sink>,
    /// Where it keeps what it knows; none: nowhere.
    pub data: Option<Arc<Data>>,
}

impl Options {
    /// Armed, and with waits that a person waits for gladly: records pass sixty times as fast as at AWS, and so do
    /// the pauses between tries, which the functions take from their parameters.
    #[must_use]
    pub fn quick(root: &Path, bins: &Path) -> Self {
        let parameters = [
            ("DryRun", "false"),
            ("AllowIgnoreErrors", "true"),
            ("BackoffBase", "1s"),
            ("BackoffMax", "3s"),
            ("Lease", "20s"),
            ("LongLease", "20s"),
            ("ResendAfter", "2s"),
            ("GiveUpAfter", "5m"),
            ("FirstPoll", "8s"),
            ("PollBase", "1s"),
            ("PollMax", "4s"),
            ("StalledAfter", "5m"),
            ("RedriveAfter", "5s"),
            // Somebody who acts may ask for something, too.
            ("Requesters", "arn:aws:iam::111122223333:role/operator"),
            // Fifty an hour, sixty times as fast.
            ("MaxTerminationsPerHour", "3000"),
        ];
        Self {
            template: root.join("template.yaml"),
            parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            bins: bins.to_owned(),
            only: None,
            speed: 60.0,
            port: 0,
            settings: Settings::default(),
            hold_schedules: false,
            logs: None,
            data: None,
        }
    }

    /// The same with another value for a parameter of the template.
    #[must_use]
    pub fn with(mut self, parameter: &str, value: &str) -> Self {
        self.parameters.insert(parameter.to_owned(), value.to_owned());
        self
    }
}

/// Why there is no cloud.
#[derive(Debug, Error)]
pub enum CloudError {
    /// The template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Its wiring.
    #[error(transparent)]
    Wiring(#[from] WiringError),
    /// Its table.
    #[error(transparent)]
    Dynamo(#[from] DynamoError),
    /// A function without a binary.
    #[error("{} is missing; run `cargo build --workspace --bins` first", .0.display())]
    NoBinary(PathBuf),
    /// The gateway's port.
    #[error("the gateway cannot listen: {0}")]
    Gateway(#[from] std::io::Error),
    /// What an earlier run has kept.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Not exactly one table.
    #[error("template.yaml has {0} tables; the local cloud knows one")]
    Tables(usize),
}

/// The cloud, running.
pub struct Cloud {
    /// The one endpoint.
    pub gateway: Gateway,
    /// The time.
    pub clock: Clock,
    /// Service Catalog.
    pub catalog: Catalog,
    /// `DynamoDB`.
    pub dynamo: Arc<Dynamo>,
    /// The table's name.
    pub table: String,
    /// The functions.
    pub functions: Functions,
    /// Buses and queues.
    pub wiring: Wiring,
    /// What it was made from.
    pub template: Template,
    /// The table, as Steward sees it.
    pub store: DynamoStore,
    /// What is still to happen by itself.
    pub later: Later,
    /// Where it keeps what it knows.
    pub(crate) data: Option<Arc<Data>>,
    drivers: [JoinHandle<()>; 2],
}

impl Cloud {
    /// Starts everything.
    ///
    /// # Errors
    /// If the template cannot be carried out, or a binary or a port is missing.
    pub async fn start(options: Options) -> Result<Self, CloudError> {
        let place = Place::default();
        let clock = Clock::system(options.speed);
        let template = Template::read(&options.template, &options.parameters, &place)?;
        let mut identities = Identities::new(place.clone());
        for (id, function) in &template.functions {
            identities = identities.with_function(id, id_of(&function.role));
        }
        for person in [VIEWER, OPERATOR] {
            identities = identities.with_person(person);
        }
        let gateway = Gateway::start(clock.clone(), identities, options.port).await?;
        let functions = functions(&template, &options, &gateway, &clock, &place)?;
        let wiring = Wiring::start(&template, clock.clone(), place.clone(), Arc::new(functions.clone()))?;

        wiring.hold_schedules(options.hold_schedules);

        let dynamo = match &options.data {
            Some(data) => Dynamo::open(&data.database()).await?,
            None => Dynamo::start().await?,
        };
        let dynamo = Arc::new(dynamo);
        let (table, properties) = match template.tables.iter().next() {
            Some(table) if template.tables.len() == 1 => table,
            _ => return Err(CloudError::Tables(template.tables.len())),
        };
        let saved = options.data.as_deref().and_then(|data| Some((data, data.saved()?)));
        match saved {
            None => dynamo.create_table(table, properties).await?,
            Some((data, saved)) if saved.table != Dynamo::definition(table, properties)? => {
                let text = "its table is another one than template.yaml says now; take another directory";
                return Err(data.wrong(text.to_owned()).into());
            }
            Some((data, _)) if !dynamo.has_table(table).await? => {
                return Err(data.wrong(format!("its database has no table {table}; take another directory")).into());
            }
            Some(_) => {}
        }
        let catalog = Catalog::new(options.settings.clone(), clock.clone(), place.clone(), to_default_bus(&wiring));
        let later = Later::default();
        if let Some((data, saved)) = saved {
            let broken = |error: serde_json::Error| data.wrong(format!("the catalog of its state is broken: {error}"));
            catalog.restore(&saved.catalog).map_err(broken)?;
            later.add(saved.later.iter().cloned());
        }
        let bus = template.buses.values().next().map_or(DEFAULT_BUS, String::as_str).to_owned();
        let happening = later.clone().run(catalog.clone(), wiring.clone(), clock.clone(), bus);

        gateway.register("dynamodb", Arc::<Dynamo>::clone(&dynamo));
        gateway.register("servicecatalog", Arc::new(catalog.clone()));
        gateway.register("events", Arc::new(wiring.clone()));
        gateway.register("sqs", Arc::new(Sqs::new(wiring.clone(), clock.clone(), place.clone(), gateway.url())));
        let invoke = Arc::new(functions.clone());
        let lambda = Lambda::new(&template, invoke, wiring.clone(), clock.clone(), place.clone());
        gateway.register("lambda", Arc::new(lambda));
        let stacks = Stacks::new(&template, &place, &gateway.url(), clock.now());
        gateway.register("cloudformation", Arc::new(stacks));
        gateway.set_policy(rights::policy(&template));
        gateway.set_kill(functions.kill_hook());

        let user = clients(&gateway, USER);
        let scope = Scope::new(place.account, place.region);
        let kept = Duration::from_hours(35 * 24);
        let store = DynamoStore::new(user.dynamodb, table.clone(), scope, kept);
        // Last of all: from here on things happen, and functions get what was waiting for them.
        let drivers = [tokio::spawn(catalog.clone().run()), tokio::spawn(happening)];
        if let Some((_, saved)) = saved {
            wiring.restore(saved.wiring.clone())?;
        }
        Ok(Self {
            table: table.clone(),
            gateway,
            clock,
            catalog,
            dynamo,
            functions,
            wiring,
            template,
            store,
            later,
            data: options.data,
            drivers,
        })
    }

    /// The bus that people put events on.
    #[must_use]
    pub fn bus(&self) -> &str {
        self.template.buses.values().next().map_or(DEFAULT_BUS, String::as_str)
    }

    /// Ends all of it.
    pub async fn stop(&self) {
        self.wiring.stop();
        self.drivers.iter().for_each(JoinHandle::abort);
        self.functions.stop().await;
    }
}

fn functions(
    template: &Template,
    options: &Options,
    gateway: &Gateway,
    clock: &Clock,
    place: &Place,
) -> Result<Functions, CloudError> {
    let mut functions = Vec::new();
    for (id, function) in &template.functions {
        let folder = Path::new(&function.code_uri).file_name().unwrap_or_default();
        if options.only.as_ref().is_some_and(|only| !only.iter().any(|one| folder == one.as_str())) {
            continue;
        }
        let program = options.bins.join(folder);
        if !program.is_file() {
            return Err(CloudError::NoBinary(program));
        }
        let mut environment = function.environment.variables.clone();
        // The file is Lambda's, not this machine's; and here nothing is encrypted.
        environment.remove("SSL_CERT_FILE");
        functions.push(Function {
            environment,
            timeout: Duration::from_secs(function.timeout),
            memory: u32::try_from(function.memory_size).unwrap_or(u32::MAX),
            concurrency: PROCESSES_MAX,
            ..Function::new(id, program)
        });
    }
    let setup = Setup { clock: clock.clone(), place: place.clone(), endpoint: gateway.url(), seed: fastrand::u64(..) };
    Ok(Functions::start(setup, functions, options.logs.clone()))
}

/// Stack events go to the default bus, from a task of their own: the catalog must not wait for deliveries.
fn to_default_bus(wiring: &Wiring) -> Emit {
    let wiring = wiring.clone();
    Arc::new(move |event| {
        let wiring = wiring.clone();
        tokio::spawn(async move { wiring.put(DEFAULT_BUS, event).await });
    })
}
