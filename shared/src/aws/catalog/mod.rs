//! Service Catalog, over the SDK: calls that act in `send`, calls that read in `read`, plans in `plan`, all products in `list`.

mod list;
mod plan;
mod read;
mod send;

use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::types::RecordDetail;

use super::time;
use crate::clock::{Clock, Time};
use crate::operation::{MESSAGE_BYTES_MAX, cut};
use crate::plan::Plan;
use crate::ports::{CallError, Catalog, Described, Page, Record, Refusal, SearchRow, ServiceAction, Sought, Stamp};
use crate::request::{ExecuteAction, Import, ProductRef, Terminate};

/// Service Catalog.
#[derive(Clone, Debug)]
pub struct ServiceCatalog {
    client: Client,
    clock: Clock,
}

impl ServiceCatalog {
    /// Over this client. `clock` is asked before each transmission of a call that acts.
    #[must_use]
    pub fn new(client: Client, clock: Clock) -> Self {
        Self { client, clock }
    }
}

impl Catalog for ServiceCatalog {
    async fn terminate(&self, product_id: &str, request: &Terminate, stamp: Stamp<'_>) -> Result<Record, CallError> {
        self.send_termination(product_id, request, stamp).await
    }

    async fn execute_action(&self, request: &ExecuteAction, stamp: Stamp<'_>) -> Result<Record, CallError> {
        self.send_action(request, stamp).await
    }

    async fn execute_plan(
        &self,
        plan_id: &str,
        accept_language: Option<&str>,
        stamp: Stamp<'_>,
    ) -> Result<Record, CallError> {
        self.send_plan(plan_id, accept_language, stamp).await
    }

    async fn import(&self, request: &Import, stamp: Stamp<'_>) -> Result<Record, CallError> {
        self.send_import(request, stamp).await
    }

    async fn describe(&self, product: &ProductRef) -> Result<Option<Described>, CallError> {
        self.read_product(product).await
    }

    async fn search(&self, sought: Sought<'_>) -> Result<Option<SearchRow>, CallError> {
        self.read_row(sought).await
    }

    async fn list(&self, page: Option<&str>) -> Result<Page, CallError> {
        self.list_page(page).await
    }

    async fn actions(&self, product_id: &str, artifact_id: &str) -> Result<Vec<ServiceAction>, CallError> {
        self.read_actions(product_id, artifact_id).await
    }

    async fn plan(&self, plan_id: &str) -> Result<Option<Plan>, CallError> {
        self.read_plan(plan_id).await
    }

    async fn record(&self, record_id: &str) -> Result<Option<Record>, CallError> {
        self.read_record(record_id).await
    }

    async fn history(&self, product_id: &str, since: Time) -> Result<Vec<Record>, CallError> {
        self.read_history(product_id, since).await
    }
}

fn not_found_is_none<T>(error: CallError) -> Result<Option<T>, CallError> {
    match error {
        CallError::Refused { refusal: Refusal::NotFound, .. } => Ok(None),
        error => Err(error),
    }
}

fn record(detail: RecordDetail) -> Option<Record> {
    let errors = detail.record_errors.unwrap_or_default();
    let short = |text: Option<String>| cut(&text.unwrap_or_default(), MESSAGE_BYTES_MAX);
    Some(Record {
        id: detail.record_id?,
        status: detail.status?.as_str().to_owned(),
        record_type: detail.record_type,
        product_type: detail.provisioned_product_type,
        product_id: detail.provisioned_product_id,
        product_name: detail.provisioned_product_name,
        artifact_id: detail.provisioning_artifact_id,
        created_at: detail.created_time.as_ref().and_then(time),
        errors: errors.into_iter().take(10).map(|error| (short(error.code), short(error.description))).collect(),
    })
}
