"""Plans: change sets that somebody looks at before they are executed, and the digest of what they saw."""

import hashlib
import json
import re
import subprocess
import sys

from check_local.checks import (
    ARTIFACT,
    CALL,
    PRODUCT,
    RECORD,
    Checks,
    catalog,
    cli_ended,
    ended,
    expect,
    refuses,
    wait,
    whole,
)
from check_local.terminations import SELF
from cloud import ROOT

EVENTS = ROOT / "events" / "execute-plan"

CLOUDFORMATION = "CLOUDFORMATION"
VERSION = {"ProductId": PRODUCT, "ProvisioningArtifactId": ARTIFACT}
# Each with requests that are good but ask for nothing that is there.
OPERATIONS = {
    "CreateProvisionedProductPlan": [
        {
            "PlanName": "x",
            "PlanType": CLOUDFORMATION,
            "ProductId": "prod-nobody",
            "ProvisioningArtifactId": "pa-nobody",
            "ProvisionedProductName": "nobody",
            "IdempotencyToken": "t",
        }
    ],
    "DescribeProvisionedProductPlan": [{"PlanId": "plan-nobody"}],
    "ListProvisionedProductPlans": [{}],
    "ExecuteProvisionedProductPlan": [{"PlanId": "plan-nobody", "IdempotencyToken": "t"}],
    "DeleteProvisionedProductPlan": [{"PlanId": "plan-nobody"}],
}


def parameter(value: str) -> list[dict]:
    """Another name for the bucket."""
    return [{"Key": "BucketName", "Value": value}]


def block(page: str, language: str) -> str:
    """The one block of a page in that language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return found


def approved(sample: str) -> tuple[str, str]:
    """The plan that a sample approves, and the digest that it carries."""
    (record,) = json.loads((EVENTS / f"{sample}.json").read_text())["Records"]
    detail = json.loads(record["body"])["detail"]
    return detail["planId"], detail["resourceChangesDigest"]


def digests(checks: Checks) -> None:
    """What the page about the digest says, done as it says."""
    page = (EVENTS / "DIGEST.md").read_text()
    with checks.check("the digest of a plan, by the program that its page shows"):
        for sample in ("approved", "many-changes"):
            plan, wanted = approved(sample)
            command = [sys.executable, "-c", block(page, "python"), plan]
            done = subprocess.run(command, capture_output=True, text=True, timeout=CALL, check=True)
            expect(wanted, done.stdout.strip(), f"the digest of {plan}")
    with checks.check("the digest of the page's example"):
        line, shown = (block(page, language).strip() for language in ("json", "text"))
        expect(shown, hashlib.sha256(line.encode()).hexdigest(), "the digest of the line")
        expect(shown, approved("approved")[1], "the digest that the sample carries")


def cli(checks: Checks) -> None:
    """What a person at a terminal does."""
    digests(checks)
    plan = ""
    with checks.check("aws create-provisioned-product-plan, describe-provisioned-product-plan"):
        created = catalog(
            "create-provisioned-product-plan",
            plan_name="by-hand",
            plan_type=CLOUDFORMATION,
            product_id=PRODUCT,
            provisioning_artifact_id=ARTIFACT,
            provisioned_product_name="sandbox-tagged",
            provisioning_parameters=parameter("planned-by-hand"),
        )
        plan = created["PlanId"]

        def look() -> dict | None:
            found = catalog("describe-provisioned-product-plan", plan_id=plan)
            return found if found["ProvisionedProductPlanDetails"]["Status"] == "CREATE_SUCCESS" else None

        changes = wait(RECORD, plan, look)["ResourceChanges"]
        expect(["Bucket"], [change["LogicalResourceId"] for change in changes], "the changes")
    with checks.check("aws list-provisioned-product-plans"):
        listed = catalog("list-provisioned-product-plans", access_level_filter=SELF)["ProvisionedProductPlans"]
        expect(1, [row["PlanId"] for row in listed].count(plan), "how often it is listed")
    with checks.check("aws execute-provisioned-product-plan, delete-provisioned-product-plan"):
        cli_ended(catalog("execute-provisioned-product-plan", plan_id=plan))
        catalog("delete-provisioned-product-plan", plan_id=plan, ignore_errors=True)


def sdk(checks: Checks, client) -> None:
    """The same with boto3, and what is refused."""

    def made(name: str, product: str, value: str, status: str) -> str:
        asked = {**VERSION, "ProvisionedProductName": product, "ProvisioningParameters": parameter(value)}
        create = client.create_provisioned_product_plan
        plan = create(PlanName=name, PlanType=CLOUDFORMATION, **asked)["PlanId"]
        look = lambda: details(plan)["Status"] == status
        wait(RECORD, plan, look, 0.02)
        return plan

    def details(plan: str) -> dict:
        return client.describe_provisioned_product_plan(PlanId=plan)["ProvisionedProductPlanDetails"]

    with checks.check("boto3: a plan for an existing product, executed once"):
        plan = made("change", "sandbox-tagged", "planned", "CREATE_SUCCESS")
        changes = whole(client.describe_provisioned_product_plan, "ResourceChanges", 1, PlanId=plan)
        expect([("MODIFY", "Bucket")], [(row["Action"], row["LogicalResourceId"]) for row in changes], "the changes")
        execute = client.execute_provisioned_product_plan
        first, second = (execute(PlanId=plan, IdempotencyToken="execute-1") for _ in range(2))
        expect(first["RecordDetail"]["RecordId"], second["RecordDetail"]["RecordId"], "the record")
        refuses("InvalidStateException", execute, PlanId=plan, IdempotencyToken="execute-2")
        ended(client, first, "SUCCEEDED")
        wait(RECORD, plan, lambda: details(plan)["Status"] == "EXECUTE_SUCCESS", 0.02)
        client.delete_provisioned_product_plan(PlanId=plan)
        refuses("ResourceNotFoundException", client.describe_provisioned_product_plan, PlanId=plan)
    with checks.check("boto3: a plan that changes nothing is CREATE_FAILED"):
        plan = made("nothing", "sandbox-tagged", "planned", "CREATE_FAILED")
        expect("No updates are to be performed.", details(plan)["StatusMessage"], "the words")
        client.delete_provisioned_product_plan(PlanId=plan)
    with checks.check("boto3: a plan for a new product, which is in PLAN_IN_PROGRESS until then"):
        plan = made("new", "planned", "new", "CREATE_SUCCESS")
        describe = client.describe_provisioned_product
        expect("PLAN_IN_PROGRESS", describe(Name="planned")["ProvisionedProductDetail"]["Status"], "the status")
        level = {"AccessLevelFilter": SELF}
        listed = whole(client.list_provisioned_product_plans, "ProvisionedProductPlans", 1, **level)
        expect(1, [row["PlanId"] for row in listed].count(plan), "how often it is listed")
        ended(client, client.execute_provisioned_product_plan(PlanId=plan), "SUCCEEDED")
        expect("AVAILABLE", describe(Name="planned")["ProvisionedProductDetail"]["Status"], "the status")
