"""What moto cannot hold, and why; all of it is asserted on the template alone.

Found with moto 5.2.5. After an update of it, take entries out and see whether the check still passes.
"""

import ast
import re

# Types that moto passes over without a word, unless another resource refers to them: then the stack fails.
IGNORED = {
    "AWS::CloudWatch::Alarm": "has no CloudFormation support",
    "AWS::CloudWatch::CompositeAlarm": "has no CloudFormation support",
    "AWS::Config::ConfigRule": "has no CloudFormation support",
    "AWS::Events::EventBusPolicy": "has no CloudFormation support",
    "AWS::Lambda::EventInvokeConfig": "has no CloudFormation support",
    "AWS::Logs::MetricFilter": "has no CloudFormation support",
    "AWS::SNS::Subscription": "has no CloudFormation support",
    "AWS::SNS::TopicPolicy": "has no CloudFormation support",
    "AWS::SQS::QueuePolicy": "has no CloudFormation support",
}

# Properties of the types that it has.
UNHELD = {
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification"): "reads back as DISABLED",
    ("AWS::DynamoDB::Table", "SSESpecification"): "does not read back",
    ("AWS::DynamoDB::Table", "TimeToLiveSpecification"): "reads back as DISABLED",
    ("AWS::IAM::Role", "ManagedPolicyArns"): "are not attached",
    ("AWS::Lambda::Function", "Architectures"): "reads back as x86_64",
    ("AWS::Lambda::Function", "Code"): "is a stand-in here",
    ("AWS::Lambda::Function", "LoggingConfig"): "does not read back",
    ("AWS::Lambda::Function", "Tags"): "do not read back (SAM adds its mark)",
    ("AWS::Lambda::Function", "TracingConfig"): "reads back as PassThrough",
}

# How the ARN of a log group ends that `!GetAtt` gives; with AWS it is ":*".
LOG_GROUP_ARN_END = ""


def inline(policy: object) -> object:
    """An inline policy of a role: it comes as Python writes a dictionary, not as JSON."""
    return ast.literal_eval(policy) if isinstance(policy, str) else policy


def present(items: list) -> list:
    """A list without what AWS::NoValue has left in it: there it stays, as nothing."""
    return [item for item in items if item is not None]


REFERENCE = re.compile(r"\$\{([A-Za-z0-9]+)((?:\.[A-Za-z0-9.]+)?)\}")


def holdable(template: dict) -> dict:
    """The template without what moto cannot hold."""
    resources = template["Resources"]
    types = {name: resource["Type"] for name, resource in resources.items()}
    kept = {name: resource for name, resource in resources.items() if resource["Type"] not in IGNORED}
    return rewritten({**template, "Resources": kept}, types)


def rewritten(value: object, types: dict[str, str]) -> object:
    """References to what moto has not become plain text; those to a bus become such as it has."""
    if isinstance(value, list):
        return [rewritten(item, types) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Ref": str(name)} if types.get(name) in IGNORED:
            return f"{name}"
        case {"Ref": str(name)} if types.get(name) == "AWS::Events::EventBus":
            # moto has no physical id for a bus, and takes the object itself for its name.
            return {"Fn::GetAtt": [name, "Name"]}
        case {"Fn::GetAtt": [name, path]} if types.get(name) in IGNORED:
            return f"{name}.{path}"
        case {"Fn::Sub": str(text)}:
            return {"Fn::Sub": in_sub(text, types)}
        case {"Fn::Sub": [str(text), dict(own)]}:
            return {"Fn::Sub": [in_sub(text, types), rewritten(own, types)]}
    return {name: rewritten(member, types) for name, member in value.items()}


def in_sub(text: str, types: dict[str, str]) -> str:
    """The same for the references in a text."""

    def replaced(match: re.Match) -> str:
        name, path = match.groups()
        if types.get(name) in IGNORED:
            return f"{name}{path}"
        if types.get(name) == "AWS::Events::EventBus" and not path:
            return f"${{{name}.Name}}"
        return match[0]

    return REFERENCE.sub(replaced, text)
