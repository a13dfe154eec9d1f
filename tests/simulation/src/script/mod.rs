//! What people, AWS and rivals do in a schedule: drawn from its seed, and done when its time comes.

mod acts;
mod requests;

use std::time::Duration;

use chrono::TimeDelta;
use shared::outcome::Outgoing;
use shared::retry::after;

use crate::agenda::Event;
use crate::call::Edge;
use crate::process::{Function, ProcessId};
use crate::queue::{Mend, Told};
use crate::world::World;

/// Something that somebody does.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// An event comes to a function's queue.
    Event(Function, Box<Told>),
    /// A mutant's bus has an event only now.
    Publish(ProcessId, Box<Outgoing>),
    /// Somebody updates a product: a new end after that, and protected or not.
    Update(String, Option<TimeDelta>, bool),
    /// Somebody terminates a product.
    Terminate(String),
    /// An operator writes a protection into the table, or takes it out.
    Protect(String, bool),
    /// An operator pauses Steward, or lets it go on.
    Pause(bool),
    /// All clocks are set anew.
    Clocks,
    /// All processes die.
    Die,
    /// Somebody makes another plan of it.
    SwapPlan(String),
    /// Somebody deletes a plan.
    DeletePlan(String),
    /// An operator mends some operation that is stuck by then.
    Mend(Mend),
}

/// What a schedule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theme {
    Terminations,
    Actions,
    Drift,
    Plans,
    Imports,
    Sweep,
    All,
}

impl World {
    /// Draws all that will be done, and the parameters of the functions.
    pub(crate) fn write_script(&mut self) -> Vec<(&'static str, String)> {
        let theme = self.chance.one_of([
            Theme::Terminations,
            Theme::Actions,
            Theme::Drift,
            Theme::Plans,
            Theme::Imports,
            Theme::Sweep,
            Theme::All,
            Theme::All,
        ]);
        let hours = Duration::from_hours;
        let lasts = match theme {
            Theme::Sweep => self.chance.between(hours(5), hours(14)),
            _ => self.chance.between(hours(1), hours(5)),
        };
        self.heals_at = after(self.now, lasts);
        let products: Vec<String> = (0..=self.chance.below(4)).map(|number| format!("pp-{number}")).collect();
        for id in &products {
            self.add_product(id, theme == Theme::Sweep, lasts);
        }
        let is = |of: Theme| theme == of || theme == Theme::All;
        if is(Theme::Terminations) {
            self.ask_terminations(&products, lasts);
        }
        if is(Theme::Actions) {
            self.ask_actions(&products, lasts);
        }
        if is(Theme::Drift) {
            self.find_drift(&products, lasts);
        }
        if is(Theme::Plans) {
            self.approve_plans(&products, lasts);
        }
        if is(Theme::Imports) {
            self.ask_imports(lasts);
        }
        if theme == Theme::Sweep {
            self.sweeps_until = Some(after(self.heals_at, hours(5)));
            let first = self.chance.between(Duration::ZERO, hours(1));
            self.plan(first, Event::Sweep);
            self.say_words(&products, lasts);
        }
        self.disturb(&products, lasts);
        self.plan(Duration::from_mins(1), Event::Tick);
        // Time goes on without anything that happens.
        let end = self.heals_at.max(self.sweeps_until.unwrap_or(self.heals_at));
        self.plan_at(end, Event::Dispatch(Function::Reconcile));
        self.parameters()
    }

    fn add_product(&mut self, id: &str, is_swept: bool, lasts: Duration) {
        let created_at = self.now - TimeDelta::days(3 + i64::try_from(self.chance.below(20)).unwrap_or_default());
        let ends = is_swept && self.chance.is(0.85);
        let expires_at = ends.then(|| {
            let span = lasts + Duration::from_hours(5);
            after(self.now, self.chance.between(Duration::ZERO, span)) - TimeDelta::hours(5)
        });
        let is_protected = self.chance.is(0.08);
        self.service.add(self.now, id, created_at, expires_at, is_protected);
        self.say(|| format!("{id} is there, and ends at {expires_at:?}, protected by a tag: {is_protected}"));
    }

    fn parameters(&mut self) -> Vec<(&'static str, String)> {
        let grace = self.chance.one_of(["0s", "0s", "10m"]);
        let per_hour = self.chance.one_of(["50", "50", "2"]);
        let cap = self.chance.one_of(["25", "2"]);
        let many = self.chance.one_of(["halt", "oldest-first"]);
        [
            ("DRY_RUN", "false"),
            ("ALLOW_IGNORE_ERRORS", "true"),
            ("WARN_BEFORE", "2h,30m"),
            ("MIN_NOTICE", "2h"),
            ("REMEDIATION_COOLDOWN", "1h"),
            ("GRACE_PERIOD", grace),
            ("MAX_TERMINATIONS_PER_HOUR", per_hour),
            ("MAX_TERMINATIONS_PER_SWEEP", cap),
            ("ON_TOO_MANY", many),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
    }

    /// What others do in between, and what does not work for a while.
    fn disturb(&mut self, products: &[String], lasts: Duration) {
        for _ in 0..self.chance.one_of([0, 0, 1, 3]) {
            let product = products[self.chance.index(products.len())].clone();
            let hours = i64::try_from(self.chance.below(12)).unwrap_or_default();
            let act = match self.chance.below(9) {
                0..=2 => Act::Update(product, Some(TimeDelta::hours(hours)), self.chance.is(0.2)),
                3 => Act::Terminate(product),
                4 => Act::Protect(product, true),
                5 => Act::Protect(product, false),
                6 => Act::Clocks,
                7 => Act::Die,
                _ => Act::Pause(true),
            };
            let when = self.chance.between(Duration::ZERO, lasts);
            if matches!(act, Act::Pause(_)) {
                let pause = self.chance.between(Duration::from_mins(1), Duration::from_hours(2));
                self.plan(when + pause, Event::Act(Act::Pause(false)));
            }
            self.plan(when, Event::Act(act));
        }
        for _ in 0..self.chance.one_of([0, 0, 1, 4]) {
            let mend = if self.chance.is(0.75) { Mend::Retry } else { Mend::Cancel };
            let when = self.chance.between(Duration::ZERO, lasts);
            self.plan(when, Event::Act(Act::Mend(mend)));
        }
        for _ in 0..self.weather.outages {
            let from = after(self.now, self.chance.between(Duration::ZERO, lasts));
            let most = self.chance.one_of([30, 600, 7_200]);
            let until = after(from, self.chance.between(Duration::from_secs(1), Duration::from_secs(most)));
            let edge = self.chance.one_of([Edge::Table, Edge::Service, Edge::Bus]);
            self.outages.push((edge, from, until.min(self.heals_at)));
            self.say(|| format!("{edge:?} will not answer from {from} until {until}"));
        }
    }
}
