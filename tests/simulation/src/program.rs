//! The real code of each function, over the edges of one process.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use shared::clock::{Dice, Time};
use shared::config::{Environment, Following, Sending, Sweeping, Telling};
use shared::inbound::{self, Carrier, Envelope, Message as Inbound};
use shared::operation::OperationId;
use shared::operation::identity::digest;
use shared::request::{Invalid, Keep, Kind};
use shared::workflow::execute_action::{Action, Actions};
use shared::workflow::execute_plan::{PlanExecution, Plans};
use shared::workflow::follow::Follower;
use shared::workflow::import::{Import, Imports};
use shared::workflow::keep::{Answer, Asked, Keeper};
use shared::workflow::operate::{self, Unable, Word};
use shared::workflow::submit::{Submission, Work};
use shared::workflow::sweep::Sweeper;
use shared::workflow::terminate::{Termination, Terminations};
use shared::workflow::{Edges, Trouble};

use crate::ports::Port;
use crate::process::{Function, Here, clock};
use crate::queue::{Body, Mend, Told};
use crate::world::scope;

/// What a task ends with: why it has to come again, if it has to.
pub(crate) type Ended = Result<(), String>;

/// A task.
pub(crate) type Task = Pin<Box<dyn Future<Output = Ended> + Send>>;

type Ports<W> = Submission<Port, Port, Port, W>;

/// What a process has in its memory.
#[derive(Clone)]
pub(crate) enum Program {
    Terminate(Arc<Terminations<Port, Port, Port>>),
    ExecuteAction(Arc<Actions<Port, Port, Port>>),
    ExecutePlan(Arc<Plans<Port, Port, Port>>),
    Import(Arc<Imports<Port, Port, Port>>),
    Reconcile(Arc<Follower<Port, Port, Port>>),
    Sweep(Arc<Sweeper<Port, Port, Port>>, Arc<Keeper<Port, Port, Port>>),
    Operator(Port),
}

impl Program {
    /// Starts a process: its parameters read, its memory empty.
    pub(crate) fn start(function: Function, port: &Port, environment: &Environment, seed: u64) -> Self {
        let edges = Arc::new(Edges {
            catalog: port.clone(),
            store: port.clone(),
            bus: port.clone(),
            clock: clock(),
            dice: Dice::seeded(seed),
            switch: Arc::default(),
            scope: scope(),
        });
        let started =
            match function {
                Function::Terminate => submission(edges, environment, Termination::read(environment))
                    .map(|it| Self::Terminate(Arc::new(it))),
                Function::ExecuteAction => submission(edges, environment, Action::read(environment))
                    .map(|it| Self::ExecuteAction(Arc::new(it))),
                Function::ExecutePlan => submission(edges, environment, PlanExecution::read(environment))
                    .map(|it| Self::ExecutePlan(Arc::new(it))),
                Function::Import => submission(edges, environment, Ok(Import)).map(|it| Self::Import(Arc::new(it))),
                Function::Reconcile => Following::read(environment)
                    .and_then(|settings| Ok(Follower { edges, settings, telling: Telling::read(environment)? }))
                    .map(|it| Self::Reconcile(Arc::new(it))),
                Function::Operator => Ok(Self::Operator(port.clone())),
                Function::Sweep => Sweeping::read(environment).map(|settings| {
                    let settings = Arc::new(settings);
                    let keeper = Keeper { edges: Arc::clone(&edges), settings: Arc::clone(&settings) };
                    Self::Sweep(Arc::new(Sweeper { edges, settings }), Arc::new(keeper))
                }),
            };
        match started {
            Ok(program) => program,
            Err(bad) => unreachable!("the simulation's own parameters: {bad}"),
        }
    }

    /// Begins to handle a message. `until`: when no more may be begun.
    pub(crate) fn handle(&self, body: Body, until: Time) -> Task {
        match (self.clone(), body) {
            (Self::Terminate(it), Body::Event(told)) => request(it, told, until),
            (Self::ExecuteAction(it), Body::Event(told)) => request(it, told, until),
            (Self::ExecutePlan(it), Body::Event(told)) => request(it, told, until),
            (Self::Import(it), Body::Event(told)) => request(it, told, until),
            (Self::Reconcile(it), Body::Schedule) => {
                Box::pin(async move { it.tick(until).await.map(|_| ()).map_err(words) })
            }
            (Self::Reconcile(it), Body::WakeUp(woken)) => {
                Box::pin(async move { it.wake(woken, until).await.map(|_| ()).map_err(words) })
            }
            (Self::Sweep(it, _), Body::Schedule) => {
                Box::pin(async move { it.run(until).await.map(|_| ()).map_err(words) })
            }
            (Self::Sweep(_, it), Body::Event(told)) => keep(it, told),
            (Self::Operator(port), Body::Mend(id, mend)) => operate(port, id, mend),
            (_, body) => Box::pin(async move { Err(format!("not for this function: {body:?}")) }),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn words(trouble: Trouble) -> String {
    trouble.to_string()
}

fn submission<W: Work>(
    edges: Arc<Edges<Port, Port, Port>>,
    environment: &Environment,
    work: Result<W, shared::config::BadVariable>,
) -> Result<Ports<W>, shared::config::BadVariable> {
    Ok(Submission { edges, settings: Sending::read(environment, W::KIND)?, work: Arc::new(work?) })
}

/// What the request functions do with a message.
fn request<W: Work>(it: Arc<Ports<W>>, told: Told, until: Time) -> Task {
    Box::pin(async move {
        let body = told.detail.to_string();
        match decoded(W::KIND, told) {
            Ok(message) => it.handle(message, until).await.map(|_| ()).map_err(words),
            Err(invalid) => {
                it.edges.reject(W::KIND, &invalid.to_string(), &body, None).await.map(|_| ()).map_err(words)
            }
        }
    })
}

/// An event, as the functions read it.
pub(crate) fn decoded(kind: Kind, told: Told) -> Result<Inbound, Invalid> {
    let carrier = Carrier { sns_id: None, sent_at: told.at, scope: scope() };
    let envelope = Envelope {
        source: told.source,
        detail_type: told.detail_type,
        id: Some(told.id),
        account: Some(scope().account),
        time: Some(told.at),
    };
    inbound::event(kind, envelope, told.detail, &carrier)
}

/// What the sweep's function does with a person's word.
fn keep(it: Arc<Keeper<Port, Port, Port>>, told: Told) -> Task {
    Box::pin(async move {
        let body = told.detail.to_string();
        let why = match Keep::parse(&told.detail_type, told.detail) {
            Ok(keep) => {
                let scope = scope();
                let id = digest(&[&scope.account, &scope.region, &told.detail_type, &keep.product_id, &told.id]);
                match it.keep(&Asked { keep, id, at: told.at }).await.map_err(words)? {
                    Answer::Done => return Ok(()),
                    Answer::Refused(why) => why,
                }
            }
            Err(invalid) => invalid.to_string(),
        };
        it.edges.reject(Kind::Terminate, &why, &body, None).await.map(|_| ()).map_err(words)
    })
}

/// What the operator's command does. A person who is told that it cannot be done leaves it at that.
fn operate(port: Port, id: OperationId, mend: Mend) -> Task {
    Box::pin(async move {
        let word = Word { by: "jo", reason: "it is stuck", at: clock().now() };
        let done = match mend {
            Mend::Retry => operate::retry(&port, &id, word).await,
            Mend::Cancel => operate::cancel(&port, &id, word).await,
        };
        match done {
            Ok(_) | Err(Unable::NotThere(_) | Unable::No(_) | Unable::MovedOn(_)) => Ok(()),
            Err(trouble @ (Unable::Store(_) | Unable::Illegal(_))) => Err(trouble.to_string()),
        }
    })
}

/// Whose clock tells until when.
pub(crate) fn until(here: Here, function: Function) -> Time {
    shared::retry::after(here.clock, function.time_out().saturating_sub(function.margin()))
}
