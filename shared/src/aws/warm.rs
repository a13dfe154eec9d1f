//! Connections that are open before they are needed: names resolved, TLS agreed on, while a function starts.
//!
//! A request without its signature is refused before anybody asks who sends it. So it needs no permission and does nothing; as
//! far as is published it is not billed and in no trail, either. What it leaves behind is an open connection in the pool of the
//! clients.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use tracing::debug;

use super::Clients;

/// A start does not wait longer for it: without a network the first call will say what is wrong.
const WARM_MAX: Duration = Duration::from_millis(500);

/// Takes the signature off.
#[derive(Debug)]
struct Unsigned;

impl Intercept for Unsigned {
    fn name(&self) -> &'static str {
        "Unsigned"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context.request_mut().headers_mut().remove("authorization");
        Ok(())
    }
}

impl Clients {
    /// Opens a connection to the table and one to Service Catalog, side by side. What cannot be opened now is left to the first
    /// call.
    pub async fn warm(&self) {
        // Once: what does not come about now is not worth a pause.
        let table = aws_sdk_dynamodb::Config::builder().retry_config(RetryConfig::disabled());
        let table = self.dynamodb.describe_table().table_name("any").customize().config_override(table);
        let catalog = aws_sdk_servicecatalog::Config::builder().retry_config(RetryConfig::disabled());
        let catalog = self.servicecatalog.list_portfolios().customize().config_override(catalog);
        let both = async { tokio::join!(table.interceptor(Unsigned).send(), catalog.interceptor(Unsigned).send()) };
        // That both are refused is as it should be.
        if tokio::time::timeout(WARM_MAX, both).await.is_err() {
            debug!("no connection was open after {WARM_MAX:?}");
        }
    }
}
