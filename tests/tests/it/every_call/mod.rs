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
use run::every_call;

macro_rules! flows {
    ($($name:ident: $flow:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                every_call(Flow::$flow).await;
            }
        )*
    };
}

flows! {
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
    // Twice out of luck.
    a_termination_that_was_not_answered: UnansweredTermination,
    an_action_that_was_not_answered: UnansweredAction,
    a_plan_that_was_not_answered: UnansweredPlan,
    an_import_that_was_not_answered: UnansweredImport,
}
