//! Products: created, described, searched.

use serde_json::{Value, json};

use super::super::{Scene, caller, each};
use super::{PRODUCT, template_url};

fn database() -> Value {
    json!({
        "Name": "Database", "Owner": "IT", "ProductType": "CLOUD_FORMATION_TEMPLATE", "Description": "For rows",
        "ProvisioningArtifactParameters": { "Name": "v1", "Info": { "LoadTemplateFromURL": template_url() } },
        "IdempotencyToken": "t",
    })
}

#[tokio::test]
async fn a_product_is_created_with_its_first_version() {
    let scene = Scene::empty(|_| {});
    let created = scene.must("CreateProduct", database()).await;
    let summary = &created["ProductViewDetail"]["ProductViewSummary"];
    let id = summary["ProductId"].as_str().unwrap();
    assert_eq!((&summary["Name"], &summary["ShortDescription"]), (&json!("Database"), &json!("For rows")));
    assert_eq!(created["ProvisioningArtifactDetail"]["Name"], "v1");
    assert_eq!(scene.must("CreateProduct", database()).await, created, "the same token, the same product");

    let (code, _) = scene.call("DescribeProduct", json!({ "Id": id })).await.unwrap_err();
    assert_eq!(code, "ResourceNotFoundException", "no path leads there yet");
    let request = json!({ "ProductId": id, "PortfolioId": "port-sandbox000001" });
    scene.must("AssociateProductWithPortfolio", request).await;
    let described = scene.must("DescribeProduct", json!({ "Name": "Database" })).await;
    assert_eq!(described["ProductViewSummary"]["ProductId"], id);
    assert_eq!(described["ProductViewSummary"]["HasDefaultPath"], true);
    assert_eq!(each(&described, "ProvisioningArtifacts", "Name"), ["v1"]);
}

#[tokio::test]
async fn what_the_local_cloud_cannot_make_is_refused() {
    let scene = Scene::empty(|_| {});
    for (name, value, code) in [
        ("Name", json!(null), "ValidationException"),
        ("ProductType", json!("CLOUD"), "ValidationException"),
        ("ProductType", json!("TERRAFORM_CLOUD"), "InvalidParametersException"),
        ("SupportEmail", json!("x".repeat(255)), "ValidationException"),
        ("SourceConnection", json!({ "ConnectionParameters": {} }), "InvalidParametersException"),
        ("SourceConnection", json!({ "Type": "CODESTAR" }), "ValidationException"),
        (
            "SourceConnection",
            json!({ "ConnectionParameters": { "CodeStar": { "ConnectionArn": "x" } } }),
            "ValidationException",
        ),
        ("ProvisioningArtifactParameters", json!(null), "InvalidParametersException"),
        ("ProvisioningArtifactParameters", json!({ "Type": "X" }), "ValidationException"),
        ("ProvisioningArtifactParameters", json!({ "Info": {} }), "ValidationException"),
        ("ProvisioningArtifactParameters", json!("v1"), "SerializationException"),
    ] {
        let mut request = database();
        request[name] = value.clone();
        assert_eq!(scene.refusal("CreateProduct", request).await, code, "{name}: {value}");
    }
}

#[tokio::test]
async fn one_of_id_and_name_names_a_product() {
    let scene = Scene::empty(|_| {});
    for (request, code) in [
        (json!({}), "InvalidParametersException"),
        (json!({ "Id": PRODUCT, "Name": "Sandbox" }), "InvalidParametersException"),
        (json!({ "Id": "prod-x" }), "ResourceNotFoundException"),
        (json!({ "Name": "x" }), "ResourceNotFoundException"),
    ] {
        assert_eq!(scene.refusal("DescribeProduct", request.clone()).await, code, "{request}");
    }
}

#[tokio::test]
async fn a_search_shows_what_a_caller_may_provision() {
    let scene = Scene::empty(|_| {});
    scene.pass(1);
    let created = scene.must("CreateProduct", database()).await;
    let port = scene.portfolio("p").await;
    let id = &created["ProductViewDetail"]["ProductViewSummary"]["ProductId"];
    scene.must("AssociateProductWithPortfolio", json!({ "ProductId": id, "PortfolioId": port })).await;
    let principal = json!({
        "PortfolioId": port, "PrincipalARN": "arn:aws:iam::111122223333:user/admin", "PrincipalType": "IAM",
    });
    scene.must("AssociatePrincipalWithPortfolio", principal).await;

    let found = async |request: Value| {
        each(&scene.must("SearchProducts", request).await, "ProductViewSummaries", "Name").join(" ")
    };
    assert_eq!(found(json!({})).await, "Sandbox Database");
    assert_eq!(found(json!({ "SortBy": "Title" })).await, "Database Sandbox");
    assert_eq!(found(json!({ "SortBy": "Title", "SortOrder": "DESCENDING" })).await, "Sandbox Database");
    assert_eq!(found(json!({ "Filters": { "FullTextSearch": ["ROWS"] } })).await, "Database");
    assert_eq!(found(json!({ "Filters": { "Owner": ["IT"] } })).await, "Database");
    assert_eq!(found(json!({ "Filters": { "ProductType": ["EXTERNAL"] } })).await, "");
    assert_eq!(found(json!({ "Filters": { "SourceProductId": [PRODUCT] } })).await, "");
    let answer = scene.must("SearchProducts", json!({ "PageSize": 1 })).await;
    assert_eq!(answer["ProductViewAggregations"]["Owner"].as_array().unwrap().len(), 2, "of all, not of the page");
    assert_eq!(answer["NextPageToken"], "page-1");

    let other = caller("other", "arn:aws:iam::111122223333:user/other");
    let answer = scene.raw(other, "SearchProducts", "{}").await.unwrap();
    assert_eq!(each(&answer, "ProductViewSummaries", "Name"), ["Sandbox"]);
    for request in [json!({ "Filters": { "Name": ["x"] } }), json!({ "SortBy": "Name" }), json!({ "PageSize": 101 })] {
        assert_eq!(scene.refusal("SearchProducts", request.clone()).await, "ValidationException", "{request}");
    }
}

#[tokio::test]
async fn an_administrator_sees_all_products_and_where_each_is() {
    let scene = Scene::empty(|_| {});
    let port = scene.portfolio("t").await;
    let all = async |request: Value| {
        let answer = scene.must("SearchProductsAsAdmin", request).await;
        let rows = answer["ProductViewDetails"].as_array().unwrap().clone();
        rows.iter().map(|row| row["ProductViewSummary"]["ProductId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(all(json!({})).await, [PRODUCT]);
    assert!(all(json!({ "PortfolioId": port })).await.is_empty());
    assert!(all(json!({ "Filters": { "Owner": ["nobody"] } })).await.is_empty());
    let portfolios = async || {
        let answer = scene.must("ListPortfoliosForProduct", json!({ "ProductId": PRODUCT })).await;
        each(&answer, "PortfolioDetails", "DisplayName")
    };
    assert_eq!(portfolios().await, ["Sandboxes"]);
    scene.must("AssociateProductWithPortfolio", json!({ "ProductId": PRODUCT, "PortfolioId": port })).await;
    assert_eq!(all(json!({ "PortfolioId": port, "SortBy": "Title" })).await, [PRODUCT]);
    assert_eq!(portfolios().await, ["Sandboxes", "Tools"]);
    for (operation, request, code) in [
        ("SearchProductsAsAdmin", json!({ "PortfolioId": "port-x" }), "ResourceNotFoundException"),
        ("SearchProductsAsAdmin", json!({ "ProductSource": "SHARED" }), "ValidationException"),
        ("SearchProductsAsAdmin", json!({ "PageSize": 21 }), "ValidationException"),
        ("ListPortfoliosForProduct", json!({ "ProductId": "prod-x" }), "ResourceNotFoundException"),
        ("ListPortfoliosForProduct", json!({}), "ValidationException"),
    ] {
        assert_eq!(scene.refusal(operation, request.clone()).await, code, "{operation} {request}");
    }
}

#[tokio::test]
async fn who_is_disassociated_has_no_path_any_more() {
    let scene = Scene::empty(|_| {});
    let port = scene.portfolio("t").await;
    let one = |arn: &str, kind: &str| json!({ "PortfolioId": port, "PrincipalARN": arn, "PrincipalType": kind });
    let (role, pattern) = ("arn:aws:iam::111122223333:role/a", "arn:aws:iam:::role/a*");
    scene.must("AssociatePrincipalWithPortfolio", one(role, "IAM")).await;
    scene.must("AssociatePrincipalWithPortfolio", one(pattern, "IAM_PATTERN")).await;
    let left = async || {
        let answer = scene.must("ListPrincipalsForPortfolio", json!({ "PortfolioId": port })).await;
        each(&answer, "Principals", "PrincipalARN")
    };
    // Of another type it is another one.
    scene.must("DisassociatePrincipalFromPortfolio", json!({ "PortfolioId": port, "PrincipalARN": pattern })).await;
    assert_eq!(left().await, [role, pattern]);
    for _ in 0..2 {
        scene.must("DisassociatePrincipalFromPortfolio", one(pattern, "IAM_PATTERN")).await;
        assert_eq!(left().await, [role]);
    }
    let absent = json!({ "PortfolioId": "port-x", "PrincipalARN": role });
    assert_eq!(scene.refusal("DisassociatePrincipalFromPortfolio", absent).await, "ResourceNotFoundException");
}
