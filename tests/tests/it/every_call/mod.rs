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
//!
//! What takes minutes is left to `cargo test -p steward-tests --test it -- --ignored every_call`.

mod flow;
mod point;
mod run;

use flow::Flow;
use run::{KILLED_OR_UNANSWERED, LOST_OR_LATE, every_call};

macro_rules! flows {
    (minutes $effects:expr; $($name:ident: $flow:ident,)*) => {
        flows! { $effects; $(#[ignore = "minutes"] $name: $flow,)* }
    };
    ($effects:expr; $($(#[$attribute:meta])* $name:ident: $flow:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            $(#[$attribute])*
            async fn $name() {
                every_call(Flow::$flow, &$effects).await;
            }
        )*
    };
}

/// The function dies before and after each call, and the answer of each call is lost.
mod killed_or_unanswered {
    use super::*;

    flows! {
        KILLED_OR_UNANSWERED;
        an_expired_termination: Expired,
        a_termination_by_id: ById,
        a_termination_by_name: ByName,
        a_termination_that_is_polled: Polled,
        a_termination_whose_first_record_failed: SecondAttempt,
        an_action: Action,
        drift: Drift,
        a_plan: Plan,
        an_import: Import,
        an_extension: Extension,
        a_protection: Protection,
        a_warning: Warning,
        an_end: End,
    }
}

/// Each call never arrives, arrives late, or is answered late: later than the lease, and than anybody waits for.
mod lost_or_late {
    use super::*;

    flows! {
        minutes LOST_OR_LATE;
        an_expired_termination: Expired,
        a_termination_by_id: ById,
        a_termination_by_name: ByName,
        a_termination_that_is_polled: Polled,
        a_termination_whose_first_record_failed: SecondAttempt,
        an_action: Action,
        drift: Drift,
        a_plan: Plan,
        an_import: Import,
        an_extension: Extension,
        a_protection: Protection,
        a_warning: Warning,
        an_end: End,
    }
}

/// All of that on the way back from a lost answer.
mod twice_out_of_luck {
    use super::*;

    flows! {
        minutes [KILLED_OR_UNANSWERED, LOST_OR_LATE].concat();
        a_termination: UnansweredTermination,
        an_action: UnansweredAction,
        a_plan: UnansweredPlan,
        an_import: UnansweredImport,
    }
}
