//! Service Catalog, as the workflow asks it.

use std::future::Future;

use shared::clock::Time;
use shared::plan::Plan;
use shared::ports::{CallError, Catalog, Described, Page, Record, Refusal, SearchRow, ServiceAction, Sought, Stamp};
use shared::request::{ExecuteAction, Import, ProductRef, Terminate};

use super::Port;
use crate::call::{Edge, Failure, Nature, Reply};
use crate::mutant::Mutant;
use crate::service::{Fortune, Service};
use crate::world::World;

type Told<T> = Result<T, CallError>;

fn failed(failure: Failure) -> CallError {
    let refused = |refusal, code: &str| CallError::Refused { refusal, code: code.to_owned(), message: String::new() };
    match failure {
        Failure::TimedOut => CallError::Unknown("no answer in time".to_owned()),
        Failure::Unavailable => CallError::Unknown("503".to_owned()),
        Failure::Throttled => refused(Refusal::Throttled, "ThrottlingException"),
        Failure::Credentials => refused(Refusal::Credentials, "ExpiredTokenException"),
        Failure::TooLate => CallError::NotSent("the lease is over".to_owned()),
    }
}

impl Port {
    fn look<T: Send + 'static>(
        &self,
        words: impl FnOnce() -> String,
        act: impl FnMut(&mut World, crate::process::Here) -> Told<T> + Send + 'static,
    ) -> Reply<Told<T>> {
        self.ask(Edge::Service, Nature::Read, words, act, |failure| Err(failed(failure)))
    }

    /// Sends what acts. It is answered by the service, or refused by it without a look.
    fn act(
        &self,
        stamp: Stamp<'_>,
        words: impl FnOnce() -> String,
        mut act: impl FnMut(&mut World, &str, &Fortune) -> Told<Record> + Send + 'static,
    ) -> Reply<Told<Record>> {
        let token = stamp.token.to_owned();
        let nature = Nature::Send { token: token.clone(), until: stamp.send_until };
        let carried_out = move |world: &mut World, _| {
            let fortune = world.fortune();
            let own = || format!("{token}-{}", world.ledger.calls);
            let sent = if world.mutant == Some(Mutant::StoredToken) { own() } else { token.clone() };
            let refusal = world.refused();
            let answer = refusal.map_or_else(|| act(world, &sent, &fortune), Err);
            world.sent(&token, &answer);
            answer
        };
        self.ask(Edge::Service, nature, words, carried_out, |failure| Err(failed(failure)))
    }
}

impl Catalog for Port {
    fn terminate(
        &self,
        product_id: &str,
        _: &Terminate,
        stamp: Stamp<'_>,
    ) -> impl Future<Output = Told<Record>> + Send {
        let words = || format!("TERMINATES {product_id} with {}", stamp.token);
        let id = product_id.to_owned();
        self.act(stamp, words, move |world, token, fortune| world.service.terminate(world.now, &id, token, fortune))
    }

    fn execute_action(&self, request: &ExecuteAction, stamp: Stamp<'_>) -> impl Future<Output = Told<Record>> + Send {
        let words = || format!("EXECUTES an action on {} with {}", request.provisioned_product_id, stamp.token);
        let request = request.clone();
        self.act(stamp, words, move |world, token, fortune| {
            world.service.execute_action(world.now, &request, token, fortune)
        })
    }

    fn execute_plan(
        &self,
        plan_id: &str,
        _: Option<&str>,
        stamp: Stamp<'_>,
    ) -> impl Future<Output = Told<Record>> + Send {
        let words = || format!("EXECUTES {plan_id} with {}", stamp.token);
        let id = plan_id.to_owned();
        self.act(stamp, words, move |world, token, fortune| world.service.execute_plan(world.now, &id, token, fortune))
    }

    fn import(&self, request: &Import, stamp: Stamp<'_>) -> impl Future<Output = Told<Record>> + Send {
        let words = || format!("IMPORTS {} with {}", request.physical_id, stamp.token);
        let request = request.clone();
        self.act(stamp, words, move |world, token, fortune| world.service.import(world.now, &request, token, fortune))
    }

    fn describe(&self, product: &ProductRef) -> impl Future<Output = Told<Option<Described>>> + Send {
        let words = || format!("describes {product:?}");
        let product = product.clone();
        self.look(words, move |world, here| {
            let mut described = world.service.describe(&product);
            if let Some(described) = &described {
                world.looked_at_product(here, &described.id);
            }
            if let (Some(Mutant::LookUp), Some(described)) = (world.mutant, &mut described) {
                described.last_record_id = None;
            }
            Ok(described)
        })
    }

    fn search(&self, sought: Sought<'_>) -> impl Future<Output = Told<Option<SearchRow>>> + Send {
        let (what, is_stack) = match sought {
            Sought::Product(id) => (id.to_owned(), false),
            Sought::Stack(stack) => (stack.to_owned(), true),
        };
        let for_what = what.clone();
        self.look(
            || format!("searches for {for_what}"),
            move |world, _| {
                let sought = if is_stack { Sought::Stack(&what) } else { Sought::Product(&what) };
                let mut row = world.service.search(world.now, &sought);
                if let (Some(Mutant::Judging), Some(row)) = (world.mutant, &mut row) {
                    row.tags.retain(|(key, _)| key != "steward:protect");
                }
                Ok(row)
            },
        )
    }

    fn list(&self, page: Option<&str>) -> impl Future<Output = Told<Page>> + Send {
        let page = page.map(str::to_owned);
        let words = || "lists products".to_owned();
        self.look(words, move |world, _| Ok(world.service.list(world.now, page.as_deref())))
    }

    fn actions(&self, _: &str, artifact_id: &str) -> impl Future<Output = Told<Vec<ServiceAction>>> + Send {
        let id = artifact_id.to_owned();
        self.look(|| "lists service actions".to_owned(), move |_, _| Service::actions(&id))
    }

    fn plan(&self, plan_id: &str) -> impl Future<Output = Told<Option<Plan>>> + Send {
        let words = || format!("reads {plan_id}");
        let id = plan_id.to_owned();
        self.look(words, move |world, here| {
            let plan = world.service.plan(world.now, &id);
            world.looked_at_plan(here, plan.as_ref());
            Ok(plan)
        })
    }

    fn record(&self, record_id: &str) -> impl Future<Output = Told<Option<Record>>> + Send {
        let words = || format!("describes {record_id}");
        let id = record_id.to_owned();
        self.look(words, move |world, _| Ok(world.service.record(world.now, &id)))
    }

    fn history(&self, product_id: &str, since: Time) -> impl Future<Output = Told<Vec<Record>>> + Send {
        let words = || format!("asks for the history of {product_id}");
        let id = product_id.to_owned();
        self.look(words, move |world, _| {
            let is_blind = world.mutant == Some(Mutant::LookUp);
            Ok(if is_blind { Vec::new() } else { world.service.history(world.now, &id, since) })
        })
    }
}
