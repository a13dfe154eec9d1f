//! All provisioned products of the account, page by page, with the service's own time.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_servicecatalog::operation::search_provisioned_products::SearchProvisionedProductsError;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use chrono::{DateTime, Utc};

use super::ServiceCatalog;
use super::read::{account_level, next, reading, row};
use crate::aws::classify::call_error;
use crate::clock::Time;
use crate::ports::{CallError, Page};

/// The most that the service gives at once.
const ROWS: i32 = 100;

/// Keeps the time at which the service answered.
#[derive(Clone, Debug, Default)]
struct AnsweredAt(Arc<Mutex<Option<Time>>>);

impl Intercept for AnsweredAt {
    fn name(&self) -> &'static str {
        "AnsweredAt"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date.map(|date| date.with_timezone(&Utc));
        Ok(())
    }
}

impl ServiceCatalog {
    pub(super) async fn list_page(&self, token: Option<&str>) -> Result<Page, CallError> {
        let answered_at = AnsweredAt::default();
        let answer = self
            .client
            .search_provisioned_products()
            .access_level_filter(account_level())
            .page_size(ROWS)
            .set_page_token(token.map(str::to_owned))
            .customize()
            .config_override(reading::<SearchProvisionedProductsError>())
            .interceptor(answered_at.clone())
            .send()
            .await
            .map_err(|error| call_error(&error))?;
        let answered_at = *answered_at.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Page {
            rows: answer.provisioned_products.unwrap_or_default().into_iter().filter_map(row).collect(),
            next: next(answer.next_page_token),
            total: u64::try_from(answer.total_results_count).ok().filter(|total| *total > 0),
            answered_at,
        })
    }
}
