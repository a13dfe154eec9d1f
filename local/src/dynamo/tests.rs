//! What Steward's store relies on, tried on the engine.

use serde_json::{Value, json};

use super::Dynamo;
use crate::api::{Call, Caller, Service};

async fn call(dynamo: &Dynamo, operation: &str, body: Value) -> (u16, Value) {
    let call = Call {
        caller: Caller { name: "user".into(), arn: "arn:aws:iam::111122223333:user/admin".into() },
        operation: operation.into(),
        headers: Vec::new(),
        body: body.to_string().into(),
    };
    let answer = dynamo.call(call).await;
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

/// The table of the template, in short.
async fn table() -> Dynamo {
    let index = |name: &str, hash: &str, range: &str| {
        json!({
            "IndexName": name,
            "KeySchema": [
                { "AttributeName": hash, "KeyType": "HASH" }, { "AttributeName": range, "KeyType": "RANGE" }
            ],
            "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["state", "kind", "nonce"] },
        })
    };
    let properties = json!({
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "dueShard", "AttributeType": "S" },
            { "AttributeName": "dueAt", "AttributeType": "N" },
            { "AttributeName": "productKey", "AttributeType": "S" },
            { "AttributeName": "createdAt", "AttributeType": "N" },
        ],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "GlobalSecondaryIndexes": [
            index("due", "dueShard", "dueAt"), index("product", "productKey", "createdAt")
        ],
        "TimeToLiveSpecification": { "AttributeName": "ttl", "Enabled": true },
    });
    let dynamo = Dynamo::start().await.unwrap();
    dynamo.create_table("Table", &properties).await.unwrap();
    dynamo
}

async fn put(dynamo: &Dynamo, item: Value) {
    let (status, body) = call(dynamo, "PutItem", json!({ "TableName": "Table", "Item": item })).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn the_table_has_its_time_to_live_and_the_local_account() {
    let dynamo = table().await;
    let (_, ttl) = call(&dynamo, "DescribeTimeToLive", json!({ "TableName": "Table" })).await;
    let expected = json!({ "AttributeName": "ttl", "TimeToLiveStatus": "ENABLED" });
    assert_eq!(ttl["TimeToLiveDescription"], expected);
    let (_, table) = call(&dynamo, "DescribeTable", json!({ "TableName": "Table" })).await;
    assert_eq!(table["Table"]["TableStatus"], "ACTIVE");
    assert_eq!(table["Table"]["TableArn"], "arn:aws:dynamodb:eu-central-1:111122223333:table/Table");
    let again = dynamo.create_table("Table", &json!({})).await.unwrap_err();
    assert!(again.to_string().starts_with("DynamoDB CreateTable answered 400"), "{again}");
}

#[tokio::test]
async fn a_failed_condition_returns_the_old_item() {
    let dynamo = table().await;
    put(&dynamo, json!({ "pk": {"S": "op"}, "nonce": {"S": "mine"} })).await;
    let (status, body) = call(
        &dynamo,
        "PutItem",
        json!({
            "TableName": "Table", "Item": { "pk": {"S": "op"} },
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }),
    )
    .await;
    assert_eq!(status, 400);
    let kind = body["__type"].as_str().unwrap();
    assert!(kind.ends_with("#ConditionalCheckFailedException"), "{kind}");
    assert_eq!(body["Item"]["nonce"]["S"], "mine");
}

#[tokio::test]
async fn an_update_appends_counts_and_returns_old_or_new() {
    let dynamo = table().await;
    let update = |values: &str| {
        json!({
            "TableName": "Table", "Key": { "pk": {"S": "op"} },
            "UpdateExpression":
                "SET tries = if_not_exists(tries, :none) + :one, history = list_append(if_not_exists(history, :empty), :entry) \
                 REMOVE #ttl",
            "ExpressionAttributeNames": { "#ttl": "ttl" },
            "ExpressionAttributeValues": {
                ":none": {"N": "0"}, ":one": {"N": "1"}, ":empty": {"L": []}, ":entry": {"L": [{"S": "tried"}]}
            },
            "ReturnValues": values,
        })
    };
    let (_, new) = call(&dynamo, "UpdateItem", update("ALL_NEW")).await;
    assert_eq!(
        new["Attributes"],
        json!({ "pk": {"S": "op"}, "tries": {"N": "1"}, "history": {"L": [{"S": "tried"}]} })
    );
    let (_, old) = call(&dynamo, "UpdateItem", update("ALL_OLD")).await;
    assert_eq!(old["Attributes"]["tries"], json!({"N": "1"}));
    let items = dynamo.scan("Table").await.unwrap();
    assert_eq!(items, [json!({ "pk": "op", "tries": 2, "history": ["tried", "tried"] })]);
}

#[tokio::test]
async fn a_cancelled_transaction_says_why_for_each_entry_and_writes_nothing() {
    let dynamo = table().await;
    put(&dynamo, json!({ "pk": {"S": "held"}, "nonce": {"S": "theirs"} })).await;
    let write = |free: &str| {
        json!({ "TransactItems": [
            { "Put": { "TableName": "Table", "Item": { "pk": {"S": "new"} } } },
            { "Update": {
                "TableName": "Table", "Key": { "pk": {"S": free} },
                "UpdateExpression": "SET nonce = :mine", "ConditionExpression": "attribute_not_exists(pk)",
                "ExpressionAttributeValues": { ":mine": {"S": "mine"} },
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            } },
        ] })
    };
    let (status, body) = call(&dynamo, "TransactWriteItems", write("held")).await;
    assert_eq!(status, 400);
    let kind = body["__type"].as_str().unwrap();
    assert!(kind.ends_with("#TransactionCanceledException"), "{kind}");
    let reasons = &body["CancellationReasons"];
    assert_eq!(reasons[0], json!({ "Code": "None" }));
    assert_eq!(reasons[1]["Code"], "ConditionalCheckFailed");
    assert_eq!(reasons[1]["Item"]["nonce"]["S"], "theirs");
    assert_eq!(dynamo.scan("Table").await.unwrap().len(), 1);
    let (status, body) = call(&dynamo, "TransactWriteItems", write("free")).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(dynamo.scan("Table").await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_transactions_token_makes_it_once() {
    let dynamo = table().await;
    let add = |by: &str| {
        json!({ "ClientRequestToken": "one", "TransactItems": [{ "Update": {
            "TableName": "Table", "Key": { "pk": {"S": "op"} }, "UpdateExpression": "ADD n :by",
            "ExpressionAttributeValues": { ":by": {"N": by} },
        } }] })
    };
    for _ in 0..2 {
        let (status, body) = call(&dynamo, "TransactWriteItems", add("1")).await;
        assert_eq!(status, 200, "{body}");
    }
    assert_eq!(dynamo.scan("Table").await.unwrap(), [json!({ "pk": "op", "n": 1 })]);
    let (status, body) = call(&dynamo, "TransactWriteItems", add("2")).await;
    assert_eq!(status, 400);
    let kind = body["__type"].as_str().unwrap();
    assert!(kind.ends_with("#IdempotentParameterMismatchException"), "{kind}");
}

#[tokio::test]
async fn a_batch_is_read_consistently() {
    let dynamo = table().await;
    put(&dynamo, json!({ "pk": {"S": "a"} })).await;
    let keys = json!([{ "pk": {"S": "a"} }, { "pk": {"S": "b"} }]);
    let body = json!({ "RequestItems": { "Table": { "Keys": keys, "ConsistentRead": true } } });
    let (status, body) = call(&dynamo, "BatchGetItem", body).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["Responses"]["Table"], json!([{ "pk": {"S": "a"} }]));
    assert_eq!(body["UnprocessedKeys"], json!({}));
}

#[tokio::test]
async fn a_sparse_index_holds_only_what_has_its_keys_and_only_what_it_includes() {
    let dynamo = table().await;
    let mut due = json!({
        "pk": {"S": "op"}, "dueShard": {"S": "0"}, "dueAt": {"N": "5"}, "state": {"S": "waiting"}, "reason": {"S": "long"}
    });
    put(&dynamo, due.clone()).await;
    put(&dynamo, json!({ "pk": {"S": "done"}, "state": {"S": "succeeded"} })).await;
    let query = json!({
        "TableName": "Table", "IndexName": "due",
        "KeyConditionExpression": "dueShard = :shard AND dueAt <= :now",
        "ExpressionAttributeValues": { ":shard": {"S": "0"}, ":now": {"N": "9"} },
    });
    let (_, body) = call(&dynamo, "Query", query.clone()).await;
    due.as_object_mut().unwrap().remove("reason");
    assert_eq!(body["Items"], json!([due]));
    let settle = json!({
        "TableName": "Table", "Key": { "pk": {"S": "op"} }, "UpdateExpression": "REMOVE dueShard, dueAt"
    });
    call(&dynamo, "UpdateItem", settle).await;
    let (_, body) = call(&dynamo, "Query", query).await;
    assert_eq!(body["Items"], json!([]));
    let mut consistent = json!({ "TableName": "Table", "IndexName": "due", "ConsistentRead": true });
    consistent["KeyConditionExpression"] = json!("dueShard = :s");
    consistent["ExpressionAttributeValues"] = json!({ ":s": {"S": "0"} });
    let (status, _) = call(&dynamo, "Query", consistent).await;
    assert_eq!(status, 400, "an index cannot be read consistently at AWS");
}

#[tokio::test]
async fn pages_follow_their_start_key() {
    let dynamo = table().await;
    for n in 0..5 {
        let at = n.to_string();
        put(&dynamo, json!({ "pk": {"S": format!("op{n}")}, "productKey": {"S": "pp"}, "createdAt": {"N": at} })).await;
    }
    let mut query = json!({
        "TableName": "Table", "IndexName": "product", "Limit": 2, "ScanIndexForward": false,
        "KeyConditionExpression": "productKey = :p", "ExpressionAttributeValues": { ":p": {"S": "pp"} },
    });
    let mut seen = Vec::new();
    for _ in 0..4 {
        let (_, page) = call(&dynamo, "Query", query.clone()).await;
        let items = page["Items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["pk"]["S"].as_str().unwrap().to_owned()));
        match &page["LastEvaluatedKey"] {
            Value::Null => break,
            key => query["ExclusiveStartKey"] = key.clone(),
        }
    }
    assert_eq!(seen, ["op4", "op3", "op2", "op1", "op0"]);
}

#[tokio::test]
async fn what_it_does_not_know_is_an_error() {
    let dynamo = table().await;
    let (status, body) = call(&dynamo, "Nonsense", json!({})).await;
    assert_eq!(status, 400);
    assert!(body["__type"].as_str().unwrap().ends_with("#UnknownOperationException"));
    assert!(dynamo.scan("Other").await.is_err());
}
