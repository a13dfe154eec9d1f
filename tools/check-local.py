#!/usr/bin/env python3
"""Checks that the local cloud is one for clients that do not know it: the AWS CLI and boto3.

Starts it as a person would, and drives it with nothing but the environment that it prints. Every answer of its Service
Catalog is held against botocore's model of the real one.

    cargo build --workspace --bins && tools/venv.sh tools/check-local.py
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import boto3
import botocore.config
import botocore.exceptions

# cloud and wire lie beside this file, where no compiled copy of them should appear.
sys.dont_write_bytecode = True
import wire
from cloud import Cloud

BUS = "steward-bus"
# Each with requests that are good but ask for nothing that is there.
OPERATIONS = {
    "TerminateProvisionedProduct": [
        {"ProvisionedProductId": "pp-nobody", "TerminateToken": "t"},
        {"ProvisionedProductName": "nobody", "TerminateToken": "t"},
    ],
    "DescribeProvisionedProduct": [{"Id": "pp-nobody"}, {"Name": "nobody"}],
    "DescribeRecord": [{"Id": "rec-nobody"}],
    "ListRecordHistory": [{}],
    "SearchProvisionedProducts": [{}],
    "ScanProvisionedProducts": [{}],
}
SELF = {"Key": "Account", "Value": "self"}

# Seconds. Generous: the machine that tests has other things to do.
CALL, RECORD, OPERATION = 60, 60, 120


class Failure(Exception):
    """What a check found."""


class Checks:
    """Counts, and says how each went."""

    def __init__(self):
        self.passed = self.failed = 0

    @contextlib.contextmanager
    def check(self, name: str) -> Iterator[None]:
        """One check: passed unless its block raises. The checks after it go on."""
        try:
            yield
        except Exception as error:  # whatever a client makes of a bad answer
            self.failed += 1
            words = str(error) if isinstance(error, Failure) else f"{type(error).__name__}: {error}"
            print(f"FAILED  {name}: {words}", flush=True)
        else:
            self.passed += 1
            print(f"ok      {name}", flush=True)


def expect(wanted: object, found: object, what: str) -> None:
    """Two values that must be the same."""
    if wanted != found:
        raise Failure(f"{what}: {found!r} instead of {wanted!r}")


def wait(seconds: float, what: str, look: Callable[[], object], every: float = 0.2) -> object:
    """What `look` gives as soon as that is something."""
    end = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {seconds} seconds")
        time.sleep(every)


def aws(*arguments: str, **environment: str) -> dict:
    """A command of the AWS CLI, and its answer."""
    done = subprocess.run(
        ["aws", *arguments, "--output", "json"],
        env=dict(os.environ, **environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=CALL,
    )
    if done.returncode:
        raise Failure(f"aws {' '.join(arguments[:2])}: {done.stderr.strip()}")
    return json.loads(done.stdout or "null")


def aws_refuses(code: str, *arguments: str, **environment: str) -> None:
    """A command of the AWS CLI that must fail with this error."""
    try:
        answer = aws(*arguments, **environment)
    except Failure as failure:
        if f"An error occurred ({code})" not in str(failure):
            raise
    else:
        raise Failure(f"{code} was due, and not {answer}")


def refuses(code: str, call: Callable[..., object], **members: object) -> None:
    """A call of boto3 that must fail with this error, in words and with a request id."""
    try:
        answer = call(**members)
    except botocore.exceptions.ClientError as error:
        expect(code, error.response["Error"]["Code"], "the error's code")
        if not error.response["Error"].get("Message") or not error.response["ResponseMetadata"].get("RequestId"):
            raise Failure(f"an error without words or request id: {error.response}") from None
    else:
        raise Failure(f"{code} was due, and not {answer}")


def whole(call: Callable[..., dict], member: str) -> list[dict]:
    """A list, page by page: botocore pages by itself through some of these operations only."""
    rows, token = [], {}
    # Bounded: a token that leads back to its own page would never end.
    for _ in range(50):
        answer = call(AccessLevelFilter=SELF, PageSize=7, **token)
        rows += answer[member]
        if not answer.get("NextPageToken"):
            return rows
        token = {"PageToken": answer["NextPageToken"]}
    raise Failure("pages without end")


def cli(checks: Checks) -> None:
    """What a person at a terminal does."""
    catalog, by_id = "servicecatalog", ("--id", "pp-safe000000001")
    level = ("--access-level-filter", "Key=Account,Value=self")
    describe = (catalog, "describe-provisioned-product")
    terminate = (catalog, "terminate-provisioned-product", "--terminate-token")
    record = ""
    with checks.check("aws sts get-caller-identity"):
        identity = aws("sts", "get-caller-identity")
        expect(identity["Account"], identity["Arn"].split(":")[4], "the account")
    with checks.check("aws search-provisioned-products"):
        found = aws(catalog, "search-provisioned-products", *level)
        expect(found["TotalResultsCount"], len(found["ProvisionedProducts"]), "the number of products")
        if "pp-safe000000001" not in [row["Id"] for row in found["ProvisionedProducts"]]:
            raise Failure("pp-safe000000001 is not among them")
    with checks.check("aws search-provisioned-products, by a query"):
        query = ("--filters", "SearchQuery=id:pp-safe000000001")
        found = aws(catalog, "search-provisioned-products", *level, *query)
        expect(["sandbox-safe"], [row["Name"] for row in found["ProvisionedProducts"]], "the products")
    with checks.check("aws describe-provisioned-product"):
        expect("AVAILABLE", aws(*describe, *by_id)["ProvisionedProductDetail"]["Status"], "the status")
    with checks.check("aws describe-provisioned-product, by name"):
        found = aws(*describe, "--name", "sandbox-safe")
        expect("pp-safe000000001", found["ProvisionedProductDetail"]["Id"], "the id")
    with checks.check("aws terminate-provisioned-product: a token with a colon is a ValidationException"):
        aws_refuses("ValidationException", *terminate, "a:b", "--provisioned-product-id", "pp-safe000000001")
    with checks.check("aws terminate-provisioned-product"):
        answer = aws(*terminate, "by-hand-1", "--provisioned-product-id", "pp-safe000000001")
        expect("pp-safe000000001", answer["RecordDetail"]["ProvisionedProductId"], "the product")
        record = answer["RecordDetail"]["RecordId"]
    with checks.check("aws describe-record, until SUCCEEDED"):
        look = lambda: aws(catalog, "describe-record", "--id", record)["RecordDetail"]["Status"] == "SUCCEEDED"
        wait(RECORD, record, look)
    with checks.check("aws describe-provisioned-product: afterwards a ResourceNotFoundException"):
        aws_refuses("ResourceNotFoundException", *describe, *by_id)
    with checks.check("aws scan-provisioned-products"):
        found = [row["Id"] for row in aws(catalog, "scan-provisioned-products", *level)["ProvisionedProducts"]]
        expect((True, False), ("pp-direct0000001" in found, "pp-safe000000001" in found), "there, and gone")
    with checks.check("aws list-record-history"):
        newest = aws(catalog, "list-record-history", *level)["RecordDetails"][0]
        expect((record, "TERMINATE_PROVISIONED_PRODUCT"), (newest["RecordId"], newest["RecordType"]), "the newest")
    with checks.check("aws with a key that nobody has: an UnrecognizedClientException"):
        aws_refuses("UnrecognizedClientException", *describe, *by_id, AWS_ACCESS_KEY_ID="AKIANOBODY")


def steward(checks: Checks) -> None:
    """A request by the bus, and what Steward makes of it."""
    product = "pp-sns0000000001"
    with checks.check("aws events put-events"):
        detail = {"provisionedProductId": product, "requestedBy": "jo", "reason": "the workshop is over"}
        entry = {"EventBusName": BUS, "Source": "my.portal", "DetailType": "Termination Requested"}
        answer = aws("events", "put-events", "--entries", json.dumps([{**entry, "Detail": json.dumps(detail)}]))
        expect(0, answer["FailedEntryCount"], "the number of entries that failed")
    with checks.check("aws dynamodb scan: the operation has succeeded"):
        (table,) = aws("dynamodb", "list-tables")["TableNames"]

        def look() -> bool:
            items = aws("dynamodb", "scan", "--table-name", table, "--consistent-read")["Items"]
            found = [item for item in items if item["pk"]["S"].startswith("op#")]
            return [item["state"]["S"] for item in found if product in json.dumps(item)] == ["succeeded"]

        wait(OPERATION, product, look, 1)
    with checks.check("aws describe-provisioned-product: Steward has terminated it"):
        aws_refuses("ResourceNotFoundException", "servicecatalog", "describe-provisioned-product", "--id", product)


def model(checks: Checks) -> None:
    """Every operation in every state that the samples have, each answer against the model."""
    # Patience that is bounded, and no second try that hides the first.
    config = botocore.config.Config(connect_timeout=CALL, read_timeout=CALL, retries={"total_max_attempts": 1})
    client = boto3.client("servicecatalog", config=config)
    watch = wire.Watch(client)
    terminate, describe = client.terminate_provisioned_product, client.describe_provisioned_product

    def to_the_end(product: str, token: str, status: str) -> dict:
        record = terminate(ProvisionedProductId=product, TerminateToken=token)["RecordDetail"]["RecordId"]

        def look() -> dict | None:
            with contextlib.suppress(client.exceptions.ResourceNotFoundException):
                describe(Id=product)
            answer = client.describe_record(Id=record)["RecordDetail"]
            return answer if answer["Status"] in ("SUCCEEDED", "FAILED") else None

        answer = wait(RECORD, record, look, 0.02)
        expect(status, answer["Status"], record)
        return answer

    with checks.check("boto3: a repeated token gives its record, another one is refused while the product is busy"):
        asked = {"ProvisionedProductId": "pp-retain0000001", "TerminateToken": "by-hand-2"}
        first, second = terminate(**asked)["RecordDetail"], terminate(**asked)["RecordDetail"]
        expect(first["RecordId"], second["RecordId"], "the record")
        refuses("InvalidParametersException", terminate, **{**asked, "TerminateToken": "by-hand-3"})
    with checks.check("boto3: a termination that SUCCEEDED"):
        to_the_end("pp-direct0000001", "by-hand-4", "SUCCEEDED")
    with checks.check("boto3: a termination that FAILED leaves a TAINTED product and says why"):
        answer = to_the_end("pp-failsonce0001", "by-hand-5", "FAILED")
        detail = describe(Id="pp-failsonce0001")["ProvisionedProductDetail"]
        expect("TAINTED", detail["Status"], "the status")
        if not answer["RecordErrors"] or not detail.get("StatusMessage"):
            raise Failure("no errors, or no message")
    with checks.check("boto3: pages put together are the whole"):
        scanned = [row["Id"] for row in whole(client.scan_provisioned_products, "ProvisionedProducts")]
        found = [row["Id"] for row in whole(client.search_provisioned_products, "ProvisionedProducts")]
        expect(sorted(scanned), sorted(found), "what the search finds")
        expect(len(scanned), len(set(scanned)), "the number of products, each once")
        records = [row["RecordId"] for row in whole(client.list_record_history, "RecordDetails")]
        expect(len(records), len(set(records)), "the number of records, each once")
        expect(set(), watch.records - set(records), "records that the history does not show")
    with checks.check("boto3: both id and name are an InvalidParametersException"):
        refuses("InvalidParametersException", describe, Id="pp-tagged0000001", Name="sandbox-tagged")
    with checks.check("boto3: a page that is too large is a ValidationException"):
        refuses("ValidationException", client.scan_provisioned_products, AccessLevelFilter=SELF, PageSize=21)
    with checks.check("boto3: records were seen on their way"):
        expect({"CREATED", "IN_PROGRESS", "SUCCEEDED", "FAILED"}, watch.statuses - {"IN_PROGRESS_IN_ERROR"}, "seen")
    for operation in OPERATIONS:
        with checks.check(f"model: {watch.answers[operation]} answers of {operation}"):
            if found := watch.faults[operation]:
                raise Failure("".join(f"\n          {fault}" for fault in found))
            if not watch.answers[operation]:
                raise Failure("none to look at")
    # Sends what botocore would refuse by itself, too.
    client = boto3.client("servicecatalog", config=config.merge(botocore.config.Config(parameter_validation=False)))
    for operation, requests in OPERATIONS.items():
        with checks.check(f"model: what it forbids in requests of {operation} is a ValidationException"):
            if found := wire.accepted(client, operation, *requests):
                raise Failure("".join(f"\n          {fault}" for fault in found))


def main() -> int:
    """Runs all checks; the cloud ends with them, however they end."""
    # Python ends without its finally blocks at this signal, and the cloud would stay.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    checks = Checks()
    cloud = Cloud()
    try:
        with checks.check("cargo local --serve prints its environment"):
            printed = cloud.environment()
            # What this process was given (a profile, a proxy) must not help, nor get in the way.
            path = os.environ["PATH"]
            os.environ.clear()
            os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, PATH=path)
            os.environ.update(printed)
        if not checks.failed:
            for part in (cli, steward, model):
                part(checks)
        with checks.check("Ctrl-C ends it"):
            expect(0, cloud.stop(), "its exit code")
    finally:
        cloud.kill()
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
