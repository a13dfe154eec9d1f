//! Service Catalog, over the SDK.

use std::marker::PhantomData;

use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::config::Builder;
use aws_sdk_servicecatalog::operation::describe_provisioned_product::DescribeProvisionedProductError;
use aws_sdk_servicecatalog::operation::describe_record::DescribeRecordError;
use aws_sdk_servicecatalog::operation::list_record_history::ListRecordHistoryError;
use aws_sdk_servicecatalog::operation::search_provisioned_products::SearchProvisionedProductsError;
use aws_sdk_servicecatalog::operation::terminate_provisioned_product::TerminateProvisionedProductError;
use aws_sdk_servicecatalog::types::{
    AccessLevelFilter, AccessLevelFilterKey, ListRecordHistorySearchFilter, ProvisionedProductDetail,
    ProvisionedProductViewFilterBy, RecordDetail,
};

use super::classify::{RetryRateExceeded, RetryThrottlesOnly, call_error};
use super::send_until::SendUntil;
use super::time;
use crate::clock::{Clock, Time};
use crate::operation::{MESSAGE_BYTES_MAX, cut};
use crate::ports::{CallError, Catalog, Described, Record, Refusal, SearchRow};
use crate::request::{ProductRef, Terminate};

/// How many pages of the search or the history are read before what is looked for counts as not found.
const PAGES_MAX: u32 = 10;

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

/// The account's own level: without it, some lists show only what this role itself has provisioned.
fn account_level() -> AccessLevelFilter {
    AccessLevelFilter::builder().key(AccessLevelFilterKey::Account).value("self").build()
}

fn reading<E>() -> Builder
where
    RetryRateExceeded<E>: aws_smithy_runtime_api::client::retries::classifiers::ClassifyRetry + 'static,
{
    Builder::new().retry_classifier(RetryRateExceeded::<E>(PhantomData))
}

impl Catalog for ServiceCatalog {
    async fn terminate(
        &self,
        product_id: &str,
        request: &Terminate,
        token: &str,
        send_until: Time,
    ) -> Result<Record, CallError> {
        let retries = RetryThrottlesOnly::<TerminateProvisionedProductError>(PhantomData);
        let answer = self
            .client
            .terminate_provisioned_product()
            .provisioned_product_id(product_id)
            .terminate_token(token)
            .ignore_errors(request.ignore_errors)
            .retain_physical_resources(request.retain_physical_resources)
            .set_accept_language(request.accept_language.clone())
            .customize()
            .interceptor(SendUntil { until: send_until, clock: self.clock })
            .config_override(Builder::new().retry_classifier(retries))
            .send()
            .await
            .map_err(|error| call_error(&error))?;
        // Accepted, but without a record to follow: as good as no answer.
        answer
            .record_detail
            .and_then(record)
            .ok_or_else(|| CallError::Unknown("accepted without a record id".to_owned()))
    }

    async fn describe(&self, product: &ProductRef) -> Result<Option<Described>, CallError> {
        let call = self.client.describe_provisioned_product();
        let call = match product {
            ProductRef::Id(id) => call.id(id),
            ProductRef::Name(name) => call.name(name),
        };
        let answer = call.customize().config_override(reading::<DescribeProvisionedProductError>()).send().await;
        match answer {
            Ok(answer) => match answer.provisioned_product_detail.and_then(described) {
                Some(product) => Ok(Some(product)),
                None => Err(CallError::Unknown("described without an id or a status".to_owned())),
            },
            Err(error) => not_found_is_none(call_error(&error)),
        }
    }

    async fn search(&self, product_id: &str) -> Result<Option<SearchRow>, CallError> {
        let mut token = None;
        for _ in 0..PAGES_MAX {
            // The query only narrows, as far as the service understands it; what counts is the id in the answer.
            let answer = self
                .client
                .search_provisioned_products()
                .access_level_filter(account_level())
                .filters(ProvisionedProductViewFilterBy::SearchQuery, vec![format!("id:{product_id}")])
                .page_size(100)
                .set_page_token(token)
                .customize()
                .config_override(reading::<SearchProvisionedProductsError>())
                .send()
                .await
                .map_err(|error| call_error(&error))?;
            let found =
                answer.provisioned_products.unwrap_or_default().into_iter().find(|p| p.id() == Some(product_id));
            if let Some(row) = found {
                let is_under_change = row.status.as_ref().is_some_and(|status| status.as_str() == "UNDER_CHANGE");
                let tags = row.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect();
                return Ok(Some(SearchRow {
                    tags,
                    last_provisioning_record_id: row.last_provisioning_record_id,
                    is_under_change,
                    product_name: row.product_name,
                    owner: row.user_arn,
                }));
            }
            token = answer.next_page_token.filter(|token| !token.is_empty());
            if token.is_none() {
                break;
            }
        }
        Ok(None)
    }

    async fn record(&self, record_id: &str) -> Result<Option<Record>, CallError> {
        let call = self.client.describe_record().id(record_id);
        match call.customize().config_override(reading::<DescribeRecordError>()).send().await {
            Ok(answer) => match answer.record_detail.and_then(record) {
                Some(record) => Ok(Some(record)),
                None => Err(CallError::Unknown("described without an id or a status".to_owned())),
            },
            Err(error) => not_found_is_none(call_error(&error)),
        }
    }

    async fn history(&self, product_id: &str, record_id: &str) -> Result<Option<Record>, CallError> {
        let mut token = None;
        for _ in 0..PAGES_MAX {
            let of_product =
                ListRecordHistorySearchFilter::builder().key("provisionedproduct").value(product_id).build();
            let answer = self
                .client
                .list_record_history()
                .access_level_filter(account_level())
                .search_filter(of_product)
                .page_size(20)
                .set_page_token(token)
                .customize()
                .config_override(reading::<ListRecordHistoryError>())
                .send()
                .await
                .map_err(|error| call_error(&error))?;
            let mut records = answer.record_details.unwrap_or_default().into_iter().filter_map(record);
            if let Some(found) = records.find(|record| record.id == record_id) {
                return Ok(Some(found));
            }
            token = answer.next_page_token.filter(|token| !token.is_empty());
            if token.is_none() {
                break;
            }
        }
        Ok(None)
    }
}

fn not_found_is_none<T>(error: CallError) -> Result<Option<T>, CallError> {
    match error {
        CallError::Refused { refusal: Refusal::NotFound, .. } => Ok(None),
        error => Err(error),
    }
}

fn described(detail: ProvisionedProductDetail) -> Option<Described> {
    Some(Described {
        id: detail.id?,
        name: detail.name,
        product_type: detail.r#type,
        status: detail.status?.as_str().to_owned(),
        status_message: detail.status_message.map(|text| cut(&text, MESSAGE_BYTES_MAX)),
        created_at: detail.created_time.as_ref().and_then(time),
        last_record_id: detail.last_record_id,
        last_provisioning_record_id: detail.last_provisioning_record_id,
    })
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
        created_at: detail.created_time.as_ref().and_then(time),
        errors: errors.into_iter().take(10).map(|error| (short(error.code), short(error.description))).collect(),
    })
}
