//! No transmission leaves after its claim's time, the SDK's own retries included.
//!
//! The SDK pauses between its tries; without this check, a call could leave after another claim has taken over, and
//! Service Catalog does not fence.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use thiserror::Error;

use crate::clock::{Clock, Time};

/// The claim's time is over.
#[derive(Debug, Error)]
#[error("the claim's time to send is over")]
pub(super) struct TooLate;

/// Checks the time before each transmission.
#[derive(Debug)]
pub(super) struct SendUntil {
    pub(super) until: Time,
    pub(super) clock: Clock,
}

impl Intercept for SendUntil {
    fn name(&self) -> &'static str {
        "SendUntil"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.clock.now() < self.until { Ok(()) } else { Err(TooLate.into()) }
    }
}
