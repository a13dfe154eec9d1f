//! The shipped binaries, killed at every single call that they make: each flow ends as if nothing had happened.
//!
//! A clean run of a flow learns how many calls each function makes in it. Then, for each of them, a world of its own in which
//! that one call goes wrong: the n-th call of the function, whatever its service and operation. Schedules are held until it
//! has, and a flow that needs `reconcile`'s fires it itself; so its calls are counted like all others, none of them is of a
//! tick that only happened to come by. After that everything runs by itself.
//!
//! Some flows begin with a lost answer, so that the whole way back from it is walked, too: what is due is sent on its way again,
//! taken over, its record looked for and adopted. There the points begin after that call.
//!
//! What passes slowly is helped on, as if its time had come: messages are visible again, and whoever was to tell of an end and
//! died has had its two minutes.

mod flow;
mod point;
mod run;

use flow::Flow;
use run::{KILLED_OR_UNANSWERED, LOST_OR_LATE, every_call};

macro_rules! flows {
    ($($name:ident: $flow:expr;)*) => {
        /// The function dies before and after each call, and the answer of each call is lost.
        mod killed_or_unanswered {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    every_call($flow, &KILLED_OR_UNANSWERED).await;
                }
            )*
        }

        /// Each call never arrives, arrives late, or is answered late: later than the lease, and than anybody waits for.
        mod lost_or_late {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                #[ignore = "minutes: `cargo test -p steward-tests --test it -- --ignored every_call`"]
                async fn $name() {
                    every_call($flow, &LOST_OR_LATE).await;
                }
            )*
        }
    };
}

flows! {
    an_expired_termination: Flow::Expired;
    a_termination_by_id: Flow::ById;
    a_termination_by_name: Flow::ByName;
    a_termination_that_is_polled: Flow::Polled;
    a_termination_whose_first_record_failed: Flow::SecondAttempt;
    an_action: Flow::Action;
    drift: Flow::Drift;
    a_plan: Flow::Plan;
    an_import: Flow::Import;
    an_extension: Flow::Extension;
    a_protection: Flow::Protection;
    a_warning: Flow::Warning;
    an_end: Flow::End;
    a_termination_without_an_answer: Flow::UnansweredTermination;
    an_action_without_an_answer: Flow::UnansweredAction;
    a_plan_without_an_answer: Flow::UnansweredPlan;
    an_import_without_an_answer: Flow::UnansweredImport;
}
