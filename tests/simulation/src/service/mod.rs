//! Service Catalog, as far as Steward meets it: provisioned products with their records, plans, service actions and imports; a
//! search index and a history that lag. What is published nowhere goes one way or the other from schedule to schedule.

mod act;
mod look;
mod rival;
mod time;

use std::collections::BTreeMap;
use std::time::Duration;

use shared::clock::Time;
use shared::plan::Plan;
use shared::ports::{CallError, Refusal, SearchRow};

/// Account and region of everything.
pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-central-1";
/// The product and the version that every provisioned product is made from.
pub(crate) const PRODUCT: &str = "prod-1";
pub(crate) const ARTIFACT: &str = "pa-1";
/// The version that others update to: an update to a plan's own version cannot be told from its execution.
const ANOTHER_ARTIFACT: &str = "pa-2";
/// The action that repairs drift, and another one.
pub(crate) const REPAIR: &str = "act-repair";
pub(crate) const RESTART: &str = "act-restart";

/// A provisioned product.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: &'static str,
    pub(crate) created_at: Time,
    pub(crate) last_record: String,
    pub(crate) last_provisioning_record: String,
    /// The tag that names its end.
    pub(crate) expires_at: Option<Time>,
    /// Whether its tag protects it.
    pub(crate) is_protected: bool,
    pub(crate) stack: String,
    /// What the search has shown since when, oldest first; `None`: it is gone.
    rows: Vec<(Time, Option<SearchRow>)>,
    pub(crate) is_gone: bool,
}

/// A record: who made it, and how it will end.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) product_id: String,
    pub(crate) of_type: &'static str,
    /// Steward's, with the token that it was sent with; `None`: somebody else's.
    pub(crate) token: Option<String>,
    pub(crate) created_at: Time,
    pub(crate) ends_at: Time,
    pub(crate) has_ended: bool,
    pub(crate) fails: bool,
    /// The word while it runs.
    running: &'static str,
    /// It cannot be read before then.
    unreadable_until: Option<Time>,
    /// Nor does the history show it until then.
    is_hidden: bool,
    pub(crate) plan: Option<String>,
}

impl Record {
    pub(crate) fn has_succeeded(&self) -> bool {
        self.has_ended && !self.fails
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.has_ended && self.fails
    }
}

/// A plan, and how far its execution has come.
#[derive(Clone, Debug)]
pub(crate) struct PlanState {
    pub(crate) content: Plan,
    pub(crate) status: &'static str,
    /// When it was executed: the status says so only later.
    pub(crate) executed_at: Option<Time>,
}

/// A call that the service has carried out for Steward: each is one, however often it was asked.
#[derive(Clone, Debug)]
pub(crate) struct Execution {
    pub(crate) token: String,
    pub(crate) record_id: String,
    pub(crate) product_id: String,
}

/// How a record that is about to be made will go: drawn by the scheduler.
#[derive(Clone, Debug)]
pub(crate) struct Fortune {
    pub(crate) lasts: Duration,
    pub(crate) fails: bool,
    pub(crate) running: &'static str,
    pub(crate) unreadable_until: Option<Time>,
    pub(crate) is_hidden: bool,
    pub(crate) status_after: &'static str,
}

/// What it goes by.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) memory: crate::weather::TokenMemory,
    pub(crate) state_first: bool,
    pub(crate) busy: Refusal,
    pub(crate) search_lag: Duration,
    pub(crate) history_lag: Duration,
    pub(crate) status_lag: Duration,
}

/// The service.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) settings: Settings,
    pub(crate) products: BTreeMap<String, Product>,
    pub(crate) records: BTreeMap<String, Record>,
    pub(crate) plans: BTreeMap<String, PlanState>,
    /// Stacks that may be adopted.
    pub(crate) stacks: Vec<String>,
    tokens: BTreeMap<String, String>,
    pub(crate) executions: Vec<Execution>,
    status_after: BTreeMap<String, &'static str>,
    count: u32,
}

impl Service {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            products: BTreeMap::new(),
            records: BTreeMap::new(),
            plans: BTreeMap::new(),
            stacks: Vec::new(),
            tokens: BTreeMap::new(),
            executions: Vec::new(),
            status_after: BTreeMap::new(),
            count: 0,
        }
    }

    /// The executions of a token.
    pub(crate) fn executions_of<'a>(&'a self, token: &'a str) -> impl Iterator<Item = (&'a Execution, &'a Record)> {
        let of_token = self.executions.iter().filter(move |execution| execution.token == token);
        of_token.filter_map(|execution| Some((execution, self.records.get(&execution.record_id)?)))
    }

    fn next(&mut self) -> u32 {
        self.count += 1;
        self.count
    }
}

/// The stack that Service Catalog makes for a product.
pub(crate) fn stack_of(product_id: &str) -> String {
    format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/SC-{ACCOUNT}-{product_id}/guid")
}

fn refused(refusal: Refusal, code: &str, message: &str) -> CallError {
    CallError::Refused { refusal, code: code.to_owned(), message: message.to_owned() }
}
