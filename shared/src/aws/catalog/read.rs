//! Calls that only read: repeated by the SDK as it sees fit, pages read to the end or to a limit.

use std::error::Error;
use std::marker::PhantomData;

use aws_sdk_servicecatalog::config::Builder;
use aws_sdk_servicecatalog::operation::describe_provisioned_product::DescribeProvisionedProductError;
use aws_sdk_servicecatalog::operation::describe_record::DescribeRecordError;
use aws_sdk_servicecatalog::operation::list_record_history::ListRecordHistoryError;
use aws_sdk_servicecatalog::operation::list_service_actions_for_provisioning_artifact::ListServiceActionsForProvisioningArtifactError;
use aws_sdk_servicecatalog::operation::search_provisioned_products::SearchProvisionedProductsError;
use aws_sdk_servicecatalog::types::{
    AccessLevelFilter, AccessLevelFilterKey, ListRecordHistorySearchFilter, ProvisionedProductAttribute,
    ProvisionedProductDetail, ProvisionedProductViewFilterBy,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{ServiceCatalog, not_found_is_none, record};
use crate::aws::classify::{RetryRateExceeded, call_error};
use crate::aws::time;
use crate::clock::Time;
use crate::operation::{MESSAGE_BYTES_MAX, cut};
use crate::ports::{CallError, Described, Record, SearchRow, ServiceAction, Sought};
use crate::request::ProductRef;

/// How many pages of a list are read before what is looked for counts as not found.
const PAGES_MAX: u32 = 10;

impl ServiceCatalog {
    pub(super) async fn read_product(&self, product: &ProductRef) -> Result<Option<Described>, CallError> {
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

    pub(super) async fn read_row(&self, sought: Sought<'_>) -> Result<Option<SearchRow>, CallError> {
        // The query only narrows, as far as the service understands it; what counts is what the row says.
        let query = match sought {
            Sought::Product(id) => format!("id:{id}"),
            Sought::Stack(arn) => format!("physicalId:{arn}"),
        };
        let is_sought = |row: &ProvisionedProductAttribute| match sought {
            Sought::Product(id) => row.id() == Some(id),
            Sought::Stack(arn) => row.physical_id() == Some(arn),
        };
        let mut token = None;
        for _ in 0..PAGES_MAX {
            let answer = self
                .client
                .search_provisioned_products()
                .access_level_filter(account_level())
                .filters(ProvisionedProductViewFilterBy::SearchQuery, vec![query.clone()])
                .page_size(100)
                .set_page_token(token)
                .customize()
                .config_override(reading::<SearchProvisionedProductsError>())
                .send()
                .await
                .map_err(|error| call_error(&error))?;
            if let Some(found) = answer.provisioned_products.unwrap_or_default().into_iter().find(is_sought) {
                return Ok(row(found));
            }
            token = next(answer.next_page_token);
            if token.is_none() {
                break;
            }
        }
        Ok(None)
    }

    pub(super) async fn read_actions(
        &self,
        product_id: &str,
        artifact_id: &str,
    ) -> Result<Vec<ServiceAction>, CallError> {
        let (mut token, mut actions) = (None, Vec::new());
        for _ in 0..PAGES_MAX {
            let answer = self
                .client
                .list_service_actions_for_provisioning_artifact()
                .product_id(product_id)
                .provisioning_artifact_id(artifact_id)
                .page_size(20)
                .set_page_token(token)
                .customize()
                .config_override(reading::<ListServiceActionsForProvisioningArtifactError>())
                .send()
                .await
                .map_err(|error| call_error(&error))?;
            let page = answer.service_action_summaries.unwrap_or_default().into_iter();
            actions.extend(page.filter_map(|action| Some(ServiceAction { id: action.id?, name: action.name? })));
            token = next(answer.next_page_token);
            if token.is_none() {
                break;
            }
        }
        Ok(actions)
    }

    pub(super) async fn read_record(&self, record_id: &str) -> Result<Option<Record>, CallError> {
        let call = self.client.describe_record().id(record_id);
        match call.customize().config_override(reading::<DescribeRecordError>()).send().await {
            Ok(answer) => match answer.record_detail.and_then(record) {
                Some(record) => Ok(Some(record)),
                None => Err(CallError::Unknown("described without an id or a status".to_owned())),
            },
            Err(error) => not_found_is_none(call_error(&error)),
        }
    }

    pub(super) async fn read_history(&self, product_id: &str, since: Time) -> Result<Vec<Record>, CallError> {
        let (mut token, mut records) = (None, Vec::new());
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
            let page: Vec<Record> = answer.record_details.unwrap_or_default().into_iter().filter_map(record).collect();
            let is_older = |record: &Record| record.created_at.is_some_and(|at| at < since);
            // Newest first, as far as anybody knows: a page that holds nothing younger is the last that is needed.
            let all_older = !page.is_empty() && page.iter().all(is_older);
            let of_product = |record: &Record| record.product_id.as_deref().is_none_or(|id| id == product_id);
            records.extend(page.into_iter().filter(|record| !is_older(record) && of_product(record)));
            token = next(answer.next_page_token);
            if token.is_none() || all_older {
                break;
            }
        }
        Ok(records)
    }
}

/// The account's own level: without it, some lists show only what this role itself has provisioned.
pub(super) fn account_level() -> AccessLevelFilter {
    AccessLevelFilter::builder().key(AccessLevelFilterKey::Account).value("self").build()
}

pub(super) fn reading<E>() -> Builder
where
    E: Error + ProvideErrorMetadata + Send + Sync + std::fmt::Debug + 'static,
{
    Builder::new().retry_classifier(RetryRateExceeded::<E>(PhantomData))
}

/// The token of the next page, if there is one.
pub(super) fn next(token: Option<String>) -> Option<String> {
    token.filter(|token| !token.is_empty())
}

pub(super) fn row(row: ProvisionedProductAttribute) -> Option<SearchRow> {
    let status = row.status.map(|status| status.as_str().to_owned());
    Some(SearchRow {
        id: row.id?,
        physical_id: row.physical_id,
        product_id: row.product_id,
        artifact_id: row.provisioning_artifact_id,
        name: row.name,
        tags: row.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect(),
        last_provisioning_record_id: row.last_provisioning_record_id,
        is_under_change: status.as_deref() == Some("UNDER_CHANGE"),
        product_type: row.r#type,
        status,
        status_message: row.status_message.map(|text| cut(&text, MESSAGE_BYTES_MAX)),
        created_at: row.created_time.as_ref().and_then(time),
        last_record_id: row.last_record_id,
        product_name: row.product_name,
        owner: row.user_arn,
    })
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
