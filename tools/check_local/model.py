"""What botocore's model says of all answers, and of requests that it forbids."""

import boto3
import botocore.config
import wire
from check_local.checks import CALL, Checks, Failure

# Patience that is bounded, and no second try that hides the first.
CONFIG = botocore.config.Config(connect_timeout=CALL, read_timeout=CALL, retries={"total_max_attempts": 1})


def client():
    """A client of Service Catalog."""
    return boto3.client("servicecatalog", config=CONFIG)


def answers(checks: Checks, watch: wire.Watch, operations: dict) -> None:
    """Every answer that was watched."""
    for operation in operations:
        with checks.check(f"model: {watch.answers[operation]} answers of {operation}"):
            if found := watch.faults[operation]:
                raise Failure("".join(f"\n          {fault}" for fault in found))
            if not watch.answers[operation]:
                raise Failure("none to look at")


def requests(checks: Checks, operations: dict) -> None:
    """Requests beyond the model's limits: sent, although botocore would refuse them by itself."""
    unchecked = botocore.config.Config(parameter_validation=False)
    client = boto3.client("servicecatalog", config=CONFIG.merge(unchecked))
    for operation, good in operations.items():
        with checks.check(f"model: what it forbids in requests of {operation} is a ValidationException"):
            if found := wire.accepted(client, operation, *good):
                raise Failure("".join(f"\n          {fault}" for fault in found))
