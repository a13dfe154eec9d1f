//! Calls: leaving, arriving, being answered.

use std::time::Duration;

use crate::agenda::Event;
use crate::call::{Answer, Call, Course, Crash, Deed, Failure, Nature, PATIENCE};
use crate::mutant::Mutant;
use crate::process::ProcessId;
use crate::world::{Command, World};

impl World {
    /// Draws how a call will go.
    pub(crate) fn course(&mut self, nature: &Nature) -> Course {
        let (weather, chance) = (&self.weather, &mut self.chance);
        let ms = Duration::from_millis;
        let is_send = matches!(nature, Nature::Send { .. });
        let mut slow = |of: Duration| {
            let most = if chance.is(weather.slow) { of } else { ms(20) };
            chance.between(ms(1), most)
        };
        let way = slow(weather.on_its_way.min(if is_send { Duration::MAX } else { Duration::from_secs(20) }));
        let back = slow(Duration::from_secs(8));
        let frozen = if chance.is(weather.frozen) { chance.between(ms(1), Duration::from_mins(10)) } else { ms(0) };
        let failures = [Failure::TimedOut, Failure::Unavailable, Failure::Throttled, Failure::Credentials];
        let deed = if chance.is(weather.undone) {
            Deed::Undone(chance.one_of(failures))
        } else if chance.is(weather.lost) {
            Deed::Lost
        } else if *nature == Nature::Write && chance.is(weather.twice) {
            if chance.is(0.5) { Deed::Twice } else { Deed::Again(chance.between(ms(1), Duration::from_secs(20))) }
        } else {
            Deed::Done
        };
        let crash = chance.is(weather.crash).then(|| chance.one_of([Crash::Before, Crash::After]));
        Course { deed, crash, frozen, way, back }
    }

    /// A call is made.
    pub(crate) fn call(&mut self, call: Call) {
        self.ledger.calls += 1;
        let number = self.ledger.calls;
        let (frozen, process) = (call.course.frozen, call.process);
        self.calls.insert(number, call);
        if frozen.is_zero() {
            self.leave(number);
        } else {
            self.freeze(process, frozen);
            self.plan(frozen, Event::Leave(number));
        }
    }

    /// A call leaves, if its process still lives and its time is not over.
    pub(crate) fn leave(&mut self, number: u64) {
        let Some(call) = self.calls.get(&number) else { return };
        let (process, course, edge, nature) = (call.process, call.course, call.edge, call.nature.clone());
        if !self.is_alive(process) {
            self.calls.remove(&number);
            return;
        }
        if course.crash == Some(Crash::Before) {
            let words = call.words.clone();
            self.say(|| format!("{} dies before {words}", process.0));
            self.calls.remove(&number);
            self.kill(process);
            return;
        }
        if let Nature::Send { token, until } = &nature {
            // The interceptor's own look, right before the transmission.
            if self.clock_of(process) >= *until && self.mutant != Some(Mutant::SenderLease) {
                self.answer_later(number, Duration::ZERO, Some(Failure::TooLate));
                return;
            }
            self.check_send(number, token);
        }
        let deed = if self.is_down(edge) { Deed::Undone(Failure::TimedOut) } else { course.deed };
        if let Some(call) = self.calls.get_mut(&number) {
            call.course.deed = deed;
        }
        let both = course.way + course.back;
        if let (Deed::Undone(Failure::Throttled | Failure::Credentials), Nature::Send { token, .. }) = (deed, &nature) {
            self.was_refused(token);
        }
        match deed {
            Deed::Undone(failure) => {
                let pause = if failure == Failure::TimedOut { PATIENCE } else { course.way };
                self.answer_later(number, pause, Some(failure));
            }
            Deed::Lost => {
                self.step(number, course.way, Event::Arrive(number));
                self.answer_later(number, PATIENCE, Some(Failure::TimedOut));
            }
            Deed::Done | Deed::Twice | Deed::Again(_) => {
                self.step(number, course.way, Event::Arrive(number));
                let failure = (both > PATIENCE).then_some(Failure::TimedOut);
                self.answer_later(number, both.min(PATIENCE), failure);
            }
        }
    }

    /// Something more is planned for a call.
    fn step(&mut self, number: u64, pause: Duration, event: Event) {
        if let Some(call) = self.calls.get_mut(&number) {
            call.planned += 1;
        }
        self.plan(pause, event);
    }

    fn answer_later(&mut self, number: u64, pause: Duration, failure: Option<Failure>) {
        if let Some(call) = self.calls.get_mut(&number) {
            call.failure = failure;
        }
        self.step(number, pause, Event::Answer(number));
    }

    /// Takes a call in hand, for one of the things that are planned for it.
    fn take(&mut self, number: u64) -> Option<Call> {
        let mut call = self.calls.remove(&number)?;
        call.planned = call.planned.saturating_sub(1);
        Some(call)
    }

    fn put_back(&mut self, number: u64, call: Call) {
        if call.planned > 0 {
            self.calls.insert(number, call);
        }
    }

    /// A call is carried out.
    pub(crate) fn arrive(&mut self, number: u64) {
        let Some(mut call) = self.take(number) else { return };
        if self.history.is_kept() {
            let (process, words, deed) = (call.process.0, call.words.clone(), call.course.deed);
            let odd = if deed == Deed::Done { String::new() } else { format!("  [{deed:?}]") };
            self.say(|| format!("{process} {words}{odd}"));
        }
        let mut answer = (call.act)(self);
        self.check_written();
        if call.course.deed == Deed::Twice {
            answer = (call.act)(self);
            self.check_written();
        }
        call.answer = Some(answer);
        if let (Nature::Send { token, .. }, None, true) = (&call.nature, call.failure, self.ledger.last_was_refused) {
            self.was_refused(token);
        }
        if let Deed::Again(pause) = call.course.deed {
            call.planned += 1;
            self.plan(pause, Event::Again(number));
        }
        let (process, crash) = (call.process, call.course.crash);
        self.put_back(number, call);
        if crash == Some(Crash::After) && self.is_alive(process) {
            self.say(|| format!("{} dies", process.0));
            self.kill(process);
        }
    }

    /// A copy of a call that was on its way comes late.
    pub(crate) fn arrive_again(&mut self, number: u64) {
        let Some(mut call) = self.take(number) else { return };
        let (process, words) = (call.process.0, call.words.clone());
        self.say(|| format!("{process} {words}  [a late copy]"));
        drop((call.act)(self));
        self.check_written();
        self.put_back(number, call);
    }

    /// A call is answered, or given up by its client.
    pub(crate) fn answer(&mut self, number: u64) {
        let Some(mut call) = self.take(number) else { return };
        let (process, task) = (call.process, call.task);
        let answer = match (call.failure, call.fail.take()) {
            (Some(failure), Some(fail)) => {
                let words = call.words.clone();
                self.say(|| format!("{} {words}: {failure:?}", process.0));
                Some(Box::new(move || fail(failure)) as Answer)
            }
            _ => call.answer.take(),
        };
        self.put_back(number, call);
        if let (true, Some(answer)) = (self.is_alive(process), answer) {
            answer();
            self.commands.push(Command::Poll(process, task));
        }
    }

    /// A process dies, with all that was in it.
    pub(crate) fn kill(&mut self, process: ProcessId) {
        self.processes.remove(&process);
        self.commands.push(Command::Kill(process));
        let dead: Vec<_> = self.invocations.iter().filter(|(_, of)| of.process == process).map(|(id, _)| *id).collect();
        for id in dead {
            if let Some(invocation) = self.invocations.remove(&id) {
                self.come_again(invocation.began_at, invocation.messages);
            }
        }
    }
}
