//! What is refused before anything is looked at.

use super::*;

const DESCRIBE: &str = "DescribeProvisionedProduct";
const RECORD: &str = "DescribeRecord";
const SEARCH: &str = "SearchProvisionedProducts";
const SCAN: &str = "ScanProvisionedProducts";
const HISTORY: &str = "ListRecordHistory";

async fn refused(operation: &str, body: &str) -> Refusal {
    let scene = Scene::new([]);
    let refusal = scene.raw(user(), operation, body).await.expect_err(body);
    assert!(scene.catalog.executions().is_empty(), "{operation} {body}");
    refusal
}

async fn check<const N: usize>(code: &str, rows: [(&str, Value, &str); N]) {
    for (operation, body, message) in rows {
        let expected = (code.to_owned(), message.to_owned());
        assert_eq!(refused(operation, &body.to_string()).await, expected, "{operation} {body}");
    }
}

#[tokio::test]
async fn a_member_outside_its_constraint_is_a_validation_error() {
    let at = |place: &str, value: &str, constraint: &str| {
        format!("1 validation error detected: Value {value} at '{place}' failed to satisfy constraint: {constraint}")
    };
    let token = |token: &str| json!({ "ProvisionedProductId": ID, "TerminateToken": token });
    let pattern = "Member must satisfy regular expression pattern: [a-zA-Z0-9][a-zA-Z0-9_-]*";
    let id_pattern = "Member must satisfy regular expression pattern: [a-zA-Z0-9_\\-]*";
    let name_pattern = "Member must satisfy regular expression pattern: [a-zA-Z0-9][a-zA-Z0-9._-]*";
    let (least, null) = ("Member must have length greater than or equal to 1", "Member must not be null");
    let most = |most: usize| format!("Member must have length less than or equal to {most}");
    let size = |most: usize| format!("Member must have value less than or equal to {most}");
    let long = |count: usize| "x".repeat(count);
    let quoted = |text: &str| format!("'{text}'");
    let id = |id: &str| json!({ "ProvisionedProductId": id, "TerminateToken": "t" });
    let keys = "[Member must satisfy enum value set: [SearchQuery]]";
    let rows = [
        (TERMINATE, json!({ "ProvisionedProductId": ID }), at("terminateToken", "null", null)),
        (TERMINATE, json!({ "TerminateToken": null }), at("terminateToken", "null", null)),
        (TERMINATE, token(""), at("terminateToken", "''", least)),
        (TERMINATE, token("-t"), at("terminateToken", "'-t'", pattern)),
        (TERMINATE, token("t t"), at("terminateToken", "'t t'", pattern)),
        (TERMINATE, token("t\n"), at("terminateToken", "'t\n'", pattern)),
        (TERMINATE, token("a:b"), at("terminateToken", "'a:b'", pattern)),
        (TERMINATE, token(&long(129)), at("terminateToken", &quoted(&long(129)), &most(128))),
        (TERMINATE, id(""), at("provisionedProductId", "''", least)),
        (TERMINATE, id("pp/1"), at("provisionedProductId", "'pp/1'", id_pattern)),
        (TERMINATE, id(&long(101)), at("provisionedProductId", &quoted(&long(101)), &most(100))),
        (DESCRIBE, json!({ "Id": "pp 1" }), at("id", "'pp 1'", id_pattern)),
        (DESCRIBE, json!({ "Name": "-a" }), at("name", "'-a'", name_pattern)),
        (DESCRIBE, json!({ "Name": long(129) }), at("name", &quoted(&long(129)), &most(128))),
        (DESCRIBE, json!({ "AcceptLanguage": long(101) }), at("acceptLanguage", &quoted(&long(101)), &most(100))),
        (RECORD, json!({}), at("id", "null", null)),
        (SEARCH, json!({ "PageSize": 101 }), at("pageSize", "'101'", &size(100))),
        (SCAN, json!({ "PageSize": 21 }), at("pageSize", "'21'", &size(20))),
        (HISTORY, json!({ "PageSize": 21 }), at("pageSize", "'21'", &size(20))),
        (SCAN, json!({ "PageSize": -1 }), at("pageSize", "'-1'", "Member must have value greater than or equal to 0")),
        (SEARCH, json!({ "PageToken": long(2025) }), at("pageToken", &quoted(&long(2025)), &most(2024))),
        (
            SEARCH,
            json!({ "Filters": { "Query": [] } }),
            at("filters", "'Query'", &format!("Map keys must satisfy constraint: {keys}")),
        ),
        (
            SEARCH,
            json!({ "SortOrder": "UP" }),
            at("sortOrder", "'UP'", "Member must satisfy enum value set: [ASCENDING, DESCENDING]"),
        ),
        (
            SCAN,
            json!({ "AccessLevelFilter": { "Key": "All", "Value": "self" } }),
            at("accessLevelFilter.key", "'All'", "Member must satisfy enum value set: [Account, Role, User]"),
        ),
    ];
    for (operation, body, message) in rows {
        check("ValidationException", [(operation, body, message.as_str())]).await;
    }
}

#[tokio::test]
async fn a_member_of_another_type_is_a_serialization_error() {
    let list = "SearchQuery can not be converted to a list of strings";
    let rows = [
        (TERMINATE, json!({ "ProvisionedProductId": 5 }), "ProvisionedProductId: 5 can not be converted to a string"),
        (DESCRIBE, json!({ "Id": ["a"] }), "Id: [\"a\"] can not be converted to a string"),
        (SCAN, json!({ "PageSize": "5" }), "PageSize: \"5\" can not be converted to an integer"),
        (SCAN, json!({ "PageSize": 2.5 }), "PageSize: 2.5 can not be converted to an integer"),
        (SEARCH, json!({ "Filters": [] }), "Filters: [] can not be converted to a structure"),
        (SEARCH, json!({ "Filters": { "SearchQuery": "id:a" } }), list),
        (SEARCH, json!({ "Filters": { "SearchQuery": [5] } }), list),
    ];
    check("SerializationException", rows).await;
    for flag in ["IgnoreErrors", "RetainPhysicalResources"] {
        let body = json!({ "ProvisionedProductId": ID, "TerminateToken": "t", flag: "true" });
        let message = format!("{flag}: \"true\" can not be converted to a boolean");
        check("SerializationException", [(TERMINATE, body, message.as_str())]).await;
    }
    for (body, message) in [
        ("", "Could not parse the request body as JSON."),
        ("{", "Could not parse the request body as JSON."),
        ("[]", "Start of structure or map found where not expected."),
        ("null", "Start of structure or map found where not expected."),
    ] {
        for operation in [TERMINATE, DESCRIBE, RECORD, SEARCH, SCAN, HISTORY] {
            let expected = ("SerializationException".to_owned(), message.to_owned());
            assert_eq!(refused(operation, body).await, expected, "{operation} {body}");
        }
    }
}

#[tokio::test]
async fn members_that_do_not_fit_together_are_invalid_parameters() {
    let (by_product, by_id) = (
        "Exactly one of ProvisionedProductId and ProvisionedProductName must be provided.",
        "Exactly one of Id and Name must be provided.",
    );
    let both = json!({ "TerminateToken": "t", "ProvisionedProductId": ID, "ProvisionedProductName": NAME });
    let others = json!({ "AccessLevelFilter": { "Key": "Account", "Value": "jo" } });
    let rows = [
        (TERMINATE, both, by_product),
        (TERMINATE, json!({ "TerminateToken": "t" }), by_product),
        (DESCRIBE, json!({ "Id": ID, "Name": NAME }), by_id),
        (DESCRIBE, json!({}), by_id),
        (SEARCH, json!({ "SortBy": "color" }), "Invalid sort by: color"),
        (SEARCH, json!({ "PageToken": "next" }), "Invalid page token."),
        (HISTORY, json!({ "PageToken": "page--1" }), "Invalid page token."),
        (SCAN, others, "The value of AccessLevelFilter must be self."),
    ];
    check("InvalidParametersException", rows).await;
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let rows = [
        (
            TERMINATE,
            json!({ "TerminateToken": "t", "ProvisionedProductId": "pp-0" }),
            "Provisioned product with id pp-0 not found",
        ),
        (DESCRIBE, json!({ "Id": "pp-0" }), "Provisioned product with id pp-0 not found"),
        (DESCRIBE, json!({ "Name": "nobody" }), "Provisioned product with name nobody not found"),
        (RECORD, json!({ "Id": "rec-0" }), "Record with id rec-0 not found"),
    ];
    check("ResourceNotFoundException", rows).await;
}

#[tokio::test]
async fn an_operation_that_is_not_emulated_says_so() {
    let message = "The local cloud's Service Catalog has no CopyProduct yet.";
    check("UnknownOperationException", [("CopyProduct", json!({}), message)]).await;
}

#[tokio::test]
async fn a_page_beyond_the_end_is_empty() {
    let scene = Scene::new([]);
    for token in ["page-1", "page-999", &format!("page-{}", usize::MAX)] {
        let answer = scene.call(SEARCH, json!({ "PageToken": token })).await.unwrap();
        assert_eq!(answer["ProvisionedProducts"], json!([]), "{token}");
        assert_eq!(answer.get("NextPageToken"), None, "{token}");
    }
}

#[tokio::test]
async fn the_longest_and_oddest_members_that_are_allowed_are_taken() {
    for members in [
        json!({ "TerminateToken": "x".repeat(128), "ProvisionedProductId": ID, "AcceptLanguage": "jp" }),
        json!({ "TerminateToken": "0_-", "ProvisionedProductName": NAME, "IgnoreErrors": null, "Color": "red" }),
    ] {
        let scene = Scene::new([]);
        scene.call(TERMINATE, members).await.unwrap();
    }
}
