//! The test of the test: a promise broken at a simulated port. The simulation must find each.

use clap::ValueEnum;

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mutant {
    /// The table writes whatever stands there: no fence, no lease.
    Fencing,
    /// The service gets a token of the call's own, as the SDK makes one, and not the one that was stored.
    StoredToken,
    /// Nobody finds the record of a lost answer.
    LookUp,
    /// What guards a product is not shown to whoever judges: protection, lease, tags.
    Judging,
    /// The bus takes an event before it has it: whoever dies then has told nobody.
    PublishFirst,
    /// A call may leave after its lease.
    SenderLease,
    /// The slot in which a product's drift is repaired is everybody's.
    RepairSlot,
    /// An operator's retry is a new attempt, whatever became of the last one.
    Retry,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Fencing,
        Self::StoredToken,
        Self::LookUp,
        Self::Judging,
        Self::PublishFirst,
        Self::SenderLease,
        Self::RepairSlot,
        Self::Retry,
    ];
}
