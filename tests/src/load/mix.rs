//! What is asked for, how often, and what must come of it.

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Sort {
    Termination,
    TerminationByName,
    TerminationFailsOnce,
    TerminationFails,
    Protected,
    UnknownProduct,
    /// The event that says that it has expired.
    Expired,
    /// It expires, and `reconcile` tells.
    Expiring,
    ExtendedMeanwhile,
    Action,
    ActionFails,
    Drift,
    DriftFailsOnce,
    Plan,
    PlanFails,
    OtherPlan,
    Import,
    Extension,
    UnknownExtended,
    Protection,
    BadMessage,
}

/// Where a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// One operation, in this state.
    Operation(&'static str),
    /// No operation, but an answer of this type.
    Answer(&'static str),
    /// No operation: the message is kept as rejected.
    Rejection,
}

/// What the service itself refuses is not among it: where an answer was lost, such a request is tried for as long as
/// `GiveUpAfter` says.
///
/// Of so many parts of the load; what must come of it; how many executions that takes.
const MIX: [(Sort, u32, End, usize); 21] = [
    (Sort::Termination, 180, End::Operation("succeeded"), 1),
    (Sort::TerminationByName, 60, End::Operation("succeeded"), 1),
    (Sort::TerminationFailsOnce, 40, End::Operation("succeeded"), 2),
    (Sort::TerminationFails, 20, End::Operation("failed"), 3),
    (Sort::Protected, 30, End::Operation("rejected"), 0),
    (Sort::UnknownProduct, 20, End::Operation("failed"), 0),
    (Sort::Expired, 90, End::Operation("succeeded"), 1),
    (Sort::Expiring, 70, End::Operation("succeeded"), 1),
    (Sort::ExtendedMeanwhile, 20, End::Operation("skipped"), 0),
    (Sort::Action, 130, End::Operation("succeeded"), 1),
    (Sort::ActionFails, 20, End::Operation("failed"), 1),
    (Sort::Drift, 100, End::Operation("succeeded"), 1),
    (Sort::DriftFailsOnce, 20, End::Operation("succeeded"), 2),
    (Sort::Plan, 60, End::Operation("succeeded"), 1),
    (Sort::PlanFails, 10, End::Operation("failed"), 1),
    (Sort::OtherPlan, 10, End::Operation("rejected"), 0),
    // One at a time: more of them would only wait for each other.
    (Sort::Import, 20, End::Operation("succeeded"), 1),
    (Sort::Extension, 40, End::Answer("Extension Granted"), 0),
    (Sort::UnknownExtended, 10, End::Rejection, 0),
    (Sort::Protection, 30, End::Answer("Protection Changed"), 0),
    (Sort::BadMessage, 10, End::Rejection, 0),
];

impl Sort {
    fn row(self) -> (End, usize) {
        let row = MIX.iter().find(|(sort, ..)| *sort == self);
        row.map_or((End::Rejection, 0), |(_, _, end, executions)| (*end, *executions))
    }

    /// Where it ends.
    pub(super) fn end(self) -> End {
        self.row().0
    }

    /// How many calls the service carries out for it: one for each record that is to fail, and one for its effect.
    pub(super) fn executions(self) -> usize {
        self.row().1
    }

    /// Whether its end is told: what is skipped is only logged.
    pub(super) fn is_told(self) -> bool {
        self.end() != End::Operation("skipped")
    }

    /// Whether the same message, coming again after its end, is refused with a word: a plan is its own trigger.
    pub(super) fn is_refused_again(self) -> bool {
        self == Self::PlanFails
    }
}

/// Draws the requests.
pub(super) fn draw(count: usize, random: &mut fastrand::Rng) -> Vec<Sort> {
    let parts: u32 = MIX.iter().map(|(_, part, ..)| part).sum();
    let one = |random: &mut fastrand::Rng| {
        let mut left = random.u32(..parts);
        for (sort, part, ..) in MIX {
            match left.checked_sub(part) {
                Some(less) => left = less,
                None => return sort,
            }
        }
        Sort::Termination
    };
    // One of each, so that a small load has all.
    let first = MIX.iter().map(|(sort, ..)| *sort).collect::<Vec<_>>();
    let more = count.saturating_sub(first.len());
    let mut sorts: Vec<Sort> = first.into_iter().chain((0..more).map(|_| one(random))).take(count).collect();
    random.shuffle(&mut sorts);
    sorts
}
