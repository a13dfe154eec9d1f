//! What a function process of the tests does: it speaks the Runtime API by hand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use super::*;

/// Asks the Runtime API by hand: status, the request id header, body.
fn ask(api: &str, method: &str, path: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(api).unwrap();
    write!(
        stream,
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: l\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut reader = BufReader::new(stream);
    let (mut id, mut line) = (String::new(), String::new());
    while reader.read_line(&mut line).unwrap() > 2 {
        if let Some(value) = line.strip_prefix("lambda-runtime-aws-request-id: ") {
            value.trim().clone_into(&mut id);
        }
        line.clear();
    }
    let mut body = String::new();
    reader.read_to_string(&mut body).unwrap();
    (id, body)
}

/// Puts an event, as a function does: with the key and the endpoint of its environment.
#[expect(clippy::disallowed_methods, reason = "as a function it is told everything by its environment")]
fn call_the_gateway() {
    let address = std::env::var("AWS_ENDPOINT_URL").unwrap().replace("http://", "");
    let key = std::env::var("AWS_ACCESS_KEY_ID").unwrap();
    let date = Clock::system(1.0).now().format("%Y%m%dT%H%M%SZ");
    let credential = format!("AWS4-HMAC-SHA256 Credential={key}/20260101/eu-central-1/events/aws4_request");
    let mut stream = TcpStream::connect(&address).unwrap();
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: {address}\r\nauthorization: {credential}\r\nx-amz-date: {date}\r\n\
         x-amz-target: AWSEvents.PutEvents\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{}}"
    )
    .unwrap();
    let mut answer = String::new();
    match stream.read_to_string(&mut answer) {
        Ok(read) if read > 0 => println!("answered {}", answer.lines().next().unwrap()),
        _ => println!("the connection was lost"),
    }
}

/// The body of the function processes that the other tests start; started as a test, it has nothing to do.
#[test]
#[expect(clippy::disallowed_methods, reason = "as a function it is told everything by its environment")]
fn a_fake_function() {
    let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") else {
        return;
    };
    match std::env::var(FAKE).unwrap().as_str() {
        "exit" => {
            eprintln!("BACKOFF_BASE: 3 is not a duration");
            std::process::exit(3);
        }
        "error" => {
            let said = json!({ "errorType": "Config", "errorMessage": "bad" });
            ask(&api, "POST", "init/error", &said.to_string());
            std::process::exit(1);
        }
        _ => {}
    }
    loop {
        let (id, body) = ask(&api, "GET", "invocation/next", "");
        let event: Value = serde_json::from_str(&body).unwrap();
        if let Some(line) = event["print"].as_str() {
            println!("{line}");
            eprintln!("error of {line}");
        }
        if let Some(millis) = event["sleep"].as_u64() {
            std::thread::sleep(Duration::from_millis(millis));
        }
        if event["call"].is_string() {
            call_the_gateway();
        }
        if event["exit"].is_number() {
            std::process::exit(1);
        }
        let (end, answer) = match &event["fail"] {
            Value::Null => {
                let environment: BTreeMap<String, String> = std::env::vars().collect();
                ("response", json!({ "event": event, "pid": std::process::id(), "environment": environment }))
            }
            said => ("error", json!({ "errorType": "Failed", "errorMessage": said })),
        };
        ask(&api, "POST", &format!("invocation/{id}/{end}"), &answer.to_string());
    }
}
