//! Real processes: this test executable, started again as a function.

mod ends;
mod fake;

use std::sync::Mutex;

use serde_json::json;

use super::*;

/// Says to [`fake::a_fake_function`] that it is one, and how it starts.
const FAKE: &str = "FAKE_FUNCTION";

fn function(name: &str, start: &str, timeout: Duration) -> Function {
    let arguments = ["--exact", "lambda::tests::fake::a_fake_function", "--nocapture"];
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
    tokio::time::timeout(Duration::from_secs(30), invoked).await.expect("an end")
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
    let failed = InvokeError::Function { error_type: "Failed".to_owned(), message: "so".to_owned() };
    assert_eq!(invoke(&functions, json!({ "fail": "so" })).await, Err(failed));
    invoke(&functions, json!({})).await.unwrap();
    assert_eq!(functions.starts()["F"], 1);
    assert_eq!(functions.invoke("Other", json!({})).await, Err(InvokeError::Unknown));
}

#[tokio::test]
async fn a_process_that_cannot_start_says_why() {
    for (start, kind, text) in [
        ("exit", "Runtime.ExitError", "(exit status: 3). Its last line: BACKOFF_BASE: 3 is not a duration"),
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
    let limited = Function { concurrency: 2, ..function("F", "well", Duration::from_secs(20)) };
    let functions = functions(vec![limited]);
    let slow = || invoke(&functions, json!({ "sleep": 300 }));
    let answers = tokio::join!(slow(), slow(), slow(), slow());
    let mut pids: Vec<u64> =
        [answers.0, answers.1, answers.2, answers.3].map(|answer| answer.unwrap()["pid"].as_u64().unwrap()).to_vec();
    pids.sort_unstable();
    pids.dedup();
    assert_eq!((pids.len(), functions.starts()["F"]), (2, 2));
}

#[tokio::test]
async fn lines_are_kept_with_their_invocation_and_given_to_the_sink() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let setup = Setup { clock: Clock::system(1.0), place: Place::default(), endpoint: String::new(), seed: 7 };
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
    let given_up =
        tokio::time::timeout(Duration::from_millis(50), functions.invoke("F", json!({ "sleep": 200 }))).await;
    assert!(given_up.is_err());
    loop {
        if functions.processes().await.iter().any(|process| process.invocations == 1) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(functions.starts()["F"], 1);
}
