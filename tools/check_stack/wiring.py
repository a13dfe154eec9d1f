"""The rules for queues, rules of the bus, and topics."""

from collections.abc import Iterator

from check_stack.rules import Fault, Subject, listed, rule

# A dead letter must wait as long as SQS can keep it.
LONGEST = 1209600
# Lambda's own advice: visibility in time-outs of the function.
TIMEOUTS = 6


def targets(subject: Subject) -> Iterator[tuple[str, dict]]:
    """The targets of all rules in the stack: the rule's logical id, the target."""
    for other in subject.others("AWS::Events::Rule"):
        for target in other.properties.get("Targets", []):
            yield other.name, target


def senders(subject: Subject) -> set[str]:
    """The ARNs of the rules that send to a queue, be it what they could not deliver."""
    found = set()
    for name, target in targets(subject):
        if subject.arn in (target["Arn"], target.get("DeadLetterConfig", {}).get("Arn")):
            found.add(f"${{{name}.Arn}}")
    return found


def readers(subject: Subject) -> Iterator[str]:
    """The functions that read a queue."""
    for other in subject.others("AWS::Lambda::EventSourceMapping"):
        if other.properties["EventSourceArn"] == subject.arn:
            name = other.properties["FunctionName"].removeprefix("${").removesuffix("}").removesuffix(".Arn")
            if name in subject.view.resources:
                yield name


def redriven(subject: Subject) -> bool:
    """Whether a queue gets what another could not get rid of."""
    policies = (other.properties.get("RedrivePolicy", {}) for other in subject.others("AWS::SQS::Queue"))
    return subject.arn in [policy.get("deadLetterTargetArn") for policy in policies]


def dead_letters(subject: Subject) -> bool:
    """Whether a queue holds dead letters, of a queue, a rule or a function."""
    configured = [target.get("DeadLetterConfig", {}).get("Arn") for _, target in targets(subject)]
    for other in subject.others("AWS::Lambda::EventInvokeConfig"):
        configured.append(other.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"))
    return redriven(subject) or subject.arn in configured


@rule("AWS::SQS::Queue")
def queue_is_encrypted(subject: Subject) -> Iterator[Fault]:
    """With a key of SQS, or another."""
    properties = subject.properties
    if properties.get("SqsManagedSseEnabled") is not True and not properties.get("KmsMasterKeyId"):
        yield "SqsManagedSseEnabled", properties.get("SqsManagedSseEnabled"), True


@rule("AWS::SQS::Queue")
def queue_is_read_or_kept(subject: Subject) -> Iterator[Fault]:
    """Dead letters wait for people; all else is for functions, which get enough time, and has somewhere to go."""
    properties = subject.properties
    if dead_letters(subject):
        if int(there := properties.get("MessageRetentionPeriod", 345600)) != LONGEST:
            yield "MessageRetentionPeriod of dead letters", there, LONGEST
        return
    functions = list(readers(subject))
    if not functions:
        yield "event source mappings from it", 0, "at least one"
    for function in functions:
        least = TIMEOUTS * int(subject.view.properties(function).get("Timeout", 3))
        there = int(properties.get("VisibilityTimeout", 30))
        if there < least:
            yield f"VisibilityTimeout for {function}", there, f"at least {least}"
    redrive = properties.get("RedrivePolicy", {})
    queues = {other.arn for other in subject.others("AWS::SQS::Queue")} - {subject.arn}
    if redrive.get("deadLetterTargetArn") not in queues:
        yield "RedrivePolicy.deadLetterTargetArn", redrive.get("deadLetterTargetArn"), "another queue of the template"
    if not redrive.get("maxReceiveCount"):
        yield "RedrivePolicy.maxReceiveCount", redrive.get("maxReceiveCount"), "a number"


@rule("AWS::SQS::Queue")
def queue_is_closed(subject: Subject) -> Iterator[Fault]:
    """Only the rules that send to it may send, and nobody without TLS.

    SQS itself moves messages to a dead-letter queue, past any policy: one that no rule sends to needs none.
    """
    rules = senders(subject)
    statements = [
        statement
        for policy in subject.others("AWS::SQS::QueuePolicy")
        if f"${{{subject.name}}}" in policy.properties["Queues"]
        for statement in listed(policy.properties["PolicyDocument"]["Statement"])
        if subject.arn in listed(statement.get("Resource"))
    ]
    if not statements and redriven(subject) and not rules:
        return
    allowed = [sources(each, "ArnEquals", "ArnLike") for each in statements if sends(each, "Allow")]
    if rules != set().union(*allowed) or set() in allowed:
        yield "rules that its policy lets send", [sorted(each) for each in allowed], sorted(rules)
    denied = [sources(each, "ArnNotEquals", "ArnNotLike") for each in denials(statements) if sends(each, "Deny")]
    if rules and rules not in denied:
        yield "rules that its policy excepts from the denial", [sorted(each) for each in denied], sorted(rules)
    tls = {"Bool": {"aws:SecureTransport": "false"}}
    if not any(each.get("Condition") == tls and "sqs:*" in listed(each["Action"]) for each in denials(statements)):
        yield "statements that deny sqs:* without TLS", 0, 1


def denials(statements: list[dict]) -> list[dict]:
    """Those that hold for everybody."""
    everybody = ("*", {"AWS": "*"})
    return [each for each in statements if each["Effect"] == "Deny" and each.get("Principal") in everybody]


def sends(statement: dict, effect: str) -> bool:
    """Whether a statement is about sending."""
    actions = {"sqs:SendMessage", "sqs:*"} & set(listed(statement["Action"]))
    return statement["Effect"] == effect and bool(actions)


def sources(statement: dict, *operators: str) -> set[str]:
    """The sources that the only condition of a statement names; with others too it would not hold for all."""
    condition = statement.get("Condition", {})
    if len(condition) != 1:
        return set()
    ((operator, keys),) = condition.items()
    return set(listed(keys["aws:SourceArn"])) if operator in operators and set(keys) == {"aws:SourceArn"} else set()


@rule("AWS::Events::Rule")
def delivery_is_certain(subject: Subject) -> Iterator[Fault]:
    """What a target does not take is tried again for a time that is written down, and then kept."""
    queues = {other.arn for other in subject.others("AWS::SQS::Queue")}
    found = subject.properties.get("Targets", [])
    if not found:
        yield "Targets", 0, "at least one"
    for target in found:
        what = f"target {target['Id']}:"
        if (there := target.get("DeadLetterConfig", {}).get("Arn")) not in queues:
            yield f"{what} DeadLetterConfig.Arn", there, "a queue of the template"
        if "MaximumEventAgeInSeconds" not in target.get("RetryPolicy", {}):
            yield f"{what} RetryPolicy.MaximumEventAgeInSeconds", target.get("RetryPolicy"), "a number of seconds"


@rule("AWS::Events::Rule")
def function_can_be_called(subject: Subject) -> Iterator[Fault]:
    """A rule needs the function's permission."""
    functions = {other.arn: other.name for other in subject.others("AWS::Lambda::Function")}
    given = {
        (other.properties.get("FunctionName"), other.properties.get("SourceArn"))
        for other in subject.others("AWS::Lambda::Permission")
        if other.properties.get("Principal") == "events.amazonaws.com"
    }
    for target in subject.properties.get("Targets", []):
        name = functions.get(target["Arn"])
        if name and not given & {(f"${{{name}}}", subject.arn), (target["Arn"], subject.arn)}:
            yield f"target {target['Id']}: permissions to call {name}", 0, 1


@rule("AWS::SNS::Topic", optional=True)
def topic_takes_from_rules(subject: Subject) -> Iterator[Fault]:
    """A rule needs the topic's permission too."""
    me = {f"${{{subject.name}}}", f"${{{subject.name}.TopicArn}}"}
    statements = [
        statement
        for policy in subject.others("AWS::SNS::TopicPolicy")
        if me & set(policy.properties["Topics"])
        for statement in listed(policy.properties["PolicyDocument"]["Statement"])
    ]
    allowing = [
        each
        for each in statements
        if each["Effect"] == "Allow"
        and "sns:Publish" in listed(each["Action"])
        and "events.amazonaws.com" in listed((each.get("Principal") or {}).get("Service"))
    ]
    if any(target["Arn"] in me for _, target in targets(subject)) and not allowing:
        yield "statements that let rules publish", 0, 1
