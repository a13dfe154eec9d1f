//! AWS clients that talk to the local cloud: what the run itself, and tests, look at it with.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use shared::aws::Clients;

use crate::gateway::{Gateway, Identities, Place};

/// Clients of a caller, by name (`user`, or a function's logical id), at a gateway.
#[must_use]
pub fn clients(gateway: &Gateway, caller: &str) -> Clients {
    clients_at(&gateway.url(), caller)
}

/// Clients of a caller at any address.
#[must_use]
pub fn clients_at(url: &str, caller: &str) -> Clients {
    let credentials = Credentials::new(Identities::access_key(caller), "local", None, None, "the local cloud");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(Place::default().region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().build_http())
        .endpoint_url(url)
        .build();
    Clients::of(&config)
}
