"""Whoever has the managed policies of the template: a viewer and an operator."""

import contextlib

import botocore.exceptions
from check_local.checks import Checks, Failure, expect, refuses
from check_local.events import BUS, put

STACK = "steward"


def sdk(checks: Checks, watch, told: dict[str, str]) -> None:
    """Whoever has the managed policies: a viewer looks, an operator acts, and neither does more."""
    services = ("sqs", "cloudformation", "lambda", "events", "servicecatalog", "sts", "dynamodb")
    of = lambda role: {service: watch.client(service, role) for service in services}
    viewer, operator = of("viewer"), of("operator")
    table, dead = told["TableName"], told["RulesDeadLetterQueueUrl"]
    mapping = watch.client("lambda").list_event_source_mappings(FunctionName=told["TerminateFunctionName"])
    uuid = mapping["EventSourceMappings"][0]["UUID"]
    with checks.check("boto3: viewer and operator are roles of their own"):
        for name, clients in (("viewer", viewer), ("operator", operator)):
            expect(f"assumed-role/{name}/{name}", clients["sts"].get_caller_identity()["Arn"].split(":")[5], "the ARN")
    with checks.check("boto3: a viewer looks"):
        for clients in (viewer, operator):
            clients["cloudformation"].describe_stacks(StackName=STACK)
            clients["cloudformation"].list_stack_resources(StackName=STACK)
            clients["sqs"].get_queue_attributes(QueueUrl=dead, AttributeNames=["All"])
            clients["events"].list_rules(EventBusName=BUS)
            clients["events"].describe_event_bus(Name=BUS)
            clients["dynamodb"].scan(TableName=table)
    with checks.check("boto3: a viewer changes nothing"):
        for code, call, members in (
            ("AccessDenied", viewer["sqs"].receive_message, {"QueueUrl": dead}),
            ("AccessDenied", viewer["cloudformation"].describe_stacks, {}),
            ("AccessDeniedException", viewer["lambda"].invoke, {"FunctionName": told["SweepFunctionName"]}),
            ("AccessDeniedException", viewer["lambda"].update_event_source_mapping, {"UUID": uuid, "Enabled": True}),
            ("AccessDeniedException", viewer["events"].disable_rule, {"Name": "SweepScheduleRule"}),
            ("AccessDeniedException", lambda: put(viewer["events"], "pp-nobodyhas0003"), {}),
        ):
            refuses(code, call, **members)
    with checks.check("boto3: an operator acts"):
        expect(None, operator["sqs"].receive_message(QueueUrl=dead).get("Messages"), "dead letters")
        operator["lambda"].invoke(FunctionName=told["ReconcileFunctionName"], Payload=b"{}")
        operator["lambda"].update_event_source_mapping(UUID=uuid, Enabled=True)
        operator["events"].disable_rule(Name="SweepScheduleRule")
        operator["events"].enable_rule(Name="SweepScheduleRule")
        expect(0, put(operator["events"], "pp-nobodyhas0004")["FailedEntryCount"], "entries that failed")
    with checks.check("boto3: an operator does no more than that"):
        for code, call, members in (
            ("AccessDenied", operator["sqs"].receive_message, {"QueueUrl": told["TerminationsQueueUrl"]}),
            ("AccessDenied", operator["sqs"].purge_queue, {"QueueUrl": dead}),
            ("AccessDeniedException", operator["events"].disable_rule, {"Name": "ReconcileScheduleRule"}),
            ("AccessDeniedException", operator["dynamodb"].delete_table, {"TableName": table}),
        ):
            refuses(code, call, **members)
        with contextlib.suppress(botocore.exceptions.ClientError):
            client = operator["servicecatalog"]
            client.terminate_provisioned_product(ProvisionedProductId="pp-safe000000001", TerminateToken="mine")
            raise Failure("an operator terminates past Steward")
