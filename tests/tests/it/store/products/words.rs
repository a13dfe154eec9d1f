//! Extensions and protections: each word once, in order.

use shared::ports::{Kept, Products as _, Store as _};
use steward_tests::at;

use super::{bench, extension, item, protection};

#[tokio::test]
async fn an_extension_is_written_on_the_lease_that_was_read() {
    let bench = bench().await;
    let extend = async |read, extensions: &[_]| bench.store.extend("pp-a", read, extensions).await.unwrap();
    let (first, second) = (extension("e1", at(100)), extension("e2", at(200)));
    let both = [first.clone(), second.clone()];
    assert_eq!(extend(Some(at(1)), &both[..1]).await, Kept::Changed, "there was no lease");
    assert_eq!(extend(None, &both[..1]).await, Kept::Now);
    assert_eq!(extend(None, &both[..1]).await, Kept::Before, "the same message again");
    assert_eq!(extend(None, &both[1..]).await, Kept::Changed, "somebody has extended it in between");
    assert_eq!(extend(Some(at(100)), &both).await, Kept::Now);
    assert_eq!(extend(None, &both[..1]).await, Kept::Before, "however late it comes again");
    assert!(bench.store.extend("pp-a", Some(at(200)), &[]).await.is_err());
    let item = item(&bench, "pp-a").await;
    assert_eq!((item.lease_until, item.extensions), (Some(at(200)), vec![first, second]));
}

#[tokio::test]
async fn an_extension_whose_answer_is_lost_is_known_as_our_own() {
    let bench = bench().await;
    bench.lose("UpdateItem");
    let kept = bench.store.extend("pp-a", None, &[extension("e1", at(100))]).await.unwrap();
    assert_eq!(kept, Kept::Before);
    assert_eq!(item(&bench, "pp-a").await.extensions.len(), 1);
}

#[tokio::test]
async fn of_ten_extensions_at_once_one_is_written() {
    let bench = bench().await;
    let all = (0..10).map(|number| {
        let store = &bench.store;
        async move { store.extend("pp-a", None, &[extension(&format!("e{number}"), at(number))]).await.unwrap() }
    });
    let kept = futures_util::future::join_all(all).await;
    assert_eq!(kept.iter().filter(|kept| **kept == Kept::Now).count(), 1, "{kept:?}");
    assert_eq!(item(&bench, "pp-a").await.extensions.len(), 1);
}

#[tokio::test]
async fn the_later_word_on_a_protection_holds() {
    let bench = bench().await;
    let say = async |by: Option<&str>, seconds| {
        let protection = by.map(protection);
        bench.store.protect("pp-a", protection.as_ref(), at(seconds)).await.unwrap()
    };
    assert_eq!(say(Some("ops"), 10).await, Kept::Now);
    assert_eq!(say(None, 9).await, Kept::Changed);
    assert_eq!(item(&bench, "pp-a").await.protection, Some(protection("ops")));
    assert_eq!(say(Some("ops"), 10).await, Kept::Now, "the same message again");
    assert_eq!(say(None, 11).await, Kept::Now);
    assert_eq!(item(&bench, "pp-a").await.protection, None);
    assert_eq!(say(Some("ops"), 10).await, Kept::Changed, "the end of it is remembered");
    bench.lose("UpdateItem");
    assert_eq!(say(Some("jo"), 12).await, Kept::Now);
    assert_eq!(bench.store.guard("pp-a").await.unwrap().product.unwrap().protection, Some(protection("jo")));
}
