"""Queues: what they are, and messages that a rule could not deliver."""

import contextlib
import json

import boto3
from check_local.checks import Checks, Failure, expect, refuses
from check_local.events import BUS, put
from check_local.model import CONFIG

STACK = "steward"


def sdk(checks: Checks, client, told: dict[str, str]) -> None:
    """Messages that a rule could not deliver, and what is done with them."""
    dead, busy = told["RulesDeadLetterQueueUrl"], told["TerminationsQueueUrl"]
    with checks.check("boto3: queues by name, with their attributes"):
        url = client.get_queue_url(QueueName="steward-TerminationsQueue")["QueueUrl"]
        expect(busy, url, "the URL")
        wanted = ["QueueArn", "RedrivePolicy", "VisibilityTimeout", "ApproximateNumberOfMessages"]
        attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
        expect(set(wanted), set(attributes), "the attributes")
        grave = json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"].rsplit(":", 1)[1]
        sources = client.list_dead_letter_source_queues(QueueUrl=client.get_queue_url(QueueName=grave)["QueueUrl"])
        expect([url], sources["queueUrls"], "whose dead-letter queue it is")
        listed = client.list_queues(QueueNamePrefix=STACK)["QueueUrls"]
        expect((True, True), (dead in listed, busy in listed), "listed")
    with checks.check("boto3: nobody but a rule sends"):
        refuses("AccessDenied", client.send_message, QueueUrl=busy, MessageBody="{}")
        batch = [{"Id": "a", "MessageBody": "{}"}]
        refuses("AccessDenied", client.send_message_batch, QueueUrl=dead, Entries=batch)
    with checks.check("boto3: without a policy that lets it, a rule's event becomes a dead letter that says why"):
        name = ["Policy"]
        policy = client.get_queue_attributes(QueueUrl=busy, AttributeNames=name)["Attributes"]["Policy"]
        client.set_queue_attributes(QueueUrl=busy, Attributes={"Policy": ""})
        # Nobody has such a product, should it come through after all.
        put(boto3.client("events", config=CONFIG), "pp-undelivered1")
        client.set_queue_attributes(QueueUrl=busy, Attributes={"Policy": policy})
        asked = {"MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"], "WaitTimeSeconds": 20}
        (letter,) = client.receive_message(QueueUrl=dead, VisibilityTimeout=600, **asked)["Messages"]
        said = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
        expect("NO_PERMISSIONS", said["ERROR_CODE"], "the error")
        expect(f"rule/{BUS}/TerminationRequestedRule", said["RULE_ARN"].split(":", 5)[5], "the rule")
        expect("steward-TerminationsQueue", said["TARGET_ARN"].rsplit(":", 1)[1], "the target")
        expect("1", letter["Attributes"]["ApproximateReceiveCount"], "how often it was received")
        expect("my.portal", json.loads(letter["Body"])["source"], "the event")
        count = lambda: client.get_queue_attributes(
            QueueUrl=dead, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        )["Attributes"]
        expect({"0", "1"}, set(count().values()), "it is hidden")
        again = {"QueueUrl": dead, "ReceiptHandle": letter["ReceiptHandle"], "VisibilityTimeout": 0}
        client.change_message_visibility(**again)
        refuses("AWS.SimpleQueueService.MessageNotInflight", client.change_message_visibility, **again)
        (letter,) = client.receive_message(QueueUrl=dead, WaitTimeSeconds=5)["Messages"]
        expect(False, letter["ReceiptHandle"] == again["ReceiptHandle"], "the same receipt")
        client.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])
        expect(None, client.receive_message(QueueUrl=dead).get("Messages"), "what is left")
    with checks.check("boto3: messages with attributes, sent, received and deleted in batches"):
        url = told["PlansDeadLetterQueueUrl"]
        client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
        attribute = {"who": {"DataType": "String", "StringValue": "jo"}, "raw": {"DataType": "Binary", "BinaryValue": b"\0\1"}}
        client.send_message(QueueUrl=url, MessageBody="one", MessageAttributes=attribute)
        entries = [{"Id": str(n), "MessageBody": str(n)} for n in range(10)]
        expect(10, len(client.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]), "sent")
        got = []
        for _ in range(2):
            asked = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "VisibilityTimeout": 60}
            got += client.receive_message(QueueUrl=url, **asked).get("Messages", [])
        expect({"one", *map(str, range(10))}, {message["Body"] for message in got}, "received")
        (one,) = [message for message in got if message["Body"] == "one"]
        expect(attribute, one["MessageAttributes"], "the attributes")
        hide = [{"Id": "a", "ReceiptHandle": one["ReceiptHandle"], "VisibilityTimeout": 90}]
        client.change_message_visibility_batch(QueueUrl=url, Entries=hide)
        entries = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(got[:10])]
        expect(10, len(client.delete_message_batch(QueueUrl=url, Entries=entries)["Successful"]), "deleted")
        client.purge_queue(QueueUrl=url)
        refuses("AWS.SimpleQueueService.PurgeQueueInProgress", client.purge_queue, QueueUrl=url)
    with checks.check("boto3: what SQS refuses"):
        receive = client.receive_message
        refuses("InvalidParameterValue", receive, QueueUrl=dead, MaxNumberOfMessages=11)
        refuses("InvalidAttributeName", receive, QueueUrl=dead, MessageSystemAttributeNames=["Colour"])
        refuses("ReceiptHandleIsInvalid", client.delete_message, QueueUrl=dead, ReceiptHandle="x")
        refuses("AWS.SimpleQueueService.NonExistentQueue", receive, QueueUrl=f"{dead}x")
        with contextlib.suppress(client.exceptions.QueueDoesNotExist):
            receive(QueueUrl=f"{dead}x")
            raise Failure("no QueueDoesNotExist")
