"""The rules for what is kept: the table, logs, and names."""

from collections.abc import Iterator

from check_stack.rules import Fault, Subject, rule


def stays(subject: Subject) -> Iterator[Fault]:
    """The resource outlives the stack."""
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        if (there := subject.resource.get(policy)) != "Retain":
            yield policy, there, "Retain"


@rule("AWS::DynamoDB::Table")
def table_is_safe(subject: Subject) -> Iterator[Fault]:
    """Nothing that was done is lost or read by others; what is over is removed in time."""
    yield from stays(subject)
    properties = subject.properties
    for part, member in (
        ("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
        ("SSESpecification", "SSEEnabled"),
        ("TimeToLiveSpecification", "Enabled"),
    ):
        there = properties.get(part, {}).get(member)
        if there is not True:
            yield f"{part}.{member}", there, True
    if not properties.get("TimeToLiveSpecification", {}).get("AttributeName"):
        yield "TimeToLiveSpecification.AttributeName", None, "the name of an attribute"
    if properties.get("DeletionProtectionEnabled") is not True:
        yield "DeletionProtectionEnabled", properties.get("DeletionProtectionEnabled"), True


@rule("AWS::Logs::LogGroup")
def logs_are_kept(subject: Subject) -> Iterator[Fault]:
    """Not for ever, and longer than the stack."""
    yield from stays(subject)
    if "RetentionInDays" not in subject.properties:
        yield "RetentionInDays", None, "a number of days"


@rule("*")
def name_is_free(subject: Subject) -> Iterator[Fault]:
    """Two stacks can live beside each other: a name is CloudFormation's, or has the stack's in it."""
    kind = subject.resource["Type"].rpartition("::")[2]
    for part in ("Name", f"{kind}Name"):
        there = subject.properties.get(part)
        if there is not None and subject.view.stack not in str(there):
            yield part, there, "none, or one with the stack's name in it"
