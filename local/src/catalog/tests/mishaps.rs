//! What goes wrong with records on purpose.

use super::*;
use crate::catalog::Mishap;

fn mishap(script: Script) -> Mishap {
    Mishap { product: None, operation: None, skip: 0, times: 1, script }
}

#[tokio::test]
async fn a_record_fails_on_purpose_and_the_next_one_does_not() {
    let scene = Scene::new([]);
    let mishaps = scene.catalog.mishaps();
    let _ = mishaps.add(Mishap { operation: Some(TERMINATE.to_owned()), ..mishap(not_empty()) }, None);
    let first = scene.terminate("token-1").await.unwrap();
    assert!(mishaps.standing().is_empty(), "it has happened");
    scene.pass(300);
    let record = scene.record(&first).await;
    assert_eq!(
        (&record["Status"], &record["RecordErrors"][0]["Description"]),
        (&json!("FAILED"), &json!("The bucket is not empty"))
    );
    assert_eq!(scene.product(ID).await.unwrap()["Status"], "TAINTED");
    let second = scene.terminate("token-2").await.unwrap();
    scene.pass(300);
    assert_eq!(scene.record(&second).await["Status"], "SUCCEEDED");
}

#[tokio::test]
async fn an_engine_that_never_answers_is_not_asked_in_vain_by_others() {
    let scene = Scene::new([not_empty()]);
    let mishaps = scene.catalog.mishaps();
    let id =
        mishaps.add(Mishap { product: Some(NAME.to_owned()), times: Mishap::ALWAYS, ..mishap(Script::Never) }, None);
    let record = scene.terminate("token-1").await.unwrap();
    scene.pass(100_000);
    assert_eq!(scene.record(&record).await["Status"], "IN_PROGRESS");
    assert_eq!(mishaps.standing()[0].met, 1);
    assert_eq!(scene.catalog.product(ID).unwrap().scripts.len(), 1, "what is scripted waits");
    assert_eq!([mishaps.remove(id), mishaps.remove(id)], [true, false]);
}

#[tokio::test]
async fn a_mishap_is_of_its_product_and_operation_and_lets_the_first_pass() {
    let scene = Scene::new([]);
    let mishaps = scene.catalog.mishaps();
    let _ = mishaps.add(Mishap { product: Some("pp-another".to_owned()), ..mishap(not_empty()) }, None);
    let _ = mishaps.add(Mishap { operation: Some("ProvisionProduct".to_owned()), ..mishap(not_empty()) }, None);
    let _ = mishaps.add(Mishap { skip: 1, ..mishap(not_empty()) }, None);
    let record = scene.terminate("token-1").await.unwrap();
    scene.pass(300);
    assert_eq!(scene.record(&record).await["Status"], "SUCCEEDED");
    let skips: Vec<u32> = mishaps.standing().iter().map(|one| one.mishap.skip).collect();
    assert_eq!(skips, [0, 0, 0], "only the third has let one pass");
    mishaps.clear();
    assert!(mishaps.standing().is_empty());
}
