"""The rules for functions, roles, and the bus."""

from collections.abc import Iterator

from check_stack.rules import Fault, Subject, listed, rule

SELF = {"StringEquals": {"servicecatalog:accountLevel": "self"}}
# Actions that AWS lets nobody narrow down to resources, and the condition that narrows them instead. The prefix
# stands for all actions of Service Catalog: provisioned products have no resource type.
UNAVOIDABLE = {
    "servicecatalog:": SELF,
    # Service Catalog reads the stack that is imported with the credentials of whoever imports it.
    "cloudformation:DescribeStacks": None,
    "cloudformation:GetTemplate": None,
    # A query is known by its id, a figure by its name; neither is a resource of one stack.
    "logs:GetQueryResults": None,
    "logs:StopQuery": None,
    "cloudwatch:GetMetricData": None,
    # A list of rules is none of the resources that rules and buses are.
    "events:ListRules": None,
    # Nor are the lists of mappings and portfolios; a portfolio's principals can be narrowed to one portfolio, and whoever
    # looks for the role of import in all of them knows none by its id.
    "lambda:ListEventSourceMappings": None,
    "servicecatalog:ListPortfolios": None,
    "servicecatalog:ListPrincipalsForPortfolio": None,
    "xray:PutTelemetryRecords": None,
    "xray:PutTraceSegments": None,
}


def unavoidable(statement: dict) -> bool:
    """Whether a statement for all resources is as narrow as it can be."""

    def fits(action: str) -> bool:
        return any(
            (action.startswith(known) if known.endswith(":") else action == known)
            and statement.get("Condition") == condition
            for known, condition in UNAVOIDABLE.items()
        )

    return all(map(fits, listed(statement.get("Action", ""))))


def documents(subject: Subject) -> Iterator[dict]:
    """The documents of what a role or a policy is given."""
    if "PolicyDocument" in subject.properties:
        yield subject.properties["PolicyDocument"]
    for policy in subject.properties.get("Policies", []):
        yield policy["PolicyDocument"]


def statements(subject: Subject) -> Iterator[dict]:
    """The statements of all of these that allow something."""
    for document in documents(subject):
        for statement in listed(document["Statement"]):
            if statement["Effect"] == "Allow":
                yield statement


def narrow(subject: Subject) -> Iterator[Fault]:
    """Only what is named is allowed, and only where it is named."""
    for statement in statements(subject):
        where = f"statement {statement.get('Sid', '')}:"
        for part in ("NotAction", "NotResource"):
            if part in statement:
                yield f"{where} {part}", statement[part], f"{part.removeprefix('Not')} instead"
        for action in listed(statement.get("Action", [])):
            if "*" in action:
                yield f"{where} Action", action, "the name of one action"
        if "*" in listed(statement.get("Resource")) and not unavoidable(statement):
            there = {part: statement.get(part) for part in ("Action", "Condition")}
            yield f"{where} Resource * for", there, "resources, or what check_stack/access.py says is unavoidable"


@rule("AWS::IAM::Role")
def role_is_narrow(subject: Subject) -> Iterator[Fault]:
    """Also, what others maintain is attached only by whoever deploys."""
    yield from narrow(subject)
    written = subject.resource.get("Properties", {}).get("ManagedPolicyArns")
    parameters = subject.view.template.get("Parameters", {})
    for each in [] if written is None else listed(written):
        chosen = isinstance(each, dict) and ("Fn::If" in each or each.get("Ref") in parameters)
        if not chosen:
            yield "ManagedPolicyArns", each, "inline policies, or a parameter or condition that attaches it"


@rule("AWS::IAM::ManagedPolicy", optional=True)
def managed_policy_is_narrow(subject: Subject) -> Iterator[Fault]:
    """Like a role."""
    yield from narrow(subject)


@rule("AWS::IAM::Policy", optional=True)
def policy_is_narrow(subject: Subject) -> Iterator[Fault]:
    """Like a role."""
    yield from narrow(subject)


@rule("AWS::Lambda::Function")
def function_is_ours(subject: Subject) -> Iterator[Fault]:
    """It runs with a role and writes to a log group of this template, and is never throttled."""
    properties = subject.properties
    if properties.get("Role") not in {other.arn for other in subject.others("AWS::IAM::Role")}:
        yield "Role", properties.get("Role"), "an AWS::IAM::Role of the template"
    if "ReservedConcurrentExecutions" in properties:
        yield "ReservedConcurrentExecutions", properties["ReservedConcurrentExecutions"], "none"
    logging = properties.get("LoggingConfig", {})
    if logging.get("LogFormat") != "JSON":
        yield "LoggingConfig.LogFormat", logging.get("LogFormat"), "JSON"
    if logging.get("LogGroup") not in {f"${{{other.name}}}" for other in subject.others("AWS::Logs::LogGroup")}:
        yield "LoggingConfig.LogGroup", logging.get("LogGroup"), "an AWS::Logs::LogGroup of the template"


@rule("AWS::Lambda::EventSourceMapping")
def messages_fail_alone(subject: Subject) -> Iterator[Fault]:
    """A bad message does not bring back the good ones of its batch; the number of pollers is bounded."""
    there = subject.properties.get("FunctionResponseTypes")
    if there != ["ReportBatchItemFailures"]:
        yield "FunctionResponseTypes", there, ["ReportBatchItemFailures"]
    if "MaximumConcurrency" not in subject.properties.get("ScalingConfig", {}):
        yield "ScalingConfig.MaximumConcurrency", None, "a number"


@rule("AWS::Events::EventBus")
def bus_is_closed(subject: Subject) -> Iterator[Fault]:
    """All but requesters and our own roles are denied to put events, and all but our roles to speak as Steward."""
    ours = {
        other.arn
        for other in subject.others("AWS::IAM::Role")
        for statement in statements(other)
        if "events:PutEvents" in listed(statement.get("Action")) and subject.arn in listed(statement.get("Resource"))
    }
    open_to, speaking = [], []
    for statement in denials(subject):
        condition = dict(statement.get("Condition", {}))
        named = condition.pop("ForAnyValue:StringEquals", {})
        as_steward = set(named) == {"events:source"} and listed(named["events:source"]) == ["steward"]
        if named and not as_steward:
            continue
        if len(condition) == 1 and set(condition) <= {"ArnNotEquals", "ArnNotLike"}:
            (keys,) = condition.values()
            (speaking if as_steward else open_to).append(set(listed(keys.get("aws:PrincipalArn"))))
    if not any(ours <= principals and "*" not in principals for principals in open_to):
        yield "principals that may put events", [sorted(each) for each in open_to], f"{sorted(ours)} and requesters"
    if ours not in speaking:
        yield "principals that may speak as Steward", [sorted(each) for each in speaking], sorted(ours)


def denials(subject: Subject) -> Iterator[dict]:
    """The statements of a bus that deny everybody to put events."""
    for other in subject.others("AWS::Events::EventBusPolicy"):
        statement = other.properties.get("Statement", {})
        on_bus = other.properties.get("EventBusName") in (f"${{{subject.name}}}", f"${{{subject.name}.Name}}")
        everything = (statement.get("Effect"), statement.get("Principal")) == ("Deny", "*")
        if on_bus and everything and "events:PutEvents" in listed(statement["Action"]):
            yield statement
