//! What goes wrong in a schedule, and how often: drawn once from its seed. At a certain time it all stops.

use std::time::Duration;

use crate::chance::Chance;

/// How the service goes by tokens: published nowhere, so every way is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenMemory {
    /// A token is answered with its record while that runs.
    WhileRunning,
    /// A token is answered with its record for ever.
    ForEver,
    /// A token means nothing.
    None,
}

/// Probabilities are for each call, delivery or record.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    /// The process dies before the call leaves, or right after it was carried out.
    pub(crate) crash: f64,
    /// It is carried out, and the answer is lost.
    pub(crate) lost: f64,
    /// It is not carried out: no answer, a 5xx, throttling, bad credentials.
    pub(crate) undone: f64,
    /// The client has carried it out twice: its first answer was lost.
    pub(crate) twice: f64,
    /// Seconds go by on its way.
    pub(crate) slow: f64,
    /// The sandbox is frozen before the call leaves.
    pub(crate) frozen: f64,
    /// A message is delivered once more.
    pub(crate) doubled: f64,
    /// A message is late, by minutes.
    pub(crate) late: f64,
    /// A wake-up is lost.
    pub(crate) wake_up_lost: f64,
    /// A record FAILS.
    pub(crate) record_fails: f64,
    /// A record does not end before all is healed.
    pub(crate) record_hangs: f64,
    /// A record cannot be read for a while, or ever.
    pub(crate) record_unreadable: f64,
    /// A refusal of what is sent that says nothing of its cause.
    pub(crate) refused: f64,
    /// How far a clock may be off, either way.
    pub(crate) skew: Duration,
    /// How long a call may be on its way.
    pub(crate) on_its_way: Duration,
    /// How old the history may be.
    pub(crate) history_lag: Duration,
    /// How old the status of a plan may be.
    pub(crate) status_lag: Duration,
    /// How old the search index may be.
    pub(crate) search_lag: Duration,
    /// How old the table's indexes may be.
    pub(crate) index_lag: Duration,
    /// What a token means.
    pub(crate) token_memory: TokenMemory,
    /// Whether a product under change refuses before the token is looked up.
    pub(crate) state_first: bool,
    /// Whether a refusal of what is busy looks as one for good.
    pub(crate) busy_looks_invalid: bool,
    /// How many outages of table, bus and service there are.
    pub(crate) outages: u64,
}

impl Weather {
    /// Draws it.
    pub(crate) fn drawn(chance: &mut Chance) -> Self {
        let mut rate = || chance.one_of([0.0, 0.0, 0.004, 0.02, 0.08]);
        let (crash, lost, undone, twice, slow, frozen) = (rate(), rate(), rate(), rate(), rate(), rate() / 4.0);
        let (doubled, late, wake_up_lost) = (rate() * 4.0, rate(), rate() * 5.0);
        let (record_fails, record_hangs, record_unreadable, refused) = (rate() * 4.0, rate(), rate(), rate());
        let token_memory = chance.one_of([TokenMemory::WhileRunning, TokenMemory::ForEver, TokenMemory::None]);
        // What is assumed: clocks are off by less than five seconds. A token that is remembered makes up for any delay; where it is
        // not, a clock's error (both ways), the way of a call and the lag of the history are together less than a minute, as
        // `RESEND_AFTER` says.
        let is_remembered = token_memory == TokenMemory::ForEver;
        let mut up_to = |least: u64, most: u64| Duration::from_secs(chance.one_of([0, least, most]));
        let skew = up_to(2, 4);
        let on_its_way = Duration::from_secs(1) + up_to(4, if is_remembered { 240 } else { 18 });
        let history_lag = up_to(3, if is_remembered { 600 } else { 18 });
        let (status_lag, search_lag, index_lag) = (up_to(5, 300), up_to(60, 1_800), up_to(2, 20));
        Self {
            crash,
            lost,
            undone,
            twice,
            slow,
            frozen,
            doubled,
            late,
            wake_up_lost,
            record_fails,
            record_hangs,
            record_unreadable,
            refused,
            skew,
            on_its_way,
            history_lag,
            status_lag,
            search_lag,
            index_lag,
            token_memory,
            state_first: chance.is(0.5),
            busy_looks_invalid: chance.is(0.5),
            outages: chance.one_of([0, 0, 1, 3]),
        }
    }

    /// No fault any more; what the service is like stays as it is.
    pub(crate) fn heal(&mut self) {
        for rate in [
            &mut self.crash,
            &mut self.lost,
            &mut self.undone,
            &mut self.twice,
            &mut self.slow,
            &mut self.frozen,
            &mut self.doubled,
            &mut self.late,
            &mut self.wake_up_lost,
            &mut self.record_fails,
            &mut self.record_hangs,
            &mut self.record_unreadable,
            &mut self.refused,
        ] {
            *rate = 0.0;
        }
    }
}
