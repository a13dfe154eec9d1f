//! One request about the life of a product, from its message to its answer.

use shared::aws::{DynamoStore, EventBridgeBus, ServiceCatalog};
use shared::lambda::payload::{self, Delivery};
use shared::operation::identity::digest;
use shared::request::{Invalid, Keep, Kind};
use shared::workflow::Trouble;
use shared::workflow::keep::{Answer, Asked, Keeper};

pub(crate) type AwsKeeper = Keeper<ServiceCatalog, DynamoStore, EventBridgeBus>;

/// Carries a message out. What cannot be read, or is refused, is kept and published as rejected.
pub(crate) async fn one(keeper: &AwsKeeper, delivery: Delivery) -> Result<(), Trouble> {
    let asked = delivery.body.as_deref().map_err(Invalid::clone).and_then(|body| read(keeper, body, &delivery));
    let why = match asked {
        Ok(asked) => match keeper.keep(&asked).await? {
            Answer::Done => return Ok(()),
            Answer::Refused(why) => why,
        },
        Err(invalid) => invalid.to_string(),
    };
    let body = delivery.body.unwrap_or_else(|_| delivery.raw.unwrap_or_default());
    keeper.edges.reject(Kind::Terminate, &why, &body, None).await.map(|_| ())
}

fn read(keeper: &AwsKeeper, body: &str, delivery: &Delivery) -> Result<Asked, Invalid> {
    let (envelope, detail) = payload::envelope(payload::json(body)?)?;
    let keep = Keep::parse(&envelope.detail_type, detail)?;
    let key = keep.request_id.as_deref().or(envelope.id.as_deref()).ok_or_else(|| {
        Invalid::new("nothing makes two deliveries of it the same; accepted: an event with an id, or `requestId`")
    })?;
    let scope = &keeper.edges.scope;
    let id = digest(&[&scope.account, &scope.region, &envelope.detail_type, &keep.product_id, key]);
    let at = envelope.time.or(delivery.sent_at).unwrap_or_else(|| keeper.edges.clock.now());
    Ok(Asked { keep, id, at })
}
