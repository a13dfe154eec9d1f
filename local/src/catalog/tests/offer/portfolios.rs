//! Portfolios, their products and principals, and the launch paths that come of both.

use serde_json::json;

use super::super::{Scene, each, pages};
use super::PRODUCT;
use crate::catalog::{TokenMemory, TokenMismatch};

#[tokio::test]
async fn a_portfolio_is_described_as_it_was_created() {
    let scene = Scene::empty(|_| {});
    let request = json!({
        "DisplayName": "Tools", "ProviderName": "IT", "Description": "All of them",
        "Tags": [{ "Key": "team", "Value": "it" }], "IdempotencyToken": "t",
    });
    let created = scene.must("CreatePortfolio", request).await;
    let id = created["PortfolioDetail"]["Id"].as_str().unwrap();
    let arn = format!("arn:aws:catalog:eu-central-1:111122223333:portfolio/{id}");
    assert_eq!(created["PortfolioDetail"]["ARN"], arn);
    assert_eq!(created["Tags"], json!([{ "Key": "team", "Value": "it" }]));
    let described = scene.must("DescribePortfolio", json!({ "Id": id })).await;
    assert_eq!(described["PortfolioDetail"], created["PortfolioDetail"]);
    assert_eq!(described["Tags"], created["Tags"]);
    assert_eq!(scene.refusal("DescribePortfolio", json!({ "Id": "port-nobody" })).await, "ResourceNotFoundException");
}

#[tokio::test]
async fn pages_give_every_portfolio_once() {
    let scene = Scene::empty(|_| {});
    for token in ["a", "b", "c"] {
        scene.portfolio(token).await;
    }
    let (ids, sizes) = pages(&scene, "ListPortfolios", "PortfolioDetails", "Id", json!({ "PageSize": 3 })).await;
    assert_eq!(sizes, [3, 1]);
    assert_eq!(ids[0], "port-sandbox000001", "the one that is there from the beginning");
}

#[tokio::test]
async fn a_repeated_token_creates_nothing_new_as_the_settings_say() {
    let scene = Scene::empty(|_| {});
    let first = scene.portfolio("t").await;
    assert_eq!(scene.portfolio("t").await, first);
    let other = json!({ "DisplayName": "Other", "ProviderName": "IT", "IdempotencyToken": "t" });
    assert_eq!(scene.refusal("CreatePortfolio", other.clone()).await, "InvalidParametersException");
    scene.catalog.configure(|settings| settings.token_mismatch = TokenMismatch::Replay);
    assert_eq!(scene.must("CreatePortfolio", other).await["PortfolioDetail"]["Id"], first);
    scene.catalog.configure(|settings| settings.token_memory = TokenMemory::None);
    assert_ne!(scene.portfolio("t").await, first);
}

#[tokio::test]
async fn a_path_leads_to_a_product_once_product_and_principal_are_associated() {
    let scene = Scene::empty(|_| {});
    let port = scene.portfolio("t").await;
    let before = scene.must("ListLaunchPaths", json!({ "ProductId": PRODUCT })).await;
    scene.must("AssociateProductWithPortfolio", json!({ "ProductId": PRODUCT, "PortfolioId": port })).await;
    assert_eq!(scene.must("ListLaunchPaths", json!({ "ProductId": PRODUCT })).await, before, "nobody may use it yet");
    let principal = json!({
        "PortfolioId": port, "PrincipalARN": "arn:aws:iam::111122223333:user/admin", "PrincipalType": "IAM",
    });
    for _ in 0..2 {
        scene.must("AssociatePrincipalWithPortfolio", principal.clone()).await;
        scene.must("AssociateProductWithPortfolio", json!({ "ProductId": PRODUCT, "PortfolioId": port })).await;
    }
    let request = json!({ "ProductId": PRODUCT, "PageSize": 1 });
    let (names, sizes) = pages(&scene, "ListLaunchPaths", "LaunchPathSummaries", "Name", request).await;
    assert_eq!((names, sizes), (vec!["Sandboxes".to_owned(), "Tools".to_owned()], vec![1, 1]));
    let product = scene.must("DescribeProduct", json!({ "Id": PRODUCT })).await;
    assert_eq!(each(&product, "LaunchPaths", "Name"), ["Sandboxes", "Tools"]);
    assert_eq!(product["ProductViewSummary"]["HasDefaultPath"], false, "the caller must choose");
}

#[tokio::test]
async fn whom_no_path_leads_to_a_product_hears_so() {
    let scene = Scene::empty(|_| {});
    let (code, message) = scene.call("ListLaunchPaths", json!({ "ProductId": "prod-x" })).await.unwrap_err();
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(message, "No launch paths found for resource: prod-x");
}

#[tokio::test]
async fn principals_are_listed_as_they_were_associated() {
    let scene = Scene::empty(|_| {});
    let port = scene.portfolio("t").await;
    for (arn, kind) in [("arn:aws:iam::111122223333:role/a", "IAM"), ("arn:aws:iam:::role/b*", "IAM_PATTERN")] {
        let request = json!({ "PortfolioId": port, "PrincipalARN": arn, "PrincipalType": kind });
        scene.must("AssociatePrincipalWithPortfolio", request).await;
    }
    let request = json!({ "PortfolioId": port, "PageSize": 1 });
    let (kinds, sizes) = pages(&scene, "ListPrincipalsForPortfolio", "Principals", "PrincipalType", request).await;
    assert_eq!((kinds, sizes), (vec!["IAM".to_owned(), "IAM_PATTERN".to_owned()], vec![1, 1]));
}

#[tokio::test]
async fn an_arn_must_be_one_of_its_type() {
    let scene = Scene::empty(|_| {});
    let port = scene.portfolio("t").await;
    for (arn, kind, code) in [
        ("admin", "IAM", "InvalidParametersException"),
        ("arn:aws:iam:::role/a", "IAM", "InvalidParametersException"),
        ("arn:aws:iam::111122223333:role/a*", "IAM", "InvalidParametersException"),
        ("arn:aws:iam::111122223333:role/a*", "IAM_PATTERN", "InvalidParametersException"),
        ("arn:aws:iam:::role/a", "ROLE", "ValidationException"),
        ("", "IAM", "ValidationException"),
    ] {
        let request = json!({ "PortfolioId": port, "PrincipalARN": arn, "PrincipalType": kind });
        assert_eq!(scene.refusal("AssociatePrincipalWithPortfolio", request).await, code, "{arn} as {kind}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let scene = Scene::empty(|_| {});
    let port = scene.portfolio("t").await;
    let arn = "arn:aws:iam::111122223333:user/admin";
    for (operation, request) in [
        ("AssociateProductWithPortfolio", json!({ "ProductId": "prod-x", "PortfolioId": port })),
        ("AssociateProductWithPortfolio", json!({ "ProductId": PRODUCT, "PortfolioId": "port-x" })),
        (
            "AssociateProductWithPortfolio",
            json!({ "ProductId": PRODUCT, "PortfolioId": port, "SourcePortfolioId": "x" }),
        ),
        (
            "AssociatePrincipalWithPortfolio",
            json!({ "PortfolioId": "port-x", "PrincipalARN": arn, "PrincipalType": "IAM" }),
        ),
        ("ListPrincipalsForPortfolio", json!({ "PortfolioId": "port-x" })),
    ] {
        assert_eq!(
            scene.refusal(operation, request.clone()).await,
            "ResourceNotFoundException",
            "{operation} {request}"
        );
    }
    let request = json!({ "ProductId": PRODUCT, "PortfolioId": port, "SourcePortfolioId": port });
    assert_eq!(scene.refusal("AssociateProductWithPortfolio", request).await, "InvalidParametersException");
}

#[tokio::test]
async fn members_beyond_their_constraints_are_validation_errors() {
    let scene = Scene::empty(|_| {});
    let good = json!({ "DisplayName": "Tools", "ProviderName": "IT", "IdempotencyToken": "t" });
    for (name, value) in [
        ("DisplayName", json!(null)),
        ("DisplayName", json!("")),
        ("ProviderName", json!("x".repeat(51))),
        ("Description", json!("x".repeat(2001))),
        ("IdempotencyToken", json!(null)),
        ("IdempotencyToken", json!("a:b")),
        ("Tags", json!([{ "Key": "", "Value": "v" }])),
        ("Tags", json!([{ "Key": "k" }])),
        ("Tags", json!([{ "Key": "k#", "Value": "v" }])),
        ("Tags", json!(vec![json!({ "Key": "k", "Value": "v" }); 21])),
    ] {
        let mut request = good.clone();
        request[name] = value.clone();
        assert_eq!(scene.refusal("CreatePortfolio", request).await, "ValidationException", "{name}: {value}");
    }
    let request = json!({ "DisplayName": "T", "ProviderName": "IT", "IdempotencyToken": "u", "Tags": "x" });
    assert_eq!(scene.refusal("CreatePortfolio", request).await, "SerializationException");
}
