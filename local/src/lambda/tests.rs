//! Real processes: this test executable, started again as a function.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde_json::json;

use super::*;
use crate::api::{Answer, Call, Service};
use crate::gateway::faults::{self, Fault};
use crate::gateway::policy::{self, Policy, Statement};
use crate::gateway::{Gateway, Identities};

/// Says to [`a_fake_function`] that it is one, and how it starts.
const FAKE: &str = "FAKE_FUNCTION";

fn function(name: &str, start: &str, timeout: Duration) -> Function {
    let arguments = ["--exact", "lambda::tests::a_fake_function", "--ignored", "--nocapture"];
    Function {
        arguments: arguments.map(OsString::from).to_vec(),
        environment: BTreeMap::from([(FAKE.to_owned(), start.to_owned())]),
        timeout,
        ..Function::new(name, std::env::current_exe().unwrap())
    }
}

fn functions(all: Vec<Function>) -> Functions {
    let setup = Setup {
        clock: Clock::system(1.0),
        place: Place::default(),
        endpoint: "http://127.0.0.1:9".to_owned(),
        seed: 7,
    };
    Functions::start(setup, all, None)
}

/// One function `F` that starts well and has a long time-out.
fn one() -> Functions {
    functions(vec![function("F", "well", Duration::from_secs(20))])
}

async fn invoke(functions: &Functions, payload: Value) -> Result<Value, InvokeError> {
    let invoked = functions.invoke("F", payload);
    tokio::time::timeout(Duration::from_secs(30), invoked)
        .await
        .expect("an end")
}

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
#[expect(
    clippy::disallowed_methods,
    reason = "as a function it is told everything by its environment"
)]
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

#[test]
#[ignore = "the body of the function processes that the other tests start"]
#[expect(
    clippy::disallowed_methods,
    reason = "as a function it is told everything by its environment"
)]
fn a_fake_function() {
    let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") else {
        // Started as a test, by `--include-ignored`.
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
        if let Some(millis) = event["sleep"].as_u64() {
            std::thread::sleep(Duration::from_millis(millis));
        }
        if let Some(line) = event["print"].as_str() {
            println!("{line}");
            eprintln!("error of {line}");
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
                (
                    "response",
                    json!({ "event": event, "pid": std::process::id(), "environment": environment }),
                )
            }
            said => ("error", json!({ "errorType": "Failed", "errorMessage": said })),
        };
        ask(&api, "POST", &format!("invocation/{id}/{end}"), &answer.to_string());
    }
}

#[tokio::test]
async fn a_process_answers_again_and_again_with_the_environment_it_was_given() {
    let functions = one();
    let first = invoke(&functions, json!({ "n": 1 })).await.unwrap();
    let second = invoke(&functions, json!({ "n": 2 })).await.unwrap();
    assert_eq!((&first["event"]["n"], &second["event"]["n"]), (&json!(1), &json!(2)));
    assert_eq!(first["pid"], second["pid"]);
    let environment = first["environment"].as_object().unwrap();
    let names: Vec<&str> = environment.keys().map(String::as_str).collect();
    let expected = [
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        FAKE,
        "LANG",
        "TZ",
    ];
    assert_eq!(names, expected);
    assert_eq!(environment["AWS_ACCESS_KEY_ID"], "AKIALOCALF");
    let processes = functions.processes().await;
    assert_eq!((processes.len(), processes[0].invocations), (1, 2));
    assert!(processes[0].peak_rss_kib > 100, "{processes:?}");
    functions.stop().await;
    assert_eq!(invoke(&functions, json!({})).await, Err(InvokeError::Crashed));
}

#[tokio::test]
async fn a_reported_error_is_told_and_the_process_lives_on() {
    let functions = one();
    let failed = InvokeError::Function {
        error_type: "Failed".to_owned(),
        message: "so".to_owned(),
    };
    assert_eq!(invoke(&functions, json!({ "fail": "so" })).await, Err(failed));
    invoke(&functions, json!({})).await.unwrap();
    assert_eq!(functions.starts()["F"], 1);
    assert_eq!(functions.invoke("Other", json!({})).await, Err(InvokeError::Unknown));
}

#[tokio::test]
async fn a_process_that_ends_has_crashed_and_is_replaced() {
    let functions = one();
    assert_eq!(
        invoke(&functions, json!({ "exit": 1 })).await,
        Err(InvokeError::Crashed)
    );
    invoke(&functions, json!({})).await.unwrap();
    assert_eq!(functions.starts()["F"], 2);
    let ended: Vec<Option<String>> = functions.processes().await.into_iter().map(|one| one.ended).collect();
    assert_eq!(ended, [Some("exit status: 1".to_owned()), None]);
}

#[tokio::test]
async fn a_process_that_takes_too_long_is_killed() {
    let functions = functions(vec![function("F", "well", Duration::from_millis(1_500))]);
    invoke(&functions, json!({})).await.unwrap();
    let began = Instant::now();
    assert_eq!(
        invoke(&functions, json!({ "sleep": 60_000 })).await,
        Err(InvokeError::TimedOut)
    );
    assert!(began.elapsed() >= Duration::from_millis(1_500));
    let process = &functions.processes().await[0];
    assert!(process.ended.as_ref().unwrap().contains("SIGKILL"), "{process:?}");
    invoke(&functions, json!({})).await.unwrap();
}

#[tokio::test]
async fn a_kill_ends_what_runs_and_spares_what_is_idle() {
    let functions = one();
    let slow = invoke(&functions, json!({ "sleep": 60_000 }));
    let kill = async {
        while functions.kill("F").await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    // Killed during its start, the invocation fails otherwise; either way it fails, and its process is dead.
    let (failed, ()) = tokio::join!(slow, kill);
    assert!(failed.is_err());
    assert!(
        functions.processes().await[0]
            .ended
            .as_ref()
            .unwrap()
            .contains("SIGKILL")
    );
    let (slow, killed) = tokio::join!(
        invoke(&functions, json!({ "print": "running", "sleep": 60_000 })),
        async {
            while !functions
                .processes()
                .await
                .iter()
                .any(|process| process.ended.is_none())
            {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
            functions.kill("F").await
        }
    );
    assert_eq!((slow, killed), (Err(InvokeError::Crashed), 1));
    invoke(&functions, json!({})).await.unwrap();
    assert_eq!(functions.kill("F").await, 0, "an idle process is not at work");
}

/// Counts what it commits.
#[derive(Debug, Default)]
struct Committed(AtomicU64);

impl Service for Committed {
    fn call(&self, _: Call) -> BoxFuture<'_, Answer> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Answer::ok(&json!({})) })
    }
}

#[tokio::test]
async fn a_function_killed_at_a_call_sees_neither_its_answer_nor_its_loss() {
    let identities = Identities::new(Place::default()).with_function("F", "FRole");
    let gateway = Gateway::start(Clock::system(1.0), identities, 0).await.unwrap();
    let events = Arc::new(Committed::default());
    gateway.register("events", Arc::<Committed>::clone(&events));
    gateway.set_policy(Policy {
        statements: BTreeMap::from([(
            "F".to_owned(),
            vec![Statement {
                effect: policy::Effect::Allow,
                actions: vec!["events:PutEvents".to_owned()],
                resources: vec!["*".to_owned()],
            }],
        )]),
    });
    let setup = Setup {
        clock: Clock::system(1.0),
        place: Place::default(),
        endpoint: gateway.url(),
        seed: 7,
    };
    let functions = Functions::start(setup, vec![function("F", "well", Duration::from_secs(20))], None);
    gateway.set_kill(functions.kill_hook());
    invoke(&functions, json!({ "call": "well" })).await.unwrap();
    for (effect, committed) in [(faults::Effect::KillBefore, 1), (faults::Effect::KillAfter, 2)] {
        let _ = gateway.faults().add(Fault {
            caller: Some("F".to_owned()),
            service: "events".to_owned(),
            operation: None,
            skip: 0,
            times: 1,
            effect,
        });
        let crashed = invoke(&functions, json!({ "call": "and die" })).await;
        assert_eq!(
            (crashed, events.0.load(Ordering::SeqCst)),
            (Err(InvokeError::Crashed), committed)
        );
    }
    functions.stop().await;
    let said: Vec<String> = functions.log().into_iter().map(|line| line.text).collect();
    assert!(said.iter().any(|text| text == "answered HTTP/1.1 200 OK"), "{said:?}");
    assert!(!said.iter().any(|text| text == "the connection was lost"), "{said:?}");
    assert_eq!(gateway.counts()["F"]["events:PutEvents"], 3);
}

#[tokio::test]
async fn a_process_that_cannot_start_says_why() {
    for (start, kind, text) in [
        (
            "exit",
            "Runtime.ExitError",
            "(exit status: 3). Its last line: BACKOFF_BASE: 3 is not a duration",
        ),
        ("error", "Config", "bad"),
    ] {
        let functions = functions(vec![function("F", start, Duration::from_secs(20))]);
        let Err(InvokeError::Function { error_type, message }) = invoke(&functions, json!({})).await else {
            panic!("{start} started");
        };
        assert_eq!(error_type, kind);
        assert!(message.ends_with(text), "{message}");
    }
    let missing = functions(vec![Function::new("F", "/no/such/binary")]);
    let error = invoke(&missing, json!({})).await;
    assert!(
        matches!(error, Err(InvokeError::Function { error_type, .. }) if error_type == "Runtime.InvalidEntrypoint")
    );
}

#[tokio::test]
async fn invocations_at_once_have_processes_of_their_own_up_to_the_limit() {
    let limited = Function {
        concurrency: 2,
        ..function("F", "well", Duration::from_secs(20))
    };
    let functions = functions(vec![limited]);
    let slow = || invoke(&functions, json!({ "sleep": 300 }));
    let answers = tokio::join!(slow(), slow(), slow(), slow());
    let mut pids: Vec<u64> = [answers.0, answers.1, answers.2, answers.3]
        .map(|answer| answer.unwrap()["pid"].as_u64().unwrap())
        .to_vec();
    pids.sort_unstable();
    pids.dedup();
    assert_eq!((pids.len(), functions.starts()["F"]), (2, 2));
}

#[tokio::test]
async fn lines_are_kept_with_their_invocation_and_given_to_the_sink() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let setup = Setup {
        clock: Clock::system(1.0),
        place: Place::default(),
        endpoint: String::new(),
        seed: 7,
    };
    let take: Sink = Arc::new(move |line: &LogLine| sink.lock().unwrap().push(line.text.clone()));
    let functions = Functions::start(setup, vec![function("F", "well", Duration::from_secs(20))], Some(take));
    invoke(&functions, json!({ "print": "hello" })).await.unwrap();
    let lines = loop {
        let ours = |line: &LogLine| line.text.ends_with("hello");
        let lines: Vec<LogLine> = functions.log().into_iter().filter(ours).collect();
        if lines.len() == 2 {
            break lines;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    for (stream, text) in [(Stream::Stdout, "hello"), (Stream::Stderr, "error of hello")] {
        let line = lines.iter().find(|line| line.stream == stream).unwrap();
        assert_eq!((line.text.as_str(), line.function.as_str()), (text, "F"));
        assert_eq!(line.request_id.as_ref().unwrap().len(), 36);
    }
    assert!(seen.lock().unwrap().iter().any(|text| text == "hello"));
}

#[tokio::test]
async fn an_invoker_that_gives_up_does_not_end_what_it_began() {
    let functions = one();
    let given_up = tokio::time::timeout(
        Duration::from_millis(50),
        functions.invoke("F", json!({ "sleep": 200 })),
    )
    .await;
    assert!(given_up.is_err());
    loop {
        if functions
            .processes()
            .await
            .iter()
            .any(|process| process.invocations == 1)
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(functions.starts()["F"], 1);
}

#[tokio::test]
async fn processes_end_with_their_functions() {
    let functions = one();
    let answer = invoke(&functions, json!({})).await.unwrap();
    let process = format!("/proc/{}/status", answer["pid"]);
    drop(functions);
    for _ in 0..400 {
        let status = std::fs::read_to_string(&process).unwrap_or_default();
        if status.is_empty() || status.contains("State:\tZ") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the process outlived its functions");
}
