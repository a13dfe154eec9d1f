"""Imports: stacks that become provisioned products."""

from check_local.checks import ARTIFACT, PRODUCT, Checks, catalog, cli_ended, ended, expect, refuses

VERSION = {"ProductId": PRODUCT, "ProvisioningArtifactId": ARTIFACT}
# Each with requests that are good but ask for nothing that is there.
OPERATIONS = {
    "ImportAsProvisionedProduct": [
        {
            "ProductId": "prod-nobody",
            "ProvisioningArtifactId": "pa-nobody",
            "ProvisionedProductName": "nobody",
            "PhysicalId": "arn:aws:cloudformation:eu-central-1:111122223333:stack/nobody/0",
            "IdempotencyToken": "t",
        }
    ]
}


def cli(checks: Checks) -> None:
    """What a person at a terminal does: a stack that outlived its product becomes another."""
    with checks.check("aws import-as-provisioned-product, of a stack that a termination left"):
        version, named = {"product_id": PRODUCT, "provisioning_artifact_id": ARTIFACT}, "import-by-hand"
        cli_ended(catalog("provision-product", **version, provisioned_product_name=named))
        asked = {"provisioned_product_name": named, "output_keys": ["CloudformationStackARN"]}
        (stack,) = catalog("get-provisioned-product-outputs", **asked)["Outputs"]
        end = {"provisioned_product_name": named, "retain_physical_resources": True}
        cli_ended(catalog("terminate-provisioned-product", **end))
        asked = {"provisioned_product_name": "imported-by-hand", "physical_id": stack["OutputValue"]}
        cli_ended(catalog("import-as-provisioned-product", **version, **asked))


def sdk(checks: Checks, client) -> None:
    """The same with boto3, and what is refused."""
    with checks.check("boto3: an import; its token gives its record, and the stack is taken"):
        name = {"ProvisionedProductName": "import"}
        ended(client, client.provision_product(**VERSION, **name), "SUCCEEDED")
        outputs = client.get_provisioned_product_outputs(**name)["Outputs"]
        stack = {"PhysicalId": outputs[0]["OutputValue"]}
        end = client.terminate_provisioned_product(**name, RetainPhysicalResources=True)
        ended(client, end, "SUCCEEDED")
        asked = {**VERSION, **stack, "ProvisionedProductName": "imported"}
        first, second = (
            client.import_as_provisioned_product(**asked, IdempotencyToken="import-1") for _ in range(2)
        )
        expect(first["RecordDetail"]["RecordId"], second["RecordDetail"]["RecordId"], "the record")
        ended(client, first, "SUCCEEDED")
        detail = client.describe_provisioned_product(Name="imported")["ProvisionedProductDetail"]
        expect("AVAILABLE", detail["Status"], "the status")
        again = {**asked, "ProvisionedProductName": "imported-again"}
        refuses("DuplicateResourceException", client.import_as_provisioned_product, **again)
    with checks.check("boto3: a stack that is not there is refused"):
        nothing = {**asked, **name, "PhysicalId": OPERATIONS["ImportAsProvisionedProduct"][0]["PhysicalId"]}
        refuses("InvalidParametersException", client.import_as_provisioned_product, **nothing)
