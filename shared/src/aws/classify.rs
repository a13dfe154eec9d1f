//! What an error of Service Catalog means: the one match that decides, by its *code*.
//!
//! The service models almost none of its errors, so the SDK's variants say nothing; and it throttles under two names.

use std::error::Error;
use std::marker::PhantomData;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::send_until::TooLate;
use crate::operation::{MESSAGE_BYTES_MAX, cut};
use crate::ports::{CallError, Refusal};

/// What a code means; `None`: the service itself failed, and may have acted.
#[must_use]
pub fn refusal(status: u16, code: &str, message: &str) -> Option<Refusal> {
    Some(match code {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "BandwidthLimitExceeded"
        | "SlowDown"
        | "PriorRequestNotComplete"
        | "ProvisionedThroughputExceededException" => Refusal::Throttled,
        "ValidationException" if message.starts_with("Rate exceeded") => Refusal::Throttled,
        _ if status == 429 => Refusal::Throttled,
        "ResourceNotFoundException" => Refusal::NotFound,
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "OptInRequired" => Refusal::Denied,
        "ExpiredToken"
        | "ExpiredTokenException"
        | "IncompleteSignature"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "RequestExpired"
        | "RequestTimeTooSkewed"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => Refusal::Credentials,
        "InvalidParametersException"
        | "ValidationException"
        | "ValidationError"
        | "DuplicateResourceException"
        | "OperationNotSupportedException"
        | "SerializationException"
        | "UnknownOperationException" => Refusal::Invalid,
        _ if status >= 500 => return None,
        // InvalidStateException, ResourceInUseException, LimitExceededException, and every code that nobody knows yet:
        // never at once the end.
        _ => Refusal::Busy,
    })
}

/// Any failure of an SDK call.
pub(super) fn call_error<E>(error: &SdkError<E, HttpResponse>) -> CallError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let words = || cut(&DisplayErrorContext(error).to_string(), MESSAGE_BYTES_MAX);
    match error {
        SdkError::ServiceError(answer) => {
            let code = answer.err().code().unwrap_or("Unknown").to_owned();
            let message = cut(answer.err().message().unwrap_or_default(), MESSAGE_BYTES_MAX);
            match refusal(answer.raw().status().as_u16(), &code, &message) {
                Some(refusal) => CallError::Refused { refusal, code, message },
                None => CallError::Unknown(format!("{code}: {message}")),
            }
        }
        SdkError::ConstructionFailure(_) => CallError::NotSent(words()),
        // The check before each transmission speaks through here. What was transmitted before it was throttled: the only
        // thing on which a call that acts is retried.
        other if is_too_late(other) => CallError::NotSent(TooLate.to_string()),
        _ => CallError::Unknown(words()),
    }
}

fn is_too_late(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<TooLate>() {
            return true;
        }
        next = error.source();
    }
    false
}

/// For calls that act: retried inside the SDK on throttling alone. A hidden second try after a lost answer would turn it
/// into a clean refusal (of the product that our own first try has put under change).
#[derive(Debug)]
pub(super) struct RetryThrottlesOnly<E>(pub(super) PhantomData<E>);

impl<E> ClassifyRetry for RetryThrottlesOnly<E>
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.output_or_error() {
            None | Some(Ok(_)) => RetryAction::NoActionIndicated,
            Some(Err(_)) if refused_as::<E>(context) == Some(Refusal::Throttled) => RetryAction::throttling_error(),
            Some(Err(_)) => RetryAction::RetryForbidden,
        }
    }

    fn name(&self) -> &'static str {
        "RetryThrottlesOnly"
    }
}

/// For calls that only read: the SDK's own judgement, and the throttle that it does not know.
#[derive(Debug)]
pub(super) struct RetryRateExceeded<E>(pub(super) PhantomData<E>);

impl<E> ClassifyRetry for RetryRateExceeded<E>
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match refused_as::<E>(context) {
            Some(Refusal::Throttled) => RetryAction::throttling_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "RetryRateExceeded"
    }
}

fn refused_as<E>(context: &InterceptorContext) -> Option<Refusal>
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let error = context.output_or_error()?.err()?.as_operation_error()?.downcast_ref::<E>()?;
    let status = context.response().map_or(0, |response| response.status().as_u16());
    refusal(status, error.code().unwrap_or_default(), error.message().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Hazard B4: credentials and unknown codes are not the end.
    #[test]
    fn a_code_means_one_thing() {
        for (status, code, message, expected) in [
            (400, "ThrottlingException", "", Some(Refusal::Throttled)),
            (400, "ValidationException", "Rate exceeded", Some(Refusal::Throttled)),
            (429, "SomethingNew", "", Some(Refusal::Throttled)),
            (400, "ValidationException", "1 validation error detected", Some(Refusal::Invalid)),
            (400, "InvalidParametersException", "", Some(Refusal::Invalid)),
            (400, "ResourceNotFoundException", "", Some(Refusal::NotFound)),
            (400, "AccessDeniedException", "", Some(Refusal::Denied)),
            (400, "ExpiredTokenException", "", Some(Refusal::Credentials)),
            (403, "InvalidSignatureException", "", Some(Refusal::Credentials)),
            (400, "InvalidStateException", "", Some(Refusal::Busy)),
            (400, "LimitExceededException", "a quota, not a throttle", Some(Refusal::Busy)),
            (400, "SomethingNew", "", Some(Refusal::Busy)),
            (500, "InternalFailure", "", None),
            (503, "ServiceUnavailable", "", None),
            (503, "ThrottlingException", "", Some(Refusal::Throttled)),
        ] {
            assert_eq!(refusal(status, code, message), expected, "{status} {code} {message}");
        }
    }
}
