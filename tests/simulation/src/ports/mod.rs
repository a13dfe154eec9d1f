//! The edges of one process: each call goes to the world, and comes back if it does.

mod bus;
mod catalog;
mod products;
mod store;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::ports::StoreError;

use crate::call::{Call, Edge, Failure, Nature, Reply};
use crate::process::Here;
use crate::world::World;

/// The world, as all that is in it shares it.
pub(crate) type Shared = Arc<Mutex<World>>;

/// Takes the world in hand.
pub(crate) fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All edges.
#[derive(Clone)]
pub(crate) struct Port(pub(crate) Shared);

impl Port {
    /// Makes a call. `words` are for the history; `act` carries it out; `fail` answers without success.
    fn ask<T: Send + 'static>(
        &self,
        edge: Edge,
        nature: Nature,
        words: impl FnOnce() -> String,
        mut act: impl FnMut(&mut World, Here) -> T + Send + 'static,
        fail: impl FnOnce(Failure) -> T + Send + 'static,
    ) -> Reply<T> {
        let (here, reply) = (Here::now(), Reply::new());
        let (answered, failed) = (reply.hand(), reply.hand());
        let mut world = lock(&self.0);
        let course = world.course(&nature);
        let words = if world.history.is_kept() { words() } else { String::new() };
        world.call(Call {
            process: here.process,
            task: here.task,
            edge,
            nature,
            words,
            course,
            act: Box::new(move |world| {
                let (answer, answered) = (act(world, here), answered.hand());
                Box::new(move || answered.put(answer))
            }),
            fail: Some(Box::new(move |failure| failed.put(fail(failure)))),
            answer: None,
            failure: None,
            planned: 0,
        });
        reply
    }

    /// Asks the table.
    fn table<T: Send + 'static>(
        &self,
        nature: Nature,
        words: impl FnOnce() -> String,
        act: impl FnMut(&mut World, Here) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<Result<T, StoreError>> {
        self.ask(Edge::Table, nature, words, act, |failure| Err(StoreError(format!("{failure:?}"))))
    }
}
