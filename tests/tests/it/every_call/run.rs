//! All points of a flow, side by side.

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use steward_local::gateway::faults::Effect;
use tokio::sync::Semaphore;

use super::flow::Flow;
use super::point::{Clean, Point, clean, recovered};

/// Longer than the lease, and longer than a function waits for one transmission.
const LATE: Duration = Duration::from_secs(4);
/// How many worlds there are at a time, of all flows: they mostly wait.
static WORLDS: Semaphore = Semaphore::const_new(20);

/// The process dies before the service hears of the call, or right after; the answer is lost; the call is lost, late, or answered
/// late.
const EFFECTS: [Effect; 6] = [
    Effect::KillBefore,
    Effect::KillAfter,
    Effect::DropAfter,
    Effect::DropBefore,
    Effect::Delay(LATE),
    Effect::DelayAnswer(LATE),
];

/// Lets each call of each function of a flow go wrong, in each of these ways.
pub(super) async fn every_call(flow: Flow) {
    let began = Instant::now();
    let place = WORLDS.acquire().await.unwrap();
    let clean = clean(flow).await;
    drop(place);
    let points = points(flow, &clean);
    let failed: Vec<Point> = stream::iter(points.clone())
        .map(|point| {
            let seen = clean.seen.clone();
            async move {
                let _place = WORLDS.acquire().await.unwrap();
                // A task of its own: that one fails must not hide what becomes of the others.
                let run = tokio::spawn(recovered(flow, point.clone(), seen));
                run.await.is_err().then_some(point)
            }
        })
        .buffer_unordered(8)
        .filter_map(|failed| async { failed })
        .collect()
        .await;
    print(flow, &clean, &points, &failed, began.elapsed());
    assert_eq!(failed, [], "of {flow:?}");
}

/// Every call that a function makes after the one whose answer is lost anyway, in every way.
fn points(flow: Flow, clean: &Clean) -> Vec<Point> {
    let mut points = Vec::new();
    for (&function, calls) in &clean.calls {
        assert!(!calls.is_empty(), "{flow:?} does not come to {function}");
        let lost = flow.unanswered().and_then(|lost| calls.iter().position(|call| call.ends_with(lost)));
        for skip in lost.map_or(0, |lost| lost + 1)..calls.len() {
            points.extend(EFFECTS.iter().map(|effect| Point { function, skip, effect: effect.clone() }));
        }
    }
    points
}

/// How many points there were, and of which calls.
#[expect(clippy::print_stdout, reason = "the table is what people ask for")]
fn print(flow: Flow, clean: &Clean, points: &[Point], failed: &[Point], took: Duration) {
    let flow = format!("{flow:?}");
    for (&function, calls) in &clean.calls {
        let of = |points: &[Point]| points.iter().filter(|point| point.function == function).count();
        let end = match of(failed) {
            0 => "all recovered".to_owned(),
            failed => format!("{failed} NOT recovered"),
        };
        let (calls, points) = (calls.len(), of(points));
        println!("{flow:<22} {function:<22} {calls:>3} calls {points:>4} points, {end}, {took:.0?}");
    }
}
