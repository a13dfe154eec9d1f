//! The service as a client sees it, over the queues of the real template.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::api::{Invoke, InvokeError};
use crate::gateway::USER;
use crate::template::Template;
use crate::wiring::{Attribute, DEFAULT_BUS};

const GRAVE: &str = "TerminationsDeadLetterQueue";

/// Has no functions.
struct Nobody;

impl Invoke for Nobody {
    fn invoke(&self, _: &str, _: Value) -> BoxFuture<'_, Result<Value, InvokeError>> {
        Box::pin(std::future::ready(Err(InvokeError::Unknown)))
    }
}

struct World {
    sqs: Sqs,
    wiring: Wiring,
    clock: Clock,
}

impl World {
    fn new() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
        let template = Template::read(&path, &BTreeMap::new(), &Place::default()).unwrap();
        let clock = Clock::held("2026-11-20T12:00:00Z".parse().unwrap());
        let wiring = Wiring::start(&template, clock.clone(), Place::default(), Arc::new(Nobody)).unwrap();
        let sqs = Sqs::new(wiring.clone(), clock.clone(), Place::default(), "http://127.0.0.1:1".to_owned());
        Self { sqs, wiring, clock }
    }

    /// The answer to a call about a queue; an error is its code.
    async fn ask(&self, operation: &str, queue: &str, mut body: Value) -> Result<Value, String> {
        body["QueueUrl"] = json!(self.sqs.url(queue));
        self.ask_as_it_is(operation, &body).await
    }

    async fn ask_as_it_is(&self, operation: &str, body: &Value) -> Result<Value, String> {
        let caller = Caller { name: USER.to_owned(), arn: "arn:aws:iam::111122223333:user/admin".to_owned() };
        let (operation, body) = (operation.to_owned(), body.to_string().into());
        let answer = self.sqs.call(Call { caller, operation, headers: Vec::new(), body }).await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        if answer.status == 200 { Ok(body) } else { Err(body["__type"].as_str().unwrap().to_owned()) }
    }

    async fn receive(&self, queue: &str, body: Value) -> Vec<Value> {
        let answer = self.ask("ReceiveMessage", queue, body).await.unwrap();
        answer.get("Messages").and_then(Value::as_array).cloned().unwrap_or_default()
    }

    async fn attribute(&self, queue: &str, name: &str) -> String {
        let answer = self.ask("GetQueueAttributes", queue, json!({ "AttributeNames": [name] })).await.unwrap();
        answer["Attributes"][name].as_str().unwrap_or_default().to_owned()
    }
}

#[tokio::test]
async fn queues_are_found_by_name_and_tell_what_they_are() {
    let world = World::new();
    let found = world.ask_as_it_is("GetQueueUrl", &json!({ "QueueName": "steward-TerminationsQueue" })).await.unwrap();
    assert_eq!(found["QueueUrl"], "http://127.0.0.1:1/111122223333/steward-TerminationsQueue");
    let absent = world.ask_as_it_is("GetQueueUrl", &json!({ "QueueName": "TerminationsQueue" })).await;
    assert_eq!(absent, Err("QueueDoesNotExist".to_owned()));
    let all = world.ask("GetQueueAttributes", "TerminationsQueue", json!({ "AttributeNames": ["All"] })).await.unwrap();
    let all = &all["Attributes"];
    assert_eq!(all["QueueArn"], "arn:aws:sqs:eu-central-1:111122223333:steward-TerminationsQueue");
    assert_eq!((&all["VisibilityTimeout"], &all["MessageRetentionPeriod"]), (&json!("900"), &json!("345600")));
    let redrive: Value = serde_json::from_str(all["RedrivePolicy"].as_str().unwrap()).unwrap();
    assert_eq!(redrive["maxReceiveCount"], 16);
    assert_eq!(id_of(redrive["deadLetterTargetArn"].as_str().unwrap()), GRAVE);
    assert!(all["Policy"].as_str().unwrap().contains("NobodyElseMay"));
    let unknown = world.ask("GetQueueAttributes", GRAVE, json!({ "AttributeNames": ["Colour"] })).await;
    assert_eq!(unknown, Err("InvalidAttributeName".to_owned()));
    let sources = world.ask("ListDeadLetterSourceQueues", GRAVE, json!({})).await.unwrap();
    assert_eq!(sources["queueUrls"], json!([world.sqs.url("TerminationsQueue")]));
}

#[tokio::test]
async fn queues_are_listed_page_by_page() {
    let world = World::new();
    let all = world.ask_as_it_is("ListQueues", &json!({})).await.unwrap();
    let all = all["QueueUrls"].as_array().unwrap().clone();
    assert_eq!(all.len(), world.wiring.queues().len());
    let (mut pages, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut asked = json!({ "MaxResults": 5 });
        if !token.is_null() {
            asked["NextToken"] = token;
        }
        let page = world.ask_as_it_is("ListQueues", &asked).await.unwrap();
        pages.extend(page["QueueUrls"].as_array().unwrap().clone());
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(pages, all);
    let none = world.ask_as_it_is("ListQueues", &json!({ "QueueNamePrefix": "nobody" })).await.unwrap();
    assert_eq!(none, json!({}));
}

#[tokio::test]
async fn a_message_is_hidden_comes_again_with_another_receipt_and_is_deleted() {
    let world = World::new();
    assert!(world.wiring.send(GRAVE, "{}".to_owned()));
    let first = world.receive(GRAVE, json!({ "VisibilityTimeout": 60, "MaxNumberOfMessages": 10 })).await.remove(0);
    assert_eq!((&first["Body"], &first["MD5OfBody"]), (&json!("{}"), &json!("99914b932bd37a50b983c5e7c90ae93b")));
    assert!(first.get("Attributes").is_none(), "nobody asked");
    assert!(world.receive(GRAVE, json!({})).await.is_empty());
    assert_eq!(world.attribute(GRAVE, "ApproximateNumberOfMessagesNotVisible").await, "1");
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(world.attribute(GRAVE, "ApproximateNumberOfMessages").await, "1");
    let second = world.receive(GRAVE, json!({ "AttributeNames": ["All"] })).await.remove(0);
    assert_ne!(first["ReceiptHandle"], second["ReceiptHandle"]);
    assert_eq!(second["Attributes"]["ApproximateReceiveCount"], "2");
    assert_eq!(second["Attributes"]["SentTimestamp"], "1795176000000");
    // The old receipt is taken, and does nothing.
    world.ask("DeleteMessage", GRAVE, json!({ "ReceiptHandle": first["ReceiptHandle"] })).await.unwrap();
    assert_eq!(world.wiring.queue(GRAVE).unwrap().len(), 1);
    let again = json!({ "ReceiptHandle": second["ReceiptHandle"], "VisibilityTimeout": 0 });
    world.ask("ChangeMessageVisibility", GRAVE, again.clone()).await.unwrap();
    let twice = world.ask("ChangeMessageVisibility", GRAVE, again).await;
    assert_eq!(twice, Err("MessageNotInflight".to_owned()));
    let third = world.receive(GRAVE, json!({})).await.remove(0);
    world.ask("DeleteMessage", GRAVE, json!({ "ReceiptHandle": third["ReceiptHandle"] })).await.unwrap();
    assert!(world.wiring.queue(GRAVE).unwrap().is_empty());
    let forged = world.ask("DeleteMessage", GRAVE, json!({ "ReceiptHandle": "x" })).await;
    assert_eq!(forged, Err("ReceiptHandleIsInvalid".to_owned()));
}

#[tokio::test]
async fn what_nobody_fetches_is_forgotten_when_its_time_is_over() {
    let world = World::new();
    assert!(world.wiring.send(GRAVE, "old".to_owned()));
    world.clock.advance(Duration::from_hours(14 * 24));
    assert_eq!(world.attribute(GRAVE, "ApproximateNumberOfMessages").await, "1");
    world.clock.advance(Duration::from_secs(1));
    assert!(world.receive(GRAVE, json!({})).await.is_empty());
    assert!(world.wiring.queue(GRAVE).unwrap().is_empty());
}

#[tokio::test]
async fn a_receive_waits_for_what_comes() {
    let world = World::new();
    let wiring = world.wiring.clone();
    let sender = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(wiring.send(GRAVE, "late".to_owned()));
    });
    let received = world.receive(GRAVE, json!({ "WaitTimeSeconds": 20 })).await;
    assert_eq!(received[0]["Body"], "late");
    sender.await.unwrap();
    assert!(world.receive(GRAVE, json!({ "WaitTimeSeconds": 1 })).await.is_empty());
}

#[tokio::test]
async fn only_our_rules_may_send_until_the_policy_says_otherwise() {
    let world = World::new();
    let letter = json!({ "MessageBody": "mine" });
    let denied = Err("AccessDeniedException".to_owned());
    for queue in ["TerminationsQueue", "RulesDeadLetterQueue"] {
        assert_eq!(world.ask("SendMessage", queue, letter.clone()).await, denied, "{queue}");
    }
    let batch = json!({ "Entries": [{ "Id": "a", "MessageBody": "mine" }] });
    assert_eq!(world.ask("SendMessageBatch", "TerminationsQueue", batch.clone()).await, denied);
    let free = json!({ "Attributes": { "Policy": "" } });
    world.ask("SetQueueAttributes", "RulesDeadLetterQueue", free).await.unwrap();
    world.ask("SendMessage", "RulesDeadLetterQueue", letter).await.unwrap();
    let sent = world.ask("SendMessageBatch", "RulesDeadLetterQueue", batch).await.unwrap();
    assert_eq!(sent["Successful"][0]["Id"], "a");
    let broken = json!({ "Attributes": { "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{}]}" } });
    let broken = world.ask("SetQueueAttributes", "RulesDeadLetterQueue", broken).await;
    assert_eq!(broken, Err("InvalidAttributeValue".to_owned()));
    let other = json!({ "Attributes": { "VisibilityTimeout": "1" } });
    let other = world.ask("SetQueueAttributes", "RulesDeadLetterQueue", other).await;
    assert_eq!(other, Err("InvalidAttributeName".to_owned()));
}

#[tokio::test]
async fn what_a_rule_cannot_deliver_says_why() {
    let world = World::new();
    world.wiring.set_queue_policy("TerminationsQueue", None).unwrap();
    let event = json!({ "source": "my.portal", "detail-type": "Termination Requested", "detail": {} });
    world.wiring.put("steward-bus", event.clone()).await;
    let asked = json!({ "MessageAttributeNames": ["All"], "MaxNumberOfMessages": 10 });
    let dead = world.receive("RulesDeadLetterQueue", asked).await.remove(0);
    assert_eq!(serde_json::from_str::<Value>(dead["Body"].as_str().unwrap()).unwrap(), event);
    let said = |name: &str| dead["MessageAttributes"][name]["StringValue"].as_str().unwrap();
    assert_eq!(said("RULE_ARN"), "arn:aws:events:eu-central-1:111122223333:rule/steward-bus/TerminationRequestedRule");
    assert_eq!(said("TARGET_ARN"), "arn:aws:sqs:eu-central-1:111122223333:steward-TerminationsQueue");
    assert_eq!(said("ERROR_CODE"), "NO_PERMISSIONS");
    assert!(said("ERROR_MESSAGE").contains("steward-TerminationsQueue"));
    assert!(dead["MD5OfMessageAttributes"].is_string());
    // And a function that is not there.
    world.wiring.put("steward-bus", json!({ "source": "steward", "detail-type": "Sweep Due", "detail": {} })).await;
    let asked = json!({ "MessageAttributeNames": ["ERROR.*"] });
    let dead = world.receive("RulesDeadLetterQueue", asked).await.remove(0);
    assert_eq!(dead["MessageAttributes"]["ERROR_CODE"]["StringValue"], "NO_RESOURCE");
    assert!(dead["MessageAttributes"].get("RULE_ARN").is_none(), "nobody asked");
    world.wiring.put(DEFAULT_BUS, event).await;
    assert!(world.receive("RulesDeadLetterQueue", json!({})).await.is_empty());
}

#[tokio::test]
async fn a_dead_letter_queue_that_takes_nothing_loses_the_event() {
    let world = World::new();
    world.wiring.set_queue_policy("TerminationsQueue", None).unwrap();
    world.wiring.set_queue_policy("RulesDeadLetterQueue", None).unwrap();
    let event = json!({ "source": "my.portal", "detail-type": "Termination Requested", "detail": {} });
    world.wiring.put("steward-bus", event).await;
    assert!(world.wiring.queues().values().all(Queue::is_empty));
}

#[tokio::test]
async fn attributes_are_carried_and_digested() {
    let world = World::new();
    world.wiring.set_queue_policy(GRAVE, None).unwrap();
    let attributes = json!({
        "who": { "DataType": "String", "StringValue": "jo" },
        "count": { "DataType": "Number.int", "StringValue": "7" },
        "raw": { "DataType": "Binary", "BinaryValue": "AAEC" },
    });
    let body = json!({ "MessageBody": "x", "MessageAttributes": attributes, "DelaySeconds": 5 });
    let sent = world.ask("SendMessage", GRAVE, body).await.unwrap();
    assert_eq!(world.attribute(GRAVE, "ApproximateNumberOfMessagesDelayed").await, "1");
    world.clock.advance(Duration::from_secs(5));
    let received = world.receive(GRAVE, json!({ "MessageAttributeNames": ["All"] })).await.remove(0);
    assert_eq!(received["MessageAttributes"], attributes);
    assert_eq!(received["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"]);
    for (name, attribute) in [
        ("aws there", json!({ "DataType": "String", "StringValue": "x" })),
        ("who", json!({ "DataType": "String" })),
        ("who", json!({ "DataType": "Number", "StringValue": "x" })),
        ("who", json!({ "DataType": "Colour", "StringValue": "x" })),
    ] {
        let body = json!({ "MessageBody": "x", "MessageAttributes": { name: attribute } });
        assert_eq!(
            world.ask("SendMessage", GRAVE, body.clone()).await,
            Err("InvalidParameterValue".to_owned()),
            "{body}"
        );
    }
}

#[test]
fn the_digest_of_attributes_is_that_of_sqs() {
    // Computed by the rules of the developer guide, by hand: lengths, name, type, transport type, value.
    let attributes = BTreeMap::from([("a".to_owned(), Attribute::text("b"))]);
    let bytes = b"\0\0\0\x01a\0\0\0\x06String\x01\0\0\0\x01b";
    assert_eq!(crate::wiring::digest(&attributes), format!("{:x}", md5::compute(bytes)));
}

#[tokio::test]
async fn limits_are_kept() {
    let world = World::new();
    let invalid = Err("InvalidParameterValue".to_owned());
    for (member, value) in [
        ("MaxNumberOfMessages", 0),
        ("MaxNumberOfMessages", 11),
        ("WaitTimeSeconds", 21),
        ("WaitTimeSeconds", -1),
        ("VisibilityTimeout", 43_201),
    ] {
        assert_eq!(world.ask("ReceiveMessage", GRAVE, json!({ member: value })).await, invalid, "{member} {value}");
    }
    let unknown = world.ask("ReceiveMessage", GRAVE, json!({ "AttributeNames": ["Colour"] })).await;
    assert_eq!(unknown, Err("InvalidAttributeName".to_owned()));
    assert_eq!(world.ask_as_it_is("ReceiveMessage", &json!({})).await, Err("MissingParameter".to_owned()));
    let entry = |id: &str| json!({ "Id": id, "ReceiptHandle": "x" });
    for (entries, code) in [
        (vec![], "EmptyBatchRequest"),
        ((0..11).map(|i| entry(&i.to_string())).collect(), "TooManyEntriesInBatchRequest"),
        (vec![entry("a"), entry("a")], "BatchEntryIdsNotDistinct"),
        (vec![entry("a b")], "InvalidBatchEntryId"),
    ] {
        let batch = world.ask("DeleteMessageBatch", GRAVE, json!({ "Entries": entries })).await;
        assert_eq!(batch, Err(code.to_owned()));
    }
    let failed = world.ask("DeleteMessageBatch", GRAVE, json!({ "Entries": [entry("a")] })).await.unwrap();
    assert_eq!(failed["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
    assert!(failed.get("Successful").is_none());
}

#[tokio::test]
async fn a_purge_empties_the_queue_once_a_minute() {
    let world = World::new();
    assert!(world.wiring.send(GRAVE, "a".to_owned()));
    world.ask("PurgeQueue", GRAVE, json!({})).await.unwrap();
    assert!(world.wiring.queue(GRAVE).unwrap().is_empty());
    assert_eq!(world.ask("PurgeQueue", GRAVE, json!({})).await, Err("PurgeQueueInProgress".to_owned()));
    world.clock.advance(Duration::from_mins(1));
    world.ask("PurgeQueue", GRAVE, json!({})).await.unwrap();
}
