"""What references to resources give, from their physical ids: names, and ARNs as AWS writes them."""

from __future__ import annotations

import typing

from check_stack.moto_limits import LOG_GROUP_ARN_END
from sam_template import REGION

if typing.TYPE_CHECKING:
    from check_stack.view import View

# The account of moto.
ACCOUNT = "123456789012"


def arn(service: str, resource: str, region: str = REGION) -> str:
    """An ARN of the account."""
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


def rule_arn(view: View, name: str) -> str:
    """The ARN of a rule has its bus in it, unless that is the default one."""
    bus = view.properties(name).get("EventBusName", "default").rpartition("/")[2]
    return arn("events", f"rule/{view.ids[name]}" if bus == "default" else f"rule/{bus}/{view.ids[name]}")


# Type and attribute -> what it is, of a view and a logical id.
ATTRIBUTES = {
    ("AWS::DynamoDB::Table", "Arn"): lambda view, name: arn("dynamodb", f"table/{view.ids[name]}"),
    ("AWS::Events::EventBus", "Arn"): lambda view, name: arn("events", f"event-bus/{reference(view, name)}"),
    ("AWS::Events::EventBus", "Name"): lambda view, name: reference(view, name),
    ("AWS::Events::Rule", "Arn"): rule_arn,
    ("AWS::IAM::Role", "Arn"): lambda view, name: arn("iam", f"role/{view.ids[name]}", ""),
    ("AWS::Lambda::Function", "Arn"): lambda view, name: arn("lambda", f"function:{view.ids[name]}"),
    ("AWS::Logs::LogGroup", "Arn"): lambda view, name: arn("logs", f"log-group:{view.ids[name]}{LOG_GROUP_ARN_END}"),
    ("AWS::SNS::Topic", "TopicArn"): lambda view, name: view.ids[name],
    ("AWS::SNS::Topic", "TopicName"): lambda view, name: view.ids[name].rpartition(":")[2],
    ("AWS::SQS::Queue", "Arn"): lambda view, name: arn("sqs", view.ids[name].rpartition("/")[2]),
    ("AWS::SQS::Queue", "QueueName"): lambda view, name: view.ids[name].rpartition("/")[2],
    ("AWS::SQS::Queue", "QueueUrl"): lambda view, name: view.ids[name],
}


def reference(view: View, name: str) -> str:
    """`!Ref` of a resource."""
    if view.resources[name]["Type"] == "AWS::Events::EventBus":
        # moto gives no physical id for a bus; its name must be given.
        return view.properties(name)["Name"]
    return view.ids[name]


def attribute(view: View, name: str, path: str) -> str:
    """`!GetAtt` of a resource."""
    return ATTRIBUTES[view.resources[name]["Type"], path](view, name)
