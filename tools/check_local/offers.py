"""What is on offer: portfolios, products and their versions, and the paths that lead to them."""

import base64
import json

from check_local.checks import ARTIFACT, PRODUCT, Checks, catalog, expect, refuses, whole

TEMPLATE = {
    "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    "Outputs": {"Stage": {"Value": {"Ref": "Stage"}, "Description": "Where it stands"}},
}
URL = "data:application/json;base64," + base64.b64encode(json.dumps(TEMPLATE).encode()).decode()
VERSION = {"Name": "v1", "Description": "The first", "Info": {"LoadTemplateFromURL": URL}}
WORDS = {
    "Description": "A queue to try things in",
    "Distributor": "IT",
    "SupportDescription": "Ask us",
    "SupportEmail": "it@example.com",
    "SupportUrl": "https://example.com",
}
TAGS = [{"Key": "team", "Value": "it"}]
TAG_UPDATES = json.dumps({"Version": "2.0", "Properties": {"TagUpdateOnProvisionedProduct": "ALLOWED"}})
USER = "arn:aws:iam::111122223333:user/admin"
PRINCIPAL = {"PrincipalARN": "arn:aws:iam:::user/*", "PrincipalType": "IAM_PATTERN"}

# Each with requests that are good but ask for nothing that is there, or make something that is in nobody's way.
OPERATIONS = {
    "CreatePortfolio": [{"DisplayName": "x", "ProviderName": "x", "IdempotencyToken": "model"}],
    "DescribePortfolio": [{"Id": "port-nobody"}],
    "ListPortfolios": [{}],
    "CreateProduct": [
        {
            "Name": "x",
            "Owner": "x",
            "ProductType": "CLOUD_FORMATION_TEMPLATE",
            "ProvisioningArtifactParameters": VERSION,
            "SourceConnection": {"ConnectionParameters": {}},
            "IdempotencyToken": "model",
        }
    ],
    "DescribeProduct": [{"Id": "prod-nobody"}, {"Name": "nobody"}],
    "SearchProducts": [{}],
    "CreateProvisioningArtifact": [
        {"ProductId": "prod-nobody", "Parameters": VERSION, "IdempotencyToken": "model"}
    ],
    "DescribeProvisioningArtifact": [
        {"ProductId": "prod-nobody", "ProvisioningArtifactId": "pa-nobody"},
        {"ProductName": "nobody", "ProvisioningArtifactName": "nobody"},
    ],
    "ListProvisioningArtifacts": [{"ProductId": "prod-nobody"}],
    "AssociateProductWithPortfolio": [
        {"ProductId": "prod-nobody", "PortfolioId": "port-nobody", "SourcePortfolioId": "port-nobody"}
    ],
    "AssociatePrincipalWithPortfolio": [{"PortfolioId": "port-nobody", **PRINCIPAL}],
    "DisassociatePrincipalFromPortfolio": [{"PortfolioId": "port-nobody", **PRINCIPAL}],
    "ListPrincipalsForPortfolio": [{"PortfolioId": "port-nobody"}],
    "ListPortfoliosForProduct": [{"ProductId": "prod-nobody"}],
    "SearchProductsAsAdmin": [{"PortfolioId": "port-nobody"}],
    "ListLaunchPaths": [{"ProductId": "prod-nobody"}],
    "CreateConstraint": [
        {
            "PortfolioId": "port-nobody",
            "ProductId": "prod-nobody",
            "Type": "RESOURCE_UPDATE",
            "Parameters": TAG_UPDATES,
            "IdempotencyToken": "model",
        }
    ],
    "DescribeConstraint": [{"Id": "cons-nobody"}],
    "DeleteConstraint": [{"Id": "cons-nobody"}],
    "ListConstraintsForPortfolio": [{"PortfolioId": "port-nobody"}],
}


def cli(checks: Checks) -> None:
    """What an administrator does at a terminal, and what an end user then sees."""
    portfolio = product = ""
    with checks.check("aws create-portfolio, describe-portfolio, list-portfolios"):
        created = catalog("create-portfolio", display_name="By hand", provider_name="IT", tags=TAGS)
        portfolio = created["PortfolioDetail"]["Id"]
        expect(TAGS, catalog("describe-portfolio", id=portfolio)["Tags"], "the tags")
        listed = [row["Id"] for row in catalog("list-portfolios")["PortfolioDetails"]]
        expect(True, portfolio in listed, "listed")
    with checks.check("aws create-product, create-provisioning-artifact"):
        created = catalog(
            "create-product",
            name="Queue by hand",
            owner="IT",
            product_type="CLOUD_FORMATION_TEMPLATE",
            provisioning_artifact_parameters=VERSION,
        )
        product = created["ProductViewDetail"]["ProductViewSummary"]["ProductId"]
        catalog("create-provisioning-artifact", product_id=product, parameters={**VERSION, "Name": "v2"})
    with checks.check("aws list-provisioning-artifacts, describe-provisioning-artifact"):
        listed = catalog("list-provisioning-artifacts", product_id=product)["ProvisioningArtifactDetails"]
        expect(["v1", "v2"], [row["Name"] for row in listed], "the versions")
        named = {"product_id": product, "provisioning_artifact_name": "v2", "verbose": True}
        described = catalog("describe-provisioning-artifact", **named)
        expect(TEMPLATE, json.loads(described["Info"]["CloudFormationTemplate"]), "the template")
    with checks.check("aws associate-product-with-portfolio, associate-principal-with-portfolio"):
        catalog("associate-product-with-portfolio", product_id=product, portfolio_id=portfolio)
        principal = {"principal_arn": PRINCIPAL["PrincipalARN"], "principal_type": "IAM_PATTERN"}
        catalog("associate-principal-with-portfolio", portfolio_id=portfolio, **principal)
        listed = catalog("list-principals-for-portfolio", portfolio_id=portfolio)["Principals"]
        expect([PRINCIPAL], listed, "the principals")
        holding = catalog("list-portfolios-for-product", product_id=product)["PortfolioDetails"]
        expect([portfolio], [row["Id"] for row in holding], "the portfolios of the product")
        rows = catalog("search-products-as-admin", portfolio_id=portfolio)["ProductViewDetails"]
        expect([product], [row["ProductViewSummary"]["ProductId"] for row in rows], "the products of the portfolio")
    with checks.check("aws create-constraint, describe-constraint, list-constraints-for-portfolio, delete-constraint"):
        of = {"portfolio_id": portfolio, "product_id": product, "type": "RESOURCE_UPDATE", "parameters": TAG_UPDATES}
        one = catalog("create-constraint", **of)["ConstraintDetail"]["ConstraintId"]
        expect("AVAILABLE", catalog("describe-constraint", id=one)["Status"], "the status")
        listed = catalog("list-constraints-for-portfolio", portfolio_id=portfolio)["ConstraintDetails"]
        expect([one], [row["ConstraintId"] for row in listed], "the constraints")
        catalog("delete-constraint", id=one)
        principal = {"principal_arn": "arn:aws:iam:::group/*", "principal_type": "IAM_PATTERN"}
        catalog("disassociate-principal-from-portfolio", portfolio_id=portfolio, **principal)
    with checks.check("aws list-launch-paths, describe-product, search-products"):
        paths = catalog("list-launch-paths", product_id=product)["LaunchPathSummaries"]
        described = catalog("describe-product", id=product)
        expect([paths[0]["Id"]], [path["Id"] for path in described["LaunchPaths"]], "the paths")
        found = catalog("search-products", filters={"FullTextSearch": ["by hand"]})["ProductViewSummaries"]
        expect([product], [row["ProductId"] for row in found], "the products")


def sdk(checks: Checks, client) -> None:
    """The same with boto3, and what is refused."""
    portfolio = product = ""
    with checks.check("boto3: a portfolio, once for each token"):
        asked = {"DisplayName": "Tools", "ProviderName": "IT", "Description": "All of them", "Tags": TAGS}
        created = [client.create_portfolio(**asked, IdempotencyToken="tools") for _ in range(2)]
        portfolio = created[0]["PortfolioDetail"]["Id"]
        expect(portfolio, created[1]["PortfolioDetail"]["Id"], "the portfolio of the same token")
        other = {**asked, "DisplayName": "x", "IdempotencyToken": "tools"}
        refuses("InvalidParametersException", client.create_portfolio, **other)
        client.describe_portfolio(Id=portfolio)
        listed = [row["Id"] for row in whole(client.list_portfolios, "PortfolioDetails", 1)]
        expect(1, listed.count(portfolio), "how often it is listed")
    with checks.check("boto3: a product and two versions"):
        asked = {"Name": "Queue", "Owner": "IT", "ProductType": "CLOUD_FORMATION_TEMPLATE", **WORDS, "Tags": TAGS}
        created = client.create_product(**asked, ProvisioningArtifactParameters=VERSION)
        product = created["ProductViewDetail"]["ProductViewSummary"]["ProductId"]
        second = {**VERSION, "Name": "v2"}
        made = client.create_provisioning_artifact(ProductId=product, Parameters=second)
        expect(URL, made["Info"]["TemplateUrl"], "the template's URL")
        described = client.describe_provisioning_artifact(
            ProductName="Queue",
            ProvisioningArtifactName="v2",
            IncludeProvisioningArtifactParameters=True,
        )
        expect(["Stage"], [row["ParameterKey"] for row in described["ProvisioningArtifactParameters"]], "parameters")
        listed = client.list_provisioning_artifacts(ProductId=product)["ProvisioningArtifactDetails"]
        expect(["v1", "v2"], [row["Name"] for row in listed], "the versions")
    with checks.check("boto3: a template from anywhere else is an InvalidParametersException"):
        elsewhere = {"Info": {"LoadTemplateFromURL": "https://example.com/template.json"}}
        create = client.create_provisioning_artifact
        refuses("InvalidParametersException", create, ProductId=product, Parameters=elsewhere)
    with checks.check("boto3: no path leads to a product before it is associated"):
        refuses("ResourceNotFoundException", client.list_launch_paths, ProductId=product)
        refuses("ResourceNotFoundException", client.describe_product, Id=product)
    with checks.check("boto3: product and principal associated, a path leads there"):
        client.associate_product_with_portfolio(ProductId=product, PortfolioId=portfolio)
        client.associate_principal_with_portfolio(PortfolioId=portfolio, PrincipalARN=USER, PrincipalType="IAM")
        client.associate_principal_with_portfolio(PortfolioId=portfolio, **PRINCIPAL)
        principals = whole(client.list_principals_for_portfolio, "Principals", 1, PortfolioId=portfolio)
        expect(2, len(principals), "the number of principals")
        paths = whole(client.list_launch_paths, "LaunchPathSummaries", 1, ProductId=product)
        expect(["Tools"], [path["Name"] for path in paths], "the paths")
        described = client.describe_product(Name="Queue")
        expect(True, described["ProductViewSummary"]["HasDefaultPath"], "a default path")
    with checks.check("boto3: who is disassociated is none of them any more"):
        client.disassociate_principal_from_portfolio(PortfolioId=portfolio, **PRINCIPAL)
        left = client.list_principals_for_portfolio(PortfolioId=portfolio)["Principals"]
        expect([USER], [row["PrincipalARN"] for row in left], "the principals")
    with checks.check("boto3: an administrator finds products, and the portfolios that hold them"):
        found = whole(client.search_products_as_admin, "ProductViewDetails", 1)
        ids = [row["ProductViewSummary"]["ProductId"] for row in found]
        expect((1, 1), (ids.count(product), ids.count(PRODUCT)), "how often they are found")
        holding = whole(client.list_portfolios_for_product, "PortfolioDetails", 1, ProductId=product)
        expect([portfolio], [row["Id"] for row in holding], "the portfolios")
    with checks.check("boto3: a constraint, made, looked at and deleted"):
        asked = {"PortfolioId": portfolio, "ProductId": product, "Type": "RESOURCE_UPDATE", "Parameters": TAG_UPDATES}
        made = client.create_constraint(**asked)
        refuses("DuplicateResourceException", client.create_constraint, **asked)
        one = made["ConstraintDetail"]["ConstraintId"]
        expect(TAG_UPDATES, client.describe_constraint(Id=one)["ConstraintParameters"], "what it says")
        listed = whole(client.list_constraints_for_portfolio, "ConstraintDetails", 1, PortfolioId=portfolio)
        expect([one], [row["ConstraintId"] for row in listed], "the constraints")
        client.delete_constraint(Id=one)
        refuses("ResourceNotFoundException", client.describe_constraint, Id=one)
    with checks.check("boto3: the search shows both products"):
        found = [row["ProductId"] for row in whole(client.search_products, "ProductViewSummaries", 1)]
        expect((1, 1), (found.count(product), found.count(PRODUCT)), "how often they are found")
        client.describe_provisioning_artifact(ProductId=PRODUCT, ProvisioningArtifactId=ARTIFACT)
