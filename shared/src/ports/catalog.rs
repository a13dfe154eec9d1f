//! Service Catalog, as the workflow asks it.

use std::future::Future;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::clock::Time;
use crate::plan::Plan;
use crate::request::{ExecuteAction, Import, ProductRef, Terminate};

/// A provisioned product, as `DescribeProvisionedProduct` knows it. It has no tags: those come only from the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// `pp-...`.
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// `CFN_STACK`, `CONTROL_TOWER_ACCOUNT` ...: an open list.
    pub product_type: Option<String>,
    /// `AVAILABLE`, `UNDER_CHANGE`, `TAINTED`, `ERROR`, `PLAN_IN_PROGRESS`.
    pub status: String,
    /// The service's words on the status.
    pub status_message: Option<String>,
    /// When it was provisioned first.
    pub created_at: Option<Time>,
    /// The latest record of any kind.
    pub last_record_id: Option<String>,
    /// The latest record that could change tags: provision, update, plan, terminate.
    pub last_provisioning_record_id: Option<String>,
}

impl Described {
    /// Whether nothing is going on: the service is ready to act on it.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        matches!(self.status.as_str(), "AVAILABLE" | "TAINTED" | "ERROR")
    }
}

/// What the search is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought<'a> {
    /// A provisioned product, `pp-...`.
    Product(&'a str),
    /// The provisioned product of a stack, by the stack's ARN.
    Stack(&'a str),
}

/// A row of the search: what only the search knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchRow {
    /// `pp-...`.
    pub id: String,
    /// The stack's ARN.
    pub physical_id: Option<String>,
    /// The product, `prod-...`.
    pub product_id: Option<String>,
    /// The provisioning artifact, `pa-...`.
    pub artifact_id: Option<String>,
    /// The provisioned product's name.
    pub name: Option<String>,
    /// Key and value.
    pub tags: Vec<(String, String)>,
    /// The provisioning record that the row was built from: the tags count only if the product has no later one.
    pub last_provisioning_record_id: Option<String>,
    /// Whether that record was still running then: the tags may be those of before it.
    pub is_under_change: bool,
    /// `CFN_STACK`, `CONTROL_TOWER_ACCOUNT` ...: an open list.
    pub product_type: Option<String>,
    /// `AVAILABLE`, `UNDER_CHANGE` ...
    pub status: Option<String>,
    /// The service's words on the status.
    pub status_message: Option<String>,
    /// When it was provisioned first.
    pub created_at: Option<Time>,
    /// The latest record of any kind.
    pub last_record_id: Option<String>,
    /// The product's name.
    pub product_name: Option<String>,
    /// The ARN of the user who owns it.
    pub owner: Option<String>,
}

/// A page of the search over all provisioned products of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The rows.
    pub rows: Vec<SearchRow>,
    /// The page after it.
    pub next: Option<String>,
    /// How many products there are in all, by the service's word.
    pub total: Option<u64>,
    /// The service's own time.
    pub answered_at: Option<Time>,
}

/// A record: one operation of the service, followed to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// `rec-...`.
    pub id: String,
    /// `CREATED`, `IN_PROGRESS`, `IN_PROGRESS_IN_ERROR`, `SUCCEEDED`, `FAILED`, or one nobody knows yet.
    pub status: String,
    /// `TERMINATE_PROVISIONED_PRODUCT` ...: an open list.
    pub record_type: Option<String>,
    /// `CFN_STACK` ...: an open list.
    pub product_type: Option<String>,
    /// `pp-...`.
    pub product_id: Option<String>,
    /// The provisioned product's name.
    pub product_name: Option<String>,
    /// The provisioning artifact that it is about, `pa-...`.
    pub artifact_id: Option<String>,
    /// When the service accepted it.
    pub created_at: Option<Time>,
    /// Code and description.
    pub errors: Vec<(String, String)>,
}

/// A service action that a provisioning artifact offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAction {
    /// `act-...`.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// What every call that acts carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp<'a> {
    /// The token of the attempt.
    pub token: &'a str,
    /// No transmission, retries included, leaves after it.
    pub send_until: Time,
}

/// Why the service did not do what it was asked. Decided by the error's code, in one match of the adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// There is no such thing, or we may not see it.
    NotFound,
    /// We may not.
    Denied,
    /// The request itself is not acceptable.
    Invalid,
    /// Too many calls.
    Throttled,
    /// Credentials, signature or clock: not a word about the request.
    Credentials,
    /// Something else is going on, or a code that nobody knows.
    Busy,
}

/// A call without success.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CallError {
    /// Nothing left this process.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The service answered, and did nothing.
    #[error("{code}: {message}")]
    Refused {
        /// What it means.
        refusal: Refusal,
        /// The service's code.
        code: String,
        /// The service's words.
        message: String,
    },
    /// No answer, or a failure of the service's own: it may have acted.
    #[error("no answer: {0}")]
    Unknown(String),
}

/// Service Catalog.
pub trait Catalog: Send + Sync + 'static {
    /// Sends a termination.
    fn terminate(
        &self,
        product_id: &str,
        request: &Terminate,
        stamp: Stamp<'_>,
    ) -> impl Future<Output = Result<Record, CallError>> + Send;

    /// Sends the execution of a service action.
    fn execute_action(
        &self,
        request: &ExecuteAction,
        stamp: Stamp<'_>,
    ) -> impl Future<Output = Result<Record, CallError>> + Send;

    /// Sends the execution of a plan.
    fn execute_plan(
        &self,
        plan_id: &str,
        accept_language: Option<&str>,
        stamp: Stamp<'_>,
    ) -> impl Future<Output = Result<Record, CallError>> + Send;

    /// Sends an import. Its record names the provisioned product that it makes.
    fn import(&self, request: &Import, stamp: Stamp<'_>) -> impl Future<Output = Result<Record, CallError>> + Send;

    /// Describes a provisioned product; `None`: not found.
    fn describe(&self, product: &ProductRef) -> impl Future<Output = Result<Option<Described>, CallError>> + Send;

    /// Looks a provisioned product up in the search index; `None`: not in it (yet).
    fn search(&self, sought: Sought<'_>) -> impl Future<Output = Result<Option<SearchRow>, CallError>> + Send;

    /// All provisioned products of the account, a page at a time; `None`: the first.
    fn list(&self, page: Option<&str>) -> impl Future<Output = Result<Page, CallError>> + Send;

    /// The service actions of a provisioning artifact.
    fn actions(
        &self,
        product_id: &str,
        artifact_id: &str,
    ) -> impl Future<Output = Result<Vec<ServiceAction>, CallError>> + Send;

    /// Reads a plan, all pages of it; `None`: not found.
    fn plan(&self, plan_id: &str) -> impl Future<Output = Result<Option<Plan>, CallError>> + Send;

    /// Reads a record; `None`: not found.
    fn record(&self, record_id: &str) -> impl Future<Output = Result<Option<Record>, CallError>> + Send;

    /// The account's record history of a provisioned product since an instant, newest first.
    fn history(&self, product_id: &str, since: Time) -> impl Future<Output = Result<Vec<Record>, CallError>> + Send;
}
