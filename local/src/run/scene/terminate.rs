//! What the samples of `terminate` are about.

use shared::operation::Notice;
use shared::ports::{Judgement, Mark, Products as _, Protection, StoreError};

use super::{created, extension, failing, instant};
use crate::catalog::NewProduct;
use crate::cloud::Cloud;

/// When those that have expired did, as their events say.
const EXPIRED: i64 = 1_795_172_400; // 2026-11-20T11:00:00Z

/// Products that somebody asks to terminate, and nothing is in the way.
const ASKED: [(&str, &str); 13] = [
    ("pp-direct0000001", "sandbox-direct"),
    ("pp-schedule00001", "sandbox-scheduled"),
    ("pp-sns0000000001", "sandbox-sns"),
    ("pp-bare000000001", "sandbox-bare"),
    ("pp-byname0000001", "sandbox-by-name"),
    ("pp-byarn00000001", "sandbox-by-arn"),
    ("pp-retain0000001", "sandbox-retained"),
    ("pp-language00001", "sandbox-language"),
    ("pp-chars00000001", "sandbox-characters"),
    ("pp-busy000000001", "sandbox-busy"),
    ("pp-protected0001", "sandbox-protected"),
    ("pp-reused0000001", "sandbox-reused"),
    ("pp-safe000000001", "sandbox-safe"),
];

/// Products that have expired.
const HAVE_EXPIRED: [(&str, &str); 6] = [
    ("pp-expired000001", "sandbox-expired"),
    ("pp-twice00000001", "sandbox-twice"),
    ("pp-nameless00001", "sandbox-nameless"),
    ("pp-gone000000001", "sandbox-gone"),
    ("pp-extended00001", "sandbox-extended"),
    ("pp-changed000001", "sandbox-changed"),
];

pub(super) async fn set(cloud: &Cloud) -> Result<(), StoreError> {
    let created = created();
    for (id, name) in ASKED {
        cloud.catalog.add(NewProduct::new(id, name, created));
    }
    let not_empty = || failing("The bucket you tried to delete is not empty");
    for new in [
        NewProduct::new("pp-ignore0000001", "sandbox-ignored", created).scripts([not_empty()]),
        NewProduct::new("pp-failsonce0001", "sandbox-fails-once", created).scripts([not_empty()]),
        NewProduct::new("pp-failsalways01", "sandbox-fails-always", created).scripts([
            not_empty(),
            not_empty(),
            not_empty(),
        ]),
        NewProduct::new("pp-tagged0000001", "sandbox-tagged", created).tag("steward:protect", "true"),
        NewProduct::new("pp-notjudged0001", "sandbox-not-judged", created),
    ] {
        cloud.catalog.add(new);
    }
    let ten: Vec<(String, String)> =
        (1..=10).map(|i| (format!("pp-batch{i:08}"), format!("sandbox-batch-{i}"))).collect();
    let ten = ten.iter().map(|(id, name)| (id.as_str(), name.as_str()));
    for (id, name) in HAVE_EXPIRED.into_iter().chain(ten) {
        expired(cloud, id, name).await?;
    }
    let protection = Protection { by: "ops".to_owned(), reason: "the audit of this quarter".to_owned(), until: None };
    cloud.store.protect("pp-protected0001", Some(&protection), created).await?;
    cloud.store.extend("pp-extended00001", None, &extension(instant(4_102_444_800))).await?;
    cloud.catalog.remove("pp-gone000000001");
    cloud.catalog.update_at_once("pp-changed000001");
    cloud.catalog.update("pp-busy000000001", None);
    Ok(())
}

/// A product that has expired, judged as the sweep will judge it.
async fn expired(cloud: &Cloud, id: &str, name: &str) -> Result<(), StoreError> {
    let new = NewProduct::new(id, name, created());
    let notice = Notice {
        name: Some(name.to_owned()),
        product_name: Some("Sandbox".to_owned()),
        owner: Some(new.user_arn.clone()),
        ..Notice::default()
    };
    let last_provisioning_record_id = cloud.catalog.add(new);
    let judgement = Judgement {
        expires_at: instant(EXPIRED),
        judged_at: instant(EXPIRED + 3_540),
        last_provisioning_record_id,
        created_at: Some(created()),
        why: Some("its tag expires-at says so".to_owned()),
        ..Judgement::default()
    };
    let mark = Mark { judgement: Some(judgement), notice: Some(notice), ..Mark::default() };
    cloud.store.mark(id, None, &mark).await.map(|_| ())
}
