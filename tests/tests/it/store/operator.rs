//! What people write: judgements, protection, extensions, the switch.

use shared::operation::Notice;
use shared::ports::{Extension, Judgement, Mark, PauseSwitch as _, Products as _, Protection, Store};
use steward_tests::at;

use super::bench;

#[tokio::test]
async fn guards_are_read_together_and_written_apart() {
    let bench = bench().await;
    assert_eq!(bench.store.guard("pp-a").await.unwrap().product, None);
    let judgement = Judgement {
        expires_at: at(0),
        judged_at: at(1),
        last_provisioning_record_id: "rec-1".into(),
        ..Judgement::default()
    };
    let notice = Notice { owner: Some("arn:aws:iam::111122223333:user/jo".into()), ..Notice::default() };
    let protection = Protection { by: "ops".into(), reason: "audit".into(), until: Some(at(9)) };
    let (by, reason) = ("jo".to_owned(), "the demo".to_owned());
    let extension = Extension { id: "e1".to_owned(), until: at(5), by, reason, at: at(0) };
    bench.store.extend("pp-a", None, &[extension]).await.unwrap();
    bench.store.protect("pp-a", Some(&protection), at(1)).await.unwrap();
    let mark = Mark { judgement: Some(judgement.clone()), notice: Some(notice.clone()), ..Mark::default() };
    bench.store.mark("pp-a", None, &mark).await.unwrap();
    bench.store.pause("an incident").await.unwrap();
    let guard = bench.store.guard("pp-a").await.unwrap();
    let item = guard.product.unwrap();
    assert_eq!(guard.paused.as_deref(), Some("an incident"));
    assert_eq!((item.lease_until, item.protection, item.judgement), (Some(at(5)), Some(protection), Some(judgement)));
    assert_eq!(item.notice, notice);
    bench.store.protect("pp-a", None, at(2)).await.unwrap();
    bench.store.resume("a test").await.unwrap();
    let guard = bench.store.guard("pp-a").await.unwrap();
    assert_eq!((guard.paused, guard.product.unwrap().protection), (None, None));
    assert_eq!(bench.store.paused().await.unwrap(), None);
}
