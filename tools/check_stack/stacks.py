"""Stacks in moto."""

import contextlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator

import boto3
import moto
import sam_template
from check_stack.findings import Findings
from check_stack.moto_limits import holdable
from check_stack.view import Unresolved, View

CODE, TEMPLATES = sam_template.CODE_BUCKET, "templates"
Client = Callable[[str], object]


@contextlib.contextmanager
def cloud() -> Iterator[Client]:
    """An empty account, with code for the functions; gives clients by service."""
    # What this process was given (a profile, the local cloud's address) must not lead past moto.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    with moto.mock_aws(config={"lambda": {"use_docker": False}}):
        clients: dict[str, object] = {}

        def client(service: str) -> object:
            if service not in clients:
                clients[service] = boto3.client(service, region_name=sam_template.REGION)
            return clients[service]

        for bucket in (CODE, TEMPLATES):
            client("s3").create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": sam_template.REGION}
            )
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("bootstrap", "")
        client("s3").put_object(Bucket=CODE, Key=sam_template.CODE_KEY, Body=archive.getvalue())
        yield client


def deployed(client: Client, template: dict, stack: str, parameters: dict) -> View:
    """A new stack, as it is now."""
    template = holdable(template)
    # As a file: a template in the call itself may have 51,200 bytes.
    client("s3").put_object(Bucket=TEMPLATES, Key=stack, Body=json.dumps(template).encode())
    given = {**sam_template.defaults(template), **parameters}
    try:
        made = client("cloudformation").create_stack(
            StackName=stack,
            TemplateURL=f"https://s3.{sam_template.REGION}.amazonaws.com/{TEMPLATES}/{stack}",
            Parameters=[{"ParameterKey": name, "ParameterValue": str(value)} for name, value in given.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        )
    except Exception as error:  # moto runs in this process: what it stumbles over comes as it is
        raise Unresolved(f"moto cannot deploy stack {stack}: {type(error).__name__}: {error}") from error
    answer = client("cloudformation").describe_stack_resources(StackName=stack)
    # What is not there, for its condition or because moto has no such type, is listed without a name.
    ids = {
        resource["LogicalResourceId"]: resource.get("PhysicalResourceId")
        for resource in answer["StackResources"]
        if "LogicalResourceId" in resource
    }
    return View(template, stack, parameters, ids, made["StackId"])


def apart(findings: Findings, views: list[View]) -> None:
    """No two stacks may have made the same thing: some types take a second one of a name for the first."""
    owners: dict[tuple[str, str], str] = {}
    for view in views:
        for name, physical in view.ids.items():
            if physical is not None:
                kind = view.resources[name]["Type"]
                owner = owners.setdefault((kind, physical), view.stack)
                findings.same(name, f"whose {physical} is", owner, view.stack)
