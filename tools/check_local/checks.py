"""What all checks are made of: counting, comparing, waiting, and the two clients."""

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator

import botocore.exceptions

CATALOG = "servicecatalog"
# The product that the local cloud offers from the beginning, and its version.
PRODUCT, ARTIFACT = "prod-sandbox000001", "pa-sandbox0000001"
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


def catalog(operation: str, **members: object) -> dict:
    """A command of the AWS CLI for Service Catalog. Members are named as its options are, with underscores."""
    options = []
    for name, value in members.items():
        options.append("--" + name.replace("_", "-"))
        # A flag has no value.
        if value is not True:
            options.append(value if isinstance(value, str) else json.dumps(value))
    return aws(CATALOG, operation, *options)


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


def whole(call: Callable[..., dict], member: str, size: int = 7, **members: object) -> list[dict]:
    """A list, page by page: botocore pages by itself through some of these operations only."""
    rows, token = [], {}
    # Bounded: a token that leads back to its own page would never end.
    for _ in range(50):
        answer = call(PageSize=size, **members, **token)
        rows += answer[member]
        if not answer.get("NextPageToken"):
            return rows
        token = {"PageToken": answer["NextPageToken"]}
    raise Failure("pages without end")


def ended(client, answer: dict, status: str) -> dict:
    """The record of an answer, once it has come to its end, which must be this."""
    record = answer["RecordDetail"]["RecordId"]

    def look() -> dict | None:
        found = client.describe_record(Id=record)["RecordDetail"]
        return found if found["Status"] in ("SUCCEEDED", "FAILED") else None

    found = wait(RECORD, record, look, 0.02)
    expect(status, found["Status"], record)
    return found


def cli_ended(answer: dict) -> None:
    """The same with the AWS CLI, for a record that must SUCCEED."""
    record = answer["RecordDetail"]["RecordId"]
    wait(RECORD, record, lambda: catalog("describe-record", id=record)["RecordDetail"]["Status"] == "SUCCEEDED")
