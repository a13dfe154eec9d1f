//! DynamoDB: the dynoxide engine (SQLite, in memory or in a file), reached through its own wire front.
//!
//! The engine's typed entry points skip the checks and error shapes of its HTTP front, and that front is what its
//! conformance suite compares with AWS. So calls go to it over a loopback socket, which costs some tens of microseconds
//! and keeps the answers as tested.

mod arns;
mod definition;
mod plain;
#[cfg(test)]
mod tests;

use std::path::Path;

use axum::body::Bytes;
use axum::http::{Request, header};
use dynoxide::Database;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::api::{Answer, Call, Service};

/// An answer of DynamoDB is at most 16 MB; the engine's own limit for a request is the same.
const ANSWER_MAX: usize = 16 * 1024 * 1024;
/// How many pages a [`Dynamo::scan`] reads at most, each of up to 1 MB.
const PAGES_MAX: usize = 1_000;
/// The engine wants a complete signature and verifies none; the gateway has already judged the caller's.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/dynamodb/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=0";

/// Why a table could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum DynamoError {
    /// The engine or its socket could not be started.
    #[error("DynamoDB does not start: {0}")]
    Start(String),
    /// A property of the table's definition that this DynamoDB does not know.
    #[error("AWS::DynamoDB::Table: {0}")]
    Definition(String),
    /// An operation was refused.
    #[error("DynamoDB {operation} answered {status}: {body}")]
    Refused {
        /// The operation.
        operation: &'static str,
        /// HTTP status.
        status: u16,
        /// The answer's body.
        body: String,
    },
}

/// DynamoDB, for as long as this value lives.
#[derive(Debug)]
pub struct Dynamo {
    url: String,
    http: Client<HttpConnector, Full<Bytes>>,
    server: JoinHandle<()>,
}

impl Dynamo {
    /// Starts an empty DynamoDB, in memory.
    ///
    /// # Errors
    /// If the engine or its loopback socket cannot be opened.
    pub async fn start() -> Result<Self, DynamoError> {
        Self::serve(Database::memory().map_err(|error| DynamoError::Start(error.to_string()))?).await
    }

    /// Starts DynamoDB with what a file holds; there need not be one. Every write is in it before it is answered.
    ///
    /// # Errors
    /// If the file cannot be opened or is none of this engine's, or the loopback socket cannot be opened.
    pub async fn open(file: &Path) -> Result<Self, DynamoError> {
        let cannot = |problem: &dyn std::fmt::Display| DynamoError::Start(format!("{}: {problem}", file.display()));
        let path = file.to_str().ok_or_else(|| cannot(&"the path is no UTF-8"))?;
        Self::serve(Database::new(path).map_err(|error| cannot(&error))?).await
    }

    async fn serve(database: Database) -> Result<Self, DynamoError> {
        let start = |error: std::io::Error| DynamoError::Start(error.to_string());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(start)?;
        let url = format!("http://{}/", listener.local_addr().map_err(start)?);
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Self {
            url,
            http: Client::builder(TokioExecutor::new()).build(connector),
            server: tokio::spawn(dynoxide::server::serve_on(listener, database)),
        })
    }

    /// Makes the table `name` from the properties of an `AWS::DynamoDB::Table`, intrinsics already resolved: keys,
    /// indexes with their projections, time to live.
    ///
    /// # Errors
    /// If a property is unknown, or DynamoDB refuses the definition.
    pub async fn create_table(&self, name: &str, properties: &Value) -> Result<(), DynamoError> {
        let table = definition::read(name, properties).map_err(DynamoError::Definition)?;
        self.ask("CreateTable", &table.create).await?;
        if let Some(specification) = table.time_to_live {
            let body = json!({ "TableName": name, "TimeToLiveSpecification": specification });
            self.ask("UpdateTimeToLive", &body).await?;
        }
        Ok(())
    }

    /// How [`Dynamo::create_table`] makes a table of that name and properties.
    ///
    /// # Errors
    /// If a property is unknown.
    pub fn definition(name: &str, properties: &Value) -> Result<Value, DynamoError> {
        Ok(definition::read(name, properties).map_err(DynamoError::Definition)?.create)
    }

    /// Whether there is a table of that name.
    ///
    /// # Errors
    /// If `DynamoDB` does not answer.
    pub async fn has_table(&self, name: &str) -> Result<bool, DynamoError> {
        let tables = self.ask("ListTables", &json!({})).await?;
        Ok(tables["TableNames"].as_array().is_some_and(|names| names.iter().any(|one| one == name)))
    }

    /// All items of a table as plain JSON (`{"pk": "a", "n": 1}`), for reports.
    ///
    /// # Errors
    /// If there is no such table.
    pub async fn scan(&self, table: &str) -> Result<Vec<Value>, DynamoError> {
        let mut items = Vec::new();
        let mut request = json!({ "TableName": table, "ConsistentRead": true });
        for _ in 0..PAGES_MAX {
            let mut page = self.ask("Scan", &request).await?;
            if let Value::Array(found) = page["Items"].take() {
                items.extend(found.iter().map(plain::item));
            }
            match page["LastEvaluatedKey"].take() {
                Value::Null => break,
                key => request["ExclusiveStartKey"] = key,
            }
        }
        Ok(items)
    }

    /// One operation of our own, which must succeed.
    async fn ask(&self, operation: &'static str, body: &Value) -> Result<Value, DynamoError> {
        let answer = self.forward(operation, Bytes::from(body.to_string())).await;
        let refused = || DynamoError::Refused {
            operation,
            status: answer.status,
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        };
        if answer.status != 200 {
            return Err(refused());
        }
        serde_json::from_slice(&answer.body).map_err(|_| refused())
    }

    /// Passes one call on to the engine.
    async fn forward(&self, operation: &str, body: Bytes) -> Answer {
        let body = arns::inward(operation, body);
        let request = Request::post(&self.url)
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.0")
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("x-amz-date", "20260101T000000Z")
            .header(header::AUTHORIZATION, SIGNED)
            .body(Full::new(body));
        let request = match request {
            Ok(request) => request,
            Err(error) => return Answer::error(400, "UnknownOperationException", &error.to_string()),
        };
        match self.exchange(request).await {
            Ok(answer) => arns::outward(operation, answer),
            Err(error) => Answer::error(500, "InternalServerError", &error),
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let response = self.http.request(request).await.map_err(|error| error.to_string())?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, ANSWER_MAX).collect().await.map_err(|error| error.to_string())?;
        let keep = |name: &str| {
            let value = head.headers.get(name)?.to_str().ok()?;
            Some((name.to_owned(), value.to_owned()))
        };
        Ok(Answer {
            status: head.status.as_u16(),
            // The checksum is verified by boto3 and others, so it is passed on with the body that it belongs to.
            headers: ["content-type", "x-amz-crc32"].into_iter().filter_map(keep).collect(),
            body: body.to_bytes(),
        })
    }
}

impl Drop for Dynamo {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Service for Dynamo {
    fn call(&self, call: Call) -> BoxFuture<'_, Answer> {
        Box::pin(async move { self.forward(&call.operation, call.body).await })
    }
}
