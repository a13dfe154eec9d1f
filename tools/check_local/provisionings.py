"""The life of provisioned products before their end."""

from check_local.checks import (
    ARTIFACT,
    PRODUCT,
    Checks,
    Failure,
    catalog,
    cli_ended,
    ended,
    expect,
    refuses,
    whole,
)

OWNER = "arn:aws:iam::111122223333:user/other"
ROLE = "arn:aws:iam::111122223333:role/launch"
PARAMETERS = [{"Key": "BucketName", "Value": "by-hand"}]
PREFERENCES = {"StackSetFailureToleranceCount": 1}
# Each with requests that are good but ask for nothing that is there.
OPERATIONS = {
    "ProvisionProduct": [
        {
            "ProductId": "prod-nobody",
            "ProvisioningArtifactId": "pa-nobody",
            "ProvisionedProductName": "nobody",
            "ProvisionToken": "t",
            "ProvisioningPreferences": PREFERENCES,
        },
        {
            "ProductName": "nobody",
            "ProvisioningArtifactName": "nobody",
            "PathName": "nobody",
            "ProvisionedProductName": "nobody",
            "ProvisionToken": "t",
        },
    ],
    "UpdateProvisionedProduct": [
        {"ProvisionedProductId": "pp-nobody", "UpdateToken": "t", "ProvisioningPreferences": PREFERENCES},
        {"ProvisionedProductName": "nobody", "UpdateToken": "t"},
    ],
    "GetProvisionedProductOutputs": [{"ProvisionedProductId": "pp-nobody"}, {"ProvisionedProductName": "nobody"}],
    "UpdateProvisionedProductProperties": [
        {
            "ProvisionedProductId": "pp-nobody",
            "ProvisionedProductProperties": {"OWNER": OWNER},
            "IdempotencyToken": "t",
        }
    ],
}


def cli(checks: Checks) -> None:
    """What an end user does at a terminal."""
    product = {"product_id": PRODUCT, "provisioning_artifact_id": ARTIFACT}
    named = {"provisioned_product_name": "by-hand"}
    with checks.check("aws provision-product"):
        cli_ended(catalog("provision-product", **product, **named, provisioning_parameters=PARAMETERS))
    with checks.check("aws get-provisioned-product-outputs"):
        outputs = catalog("get-provisioned-product-outputs", **named, output_keys=["Bucket"])["Outputs"]
        expect(["by-hand"], [output["OutputValue"] for output in outputs], "the bucket")
    with checks.check("aws update-provisioned-product"):
        previous = [{"Key": "BucketName", "UsePreviousValue": True}]
        cli_ended(catalog("update-provisioned-product", **named, provisioning_parameters=previous))
    with checks.check("aws update-provisioned-product-properties"):
        found = catalog("describe-provisioned-product", name="by-hand")["ProvisionedProductDetail"]
        changed = catalog(
            "update-provisioned-product-properties",
            provisioned_product_id=found["Id"],
            provisioned_product_properties={"OWNER": OWNER},
        )
        expect("SUCCEEDED", changed["Status"], "the status")


def sdk(checks: Checks, client) -> None:
    """The same with boto3, and what fails."""
    product = {"ProductId": PRODUCT, "ProvisioningArtifactId": ARTIFACT}
    named = {"ProvisionedProductName": "made"}
    with checks.check("boto3: a provisioning; its token gives its record, its name is taken"):
        asked = {**product, **named, "ProvisioningParameters": PARAMETERS, "ProvisionToken": "made-1"}
        first, second = client.provision_product(**asked), client.provision_product(**asked)
        expect(first["RecordDetail"]["RecordId"], second["RecordDetail"]["RecordId"], "the record")
        refuses("InvalidParametersException", client.provision_product, **{**asked, "ProvisionToken": "made-2"})
        client.describe_provisioned_product(Name="made")
        refuses("InvalidParametersException", client.get_provisioned_product_outputs, **named)
        refuses("InvalidParametersException", client.update_provisioned_product, **named)
        ended(client, first, "SUCCEEDED")
    with checks.check("boto3: outputs, page by page"):
        outputs = whole(client.get_provisioned_product_outputs, "Outputs", 1, **named)
        keys = ["CloudformationStackARN", "Bucket", "BucketArn"]
        expect(keys, [output["OutputKey"] for output in outputs], "the outputs")
    with checks.check("boto3: an update, and one whose parameters do not fit"):
        ended(client, client.update_provisioned_product(**named), "SUCCEEDED")
        wrong = [{"Key": "Nothing", "Value": "x"}]
        found = ended(client, client.update_provisioned_product(**named, ProvisioningParameters=wrong), "FAILED")
        if "do not exist in the template" not in found["RecordErrors"][0]["Description"]:
            raise Failure(f"no words on the parameter: {found['RecordErrors']}")
    with checks.check("boto3: a product whose parameters do not fit is in ERROR"):
        wrong = {"ProvisionedProductName": "wrong", "ProvisioningParameters": [{"Key": "Nothing", "Value": "x"}]}
        ended(client, client.provision_product(**product, **wrong), "FAILED")
        detail = client.describe_provisioned_product(Name="wrong")["ProvisionedProductDetail"]
        expect("ERROR", detail["Status"], "the status")
    with checks.check("boto3: no product is a ResourceNotFoundException, no such path an InvalidParametersException"):
        asked = {**product, "ProvisionedProductName": "nowhere"}
        refuses("InvalidParametersException", client.provision_product, **asked, PathId="lpv2-nobody")
        nobody = {**asked, "ProductId": "prod-nobody"}
        refuses("ResourceNotFoundException", client.provision_product, **nobody)
    with checks.check("boto3: another owner and launch role"):
        detail = client.describe_provisioned_product(Name="made")["ProvisionedProductDetail"]
        properties = {"OWNER": OWNER, "LAUNCH_ROLE": ROLE}
        answer = client.update_provisioned_product_properties(
            ProvisionedProductId=detail["Id"], ProvisionedProductProperties=properties
        )
        expect((properties, "SUCCEEDED"), (answer["ProvisionedProductProperties"], answer["Status"]), "the answer")
        detail = client.describe_provisioned_product(Name="made")["ProvisionedProductDetail"]
        expect(ROLE, detail["LaunchRoleArn"], "the launch role")
