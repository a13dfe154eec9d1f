//! One request about the life of a product, from its message to its answer.

use shared::aws::{DynamoStore, EventBridgeBus, ServiceCatalog};
use shared::inbound::keep;
use shared::lambda::payload::Delivery;
use shared::request::{Invalid, Kind};
use shared::workflow::Trouble;
use shared::workflow::keep::{Answer, Keeper};

pub(crate) type AwsKeeper = Keeper<ServiceCatalog, DynamoStore, EventBridgeBus>;

/// Carries a message out. What cannot be read, or is refused, is kept and published as rejected; gives why.
pub(crate) async fn one(keeper: &AwsKeeper, delivery: Delivery) -> Result<Option<String>, Trouble> {
    let now = keeper.edges.clock.now();
    let sent_at = delivery.sent_at.map_or(now, |at| at.min(now));
    let read = |body: &str| keep::read(body, &keeper.edges.scope, sent_at);
    let asked = delivery.body.as_deref().map_err(Invalid::clone).and_then(read);
    let why = match asked {
        Ok(asked) => match keeper.keep(&asked).await? {
            Answer::Done => return Ok(None),
            Answer::Refused(why) => why,
        },
        Err(invalid) => invalid.to_string(),
    };
    let body = delivery.body.unwrap_or_else(|_| delivery.raw.unwrap_or_default());
    keeper.edges.reject(Kind::Terminate, &why, &body, None).await.map(|ended| ended.why)
}
