"""Holds a service against botocore's own model of it: its answers as they come over the wire, and what it refuses.

botocore checks what it sends; what it receives it takes as it comes, and drops in silence what the model does not know.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import OperationModel, Shape

# What a JSON value must be for each type of the model. Instants are numbers in AWS JSON, and true is no number.
TYPES = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "character": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}

# The model requires next to nothing of an answer, so {} would pass. All members are asked for but these: the token of
# the next page, words on a status, what some products, records, plans and parameters do not have, what was not asked
# for, and what the local cloud does not have at all.
OPTIONAL = {
    "NextPageToken",
    "StatusMessage",
    *("PathId", "LaunchRoleArn", "PhysicalId"),
    *("LastRecordId", "LastProvisioningRecordId", "LastSuccessfulProvisioningRecordId"),
    *("PhysicalResourceId", "Replacement", "UsePreviousValue"),
    *("ShortDescription", "Distributor", "SupportDescription", "SupportEmail", "SupportUrl"),
    *("DefaultValue", "Description", "AllowedPattern", "ConstraintDescription"),
    *("MaxLength", "MinLength", "MaxValue", "MinValue"),
    "ProvisioningArtifactParameters",
    *("SourceConnection", "SourceRevision"),
}


def faults(value: object, shape: Shape, path: str) -> Iterator[str]:
    """What is wrong with a value of an answer, and with everything within."""
    kind = shape.type_name
    if not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{path}: {value!r} is no {kind}"
        return
    yield from limits(value, shape, path)
    if kind == "structure":
        for name in value.keys() - shape.members.keys():
            yield f"{path}.{name}: the model does not know it"
        wanted = shape.members.keys() - (OPTIONAL - set(shape.required_members))
        for name in sorted(wanted - value.keys()):
            yield f"{path}.{name}: missing"
        for name in sorted(shape.members.keys() & value.keys()):
            yield from faults(value[name], shape.members[name], f"{path}.{name}")
    elif kind == "list":
        for index, member in enumerate(value):
            yield from faults(member, shape.member, f"{path}[{index}]")
    elif kind == "map":
        for key, member in value.items():
            yield from faults(key, shape.key, f"{path} (key)")
            yield from faults(member, shape.value, f"{path}.{key}")


def limits(value: object, shape: Shape, path: str) -> Iterator[str]:
    """What is wrong with a value's length or size, and with a text's characters."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    size = len(value) if isinstance(value, (str, list, dict)) else value
    if least is not None and size < least:
        yield f"{path}: {value!r} is under the least, {least}"
    if most is not None and size > most:
        yield f"{path}: {value!r} is over the most, {most}"
    if not isinstance(value, str):
        return
    enum, pattern = shape.metadata.get("enum"), shape.metadata.get("pattern")
    if enum and value not in enum:
        yield f"{path}: {value!r} is none of {', '.join(enum)}"
    # Python knows no \p{..}: characters by their Unicode class.
    if pattern and r"\p{" not in pattern and not re.fullmatch(pattern, value):
        yield f"{path}: {value!r} does not match {pattern}"


class Watch:
    """Looks at every successful answer that a boto3 client gets."""

    def __init__(self, client):
        self.answers: Counter[str] = Counter()
        self.faults: dict[str, dict[str, None]] = defaultdict(dict)
        # Record statuses that were seen: an answer about an end says nothing about those on the way there.
        self.statuses: set[str] = set()
        self.records: set[str] = set()
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register(f"before-parse.{service}", self.look)

    def look(self, operation_model: OperationModel, response_dict: dict, **_: object) -> None:
        """Takes one answer, before botocore reads it."""
        name = operation_model.name
        if response_dict["status_code"] != 200:
            return
        self.answers[name] += 1
        # Not a list: the same fault in a hundred answers is one.
        found = self.faults[name]
        if "x-amzn-requestid" not in response_dict["headers"]:
            found["no x-amzn-requestid"] = None
        try:
            answer = json.loads(response_dict["body"])
        except ValueError:
            found["no JSON"] = None
            return
        for fault in faults(answer, operation_model.output_shape, name):
            found[re.sub(r"\[\d+\]", "[]", fault)] = None
        if isinstance(answer, dict) and isinstance(answer.get("RecordDetail"), dict):
            self.statuses.add(str(answer["RecordDetail"].get("Status")))
            self.records.add(str(answer["RecordDetail"].get("RecordId")))


def violations(shape: Shape, good: dict) -> Iterator[tuple[str, object]]:
    """For each limit that the model sets on a member of a request: the member, and a value beyond it.

    `good`: the other members of the request.
    """
    for name, member in shape.members.items():
        about = member.metadata
        # A required token is filled in by botocore itself.
        if name in shape.required_members and not about.get("idempotencyToken"):
            yield name, None
        if member.type_name == "structure":
            # Where no request has the structure, its texts' values are beyond nothing that the model knows.
            texts = [key for key, inner in member.members.items() if inner.type_name == "string"]
            others = good.get(name) or dict.fromkeys(texts, "x")
            for key, value in violations(member, others):
                yield name, {other: kept for other, kept in {**others, key: value}.items() if kept is not None}
        if member.type_name == "string":
            if about.get("min"):
                yield name, ""
            if "max" in about:
                yield name, "a" * (about["max"] + 1)
            if "enum" in about:
                yield name, "x"
            if "pattern" in about and not re.fullmatch(about["pattern"], "\0"):
                yield name, "a\0"
        if member.type_name == "integer":
            if "min" in about:
                yield name, about["min"] - 1
            if "max" in about:
                yield name, about["max"] + 1


def accepted(client, operation: str, *requests: dict) -> list[str]:
    """What the service made of requests beyond the model's limits, wherever that is no ValidationException.

    `requests` are good ones; each member is tried in the first that has it, or else in the first of all. The client
    must not validate by itself.
    """
    found = []
    shape = client.meta.service_model.operation_model(operation).input_shape
    for name, value in violations(shape, {name: value for request in requests for name, value in request.items()}):
        good = next((request for request in requests if name in request), requests[0])
        bad = {key: member for key, member in {**good, name: value}.items() if member is not None}
        short = f"{operation} with {name}: {repr(value)[:60]}"
        try:
            getattr(client, xform_name(operation))(**bad)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationException":
                found.append(f"{short}: {error.response['Error']['Code']}")
        else:
            found.append(f"{short}: accepted")
    return found
