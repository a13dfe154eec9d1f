//! What Steward's table knows of a scene's products: who was warned, what is protected, what was extended.

use chrono::{DateTime, TimeDelta, Utc};
use shared::aws::DynamoStore;
use shared::expiry::Noticed;
use shared::operation::Notice;
use shared::ports::{Extension, Judgement, LookAt, Mark, Products as _, Protection, StoreError};

use super::apply::{FIRST_WARNING, owner_arn};
use super::format::{Extended, Protected, Provisioned, Warned};

/// The shortest of the template's `WarnBefore`: closer to its end, a product has had every warning.
const SHORTEST_LEAD: TimeDelta = TimeDelta::minutes(30);

/// Tells the table of one product. `record`: its last provisioning record.
pub(super) async fn tell(
    store: &DynamoStore,
    one: &Provisioned,
    id: &str,
    record: String,
    start: DateTime<Utc>,
) -> Result<(), StoreError> {
    if let Some(warned) = &one.steward.warned {
        store.mark(id, None, &mark(one, warned, record, start)).await?;
    }
    if let Some(Protected { by, reason, until }) = &one.steward.protected {
        let until = until.map(|until| until.of(start));
        let protection = Protection { by: by.clone(), reason: reason.clone(), until };
        store.protect(id, Some(&protection), start).await?;
    }
    if let Some(Extended { until, by, reason }) = &one.steward.extended {
        let until = until.of(start);
        let (by, reason) = (by.clone(), reason.clone());
        store.extend(id, None, &[Extension { id: format!("until {until}"), until, by, reason, at: start }]).await?;
    }
    Ok(())
}

/// That an earlier sweep has judged the product, and that its owner was warned.
fn mark(one: &Provisioned, warned: &Warned, record: String, start: DateTime<Utc>) -> Mark {
    let ends = warned.ends.of(start);
    let at = warned.at.map_or(ends - FIRST_WARNING, |at| at.of(start));
    let lead = if ends - start > SHORTEST_LEAD { ends - at } else { SHORTEST_LEAD };
    Mark {
        judgement: Some(Judgement {
            expires_at: ends,
            judged_at: at,
            last_provisioning_record_id: record,
            created_at: Some(one.created.of(start)),
            ..Judgement::default()
        }),
        noticed: Some(Noticed {
            expires_at: ends,
            seen_at: at - TimeDelta::hours(1),
            warned_at: Some(at),
            lead: Some(lead.num_milliseconds()),
        }),
        look_at: if ends > start { LookAt::Then(ends) } else { LookAt::Never },
        notice: Some(Notice { name: Some(one.name.clone()), owner: Some(owner_arn(&one.owner)), ..Notice::default() }),
        ..Mark::default()
    }
}
