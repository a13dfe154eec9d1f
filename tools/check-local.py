#!/usr/bin/env python3
"""Checks that the local cloud is one for clients that do not know it: the AWS CLI and boto3.

Starts it as a person would, and drives it with nothing but the environment that it prints. Every operation of its
Service Catalog is called by both, and what an operator asks of the services beside it; every answer is held against
botocore's model of the real one.

    cargo build --workspace --bins && tools/venv.sh tools/check-local.py
"""

import os
import signal
import sys

# The modules lie beside this file, where no compiled copy of them should appear.
sys.dont_write_bytecode = True
import wire
from check_local import actions, imports, model, offers, plans, provisionings, services, steward, terminations
from check_local.checks import Checks, expect
from cloud import Cloud

NOUNS = (terminations, offers, actions, provisionings, plans, imports)


def run(checks: Checks) -> None:
    """All checks of a cloud that runs."""
    terminations.cli(checks)
    # While its product is as it was.
    steward.cli(checks)
    for noun in NOUNS[1:]:
        noun.cli(checks)
    services.cli(checks)
    services.sdk(checks)
    client = model.client()
    watch = wire.Watch(client)
    for noun in NOUNS:
        noun.sdk(checks, client)
    terminations.lists(checks, client, watch)
    operations = {operation: good for noun in NOUNS for operation, good in noun.OPERATIONS.items()}
    model.answers(checks, watch, operations)
    model.requests(checks, operations)


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
            run(checks)
        with checks.check("Ctrl-C ends it"):
            expect(0, cloud.stop(), "its exit code")
    finally:
        cloud.kill()
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
