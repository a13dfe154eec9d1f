"""What an operator asks of a deployment beside Service Catalog: its stack, queues, functions, mappings and rules."""

import json
import os
import re
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator

import boto3
import wire
from botocore.model import OperationModel, Shape
from check_local import people, queues
from check_local.checks import OPERATION, Checks, Failure, aws, aws_refuses, expect, refuses, wait
from check_local.events import BUS, put
from check_local.model import CONFIG

STACK = "steward"
ROLES = {"viewer": "AKIALOCALVIEWER", "operator": "AKIALOCALOPERATOR"}
# What each service is asked here; every answer is held against the model.
OPERATIONS = {
    "sqs": {
        *("GetQueueUrl", "ListQueues", "ListDeadLetterSourceQueues", "GetQueueAttributes", "SetQueueAttributes"),
        *("ReceiveMessage", "SendMessage", "SendMessageBatch", "DeleteMessage", "DeleteMessageBatch"),
        *("ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "PurgeQueue"),
    },
    "cloudformation": {
        *("DescribeStacks", "ListStackResources", "DescribeStackResources", "DescribeStackResource"),
    },
    "lambda": {
        *("Invoke", "ListFunctions", "GetFunction", "GetFunctionConfiguration"),
        *("ListEventSourceMappings", "GetEventSourceMapping", "UpdateEventSourceMapping"),
    },
    "events": {
        *("ListRules", "DescribeRule", "ListTargetsByRule", "EnableRule", "DisableRule"),
        *("DescribeEventBus", "ListEventBuses", "PutEvents"),
    },
}


class Watch:
    """Looks at every successful answer that these clients get."""

    def __init__(self):
        self.answered: dict[str, set[str]] = defaultdict(set)
        self.faults: dict[str, dict[str, None]] = defaultdict(dict)

    def client(self, service: str, role: str | None = None):
        """A client, of the person who may do everything or of somebody with a role."""
        keys = {"aws_access_key_id": ROLES[role], "aws_secret_access_key": "local"} if role else {}
        client = boto3.client(service, config=CONFIG, **keys)
        name = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register(f"before-parse.{name}", self.look)
        return client

    def look(self, operation_model: OperationModel, response_dict: dict, **_: object) -> None:
        """Takes one answer, before botocore reads it."""
        if response_dict["status_code"] >= 300:
            return
        service, name = operation_model.service_model.service_name, operation_model.name
        self.answered[service].add(name)
        shape, body = operation_model.output_shape, response_dict["body"]
        # A payload is the function's own affair, and some operations answer nothing.
        if shape is None or name == "Invoke":
            return
        if operation_model.service_model.metadata["protocol"] == "query":
            found = unknown(ElementTree.fromstring(body)[0], shape, name)
        else:
            # Models of these services require nothing of an answer, and most of it depends.
            found = (fault for fault in wire.faults(json.loads(body), shape, name) if not fault.endswith(": missing"))
        for fault in found:
            self.faults[service][re.sub(r"\[\d+\]", "[]", fault)] = None


def unknown(element: ElementTree.Element, shape: Shape, path: str) -> Iterator[str]:
    """The elements of an answer in XML that the model does not know."""
    for inner in element:
        name = inner.tag.rsplit("}", 1)[-1]
        if shape.type_name == "list":
            yield from unknown(inner, shape.member, f"{path}[]")
        elif shape.type_name == "structure" and name in shape.members:
            yield from unknown(inner, shape.members[name], f"{path}.{name}")
        else:
            yield f"{path}.{name}: the model does not know it"


def outputs(stack: dict) -> dict[str, str]:
    """What a stack tells, by name."""
    return {row["OutputKey"]: row["OutputValue"] for row in stack["Outputs"]}


def cli(checks: Checks) -> None:
    """What a person at a terminal does."""
    told: dict[str, str] = {}
    with checks.check("aws cloudformation describe-stacks, list-stack-resources"):
        (stack,) = aws("cloudformation", "describe-stacks", "--stack-name", STACK)["Stacks"]
        told = outputs(stack)
        found = aws("cloudformation", "list-stack-resources", "--stack-name", STACK)["StackResourceSummaries"]
        kinds = {row["LogicalResourceId"]: row["ResourceType"] for row in found}
        expect("AWS::Lambda::Function", kinds.get("SweepFunction"), "what the transform makes of a function")
    with checks.check("aws cloudformation describe-stacks: another name is a ValidationError"):
        aws_refuses("ValidationError", "cloudformation", "describe-stacks", "--stack-name", "nobody")
    with checks.check("aws sqs get-queue-attributes, by the output"):
        url = told["RulesDeadLetterQueueUrl"]
        answer = aws(*sqs("get-queue-attributes", "--queue-url", url, "--attribute-names", "All"))["Attributes"]
        expect("1209600", answer["MessageRetentionPeriod"], "how long messages are kept")
        listed = aws(*sqs("list-queues", "--queue-name-prefix", "steward-"))["QueueUrls"]
        expect(True, url in listed, "listed")
    with checks.check("aws sqs send-message: the queue's policy denies it"):
        send = sqs("send-message", "--message-body", "{}", "--queue-url", told["TerminationsQueueUrl"])
        aws_refuses("AccessDenied", *send)
    with checks.check("aws sqs get-queue-url: another name does not exist"):
        code = "AWS.SimpleQueueService.NonExistentQueue"
        aws_refuses(code, *sqs("get-queue-url", "--queue-name", "nobody"))
    with checks.check("aws lambda invoke: a sweep by hand"):
        with tempfile.NamedTemporaryFile() as file:
            told_of = aws("lambda", "invoke", "--function-name", told["SweepFunctionName"], "--payload", "{}", file.name)
            expect((200, None), (told_of["StatusCode"], told_of.get("FunctionError")), "how it went")
            expect(True, json.load(file)["counts"]["seen"] > 0, "products were seen")
    with checks.check("aws lambda list-event-source-mappings, aws events list-rules"):
        found = aws("lambda", "list-event-source-mappings", "--function-name", told["TerminateFunctionName"])
        expect(["Enabled"], [row["State"] for row in found["EventSourceMappings"]], "the mappings")
        rules = aws("events", "list-rules", "--event-bus-name", BUS)["Rules"]
        expect({"ENABLED"}, {rule["State"] for rule in rules}, "the rules")


def sqs(*arguments: str) -> tuple[str, ...]:
    """A command for SQS. Version 1 of the AWS CLI has an address of its own for it, whatever the environment says."""
    return ("sqs", *arguments, "--endpoint-url", os.environ["AWS_ENDPOINT_URL"])


def sdk(checks: Checks) -> None:
    """The same and more with boto3."""
    watch = Watch()
    told: dict[str, str] = {}
    with checks.check("boto3: the stack, its outputs and each of its resources"):
        told = stack(watch.client("cloudformation"))
    queues.sdk(checks, watch.client("sqs"), told)
    functions(checks, watch, told)
    rules(checks, watch, told)
    people.sdk(checks, watch, told)
    for service, operations in OPERATIONS.items():
        with checks.check(f"model: the answers of {service}"):
            expect(set(), operations - watch.answered[service], "operations that were not answered")
            if found := watch.faults[service]:
                raise Failure("".join(f"\n          {fault}" for fault in found))


def stack(client) -> dict[str, str]:
    """The stack is the same by name and id, and its lists are whole."""
    (all_of_them,) = client.describe_stacks()["Stacks"]
    (named,) = client.describe_stacks(StackName=STACK)["Stacks"]
    (by_id,) = client.describe_stacks(StackName=named["StackId"])["Stacks"]
    expect(named, by_id, "the stack by its id")
    expect(named["StackId"], all_of_them["StackId"], "the stack among all")
    expect("CREATE_COMPLETE", named["StackStatus"], "the status")
    parameters = {row["ParameterKey"]: row["ParameterValue"] for row in named["Parameters"]}
    expect("false", parameters["DryRun"], "a parameter")
    pages = client.get_paginator("list_stack_resources").paginate(StackName=STACK)
    rows = [row for page in pages for row in page["StackResourceSummaries"]]
    expect(len(rows), len({row["LogicalResourceId"] for row in rows}), "the number of resources, each once")
    for row in rows[::10]:
        named = {"StackName": STACK, "LogicalResourceId": row["LogicalResourceId"]}
        detail = client.describe_stack_resource(**named)["StackResourceDetail"]
        (one,) = client.describe_stack_resources(**named)["StackResources"]
        expect(row["PhysicalResourceId"], detail["PhysicalResourceId"], "the physical id")
        expect(row["PhysicalResourceId"], one["PhysicalResourceId"], "the physical id")
    refuses("ValidationError", client.describe_stack_resource, StackName=STACK, LogicalResourceId="Nobody")
    return outputs(by_id)


def functions(checks: Checks, watch: Watch, told: dict[str, str]) -> None:
    """Functions that are invoked, and mappings that are switched."""
    client, sqs = watch.client("lambda"), watch.client("sqs")
    with checks.check("boto3: invocations, waited for and not, and what is none"):
        answer = client.invoke(FunctionName=told["SweepFunctionName"], Payload=b"{}")
        expect((200, None), (answer["StatusCode"], answer.get("FunctionError")), "how it went")
        expect(True, json.load(answer["Payload"])["counts"]["seen"] > 0, "products were seen")
        answer = client.invoke(FunctionName=told["TerminateFunctionName"], Payload=b"[]")
        expect("rejected", json.load(answer["Payload"])["state"], "what became of no request")
        later = client.invoke(FunctionName=told["ReconcileFunctionName"], InvocationType="Event", Payload=b"{}")
        expect(202, later["StatusCode"], "an event")
        refuses("InvalidRequestContentException", client.invoke, FunctionName=told["SweepFunctionName"], Payload=b"{")
        refuses("ResourceNotFoundException", client.invoke, FunctionName="nobody")
    with checks.check("boto3: functions as they are"):
        pages = client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 4})
        names = [one["FunctionName"] for page in pages for one in page["Functions"]]
        expect(6, len(set(names)), "the number of functions")
        for name in names:
            found = client.get_function(FunctionName=name)["Configuration"]
            expect("Active", found["State"], "the state")
            same = client.get_function_configuration(FunctionName=found["FunctionArn"])
            expect(found["Environment"], same["Environment"], "the environment")
    with checks.check("boto3: a mapping that is disabled leaves what comes where it is"):
        (mapping,) = client.list_event_source_mappings(FunctionName=told["TerminateFunctionName"])["EventSourceMappings"]
        (same,) = client.list_event_source_mappings(EventSourceArn=mapping["EventSourceArn"])["EventSourceMappings"]
        expect(mapping["UUID"], same["UUID"], "the mapping")
        state = lambda: client.get_event_source_mapping(UUID=mapping["UUID"])["State"]
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        wait(OPERATION, "the mapping", lambda: state() == "Disabled")
        put(boto3.client("events", config=CONFIG), "pp-nobodyhas0001")
        waiting = lambda: sqs.get_queue_attributes(
            QueueUrl=told["TerminationsQueueUrl"], AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]["ApproximateNumberOfMessages"]
        expect("1", waiting(), "messages that wait")
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
        wait(OPERATION, "the message", lambda: waiting() == "0")
        expect("Enabled", state(), "the mapping")
        refuses("ResourceNotFoundException", client.get_event_source_mapping, UUID="00000000-0000-4000-8000-000000000000")


def rules(checks: Checks, watch: Watch, told: dict[str, str]) -> None:
    """Rules, and what a disabled one does not do."""
    client, sqs = watch.client("events"), watch.client("sqs")
    with checks.check("boto3: buses, rules and their targets"):
        names = [bus["Name"] for bus in client.list_event_buses()["EventBuses"]]
        expect(["default", BUS], sorted(names), "the buses")
        expect(told["BusArn"], client.describe_event_bus(Name=BUS)["Arn"], "the bus")
        found, token = [], {}
        while True:
            page = client.list_rules(EventBusName=BUS, Limit=7, **token)
            found += page["Rules"]
            if "NextToken" not in page:
                break
            token = {"NextToken": page["NextToken"]}
        for rule in found:
            described = client.describe_rule(Name=rule["Name"], EventBusName=BUS)
            expect(rule["Arn"], described["Arn"], "the rule")
            targets = client.list_targets_by_rule(Rule=rule["Name"], EventBusName=BUS)["Targets"]
            expect(True, all("DeadLetterConfig" in target for target in targets), "the targets")
        timed = client.describe_rule(Name="SweepScheduleRule")
        expect("rate(1 hour)", timed["ScheduleExpression"], "the schedule")
        refuses("ResourceNotFoundException", client.describe_rule, Name="SweepScheduleRule", EventBusName=BUS)
    with checks.check("boto3: a disabled rule matches nothing"):
        rule = {"Name": "TerminationRequestedRule", "EventBusName": BUS}
        client.disable_rule(**rule)
        expect("DISABLED", client.describe_rule(**rule)["State"], "the state")
        expect(0, put(client, "pp-nobodyhas0002")["FailedEntryCount"], "entries that failed")
        found = sqs.get_queue_attributes(QueueUrl=told["TerminationsQueueUrl"], AttributeNames=["All"])["Attributes"]
        numbers = [value for name, value in found.items() if name.startswith("ApproximateNumber")]
        expect(["0"] * 3, numbers, "messages")
        client.enable_rule(**rule)
        expect("ENABLED", client.describe_rule(**rule)["State"], "the state")
