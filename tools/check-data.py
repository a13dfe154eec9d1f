#!/usr/bin/env python3
"""Checks that `cargo local --serve --data DIR` keeps what there is, however it ends: told to, or killed outright.

    cargo build --workspace --bins && tools/venv.sh tools/check-data.py
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

# The modules lie beside this file, where no compiled copy of them should appear.
sys.dont_write_bytecode = True
import boto3
from check_local.checks import Checks, expect
from cloud import BINARIES, ROOT, START, STOP

# Nothing ends by itself while this runs.
COMMON = ("--serve", "--bins", BINARIES, "--port", "0", "--speed", "1", "--parameter", "DryRun=true")
SCENE = """
products: [{id: prod-a, name: A, versions: [{id: pa-a, name: v1}]}]
portfolios: [{name: All, products: [prod-a]}]
provisioned: [{id: pp-a, name: a, version: pa-a}, {id: pp-b, name: b, version: pa-a}]
"""


class Kept:
    """A cloud that keeps its state in a directory."""

    def __init__(self, folder: pathlib.Path):
        self.data, self.ready, self.scene = folder / "data", folder / "ready.json", folder / "scene.yaml"
        self.scene.write_text(SCENE, encoding="utf-8")

    def start(self, *more: str) -> subprocess.Popen:
        """As a program would, without a look at what it prints."""
        options = (*COMMON, "--data", self.data, "--ready-file", self.ready, *more)
        return subprocess.Popen(
            [BINARIES / "steward-local", *options],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def client(self, process: subprocess.Popen, service: str):
        """A client of the service, once it can be called."""
        end = time.monotonic() + START
        # The file of one that was killed is still there: it says another process.
        while not self.ready.exists() or json.loads(self.ready.read_text())["pid"] != process.pid:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"not ready within {START} seconds, or an early end: {process.returncode}")
            time.sleep(0.05)
        found = json.loads(self.ready.read_text())["environment"]
        return boto3.client(
            service,
            endpoint_url=found["AWS_ENDPOINT_URL"],
            region_name=found["AWS_REGION"],
            aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
        )

    def settled(self, text: str) -> None:
        """Waits until the state on the disk has a text."""
        end = time.monotonic() + STOP
        while text not in (self.data / "state.json").read_text():
            if time.monotonic() > end:
                raise RuntimeError(f"{text} was not saved within {STOP} seconds")
            time.sleep(0.05)


def kill(process: subprocess.Popen) -> None:
    """With no time to save anything; its functions are in its group."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run(checks: Checks, kept: Kept, running: list) -> None:
    """One life after the other."""
    with checks.check("a process that is killed outright has kept its state"):
        running.append(kept.start("--scene", str(kept.scene)))
        catalog = kept.client(running[-1], "servicecatalog")
        record = catalog.terminate_provisioned_product(ProvisionedProductId="pp-a", TerminateToken="t")["RecordDetail"]
        table = kept.client(running[-1], "dynamodb")
        name = table.list_tables()["TableNames"][0]
        table.put_item(TableName=name, Item={"pk": {"S": "mine"}})
        kept.settled(record["RecordId"])
        kill(running[-1])
    with checks.check("it goes on where it was"):
        running.append(kept.start())
        catalog = kept.client(running[-1], "servicecatalog")
        again = catalog.terminate_provisioned_product(ProvisionedProductId="pp-a", TerminateToken="t")["RecordDetail"]
        expect(record["RecordId"], again["RecordId"], "the record of the same token")
        expect(record["CreatedTime"], again["CreatedTime"], "when it was made")
        item = kept.client(running[-1], "dynamodb").get_item(TableName=name, Key={"pk": {"S": "mine"}})
        expect({"pk": {"S": "mine"}}, item.get("Item"), "the item")
        catalog.terminate_provisioned_product(ProvisionedProductId="pp-b", TerminateToken="t2")
    with checks.check("a second process is refused"):
        second = kept.start()
        expect(1, second.wait(START), "its exit code")
        said = second.stderr.read()
        expect(True, "another process uses it" in said, f"that it says so: {said!r}")
    with checks.check("SIGTERM ends it, and nothing is lost"):
        running[-1].terminate()
        expect(0, running[-1].wait(STOP), "its exit code")
        expect(False, kept.ready.exists(), "whether the ready file is still there")
        running.append(kept.start())
        catalog = kept.client(running[-1], "servicecatalog")
        status = catalog.describe_provisioned_product(Id="pp-b")["ProvisionedProductDetail"]["Status"]
        expect("UNDER_CHANGE", status, "the status of what was terminated last")
    with checks.check("a broken file is an error, and stays as it is"):
        running[-1].terminate()
        running[-1].wait(STOP)
        state = kept.data / "state.json"
        half = state.read_text()[:1000]
        state.write_text(half)
        broken = kept.start()
        expect(1, broken.wait(START), "its exit code")
        said = broken.stderr.read()
        expect(True, "state.json is broken" in said, f"that it says so: {said!r}")
        expect(half, state.read_text(), "the file")


def main() -> int:
    """Runs all checks; what was started ends with them, however they end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    checks, running = Checks(), []
    with tempfile.TemporaryDirectory() as folder:
        try:
            run(checks, Kept(pathlib.Path(folder)), running)
        finally:
            for process in running:
                if process.poll() is None:
                    kill(process)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
