"""The calls of Terraform's provider without Terraform: same order and members, learned from a run of 5.100.0."""

import json
import uuid
from collections.abc import Callable

import boto3
import botocore.exceptions
from check_local.checks import RECORD, Failure, wait
from check_local.model import CONFIG

LANGUAGE = {"AcceptLanguage": "en"}
CONSTRAINT = {
    "PortfolioId": "port-sandbox000001",
    "ProductId": "prod-sandbox000001",
    "Type": "RESOURCE_UPDATE",
    "Parameters": json.dumps({"Properties": {"TagUpdateOnProvisionedProduct": "ALLOWED"}, "Version": "2.0"}),
}
NAMES = {"ProductName": "Sandbox", "ProvisioningArtifactName": "v1"}
TAGS = [{"Key": "team", "Value": "tools"}, {"Key": "ttl", "Value": "30d"}]


def token() -> str:
    """One for each call, in the provider's form."""
    return f"terraform-{uuid.uuid4().hex}"


class Replay:
    """What Terraform keeps in its state, and the calls by which it comes there."""

    name = "replay"

    def __init__(self):
        boto3.client("sts", config=CONFIG).get_caller_identity()
        self.client = boto3.client("servicecatalog", config=CONFIG)
        self.calls: list[tuple[str, dict]] = []
        self.client.meta.events.register("before-call.service-catalog", self.note)
        self.constraint = self.product = self.bucket = ""
        self.state: dict = {}

    def note(self, model, params, **_: object) -> None:
        """Takes one call."""
        self.calls.append((model.name, json.loads(params["body"])))

    def apply(self, bucket: str) -> dict:
        """Makes it so, and gives the outputs."""
        self.calls = []
        parameters = [{"Key": "BucketName", "Value": bucket}]
        if not self.refresh():
            made = self.client.create_constraint(**LANGUAGE, **CONSTRAINT, IdempotencyToken=token())
            self.constraint = made["ConstraintDetail"]["ConstraintId"]
            self.look_at_constraint()
            made = self.client.provision_product(
                **LANGUAGE,
                **NAMES,
                ProvisionedProductName="made-by-terraform",
                ProvisioningParameters=parameters,
                ProvisionToken=token(),
                Tags=TAGS,
            )
            self.product = made["RecordDetail"]["ProvisionedProductId"]
        else:
            self.client.update_provisioned_product(
                **LANGUAGE,
                **NAMES,
                PathId=self.state["path"],
                ProvisionedProductId=self.product,
                ProvisioningParameters=parameters,
                Tags=TAGS,
                UpdateToken=token(),
            )
        wait(RECORD, self.product, lambda: self.describe()["Status"] == "AVAILABLE")
        self.bucket = bucket
        self.look_at_product()
        return {name: self.state[name] for name in ("id", "status", "outputs")}

    def plan(self, bucket: str) -> bool:
        """Whether there is something to change."""
        self.calls = []
        return not self.refresh() or self.state["tags"] != TAGS or self.bucket != bucket

    def destroy(self) -> None:
        """Ends all of it."""
        self.calls = []
        if self.refresh():
            token_of = {"ProvisionedProductId": self.product, "TerminateToken": token()}
            self.client.terminate_provisioned_product(**LANGUAGE, **token_of)
            wait(RECORD, self.product, lambda: self.is_gone(self.describe))
        self.client.delete_constraint(**LANGUAGE, Id=self.constraint)
        if not self.is_gone(self.describe_constraint):
            raise Failure("the constraint is there after its deletion")
        self.product = self.constraint = ""

    def refresh(self) -> bool:
        """Whether all is still there, as it is by now."""
        if not self.product:
            return False
        self.look_at_constraint()
        return not self.is_gone(self.look_at_product)

    def look_at_constraint(self) -> None:
        """Once to wait until it is ready, and once to read it."""
        self.describe_constraint()
        self.describe_constraint()

    def look_at_product(self) -> None:
        """What becomes of the state."""
        detail = self.describe()
        record = self.client.describe_record(**LANGUAGE, Id=detail["LastProvisioningRecordId"])
        self.state = {
            "id": detail["Id"],
            "status": detail["Status"],
            "path": record["RecordDetail"]["PathId"],
            "tags": sorted(record["RecordDetail"]["RecordTags"], key=lambda tag: tag["Key"]),
            "outputs": {output["OutputKey"]: output["OutputValue"] for output in record["RecordOutputs"]},
        }

    def describe(self) -> dict:
        """The product."""
        return self.client.describe_provisioned_product(**LANGUAGE, Id=self.product)["ProvisionedProductDetail"]

    def describe_constraint(self) -> dict:
        """The constraint."""
        return self.client.describe_constraint(**LANGUAGE, Id=self.constraint)

    def is_gone(self, look: Callable[[], object]) -> bool:
        """Whether what is looked at is not there."""
        try:
            look()
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return True
        return False

    def close(self) -> None:
        """Nothing is left behind."""
