use std::collections::{HashSet, VecDeque};

use super::*;

/// Every standing that any sequence of events can lead to, with counters cut at three so that there are few.
fn reachable() -> HashSet<Standing> {
    let mut seen = HashSet::from([Standing::first()]);
    let mut queue = VecDeque::from([Standing::first()]);
    while let Some(from) = queue.pop_front() {
        for event in Event::ALL {
            let Ok(to) = next(from, event) else { continue };
            if to.attempt <= 3 && to.failures <= 3 && to.tries <= 3 && seen.insert(to) {
                queue.push_back(to);
            }
        }
    }
    seen
}

fn each_step(check: impl Fn(Standing, Event, Standing)) {
    for from in reachable() {
        for event in Event::ALL {
            if let Ok(to) = next(from, event) {
                check(from, event, to);
            }
        }
    }
}

#[test]
fn every_state_is_reached() {
    let states: HashSet<State> = reachable().into_iter().map(|standing| standing.state).collect();
    assert_eq!(states.len(), State::ALL.len());
}

#[test]
fn a_terminal_state_is_never_left() {
    each_step(|from, event, _| assert!(from.state.is_live(), "{event:?} left {from:?}"));
}

// Hazard A1: nor does it renew the attempt.
// Hazard B2: the attempt is never lowered.
#[test]
fn the_attempt_grows_only_after_a_failed_record_or_a_certain_refusal() {
    each_step(|from, event, to| {
        assert!(to.attempt >= from.attempt, "{event:?} lowered the attempt of {from:?}");
        if to.attempt > from.attempt {
            let certain = event == Event::RefusedBusy && !from.open;
            assert!(certain || event == Event::RecordFailed, "{event:?} renewed {from:?}");
            assert!(!to.open, "a new attempt cannot be open");
        }
    });
}

// Hazard A1: no refusal settles what may have left.
#[test]
fn no_refusal_settles_an_open_attempt() {
    each_step(|from, event, to| {
        let refusal = matches!(event, Event::RefusedBusy | Event::RefusedUnseen | Event::RefusedFinally);
        if from.open && refusal {
            assert!(to.open && to.state == State::Waiting && to.attempt == from.attempt, "{event:?} on {from:?}");
        }
    });
}

// Hazard B2: what was sent keeps its place.
#[test]
fn what_was_sent_is_never_skipped_or_rejected_and_stays_sent() {
    each_step(|from, event, to| {
        assert!(!from.sent || to.sent, "{event:?} made {from:?} unsent");
        assert!(!(to.sent && to.holds_no_place()), "{event:?} let the sent {from:?} lose its place");
    });
}

#[test]
fn an_open_attempt_is_closed_only_by_its_record() {
    each_step(|from, event, to| {
        if from.open && !to.open {
            assert!(matches!(event, Event::Accepted | Event::Found), "{event:?} closed {from:?}");
        }
    });
}

#[test]
fn only_what_was_skipped_for_good_or_has_ended_holds_its_place() {
    each_step(|_, event, to| {
        let free = matches!(event, Event::Skipped | Event::Rejected);
        assert_eq!(to.holds_no_place(), free, "{event:?} led to {to:?}");
    });
}

#[test]
fn a_dead_worker_leaves_an_open_attempt() {
    let taken_over = next(Standing::first(), Event::Reclaimed).unwrap();
    assert!(taken_over.open && taken_over.sent && taken_over.attempt == 1);
}

// Hazard C2: what may have left cannot be cancelled.
#[test]
fn an_open_operation_cannot_be_cancelled() {
    let lost = next(Standing::first(), Event::Lost).unwrap();
    assert!(next(lost, Event::Cancelled).is_err());
    let held = next(Standing::first(), Event::Held).unwrap();
    assert_eq!(next(held, Event::Cancelled).unwrap().state, State::Cancelled);
}

#[test]
fn an_illegal_step_names_where_and_what() {
    let done = Standing { state: State::Succeeded, ..Standing::first() };
    let text = next(done, Event::Accepted).unwrap_err().to_string();
    assert!(text.contains("Accepted") && text.contains("Succeeded"), "{text}");
}
