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
fn a_terminal_state_is_left_by_the_retry_of_a_failure_alone() {
    each_step(|from, event, to| {
        let retried = from.state == State::Failed && event == Event::Retried && to.state == State::Waiting;
        assert!(from.state.is_live() || retried, "{event:?} left {from:?}");
    });
}

// Hazard A1: nor does it renew the attempt.
// Hazard B2: the attempt is never lowered.
#[test]
fn the_attempt_grows_only_after_a_failed_record_or_a_certain_refusal() {
    each_step(|from, event, to| {
        assert!(to.attempt >= from.attempt, "{event:?} lowered the attempt of {from:?}");
        if to.attempt > from.attempt {
            let certain = matches!(event, Event::RefusedBusy | Event::Retried) && !from.open;
            assert!(certain || event == Event::RecordFailed, "{event:?} renewed {from:?}");
            assert!(from.sent || event != Event::Retried, "a token that never left is as good as new: {from:?}");
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

// Hazard B2: a retry lowers nothing, and never sends under a new token while an answer is missing.
#[test]
fn a_retry_keeps_an_open_attempt_open() {
    let lost = next(Standing::first(), Event::Lost).unwrap();
    let given_up = next(lost, Event::GivenUp).unwrap();
    let retried = next(given_up, Event::Retried).unwrap();
    assert!(retried.open && retried.attempt == 1, "{retried:?}");
    let submitted = next(Standing::first(), Event::Accepted).unwrap();
    let unread = next(submitted, Event::GivenUp).unwrap();
    assert!(unread.open, "accepted, and how it ended is not known");
    let failed = next(submitted, Event::RecordFailedFinally).unwrap();
    let retried = next(failed, Event::Retried).unwrap();
    assert_eq!((retried.attempt, retried.failures, retried.open), (2, 1, false));
}

#[test]
fn an_illegal_step_names_where_and_what() {
    let done = Standing { state: State::Succeeded, ..Standing::first() };
    let text = next(done, Event::Accepted).unwrap_err().to_string();
    assert!(text.contains("Accepted") && text.contains("Succeeded"), "{text}");
}
