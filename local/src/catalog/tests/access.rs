//! Access levels.

use super::super::{AccessDeniedAs, AccessLevel};
use super::*;

const JO: &str = "arn:aws:sts::111122223333:assumed-role/Builder/jo";
const KIM: &str = "arn:aws:sts::111122223333:assumed-role/Builder/kim";
const OPS: &str = "arn:aws:sts::111122223333:assumed-role/Operator/jo";

/// Jo's product, and a caller of this level.
fn scene(level: AccessLevel, denied_as: AccessDeniedAs) -> Scene {
    let scene = Scene::empty(|settings| {
        settings.access_levels.insert("caller".to_owned(), level);
        settings.access_denied_as = denied_as;
    });
    scene.catalog.add(NewProduct { user_arn: JO.to_owned(), ..NewProduct::new(ID, NAME, start()) });
    scene
}

#[tokio::test]
async fn a_caller_reaches_what_its_level_allows() {
    use AccessLevel::{Account, Role, User};
    for (level, arn, allowed) in [
        (User, JO, true),
        (User, KIM, false),
        (User, OPS, false),
        (Role, JO, true),
        (Role, KIM, true),
        (Role, OPS, false),
        (Account, JO, true),
        (Account, KIM, true),
        (Account, OPS, true),
    ] {
        for denied_as in [AccessDeniedAs::AccessDenied, AccessDeniedAs::NotFound] {
            let scene = scene(level, denied_as);
            let record = scene.catalog.records()[0].id.clone();
            let asked = |operation: &'static str, body: Value| {
                let (scene, body) = (&scene, body.to_string());
                async move { scene.raw(caller("caller", arn), operation, &body).await }
            };
            let place = format!("{level:?} {arn} {denied_as:?}");
            // As if there were none: in the very words.
            for (operation, body, absent) in [
                (
                    "DescribeProvisionedProduct",
                    json!({ "Id": ID }),
                    format!("Provisioned product with id {ID} not found"),
                ),
                (
                    "DescribeProvisionedProduct",
                    json!({ "Name": NAME }),
                    format!("Provisioned product with name {NAME} not found"),
                ),
                ("DescribeRecord", json!({ "Id": record }), format!("Record with id {record} not found")),
                (
                    TERMINATE,
                    json!({ "ProvisionedProductId": ID, "TerminateToken": "t" }),
                    format!("Provisioned product with id {ID} not found"),
                ),
            ] {
                let denied = format!("User: {arn} is not authorized to perform: servicecatalog:{operation}");
                let expected = match denied_as {
                    AccessDeniedAs::AccessDenied => ("AccessDeniedException".to_owned(), denied),
                    AccessDeniedAs::NotFound => ("ResourceNotFoundException".to_owned(), absent),
                };
                let refusal = asked(operation, body).await.err();
                assert_eq!(refusal, (!allowed).then_some(expected), "{place} {operation}");
            }
            assert_eq!(scene.catalog.executions().len(), usize::from(allowed), "{place}");
        }
    }
}

#[tokio::test]
async fn a_list_shows_the_lower_of_what_is_asked_and_what_is_allowed() {
    use AccessLevel::{Account, Role, User};
    let (search, scan, history) = ("SearchProvisionedProducts", "ScanProvisionedProducts", "ListRecordHistory");
    for (operation, own, asked, arn, shown) in [
        // The defaults: Account for the search, User for the others.
        (search, Account, None, OPS, true),
        (scan, Account, None, OPS, false),
        (history, Account, None, OPS, false),
        (scan, Account, None, KIM, false),
        (scan, Account, None, JO, true),
        (history, Account, None, JO, true),
        // What is asked.
        (search, Account, Some("User"), KIM, false),
        (search, Account, Some("Role"), KIM, true),
        (search, Account, Some("Role"), OPS, false),
        (scan, Account, Some("Account"), OPS, true),
        (history, Account, Some("Role"), KIM, true),
        // No more than is allowed.
        (search, User, None, KIM, false),
        (search, Role, None, KIM, true),
        (search, Role, None, OPS, false),
        (scan, User, Some("Account"), KIM, false),
        (scan, User, Some("Account"), JO, true),
        (scan, Role, Some("Account"), OPS, false),
        (history, User, Some("Role"), KIM, false),
    ] {
        let scene = scene(own, AccessDeniedAs::AccessDenied);
        let filter = asked.map(|key| json!({ "Key": key, "Value": "self" }));
        let body = json!({ "AccessLevelFilter": filter }).to_string();
        let answer = scene.raw(caller("caller", arn), operation, &body).await.unwrap();
        let list = if operation == history { "RecordDetails" } else { "ProvisionedProducts" };
        let count = answer[list].as_array().unwrap().len();
        assert_eq!(count == 1, shown, "{operation} {own:?} {asked:?} {arn}");
    }
}

#[tokio::test]
async fn a_remembered_record_is_not_shown_to_everybody() {
    let scene = scene(AccessLevel::User, AccessDeniedAs::AccessDenied);
    scene.catalog.configure(|settings| settings.token_memory = super::super::TokenMemory::ForEver);
    scene.terminate("t").await.unwrap();
    scene.pass(125);
    let body = json!({ "ProvisionedProductId": ID, "TerminateToken": "t" }).to_string();
    let code = |answer: Result<Value, Refusal>| answer.err().map(|(code, _)| code);
    assert_eq!(code(scene.raw(caller("caller", JO), TERMINATE, &body).await), None);
    assert_eq!(
        code(scene.raw(caller("caller", KIM), TERMINATE, &body).await).as_deref(),
        Some("AccessDeniedException")
    );
}
