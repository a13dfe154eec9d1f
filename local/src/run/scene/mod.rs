//! The sample catalog: what each sample event is about, in the state that the sample needs.

mod execute_action;
mod execute_plan;
mod import;
mod sweep;
mod terminate;

use chrono::{DateTime, Utc};
use shared::ports::{Extension, StoreError};

use crate::catalog::Script;
use crate::cloud::Cloud;

pub use sweep::PARAMETERS;

/// When the sample products were provisioned: 2026-11-02T00:00:00Z.
const CREATED: i64 = 1_793_577_600;

/// Fills catalog and table.
///
/// # Errors
/// If the table does not answer.
pub async fn set(cloud: &Cloud) -> Result<(), StoreError> {
    terminate::set(cloud).await?;
    execute_action::set(&cloud.catalog);
    execute_plan::set(&cloud.catalog);
    import::set(&cloud.catalog);
    sweep::set(cloud).await
}

fn created() -> DateTime<Utc> {
    instant(CREATED)
}

fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// An extension until then.
fn extension(until: DateTime<Utc>) -> [Extension; 1] {
    let (by, reason) = ("jo".to_owned(), "the demo was put off".to_owned());
    [Extension { id: format!("until {until}"), until, by, reason, at: created() }]
}

/// A record that FAILED with these words.
fn failing(words: &str) -> Script {
    Script::Fail(vec![("1".to_owned(), words.to_owned())])
}
