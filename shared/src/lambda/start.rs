//! Starting a function: parameters read, logs on, clients made; then one invocation after the other.

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use futures_util::future::BoxFuture;
use lambda_runtime::{Context, LambdaEvent, run_concurrent, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;
use tracing::{Instrument as _, error, info_span};

use super::telemetry;
use crate::aws::{Clients, DynamoStore, EventBridgeBus, ServiceCatalog};
use crate::clock::{Clock, Dice, Time};
use crate::config::{BadVariable, Common, Environment};
use crate::retry::after;
use crate::scope::Scope;
use crate::workflow::Edges;
use crate::workflow::switch::Switch;

/// The real edges.
pub type AwsEdges = Edges<ServiceCatalog, DynamoStore, EventBridgeBus>;

/// What an invocation of a function has to work with.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The edges, in the account and region of the function.
    pub edges: Arc<AwsEdges>,
    /// When Lambda stops the function.
    pub deadline: Time,
}

impl Invocation {
    /// How long is left, less `margin`.
    #[must_use]
    pub fn time_left(&self, margin: Duration) -> Duration {
        let left = (self.deadline - self.edges.clock.now()).to_std().unwrap_or_default();
        left.saturating_sub(margin)
    }

    /// The deadline, less `margin`.
    #[must_use]
    pub fn until(&self, margin: Duration) -> Time {
        after(self.edges.clock.now(), self.time_left(margin))
    }
}

/// An invocation that ends without an answer: Lambda, or the queue, makes it come again.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct Failure {
    /// A word for what went wrong, Lambda's `errorType`.
    pub kind: &'static str,
    /// What went wrong.
    pub message: String,
}

impl From<Failure> for lambda_runtime::Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.kind.to_owned(), error_message: failure.message }
    }
}

/// Runs a function until Lambda ends it. `read` reads its own parameters, `handle` answers one payload: the text that it is,
/// because what the runtime itself cannot read it answers with an error, and Lambda would try twice more and drop it.
pub async fn run<P, R, H, F>(read: R, handle: H) -> ExitCode
where
    P: Send + Sync + 'static,
    R: FnOnce(&Environment) -> Result<P, BadVariable>,
    H: Fn(Arc<P>, Invocation, String) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<Value, Failure>> + Send + 'static,
{
    let environment = Environment::of_process();
    let parameters = telemetry::start(&environment)
        .and_then(|()| Common::read(&environment))
        .and_then(|common| Ok((common, Arc::new(read(&environment)?))));
    let (common, parameters) = match parameters {
        Ok(parameters) => parameters,
        Err(bad) => {
            error!("{bad}");
            return ExitCode::FAILURE;
        }
    };
    let clients = Clients::load().await;
    clients.warm().await;
    let place = Arc::new(Place { common, clients, switch: Arc::default() });
    let ended = run_concurrent(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let (place, parameters) = (Arc::clone(&place), Arc::clone(&parameters));
        let span = info_span!("invocation", requestId = %event.context.request_id);
        // Boxed: the type of a whole invocation, SDK calls and all, is deeper than the compiler follows.
        let answered: BoxFuture<'static, Result<Value, Failure>> = Box::pin(async move {
            let invocation = place.invocation(&event.context)?;
            let payload = Box::<str>::from(event.payload).into_string();
            let answer = handle(parameters, invocation, payload).await;
            telemetry::flush();
            answer
        });
        answered.instrument(span)
    }))
    .await;
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!("the runtime ended: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What outlives an invocation.
struct Place {
    common: Common,
    clients: Clients,
    switch: Arc<Switch>,
}

impl Place {
    fn invocation(&self, context: &Context) -> Result<Invocation, Failure> {
        let Self { common, clients, switch } = self;
        let arn = &context.invoked_function_arn;
        let scope = Scope::of_arn(arn).ok_or_else(|| Failure {
            kind: "NoScope",
            message: format!("the function's ARN {arn:?} names no account and region"),
        })?;
        let clock = Clock::system();
        let (table, bus) = (common.table_name.clone(), common.event_bus_name.clone());
        let edges = Edges {
            catalog: ServiceCatalog::new(clients.servicecatalog.clone(), clock),
            store: DynamoStore::new(clients.dynamodb.clone(), table, scope.clone(), common.history_ttl),
            bus: EventBridgeBus::new(clients.eventbridge.clone(), bus),
            clock,
            dice: Dice::new(),
            switch: Arc::clone(switch),
            scope,
        };
        Ok(Invocation { edges: Arc::new(edges), deadline: DateTime::from(context.deadline()) })
    }
}
