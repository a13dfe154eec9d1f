"""Terraform itself, in a folder of its own, and the calls that its provider makes."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

CONFIGURATION = pathlib.Path(__file__).parent / "main.tf"
# Where providers lie, for machines that reach no registry; terraform's own configuration serves as well.
PLUGINS = "TERRAFORM_PLUGIN_DIR"
# Seconds. Generous: the machine that tests has other things to do.
LIMIT = 300

ENTRY = re.compile(r"^(?=\d{4}-\d\d-\d\dT)", re.MULTILINE)
TARGET = re.compile(r"x_amz_target=AWS242ServiceCatalogService\.(\w+)")
BODY = re.compile(r"http\.request\.body=\s*(?:\| ?)?(\{.*\})")


class Unavailable(Exception):
    """Terraform, or its provider, cannot be had."""


class Terraform:
    """A working folder with the configuration. Every command notes its calls to Service Catalog in `calls`."""

    name = "terraform"

    def __init__(self):
        self.calls: list[tuple[str, dict]] = []
        if not shutil.which("terraform"):
            raise Unavailable("there is no terraform in PATH")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="check-terraform-"))
        shutil.copy(CONFIGURATION, self.folder)
        plugins = os.environ.get(PLUGINS)
        done = self.run("init", *([f"-plugin-dir={plugins}"] if plugins else []))
        if done.returncode:
            self.close()
            raise Unavailable(f"terraform init finds no provider; {PLUGINS} may name a folder with one")

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """A command; none asks anything."""
        log = self.folder / "calls.log"
        log.unlink(missing_ok=True)
        wanted = {"TF_LOG_PROVIDER": "DEBUG", "TF_LOG_PATH": str(log), "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        done = subprocess.run(
            ["terraform", arguments[0], "-no-color", *arguments[1:]],
            cwd=self.folder,
            env=dict(os.environ, **wanted),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        self.calls = list(calls(log.read_text(encoding="utf-8"))) if log.exists() else []
        return done

    def must(self, *arguments: str) -> str:
        """A command that must succeed, and what it prints."""
        done = self.run(*arguments)
        if done.returncode:
            raise RuntimeError(f"terraform {arguments[0]}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def apply(self, bucket: str) -> dict:
        """Makes it so, and gives the outputs."""
        self.must("apply", "-input=false", "-auto-approve", f"-var=bucket={bucket}")
        made = self.calls
        outputs = {name: output["value"] for name, output in json.loads(self.must("output", "-json")).items()}
        self.calls = made
        return outputs

    def plan(self, bucket: str) -> bool:
        """Whether there is something to change."""
        done = self.run("plan", "-input=false", "-detailed-exitcode", f"-var=bucket={bucket}")
        if done.returncode not in (0, 2):
            raise RuntimeError(f"terraform plan: {done.stderr.strip()}")
        return done.returncode == 2

    def destroy(self) -> None:
        """Ends all of it."""
        self.must("destroy", "-input=false", "-auto-approve", "-var=bucket=any")

    def close(self) -> None:
        """Leaves nothing behind."""
        shutil.rmtree(self.folder, ignore_errors=True)


def calls(log: str):
    """The calls to Service Catalog that a log tells of: operation and members."""
    for entry in ENTRY.split(log):
        operation, body = TARGET.search(entry), BODY.search(entry)
        if "HTTP Request Sent" in entry and operation and body:
            yield operation[1], json.loads(body[1])
