//! The SDK's clients: one TLS stack, one connection pool, explicit time-outs and retries.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// How long one call of any service may take, its retries included. A function's time-out leaves room for its calls in a
/// row; see `ANSWER_MARGIN` of the Lambda edge.
pub(super) const CALL_MAX: Duration = Duration::from_secs(5);
/// How long one transmission may take.
const ATTEMPT_MAX: Duration = Duration::from_secs(3);
/// How long a connection may take.
const CONNECT_MAX: Duration = Duration::from_millis(2_500);

/// The clients that the functions share.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The table.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// The bus.
    pub eventbridge: aws_sdk_eventbridge::Client,
    /// Service Catalog.
    pub servicecatalog: aws_sdk_servicecatalog::Client,
}

impl Clients {
    /// Clients by the SDK's own environment: region, credentials, and `AWS_ENDPOINT_URL[_SERVICE]`.
    pub async fn load() -> Self {
        let tls = Provider::rustls(CryptoMode::Ring);
        let loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(Builder::new().tls_provider(tls).build_https())
            .retry_config(
                // The SDK's first pause is a second by default: too long beside a stored schedule.
                RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50)),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT_MAX)
                    .operation_attempt_timeout(ATTEMPT_MAX)
                    .operation_timeout(CALL_MAX)
                    .build(),
            );
        Self::of(&loader.load().await)
    }

    /// Clients of a given configuration.
    #[must_use]
    pub fn of(config: &SdkConfig) -> Self {
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            eventbridge: aws_sdk_eventbridge::Client::new(config),
            servicecatalog: aws_sdk_servicecatalog::Client::new(config),
        }
    }
}
