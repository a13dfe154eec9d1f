#!/usr/bin/env python3
"""Checks that Terraform's AWS provider lives with the local cloud: a provisioned product from its launch to its end.

Starts the cloud as a person would, and lets terraform apply, plan, change and destroy it. Where terraform or its provider
cannot be had, the provider's calls are replayed with boto3; where they can, these are held against what it really calls.
TERRAFORM_PLUGIN_DIR may name a folder with the provider, where no registry is within reach.

    cargo build --workspace --bins && tools/venv.sh tools/check-terraform.py
"""

import os
import signal
import sys

# The modules lie beside this file, where no compiled copy of them should appear.
sys.dont_write_bytecode = True
import boto3
from check_local.checks import Checks, ended, expect, refuses
from check_local.model import CONFIG
from check_terraform.provider import PLUGINS, Terraform, Unavailable
from check_terraform.replay import Replay
from cloud import Cloud

NAME = "made-by-terraform"
TAGS = {"team": "tools", "ttl": "30d"}
# What this process was given and may keep: where terraform is, and where its provider.
KEPT = ("PATH", "HOME", "TF_CLI_CONFIG_FILE", PLUGINS)


def sequence(calls: list[tuple[str, dict]]) -> list[tuple[str, tuple[str, ...]]]:
    """Operations and the names of their members, in order; how often one asks until something is ready does not count."""
    rows = [(operation, tuple(sorted(members))) for operation, members in calls]
    return [row for at, row in enumerate(rows) if at == 0 or rows[at - 1] != row]


def life(checks: Checks, by: Terraform | Replay) -> dict[str, list]:
    """One life of a product; the calls of each step."""
    catalog = boto3.client("servicecatalog", config=CONFIG)
    steps: dict[str, list] = {}
    told: dict = {}

    def note(step: str) -> None:
        steps[step] = sequence(by.calls)

    def outputs() -> dict[str, str]:
        found = catalog.get_provisioned_product_outputs(ProvisionedProductName=NAME)["Outputs"]
        return {output["OutputKey"]: output["OutputValue"] for output in found}

    def records() -> list[tuple[str, str]]:
        of = {"Key": "provisionedproduct", "Value": told["id"]}
        level = {"Key": "Account", "Value": "self"}
        found = catalog.list_record_history(SearchFilter=of, AccessLevelFilter=level)["RecordDetails"]
        return [(record["RecordType"], record["Status"]) for record in found]

    with checks.check(f"{by.name}: apply launches the product"):
        told.update(by.apply("first"))
        note("launch")
        detail = catalog.describe_provisioned_product(Name=NAME)["ProvisionedProductDetail"]
        expect((told["id"], "AVAILABLE"), (detail["Id"], detail["Status"]), "the product")
        expect("AVAILABLE", told["status"], "the status that is told")
        expect("first", told["outputs"]["Bucket"], "the output that is told")
        expect(outputs(), told["outputs"], "all outputs")
        query = {"SearchQuery": [f"id:{told['id']}"]}
        (row,) = catalog.search_provisioned_products(Filters=query)["ProvisionedProducts"]
        tags = {tag["Key"]: tag["Value"] for tag in row["Tags"] if tag["Key"] in TAGS}
        expect(TAGS, tags, "the tags")
    with checks.check(f"{by.name}: plan finds nothing to change"):
        expect(False, by.plan("first"), "changes")
        note("look")
    with checks.check(f"{by.name}: apply with another parameter updates the product"):
        changed = by.apply("second")
        note("update")
        expect((told["id"], "second"), (changed["id"], changed["outputs"]["Bucket"]), "the product and its output")
        expect(changed["outputs"], outputs(), "all outputs")
        kinds = [("UPDATE_PROVISIONED_PRODUCT", "SUCCEEDED"), ("PROVISION_PRODUCT", "SUCCEEDED")]
        expect(kinds, records(), "the records")
        expect(False, by.plan("second"), "changes")
    with checks.check(f"{by.name}: destroy ends the product"):
        by.destroy()
        note("end")
        refuses("ResourceNotFoundException", catalog.describe_provisioned_product, Id=told["id"])
        expect(("TERMINATE_PROVISIONED_PRODUCT", "SUCCEEDED"), records()[0], "the last record")
    with checks.check(f"{by.name}: what somebody else has terminated is to be launched again"):
        told.update(by.apply("third"))
        answer = catalog.terminate_provisioned_product(ProvisionedProductId=told["id"], TerminateToken=f"{by.name}-1")
        ended(catalog, answer, "SUCCEEDED")
        expect(True, by.plan("third"), "changes")
        note("look when it is gone")
        by.destroy()
        left = catalog.list_constraints_for_portfolio(PortfolioId="port-sandbox000001")["ConstraintDetails"]
        expect([], left, "constraints that are left")
    return steps


def run(checks: Checks) -> str:
    """All checks of a cloud that runs, and in words which of both they were."""
    try:
        terraform = Terraform()
    except Unavailable as unavailable:
        life(checks, Replay())
        return f"The calls of Terraform's provider were replayed: {unavailable}."
    try:
        really = life(checks, terraform)
    finally:
        terraform.close()
    replayed = life(checks, Replay())
    for step, calls in really.items():
        with checks.check(f"replay: the calls of {step} are those of the provider"):
            expect(calls, replayed.get(step), "the calls")
    return "Terraform was run, and the replay of its provider's calls held against it."


def main() -> int:
    """Runs all checks; the cloud ends with them, however they end."""
    # Python ends without its finally blocks at this signal, and the cloud would stay.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    checks = Checks()
    cloud = Cloud()
    words = "Nothing was run."
    try:
        with checks.check("cargo local --serve prints its environment"):
            printed = cloud.environment()
            # A profile or a proxy must not help, nor get in the way.
            kept = {name: os.environ[name] for name in KEPT if name in os.environ}
            os.environ.clear()
            os.environ.update(kept, AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
            os.environ.update(printed)
        if not checks.failed:
            words = run(checks)
        with checks.check("Ctrl-C ends it"):
            expect(0, cloud.stop(), "its exit code")
    finally:
        cloud.kill()
    print(words)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
