"""What moto holds, read back with boto3, against what the template says.

One function for each type: from a client factory, a view, a logical id and its properties it gives for each property
that it compares what is there and what is expected.
"""

import json
from collections.abc import Callable

from check_stack.attributes import arn, attribute
from check_stack.findings import Findings
from check_stack.moto_limits import UNHELD, inline, present
from check_stack.stacks import Client
from check_stack.view import View

Pairs = dict[str, tuple[object, object]]

# Properties of a queue, and what AWS takes where the template says nothing.
QUEUE = {
    "DelaySeconds": 0,
    "KmsMasterKeyId": None,
    "MaximumMessageSize": 1048576,
    "MessageRetentionPeriod": 345600,
    "ReceiveMessageWaitTimeSeconds": 0,
    "SqsManagedSseEnabled": None,
    "VisibilityTimeout": 30,
}


def plain(value: object) -> object:
    """Numbers and truth values as text: the same thing comes as either."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in present(value)]
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)


def table(client: Client, view: View, name: str, properties: dict) -> Pairs:
    """Keys and indexes."""
    there = client("dynamodb").describe_table(TableName=view.ids[name])["Table"]
    parts = ("IndexName", "KeySchema", "Projection")
    indexes = [{part: index[part] for part in parts} for index in there.get("GlobalSecondaryIndexes", [])]
    same = {part: there.get(part) for part in ("AttributeDefinitions", "KeySchema", "DeletionProtectionEnabled")}
    same["BillingMode"] = there.get("BillingModeSummary", {}).get("BillingMode")
    same["GlobalSecondaryIndexes"] = indexes
    return {part: (value, properties.get(part)) for part, value in same.items()}


def queue(client: Client, view: View, name: str, properties: dict) -> Pairs:
    """Times, encryption and redrive policy."""
    there = client("sqs").get_queue_attributes(QueueUrl=view.ids[name], AttributeNames=["All"])["Attributes"]
    pairs = {part: (there.get(part), properties.get(part, default)) for part, default in QUEUE.items()}
    pairs["RedrivePolicy"] = (json.loads(there.get("RedrivePolicy", "null")), properties.get("RedrivePolicy"))
    return pairs


def bus(client: Client, view: View, name: str, properties: dict) -> Pairs:
    """Its name and ARN."""
    there = client("events").describe_event_bus(Name=properties["Name"])
    return {"Name": (there["Name"], properties["Name"]), "Arn": (there["Arn"], attribute(view, name, "Arn"))}


def rule(client: Client, view: View, name: str, properties: dict) -> Pairs:
    """On its bus: pattern or schedule, and targets with all that belongs to them."""
    on = properties.get("EventBusName", "default")
    there = client("events").describe_rule(Name=view.ids[name], EventBusName=on)
    pairs = {
        "Arn": (there["Arn"], attribute(view, name, "Arn")),
        "EventBusName": (there["EventBusName"], on),
        "EventPattern": (json.loads(there.get("EventPattern", "null")), properties.get("EventPattern")),
        "State": (there["State"], properties.get("State", "ENABLED")),
    }
    for part in ("Description", "RoleArn", "ScheduleExpression"):
        pairs[part] = (there.get(part), properties.get(part))
    listed = client("events").list_targets_by_rule(Rule=view.ids[name], EventBusName=on)["Targets"]
    found = {target["Id"]: target for target in listed}
    expected = {target["Id"]: target for target in properties.get("Targets", [])}
    for target in found | expected:
        first, second = found.get(target, {}), expected.get(target, {})
        pairs |= {f"Targets {target} {part}": (first.get(part), second.get(part)) for part in first | second}
    pairs["Targets"] = (sorted(found), sorted(expected))
    return pairs


def function(client: Client, view: View, name: str, properties: dict) -> Pairs:
    """What runs it, and as whom."""
    there = client("lambda").get_function(FunctionName=view.ids[name])["Configuration"]
    expected = {"Timeout": 3, "MemorySize": 128, "Description": "", **properties}
    same = ("Description", "Environment", "Handler", "MemorySize", "Role", "Runtime", "Timeout")
    return {part: (there.get(part), expected.get(part)) for part in same}


def mapping(client: Client, view: View, name: str, properties: dict) -> Pairs:
    """From which queue to which function, and how."""
    there = client("lambda").get_event_source_mapping(UUID=view.ids[name])
    called = properties["FunctionName"]
    expected = {"BatchSize": 10, **properties}
    same = ("BatchSize", "EventSourceArn", "FunctionResponseTypes", "MaximumBatchingWindowInSeconds", "ScalingConfig")
    pairs = {part: (there.get(part), expected.get(part)) for part in same}
    pairs["FunctionName"] = (
        there["FunctionArn"],
        called if called.startswith("arn:") else arn("lambda", f"function:{called}"),
    )
    pairs["Enabled"] = (there["State"] == "Enabled", expected.get("Enabled", True))
    return pairs


def permission(client: Client, view: View, name: str, properties: dict) -> Pairs:
    """A statement of the function's policy."""
    policy = json.loads(client("lambda").get_policy(FunctionName=properties["FunctionName"])["Policy"])
    who = {"Service": properties["Principal"]}
    source = properties.get("SourceArn")
    found = [
        statement
        for statement in policy["Statement"]
        if (statement["Action"], statement["Principal"]) == (properties["Action"], who)
        and statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn") == source
    ]
    # All of them at once: there is one such statement.
    return {part: (len(found), 1) for part in ("Action", "FunctionName", "Principal", "SourceArn")}


def log_group(client: Client, view: View, name: str, properties: dict) -> Pairs:
    """How long it keeps."""
    groups = client("logs").describe_log_groups(logGroupNamePrefix=view.ids[name])["logGroups"]
    found = [group.get("retentionInDays") for group in groups if group["logGroupName"] == view.ids[name]]
    return {"RetentionInDays": (found, [properties.get("RetentionInDays")])}


def role(client: Client, view: View, name: str, properties: dict) -> Pairs:
    """Who may take it, and its policies."""
    iam, who = client("iam"), {"RoleName": view.ids[name]}
    there = iam.get_role(**who)["Role"]
    names = iam.list_role_policies(**who)["PolicyNames"]
    found = {policy: inline(iam.get_role_policy(**who, PolicyName=policy)["PolicyDocument"]) for policy in names}
    expected = {policy["PolicyName"]: policy["PolicyDocument"] for policy in properties.get("Policies", [])}
    document = "AssumeRolePolicyDocument"
    return {
        document: (there[document], properties[document]),
        "Policies": (found, expected),
        "Description": (there.get("Description") or None, properties.get("Description")),
    }


def managed_policy(client: Client, view: View, name: str, properties: dict) -> Pairs:
    """What it allows."""
    iam, which = client("iam"), {"PolicyArn": view.ids[name]}
    there = iam.get_policy(**which)["Policy"]
    document = iam.get_policy_version(**which, VersionId=there["DefaultVersionId"])["PolicyVersion"]["Document"]
    return {
        "PolicyDocument": (document, properties["PolicyDocument"]),
        "Description": (there.get("Description") or None, properties.get("Description")),
    }


def topic(client: Client, view: View, name: str, properties: dict) -> Pairs:
    """Its encryption and its name for people."""
    there = client("sns").get_topic_attributes(TopicArn=view.ids[name])["Attributes"]
    same = ("DisplayName", "KmsMasterKeyId")
    return {part: (there.get(part) or None, properties.get(part)) for part in same}


def dashboard(client: Client, view: View, name: str, properties: dict) -> Pairs:
    """What it shows."""
    there = client("cloudwatch").get_dashboard(DashboardName=view.ids[name])["DashboardBody"]
    return {"DashboardBody": (json.loads(there), json.loads(properties["DashboardBody"]))}


HELD: dict[str, Callable[[Client, View, str, dict], Pairs]] = {
    "AWS::CloudWatch::Dashboard": dashboard,
    "AWS::DynamoDB::Table": table,
    "AWS::Events::EventBus": bus,
    "AWS::Events::Rule": rule,
    "AWS::IAM::ManagedPolicy": managed_policy,
    "AWS::IAM::Role": role,
    "AWS::Lambda::EventSourceMapping": mapping,
    "AWS::Lambda::Function": function,
    "AWS::Lambda::Permission": permission,
    "AWS::Logs::LogGroup": log_group,
    "AWS::SNS::Topic": topic,
    "AWS::SQS::Queue": queue,
}
# Names are part of physical ids.
NAMES = {"DashboardName", "FunctionName", "LogGroupName", "ManagedPolicyName", "QueueName", "RoleName", "TableName"}
NAMES |= {"Name", "TopicName"}


def compare(findings: Findings, client: Client, view: View) -> None:
    """All that a stack holds. What is neither compared nor known not to be held is a fault, not an omission."""
    for name, resource in view.resources.items():
        kind = resource["Type"]
        subject = f"{name} of stack {view.stack}"
        if kind not in HELD or name not in view.ids:
            findings.fault(subject, f"what moto holds of {kind}", "nothing that is compared", "a comparison")
            continue
        properties = view.properties(name)
        pairs = HELD[kind](client, view, name, properties)
        for part, (there, expected) in pairs.items():
            findings.same(subject, part, plain(there), plain(expected))
        for part in properties.keys() - pairs.keys() - NAMES:
            if (kind, part) not in UNHELD:
                findings.fault(subject, part, "not compared", "a comparison, or a reason why moto cannot hold it")
        findings.compared[kind] += 1
    for name in view.ids.keys() - view.resources.keys():
        findings.fault(f"{name} of stack {view.stack}", "in moto", "there", "nothing")
