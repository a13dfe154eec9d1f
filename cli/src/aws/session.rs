//! Who asks, and the clients that they ask with.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use shared::aws::{DynamoStore, ServiceCatalog};
use shared::clock::Clock;
use shared::scope::Scope;

use super::Deployment;
use crate::arguments::Global;
use crate::problem::{Problem, aws};

/// How long one call may take, its retries included: a person waits.
const CALL_MAX: Duration = Duration::from_secs(30);
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// What is kept of what this command ends: as long as the functions keep theirs by default.
const HISTORY_TTL: Duration = Duration::from_hours(35 * 24);

/// A signed-in person, and the deployment that they look at.
#[derive(Debug)]
pub(crate) struct Session {
    /// The options.
    pub(crate) global: Global,
    /// Where Steward is.
    pub(crate) deployment: Deployment,
    /// Service Catalog.
    pub(crate) catalog: ServiceCatalog,
    /// The table.
    pub(crate) store: DynamoStore,
    /// Who asks.
    pub(crate) by: String,
    /// The time.
    pub(crate) clock: Clock,
    /// What all clients are made of.
    pub(crate) config: SdkConfig,
}

impl Session {
    /// Signs in, and finds the deployment.
    pub(crate) async fn open(global: Global) -> Result<Self, Problem> {
        let config = config(&global).await;
        if config.region().is_none() {
            return Err(Problem::Usage("no region: give --region, or set AWS_REGION".to_owned()));
        }
        let sts = aws_sdk_sts::Client::new(&config);
        let (me, deployment) = tokio::join!(sts.get_caller_identity().send(), Deployment::find(&global, &config));
        let me = me.map_err(|error| aws("find out who you are", &error))?;
        let deployment = deployment?;
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let scope = deployment.scope.clone().unwrap_or_else(|| Scope::new(me.account().unwrap_or_default(), region));
        let store =
            DynamoStore::new(aws_sdk_dynamodb::Client::new(&config), deployment.table.clone(), scope, HISTORY_TTL);
        let by = global.by.clone().or_else(|| me.arn().map(str::to_owned)).unwrap_or_else(|| "somebody".to_owned());
        let clock = Clock::system();
        let catalog = ServiceCatalog::new(aws_sdk_servicecatalog::Client::new(&config), clock);
        Ok(Self { global, deployment, catalog, store, by, clock, config })
    }

    /// Account and region.
    pub(crate) fn scope(&self) -> &Scope {
        self.store.scope()
    }
}

async fn config(global: &Global) -> SdkConfig {
    let tls = Provider::rustls(CryptoMode::Ring);
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(Builder::new().tls_provider(tls).build_https())
        .retry_config(RetryConfig::standard().with_max_attempts(4))
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_MAX).operation_timeout(CALL_MAX).build());
    if let Some(profile) = &global.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &global.region {
        loader = loader.region(Region::new(region.clone()));
    }
    loader.load().await
}
