//! Faults as a client sees them.

use std::time::Instant;

use super::*;

#[tokio::test]
async fn an_injected_answer_comes_instead_of_the_call_or_after_it() {
    let rig = rig().await;
    let (code, message) = ("ThrottlingException".to_owned(), "Rate exceeded".to_owned());
    rig.fault(Effect::Answer { status: 400, code: code.clone(), message: message.clone() });
    let (status, body) = rig.put().await.unwrap();
    assert!(status == 400 && body.contains("ThrottlingException"), "{body}");
    assert!(rig.service.operations().is_empty());
    rig.fault(Effect::AnswerAfter { status: 500, code, message });
    assert_eq!(rig.put().await.unwrap().0, 500);
    assert_eq!(rig.service.operations(), ["PutItem"]);
    assert_eq!(rig.put().await.unwrap().0, 200);
    assert_eq!(rig.gateway.faults().fired().len(), 2);
    assert_eq!(rig.gateway.counts()["F"]["dynamodb:PutItem"], 3);
}

#[tokio::test]
async fn a_dropped_call_is_a_lost_connection_before_or_after_the_commit() {
    let rig = rig().await;
    rig.put().await.unwrap();
    rig.fault(Effect::DropBefore);
    assert_eq!(rig.put().await, None);
    assert_eq!(rig.service.operations().len(), 1);
    rig.fault(Effect::DropAfter);
    assert_eq!(rig.put().await, None);
    assert_eq!(rig.service.operations().len(), 2);
    assert_eq!(rig.put().await.unwrap().0, 200);
    let statuses: Vec<Option<u16>> = rig.gateway.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(200), None, None, Some(200)]);
}

#[tokio::test]
async fn delays_hold_the_call_or_its_answer() {
    let rig = rig().await;
    let by = Duration::from_millis(80);
    for effect in [Effect::Delay(by), Effect::DelayAnswer(by)] {
        let early = matches!(effect, Effect::DelayAnswer(_));
        let before = rig.service.operations().len();
        rig.fault(effect);
        let began = Instant::now();
        let half = async {
            tokio::time::sleep(by / 2).await;
            rig.service.operations().len() > before
        };
        let (answer, seen) = tokio::join!(rig.put(), half);
        assert_eq!((answer.unwrap().0, seen), (200, early));
        assert!(began.elapsed() >= by);
    }
    rig.gateway.set_latency(by);
    let began = Instant::now();
    rig.put().await.unwrap();
    assert!(began.elapsed() >= by);
}

#[tokio::test]
async fn a_kill_is_finished_before_the_connection_closes() {
    let rig = rig().await;
    let killed = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&killed);
    rig.gateway.set_kill(Arc::new(move |caller| {
        let hook = Arc::clone(&hook);
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            hook.lock().unwrap().push(caller);
        })
    }));
    rig.fault(Effect::KillBefore);
    assert_eq!(rig.put().await, None);
    assert_eq!((killed.lock().unwrap().len(), rig.service.operations().len()), (1, 0));
    rig.fault(Effect::KillAfter);
    assert_eq!(rig.put().await, None);
    assert_eq!(*killed.lock().unwrap(), ["F", "F"]);
    assert_eq!(rig.service.operations().len(), 1);
}

#[tokio::test]
async fn a_call_whose_caller_is_gone_is_carried_out_all_the_same() {
    let rig = rig().await;
    rig.fault(Effect::Delay(Duration::from_millis(50)));
    let gone = tokio::time::timeout(Duration::from_millis(10), rig.put()).await;
    assert!(gone.is_err());
    for _ in 0..100 {
        if rig.service.operations() == ["PutItem"] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the call was lost with its caller");
}
