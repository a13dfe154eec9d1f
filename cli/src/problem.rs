//! What went wrong, in one line that says what to do, and the exit code that scripts go by.

use std::process::ExitCode;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use shared::ports::{CallError, Refusal, StoreError};
use shared::request::Invalid;
use shared::workflow::Trouble;
use shared::workflow::operate::Unable;
use thiserror::Error;

/// Why a command did not do what was asked.
#[derive(Debug, Error)]
pub(crate) enum Problem {
    /// What was asked is not acceptable.
    #[error("{0}")]
    Usage(String),
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// It cannot be done as things stand, or nobody has confirmed it.
    #[error("{0}")]
    Refused(String),
    /// AWS did not answer, or refused.
    #[error("{0}")]
    Aws(String),
}

impl Problem {
    /// 2 to 5; 0 and 1, and 6 to 9, say how things ended.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => 2,
            Self::NotFound(_) => 3,
            Self::Refused(_) => 4,
            Self::Aws(_) => 5,
        })
    }
}

/// What an SDK's error comes to. `doing`: what was tried, as in "could not ...".
pub(crate) fn aws<E, R>(doing: &str, error: &SdkError<E, R>) -> Problem
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let words = match error {
        SdkError::ServiceError(refused) => {
            let (code, message) = (refused.err().code().unwrap_or("no code"), refused.err().message());
            let hint = if is_denied(code) {
                "; what a person needs is in the policies ViewerPolicy and OperatorPolicy of the stack"
            } else {
                ""
            };
            format!("{code}: {}{hint}", message.unwrap_or("no reason given"))
        }
        other => hinted(&DisplayErrorContext(other).to_string()),
    };
    Problem::Aws(format!("could not {doing}: {}", one_line(&words)))
}

fn is_denied(code: &str) -> bool {
    code.contains("AccessDenied") || code.contains("NotAuthorized")
}

/// The words of an error that never reached a service, with what helps.
fn hinted(words: &str) -> String {
    let lower = words.to_ascii_lowercase();
    let hint = if lower.contains("resourcenotfound") {
        "; is that the table's name (--table)?"
    } else if lower.contains("accessdenied") {
        "; ViewerPolicy and OperatorPolicy of the stack allow it"
    } else if lower.contains("credentials") {
        "; set AWS_PROFILE, or sign in (aws sso login)"
    } else if lower.contains("region") {
        "; give --region, or set AWS_REGION"
    } else if lower.contains("connect") || lower.contains("dispatch") {
        "; is the endpoint right (AWS_ENDPOINT_URL), and is it up?"
    } else {
        ""
    };
    // The context repeats each cause with all of its type: its first words say it.
    format!("{}{hint}", shared::operation::cut(words, 300))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Aws(hinted(&one_line(&error.to_string())))
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match &error {
            CallError::Refused { refusal: Refusal::NotFound, message, .. } => Self::NotFound(message.clone()),
            _ => Self::Aws(format!("Service Catalog: {}", hinted(&one_line(&error.to_string())))),
        }
    }
}

impl From<Trouble> for Problem {
    fn from(error: Trouble) -> Self {
        Self::Aws(hinted(&one_line(&error.to_string())))
    }
}

impl From<Invalid> for Problem {
    fn from(error: Invalid) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<Unable> for Problem {
    fn from(error: Unable) -> Self {
        match error {
            Unable::NotThere(_) => Self::NotFound(error.to_string()),
            Unable::No(_) | Unable::MovedOn(_) | Unable::Illegal(_) => Self::Refused(error.to_string()),
            Unable::Store(error) => error.into(),
        }
    }
}
