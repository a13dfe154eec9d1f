//! All points of a flow, side by side.

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use steward_local::gateway::faults::Effect;
use tokio::sync::Semaphore;

use super::flow::Flow;
use super::point::{clean, point};

/// Longer than the lease, and longer than a function waits for one transmission.
const LATE: Duration = Duration::from_secs(4);
/// How many worlds there are at a time, of all flows: they mostly wait.
static WORLDS: Semaphore = Semaphore::const_new(10);

/// The process dies before the service hears of the call, or right after; or the answer is lost.
pub(super) const KILLED_OR_LOST: [Effect; 3] = [Effect::KillBefore, Effect::KillAfter, Effect::DropAfter];
/// The call is lost, late, or answered late.
pub(super) const EACH_WAY: [Effect; 3] = [Effect::DropBefore, Effect::Delay(LATE), Effect::DelayAnswer(LATE)];

/// How long after a send its record is looked for. What is under way for longer cannot be known, neither here nor at AWS.
fn resend_after(effects: &[Effect]) -> Duration {
    if effects.iter().any(|effect| matches!(effect, Effect::Delay(_))) {
        Duration::from_secs(2)
    } else {
        Duration::from_secs(1)
    }
}

/// Lets each call of each function of a flow go wrong, in each of these ways.
#[expect(clippy::print_stdout, reason = "how many points there were is what people ask")]
pub(super) async fn every_call(flow: Flow, effects: &[Effect]) {
    let began = Instant::now();
    let resend_after = resend_after(effects);
    let clean = {
        let _place = WORLDS.acquire().await.unwrap();
        clean(flow, resend_after).await
    };
    let mut points = Vec::new();
    for (function, calls) in &clean.calls {
        assert!(!calls.is_empty(), "{flow:?} does not come to {function}");
        for skip in 0..u32::try_from(calls.len()).unwrap() {
            points.extend(effects.iter().map(|effect| (*function, skip, effect.clone())));
        }
    }
    let failed: Vec<_> = stream::iter(points)
        .map(|(function, skip, effect)| {
            let clean = clean.clone();
            async move {
                let _place = WORLDS.acquire().await.unwrap();
                let case = (function, skip, effect.clone());
                // A task of its own: that one fails must not hide what becomes of the others.
                let run = tokio::spawn(async move { point(flow, function, skip, effect, resend_after, &clean).await });
                run.await.is_err().then_some(case)
            }
        })
        .buffer_unordered(8)
        .filter_map(|failed| async { failed })
        .collect()
        .await;
    for (function, calls) in &clean.calls {
        let points = calls.len() * effects.len();
        let lost = failed.iter().filter(|(of, ..)| of == function).count();
        let end = if lost == 0 { "all recovered".to_owned() } else { format!("{lost} not recovered") };
        println!("{:<14} {function:<22} {:>3} calls {points:>4} points, {end}", format!("{flow:?}"), calls.len());
        println!("{:<14} {}", "", calls.join(" "));
    }
    println!("{:<14} {:.0?}", "", began.elapsed());
    assert_eq!(failed, [], "of {flow:?}");
}
