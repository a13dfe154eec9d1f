//! One schedule, from its seed to its end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use chrono::TimeDelta;
use shared::config::Environment;

use crate::agenda::Event;
use crate::check::Violation;
use crate::history::History;
use crate::mutant::Mutant;
use crate::ports::{Port, Shared, lock};
use crate::process::{Here, ProcessId, TaskId};
use crate::program::{Program, Task, until};
use crate::queue::InvocationId;
use crate::world::{Command, World, beginning};

/// How long after everything is healed all must be settled: longer than anything is given up after.
const SETTLED_AFTER: TimeDelta = TimeDelta::days(4);
/// No schedule takes so many steps, unless it runs in circles.
const STEPS_MAX: u64 = 2_000_000;

/// What is tried.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trial {
    /// All that is left to chance follows from it.
    pub seed: u64,
    /// What is broken on purpose.
    pub mutant: Option<Mutant>,
    /// Whether the history is kept.
    pub with_history: bool,
}

/// What a schedule came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What must never be, and was.
    pub violation: Option<Violation>,
    /// How many calls were made over the edges.
    pub calls: u64,
    /// How many operations there were.
    pub operations: u64,
    /// How many calls the service has carried out.
    pub executions: u64,
    /// How much time has passed in it.
    pub lasted: TimeDelta,
    /// What happened, if it was to be kept.
    pub history: Vec<String>,
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Running {
    task: Task,
    flag: Arc<Flag>,
    invocation: InvocationId,
    message: usize,
}

/// What is outside of the world: the processes' memory.
struct Runner {
    world: Shared,
    environment: Environment,
    programs: BTreeMap<ProcessId, Program>,
    tasks: BTreeMap<(ProcessId, TaskId), Running>,
    tasks_begun: u32,
}

/// Runs a schedule.
#[must_use]
pub fn run(trial: Trial) -> Outcome {
    let history = if trial.with_history { History::kept() } else { History::default() };
    let mut world = World::new(trial.seed, trial.mutant, history);
    let variables = world.write_script();
    let environment = Environment::of(variables.iter().map(|(name, value)| (*name, value.as_str())));
    let mut runner = Runner {
        world: Arc::new(std::sync::Mutex::new(world)),
        environment,
        programs: BTreeMap::new(),
        tasks: BTreeMap::new(),
        tasks_begun: 0,
    };
    while runner.step() {}
    // What still runs holds a hand on the world.
    (runner.tasks, runner.programs) = (BTreeMap::new(), BTreeMap::new());
    lock(&runner.world).outcome()
}

impl Runner {
    /// The next thing that happens; `false`: it is over.
    fn step(&mut self) -> bool {
        let commands = {
            let mut world = lock(&self.world);
            if world.violation.is_some() || world.is_over() {
                return false;
            }
            world.happen();
            std::mem::take(&mut world.commands)
        };
        let mut commands = std::collections::VecDeque::from(commands);
        while let Some(command) = commands.pop_front() {
            match command {
                Command::Start(invocation) => self.start(invocation),
                Command::Poll(process, task) => self.poll(process, task),
                Command::Kill(process) => {
                    self.programs.remove(&process);
                    self.tasks.retain(|(of, _), _| *of != process);
                }
            }
            commands.extend(std::mem::take(&mut lock(&self.world).commands));
        }
        true
    }

    fn start(&mut self, id: InvocationId) {
        let (process, function, messages, clock) = {
            let world = lock(&self.world);
            let Some(invocation) = world.invocations.get(&id) else { return };
            let Some(process) = world.processes.get(&invocation.process) else { return };
            let messages = invocation.messages.clone();
            (invocation.process, process.function, messages, world.clock_of(invocation.process))
        };
        let port = Port(Arc::clone(&self.world));
        let program = self.programs.entry(process).or_insert_with(|| {
            let seed = lock(&port.0).chance.seed();
            Program::start(function, &port, &self.environment, seed)
        });
        let program = program.clone();
        let mut begun = Vec::new();
        for (message, of) in messages.into_iter().enumerate() {
            self.tasks_begun += 1;
            let here = Here { process, task: TaskId(self.tasks_begun), clock };
            here.enter();
            let task = program.handle(of.body, until(here, function));
            let flag = Arc::new(Flag(AtomicBool::new(true)));
            self.tasks.insert((process, here.task), Running { task, flag, invocation: id, message });
            begun.push(here.task);
        }
        for task in begun {
            self.poll(process, task);
        }
    }

    /// Lets a task go on, and whoever it wakes.
    fn poll(&mut self, process: ProcessId, first: TaskId) {
        let mut next = Some(first);
        while let Some(task) = next {
            self.poll_one(process, task);
            let of_process = self.tasks.range((process, TaskId(0))..=(process, TaskId(u32::MAX)));
            next = of_process
                .filter(|(_, running)| running.flag.0.load(Ordering::Relaxed))
                .map(|((_, task), _)| *task)
                .next();
        }
    }

    fn poll_one(&mut self, process: ProcessId, task: TaskId) {
        let Some(running) = self.tasks.get_mut(&(process, task)) else { return };
        running.flag.0.store(false, Ordering::Relaxed);
        Here { process, task, clock: lock(&self.world).clock_of(process) }.enter();
        let waker = Waker::from(Arc::clone(&running.flag));
        let Poll::Ready(ended) = running.task.as_mut().poll(&mut Context::from_waker(&waker)) else { return };
        let (invocation, message) = (running.invocation, running.message);
        self.tasks.remove(&(process, task));
        lock(&self.world).done(invocation, message, ended.err().as_deref());
    }
}

impl World {
    /// The next thing that happens.
    fn happen(&mut self) {
        let Some((at, event)) = self.agenda.next() else { return };
        let was_healed = self.is_healed();
        self.now = at;
        if self.is_healed() && !was_healed {
            self.say(|| "all is healed".to_owned());
            self.weather.heal();
            self.table.pause(None);
        }
        self.events += 1;
        match event {
            Event::Leave(call) => self.leave(call),
            Event::Arrive(call) => self.arrive(call),
            Event::Again(call) => self.arrive_again(call),
            Event::Answer(call) => self.answer(call),
            Event::Deliver(message) => self.deliver(message),
            Event::Dispatch(function) => self.dispatch(function),
            Event::TimeUp(invocation) => self.time_up(invocation),
            Event::RecordEnds(record) => self.record_ends(&record),
            Event::Tick => self.tick(),
            Event::Sweep => self.sweep(),
            Event::Act(act) => self.act(act),
            Event::Recycle(process) => self.recycle(process),
        }
        if self.events > STEPS_MAX {
            self.violated("it ends", "it runs in circles".to_owned());
        }
    }

    /// Whether all is healed and settled; that it is not, in the end, is a violation.
    fn is_over(&mut self) -> bool {
        if !self.is_healed() || self.sweeps_until.is_some_and(|until| self.now < until) {
            return false;
        }
        let is_live = || self.table.operations().any(|item| item.operation.standing.state.is_live());
        if self.messages == 0 && !is_live() {
            self.check_end();
            return true;
        }
        if self.now > self.heals_at + SETTLED_AFTER {
            let (messages, words) = (self.messages, self.not_ended());
            self.violated("every accepted request ends", format!("{messages} messages, and {words}"));
            return true;
        }
        false
    }

    fn outcome(&mut self) -> Outcome {
        Outcome {
            violation: self.violation.take(),
            calls: self.ledger.calls,
            operations: self.table.operations().count() as u64,
            executions: self.service.executions.len() as u64,
            lasted: self.now - beginning(),
            history: self.history.taken(),
        }
    }
}
