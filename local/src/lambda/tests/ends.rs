//! How processes end: by themselves, too late, killed, with everything else.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::*;
use crate::api::{Answer, Call, Service};
use crate::gateway::faults::{self, Fault};
use crate::gateway::policy::{self, Policy, Statement};
use crate::gateway::{Gateway, Identities};

#[tokio::test]
async fn a_process_that_ends_has_crashed_and_is_replaced() {
    let functions = one();
    assert_eq!(invoke(&functions, json!({ "exit": 1 })).await, Err(InvokeError::Crashed));
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
    assert_eq!(invoke(&functions, json!({ "sleep": 60_000 })).await, Err(InvokeError::TimedOut));
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
    assert!(functions.processes().await[0].ended.as_ref().unwrap().contains("SIGKILL"));
    let (slow, killed) = tokio::join!(invoke(&functions, json!({ "print": "running", "sleep": 60_000 })), async {
        while !functions.processes().await.iter().any(|process| process.ended.is_none()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        functions.kill("F").await
    });
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
    let setup = Setup { clock: Clock::system(1.0), place: Place::default(), endpoint: gateway.url(), seed: 7 };
    let functions = Functions::start(setup, vec![function("F", "well", Duration::from_secs(20))], None);
    gateway.set_kill(functions.kill_hook());
    invoke(&functions, json!({ "call": "well" })).await.unwrap();
    for (effect, committed) in [(faults::Effect::KillBefore, 1), (faults::Effect::KillAfter, 2)] {
        let _ = gateway.faults().add(Fault {
            caller: Some("F".to_owned()),
            service: Some("events".to_owned()),
            operation: None,
            skip: 0,
            times: 1,
            effect,
        });
        let crashed = invoke(&functions, json!({ "call": "and die" })).await;
        assert_eq!((crashed, events.0.load(Ordering::SeqCst)), (Err(InvokeError::Crashed), committed));
    }
    functions.stop().await;
    let said: Vec<String> = functions.log().into_iter().map(|line| line.text).collect();
    assert!(said.iter().any(|text| text == "answered HTTP/1.1 200 OK"), "{said:?}");
    assert!(!said.iter().any(|text| text == "the connection was lost"), "{said:?}");
    assert_eq!(gateway.counts()["F"]["events:PutEvents"], 3);
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
